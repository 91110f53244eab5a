// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/budget.c: what cgroups leave, and what instances may grow to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attachment/budget.h"
#include "fq.h"
#include "suites.h"

static void write_file(const char *root, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void make_dir(const char *root, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

START_TEST(budget_cgroups)
{
	char root[] = "/tmp/bqdisc-budget-XXXXXX", command[64];

	ck_assert_ptr_nonnull(mkdtemp(root));
	make_dir(root, "a");
	make_dir(root, "a/b");
	/* No file, and no limit. */
	ck_assert_uint_eq(bq_budget_cgroup(root, "/a/b"), UINT64_MAX);
	write_file(root, "a/b/memory.max", "max\n");
	ck_assert_uint_eq(bq_budget_cgroup(root, "/a/b"), UINT64_MAX);
	/* One above has a limit, and file pages that it can give back. */
	write_file(root, "a/memory.max", "1000\n");
	write_file(root, "a/memory.current", "700\n");
	ck_assert_uint_eq(bq_budget_cgroup(root, "/a/b"), 300);
	write_file(root, "a/memory.stat", "anon 100\nactive_file 50\ninactive_file 200\n");
	ck_assert_uint_eq(bq_budget_cgroup(root, "/a/b"), 500);
	/* The least counts, and what is full leaves nothing. */
	write_file(root, "a/b/memory.max", "100\n");
	write_file(root, "a/b/memory.current", "40\n");
	ck_assert_uint_eq(bq_budget_cgroup(root, "/a/b"), 60);
	write_file(root, "a/b/memory.current", "140\n");
	ck_assert_uint_eq(bq_budget_cgroup(root, "/a/b"), 0);
	ck_assert_uint_eq(bq_budget_cgroup(root, "/"), UINT64_MAX);
	ck_assert_uint_eq(bq_budget_cgroup(root, "/not/there"), UINT64_MAX);
	snprintf(command, sizeof(command), "rm -r %s", root);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

/* However many queues: a power of two of flows, and all together within a quarter of the arena. */
START_TEST(budget_units)
{
	const struct bqdisc_qdisc *q = bq_builtin_find("fq");
	const struct bq_dev_params dev = { 1500, 1000 };
	struct fq_config c = { .set_mask = 1 << FQ_BUCKETS, .buckets = 1 << 18 };
	uint32_t queues, units, before = UINT32_MAX;

	for (queues = 1; queues < 900; queues *= 2) {
		units = bq_budget_units(q, &c, &dev, queues, UINT64_MAX);
		ck_assert_uint_ge(units, FQ_FIRST_FLOWS);
		ck_assert_uint_eq(units & (units - 1), 0);
		ck_assert_uint_le(units, before);
		ck_assert(units == FQ_FIRST_FLOWS ||
			  (uint64_t)units * FQ_FLOW_COST * queues <= 1ull << 30);
		before = units;
	}
}
END_TEST

/* The parts populated at attach are inside the range and do not overlap. */
START_TEST(budget_resident)
{
	const struct bqdisc_qdisc *q = bq_builtin_find("fq");
	struct bq_extent parts[BQ_EXTENTS_MAX];
	uint64_t range, end = 0;
	uint32_t most, units;
	size_t i, n;

	for (most = 1; most; most *= 2) {
		struct fq_config c = { .set_mask = 1 << FQ_BUCKETS, .buckets = 1 << 18 };

		units = most;
		range = bq_qdisc_memory(q, &c, 1024, &units);
		n = bq_qdisc_resident(q, 1024, units, range, parts);
		for (end = 0, i = 0; i < n; i++) {
			ck_assert_uint_ge(parts[i].from, end);
			end = parts[i].from + parts[i].bytes;
		}
		ck_assert_uint_le(end, range);
	}
}
END_TEST

Suite *budget_suite(void)
{
	Suite *s = suite_create("budget");

	ADD_TEST(s, budget_cgroups);
	ADD_TEST(s, budget_units);
	ADD_TEST(s, budget_resident);
	return s;
}
