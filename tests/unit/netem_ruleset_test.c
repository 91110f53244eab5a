// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/qdisc/netem_ruleset.c: the ruleset that user space writes for netem's programs. */
#include <stdlib.h>
#include <string.h>

#include "netem/compile.h"
#include "qdisc/netem_parts.h"
#include "qdisc/tables.h"
#include "suites.h"

#define MEMORY 0x100000u
#define TABLES 0x900000u

static struct netem_instance instance;
static struct netem_config config;
static struct bq_blob tables;
static struct bq_arena_data compiled;

static void begin(void)
{
	memset(&instance, 0, sizeof(instance));
	memset(&config, 0, sizeof(config));
	instance.id.memory = MEMORY;
	instance.id.units = NETEM_RULES;
	instance.id.slots_map = 1;
	instance.id.tables[1].ref = TABLES;
}

static void end(void)
{
	free(compiled.blob.data);
	free(tables.data);
	compiled = (struct bq_arena_data){ 0 };
	tables = (struct bq_blob){ 0 };
}

static void put(uint32_t rule, uint32_t use, const void *data, size_t size)
{
	ck_assert_int_eq(bq_tables_put(&tables, rule, use, data, (uint32_t)size), 0);
}

static void put_rule(uint32_t n, const struct netem_impairment *what)
{
	put(n, NETEM_RULE, what, sizeof(*what));
}

/* Compile bank 1. */
static struct netem_ruleset *compile(void)
{
	free(compiled.blob.data);
	ck_assert_int_eq(bq_netem_compile(&instance.id, 1, NULL, &config, &tables, &compiled), 0);
	ck_assert_uint_eq(compiled.at, NETEM_RULESET_BYTES(instance.id.units));
	return compiled.blob.data;
}

/* Return the bytes in the tables that REF names. */
static const void *at(bq_ref ref)
{
	ck_assert_uint_ge(ref, TABLES);
	ck_assert_uint_lt(ref, TABLES + tables.size);
	return (const char *)tables.data + (ref - TABLES);
}

START_TEST(netem_path_of_one_rule)
{
	struct bq_match match = { .fields = BQ_MATCH_PROTO, .proto = 17 };

	begin();
	ck_assert_uint_eq(compile()->path, NETEM_PATH_PASS);
	config.all.gap = 5;
	ck_assert_uint_eq(compile()->path, NETEM_PATH_DELAY);
	config.all.gap = 0;
	config.all.delay = 1000;
	ck_assert_uint_eq(compile()->path, NETEM_PATH_DELAY);
	config.all.loss = 1;
	ck_assert_uint_eq(compile()->path, NETEM_PATH_LOSS);
	config.all.duplicate = 1;
	ck_assert_uint_eq(compile()->path, NETEM_PATH_EGRESS);
	put(0, NETEM_MATCH, &match, sizeof(match));
	ck_assert_uint_eq(compile()->path, NETEM_PATH_MATCH_EGRESS);
	config.all.duplicate = 0;
	ck_assert_uint_eq(compile()->path, NETEM_PATH_MATCH);
	end();
}
END_TEST

START_TEST(netem_path_of_rules)
{
	struct netem_impairment what = { .delay = 5000, .jitter = 300 };

	begin();
	put_rule(1, &what);
	ck_assert_uint_eq(compile()->path, NETEM_PATH_MATCH);
	what.corrupt = 1;
	put_rule(2, &what);
	ck_assert_uint_eq(compile()->path, NETEM_PATH_MATCH_EGRESS);
	ck_assert_uint_eq(compile()->n, 3);
	ck_assert_uint_eq(compile()->span, 5300);
	end();
}
END_TEST

START_TEST(netem_path_of_a_model)
{
	begin();
	config.all.model = NETEM_LOSS_STATE;
	ck_assert_uint_eq(compile()->path, NETEM_PATH_LOSS);
	end();
}
END_TEST

START_TEST(netem_ruleset_names_its_tables)
{
	struct netem_impairment what = { .delay = 7, .set_mask = 1 << NETEM_DISTRIBUTION };
	const struct netem_ruleset *rules;
	struct netem_rule *r;

	begin();
	put(0, NETEM_TRACE_TABLE, "trace", 5);
	put(0, NETEM_SLOT_TABLE, "slots---", 8);
	put_rule(1, &what);
	put(1, NETEM_DISTRIBUTION, "delays", 6);
	rules = compile();
	ck_assert_mem_eq(at(rules->trace), "trace", 5);
	ck_assert_mem_eq(at(rules->slot_table), "slots---", 8);
	ck_assert_uint_eq(rules->slot_values, 4);
	ck_assert_uint_eq(rules->path, NETEM_PATH_MATCH);
	r = netem_rule_at((struct netem_ruleset *)compiled.blob.data, 1);
	ck_assert_mem_eq(at(r->table), "delays", 6);
	ck_assert_uint_eq(r->values, 3);
	ck_assert_uint_eq(r->what.delay, 7);
	ck_assert_uint_eq(netem_rule_at((struct netem_ruleset *)compiled.blob.data, 0)->values, 0);
	end();
}
END_TEST

/* A pool instance has memory for one rule, and keeps the tables of a netlink caller. */
START_TEST(netem_ruleset_of_a_pool_instance)
{
	struct netem_impairment what = { 0 };
	const struct netem_ruleset *rules;
	const struct netem_rule *first;

	begin();
	instance.id.units = 1;
	instance.id.slots_map = 0;
	instance.delay_values = 10;
	instance.slot_values = 20;
	config.all.set_mask = UINT64_C(1) << NETEM_DISTRIBUTION | UINT64_C(1) << NETEM_SLOT_TABLE;
	put_rule(1, &what);
	rules = compile();
	first = netem_rule_at((struct netem_ruleset *)compiled.blob.data, 0);
	ck_assert_uint_eq(rules->n, 1);
	ck_assert_uint_eq(first->table, MEMORY + NETEM_POOL_TABLES_AT);
	ck_assert_uint_eq(first->values, 10);
	ck_assert_uint_eq(rules->slot_table, MEMORY + NETEM_POOL_TABLES_AT + NETEM_TABLE_BYTES);
	ck_assert_uint_eq(rules->slot_values, 20);
	put(0, NETEM_DISTRIBUTION, "delays", 6);
	compile();
	first = netem_rule_at((struct netem_ruleset *)compiled.blob.data, 0);
	ck_assert_mem_eq(at(first->table), "delays", 6);
	ck_assert_uint_eq(first->values, 3);
	end();
}
END_TEST

Suite *netem_ruleset_suite(void)
{
	Suite *s = suite_create("netem_ruleset");

	ADD_TEST(s, netem_path_of_one_rule);
	ADD_TEST(s, netem_path_of_rules);
	ADD_TEST(s, netem_path_of_a_model);
	ADD_TEST(s, netem_ruleset_names_its_tables);
	ADD_TEST(s, netem_ruleset_of_a_pool_instance);
	return s;
}
