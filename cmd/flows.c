// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* flows: the flows of qdiscs, with the processes that send them. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "flow_rows.h"
#include "memory.h"

#define RATE_SECONDS 1 /* for which --sort rate measures */

static const char *const sort_words[] = { "backlog", "rate", "drops", "delay" };

/* --- reading --- */

static int remember(const struct bqdisc_instance *inst, void *arg)
{
	struct flows *f = arg;

	rows_add(&f->before, inst);
	return 0;
}

/* Read all flows, and wait until their rates can be measured. */
static int measure(struct bqdisc *bq, const char *dev, struct flows *f)
{
	int err = bqdisc__each_instance(bq, dev, remember, f);

	f->start = clock_seconds();
	rows_sort(&f->before);
	if (!err)
		clock_wait(f->start + RATE_SECONDS);
	return err;
}

/* --- order --- */

static uint64_t sort_value(const struct row *row, enum sort sort)
{
	switch (sort) {
	case SORT_RATE:
		return row->rate;
	case SORT_DROPS:
		return row->flow.drops;
	case SORT_DELAY:
		return row->flow.delay_ns;
	default:
		return row->flow.backlog_bytes;
	}
}

/* Compare by one value, the greatest first; then by the bytes sent. */
static int compare(const struct row *a, const struct row *b, enum sort sort)
{
	uint64_t one = sort_value(a, sort), other = sort_value(b, sort);

	if (one == other) {
		one = a->flow.bytes;
		other = b->flow.bytes;
	}
	return (one < other) - (one > other);
}

#define COMPARE_BY(name, sort)                                                                     \
	static int compare_##name(const void *a, const void *b)                                    \
	{                                                                                          \
		return compare(a, b, sort);                                                        \
	}

COMPARE_BY(backlog, SORT_BACKLOG)
COMPARE_BY(rate, SORT_RATE)
COMPARE_BY(drops, SORT_DROPS)
COMPARE_BY(delay, SORT_DELAY)

static void sort_rows(struct flows *f)
{
	static int (*const compares[])(const void *, const void *) = {
		[SORT_BACKLOG] = compare_backlog,
		[SORT_RATE] = compare_rate,
		[SORT_DROPS] = compare_drops,
		[SORT_DELAY] = compare_delay,
	};

	if (f->rows.n)
		qsort(f->rows.v, f->rows.n, sizeof(*f->rows.v), compares[f->sort]);
	if (f->top && f->rows.n > f->top)
		f->rows.n = f->top;
}

/* --- the command --- */

static void read_match(const struct bqdisc_rule *rule, void *arg)
{
	uint32_t n = bqdisc_rule__number(rule);
	struct flows *f = arg;

	if (n < RULES_MAX)
		bqdisc_rule__match(rule, f->matches[n], MATCH_MAX);
}

static int visit(const struct bqdisc_instance *inst, void *arg)
{
	struct flows *f = arg;
	double seconds;
	size_t i;

	f->instances++;
	if (!bqdisc_qdisc__has_flows(bqdisc_instance__qdisc(inst))) {
		f->without = bqdisc_qdisc__name(bqdisc_instance__qdisc(inst));
		return 0;
	}
	f->printed++;
	f->inst = inst;
	f->rows.n = 0;
	rows_add(&f->rows, inst);
	seconds = clock_seconds() - f->start;
	memset(f->matches, 0, sizeof(f->matches));
	bqdisc_instance__each_rule(inst, read_match, f);
	for (i = 0; f->sort == SORT_RATE && i < f->rows.n; i++)
		f->rows.v[i].rate =
			(uint64_t)((double)rows_growth(&f->before, &f->rows.v[i]) * 8 / seconds);
	sort_rows(f);
	flows_print(f);
	return 0;
}

static bool parse_sort(const char *text, void *value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sort_words); i++)
		if (!strcmp(text, sort_words[i])) {
			*(enum sort *)value = (enum sort)i;
			return true;
		}
	return false;
}

static bool parse_top(const char *text, void *value)
{
	return bqdisc_unit__parse(BQDISC_UNIT_COUNT, text, value) && *(uint64_t *)value;
}

/* Print the result as JSON, or say why there is none. Return the exit status. */
static int finish(struct flows *f, const char *dev)
{
	if (!f->instances)
		return usage_not_attached(dev);
	if (!f->printed)
		return usage_error("%s: %s has no flows; use fq, fq_codel, netem or hfq", dev,
				   f->without);
	return 0;
}

static int run(struct bqdisc *bq, const char *dev, struct flows *f)
{
	int err = f->sort == SORT_RATE ? measure(bq, dev, f) : 0, status;

	f->sockets = err ? NULL : bqdisc__read_sockets(bq, true);
	if (!f->sockets || bqdisc__each_instance(bq, dev, visit, f))
		return session_fail(bq);
	status = finish(f, dev);
	bqdisc__close(bq);
	return status;
}

int flows_main(int argc, char *argv[], const struct globals *g)
{
	struct flows f = { .g = g };
	const struct flag flags[] = {
		{ .name = "--sort",
		  .parse = parse_sort,
		  .value = &f.sort,
		  .wants = "backlog, rate, drops or delay" },
		{ .name = "--top", .parse = parse_top, .value = &f.top, .wants = "a number" },
	};
	struct json_buffer buffer;
	int status;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc < 2)
		return usage_missing("flows", "DEVS");
	if (argc > 2)
		return usage_unexpected("flows", argv[2]);
	f.json = g->json ? json_buffer_open(&buffer) : NULL;
	status = run(session_open(g), argv[1], &f);
	if (f.json)
		json_buffer_print(&buffer, !status);
	bqdisc_sockets__free(f.sockets);
	rows_free(&f.before);
	rows_free(&f.rows);
	return status;
}
