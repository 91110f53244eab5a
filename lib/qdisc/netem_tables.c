// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tables of a netem configuration: distributions and the trace, read from their files. */
#include <errno.h>
#include <stdlib.h>

#include "netem.h"
#include "qdisc/distribution.h"
#include "qdisc/netem_parts.h"
#include "qdisc/tables.h"
#include "qdisc/trace_file.h"

/* Add the table of the distribution NAME as section OPTION of RULE, if that option is set. */
static int put_table(const struct netem_config *c, enum netem_option option, const char *name,
		     uint32_t rule, struct bq_blob *tables, struct bq_error *error)
{
	static int16_t values[NETEM_TABLE_MAX];
	int n;

	if (!netem_is_set(&c->all, option))
		return 0;
	n = bq_distribution_load(name, values, (int)NETEM_TABLE_MAX, error);
	if (n < 0)
		return n;
	if (bq_tables_put(tables, rule, option, values, (uint32_t)n * sizeof(values[0])))
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM,
			       "netem: out of memory for a table");
	return 0;
}

int bq_netem_put_distribution(const struct netem_config *c, uint32_t rule, struct bq_blob *tables,
			      struct bq_error *error)
{
	return put_table(c, NETEM_DISTRIBUTION, c->all.distribution, rule, tables, error);
}

int bq_netem_put_slots(const struct netem_config *c, struct bq_blob *tables, struct bq_error *error)
{
	/* The other form of `slot` has no table. */
	if (netem_is_set(&c->all, NETEM_SLOT_MIN))
		bq_tables_put(tables, 0, NETEM_SLOT_TABLE, NULL, 0);
	return put_table(c, NETEM_SLOT_TABLE, c->slot_distribution, 0, tables, error);
}

/* Warn how a trace ends, and if it is short. */
static void warn_of_trace(const struct netem_config *c, const struct bq_trace *t,
			  struct bq_error *error)
{
	uint64_t last = bq_trace_entry_time(t, t->count - 1);
	uint64_t length = t->period ? t->period : last;
	bool rows = t->kind == BQ_TRACE_ROWS;
	char text[32];

	bqdisc_unit__format(BQDISC_UNIT_TIME, length, text, sizeof(text));
	if (length < BQ_NS_PER_S && (t->period || !rows))
		bq_warn(error, "trace %s: %s long, less than a second%s", c->trace, text,
			rows ? "" : "; its lines are milliseconds");
	if (!t->period && rows)
		bq_warn(error, "trace %s: once: %s after the first packet the last line stays",
			c->trace, text);
	else if (!t->period)
		bq_warn(error,
			"trace %s: once: %s after the first packet it is over, and all "
			"packets are dropped",
			c->trace, text);
}

int bq_netem_put_trace(struct netem_config *c, struct bq_blob *tables, struct bq_error *error)
{
	struct bq_blob trace;
	int err;

	if (!netem_is_set(&c->all, NETEM_TRACE) && netem_is_set(&c->all, NETEM_LOOP))
		return bq_fail_word(error, NULL,
				    "netem: 'loop' and 'once' need 'trace'; add trace FILE");
	if (!netem_is_set(&c->all, NETEM_TRACE))
		return 0;
	if (!netem_is_set(&c->all, NETEM_LOOP))
		c->loop = 1;
	c->all.set_mask |= 1ull << NETEM_LOOP;
	err = bq_trace_read(c->trace, c->loop, &trace, error);
	if (err)
		return err;
	warn_of_trace(c, trace.data, error);
	err = bq_tables_put(tables, 0, NETEM_TRACE_TABLE, trace.data, trace.size);
	free(trace.data);
	return err ? bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM,
			     "netem: out of memory for a trace")
		   : 0;
}
