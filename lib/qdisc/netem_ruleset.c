// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>

#include "netem/compile.h"
#include "qdisc/netem_parts.h"
#include "qdisc/tables.h"

/* Configuration of a bank, and its tables as they lie in the arena. */
struct source {
	const struct bq_instance *id;
	const struct netem_config *config;
	const struct bq_blob *tables;
	bq_ref ref; /* of the tables */
};

/* Return the section USE of RULE in the arena, with its bytes in *SIZE; 0: none. */
static bq_ref find_section(const struct source *from, uint32_t rule, uint32_t use, uint32_t *size)
{
	const char *data = bq_tables_get(from->tables, rule, use, size);

	if (data)
		return from->ref + (bq_ref)(data - (const char *)from->tables->data);
	*size = 0;
	return 0;
}

static uint32_t count_rules(const struct source *from)
{
	uint32_t n = 1, size;

	while (n < from->id->units && bq_tables_get(from->tables, n, NETEM_RULE, &size))
		n++;
	return n;
}

static void write_rule(const struct source *from, uint32_t n, struct netem_rule *r)
{
	const struct netem_impairment *what;
	const struct bq_match *match;
	uint32_t size;

	what = n ? bq_tables_get(from->tables, n, NETEM_RULE, &size) : &from->config->all;
	match = bq_tables_get(from->tables, n, NETEM_MATCH, &size);
	r->what = *what;
	if (match)
		r->match = *match;
	r->table = find_section(from, n, NETEM_DISTRIBUTION, &size);
	r->values = size / (uint32_t)sizeof(int16_t);
}

/* Keep the tables that a netlink caller sent to a pool instance, unless others replace them. */
static void keep_pool_tables(const struct source *from, struct netem_ruleset *rules)
{
	const struct netem_instance *q = (const struct netem_instance *)from->id;
	struct netem_rule *first = netem_rule_at(rules, 0);
	bq_ref at = from->id->memory + (bq_ref)NETEM_POOL_TABLES_AT;

	if (from->id->slots_map)
		return;
	if (!first->table && netem_is_set(&first->what, NETEM_DISTRIBUTION) &&
	    !first->what.distribution[0]) {
		first->table = at;
		first->values = q->delay_values;
	}
	if (!rules->slot_table && netem_is_set(&first->what, NETEM_SLOT_TABLE)) {
		rules->slot_table = at + NETEM_TABLE_BYTES;
		rules->slot_values = q->slot_values;
	}
}

int bq_netem_compile(const struct bq_instance *id, unsigned int bank, const char *memory,
		     const void *config, const struct bq_blob *tables, struct bq_arena_data *data)
{
	const struct source from = { id, config, tables, id->tables[bank].ref };
	uint32_t i, size, n = count_rules(&from);
	struct netem_ruleset *rules = calloc(1, NETEM_RULESET_BYTES(n));

	(void)memory;
	if (!rules)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		write_rule(&from, i, netem_rule_at(rules, i));
	rules->trace = find_section(&from, 0, NETEM_TRACE_TABLE, &size);
	rules->trace_ring = id->more[BQ_MORE_CONFIG].ref;
	rules->slot_table = find_section(&from, 0, NETEM_SLOT_TABLE, &size);
	rules->slot_values = size / (uint32_t)sizeof(int16_t);
	keep_pool_tables(&from, rules);
	netem_ruleset_finish(rules, n, netem_holds(from.config));
	data->at = NETEM_RULESET_AT(id->units, bank);
	data->blob = (struct bq_blob){ rules, (uint32_t)NETEM_RULESET_BYTES(n) };
	return 0;
}
