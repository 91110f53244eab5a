// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/distribution.c: the known tables are tc's, number for number; files are read or refused. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qdisc/distribution.h"
#include "suites.h"

#define MAX 16384

static int16_t values[MAX], others[MAX];
static struct bq_error error;

static int load(const char *name, int16_t *to)
{
	memset(&error, 0, sizeof(error));
	return bq_distribution_load(name, to, MAX, &error);
}

/* A file with TEXT; its name is valid until the next one. */
static const char *file_with(const char *text)
{
	static char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/bqdisc-distribution-%d", (int)getpid());
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static void check_refused(const char *text, const char *where)
{
	const char *path = file_with(text);
	char wanted[512];

	ck_assert_int_lt(load(path, values), 0);
	ck_assert_int_eq(error.error_class, BQDISC_ERROR_USAGE);
	snprintf(wanted, sizeof(wanted), "%s:%s", path, where);
	ck_assert_str_eq(error.text, wanted);
	unlink(path);
}

START_TEST(distribution_is_that_of_tc)
{
	static const char *const names[] = { "normal", "pareto", "paretonormal" };
	glob_t found;
	size_t i;

	for (i = 0; i < N(names); i++) {
		char pattern[128];

		ck_assert_int_eq(load(names[i], values), 4096);
		snprintf(pattern, sizeof(pattern), "/usr/lib/{,*/}tc/%s.dist", names[i]);
		ck_assert_msg(!glob(pattern, GLOB_BRACE, NULL, &found),
			      "%s.dist is missing: install iproute2", names[i]);
		ck_assert_int_eq(load(found.gl_pathv[0], others), 4096);
		ck_assert_mem_eq(values, others, 4096 * sizeof(values[0]));
		globfree(&found);
	}
}
END_TEST

START_TEST(distribution_uniform_has_no_table)
{
	ck_assert_int_eq(load("uniform", values), 0);
}
END_TEST

START_TEST(distribution_reads_a_file)
{
	const char *path = file_with("# a comment\n 1 -2\t3\n\n-32768 32767 # more\n");
	static const int16_t wanted[] = { 1, -2, 3, -32768, 32767 };

	ck_assert_int_eq(load(path, values), 5);
	ck_assert_mem_eq(values, wanted, sizeof(wanted));
	unlink(path);
}
END_TEST

START_TEST(distribution_refuses)
{
	char *many = calloc(1, 20000 * 2 + 1);

	check_refused("1 2\n3 x4\n", "2:3: a whole number belongs here");
	check_refused("1 2.5\n", "1:3: a whole number belongs here");
	check_refused("1\n 40000\n", "2:2: a value must be from -32768 to 32767");
	check_refused("# nothing\n", "1:1: there is no value in this file");
	memset(many, '1', 20000 * 2);
	for (size_t i = 1; i < 20000 * 2; i += 2)
		many[i] = '\n';
	check_refused(many, "16385:1: a table has 16384 values at most");
	free(many);
	ck_assert_int_lt(load("/no/such/file", values), 0);
	ck_assert_str_eq(error.text, "/no/such/file: No such file or directory");
	ck_assert_int_lt(load("nromal", values), 0);
	ck_assert_str_eq(error.text,
			 "distribution: unknown distribution 'nromal'; the nearest is 'normal'");
}
END_TEST

Suite *distribution_suite(void)
{
	Suite *s = suite_create("distribution");

	ADD_TEST(s, distribution_is_that_of_tc);
	ADD_TEST(s, distribution_uniform_has_no_table);
	ADD_TEST(s, distribution_reads_a_file);
	ADD_TEST(s, distribution_refuses);
	return s;
}
