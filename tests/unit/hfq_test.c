// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/qdisc/hfq_*.c: words to classes, changes of them, and the trees that programs read. */
#include <stdlib.h>
#include <string.h>

#include "hfq/tree.h"
#include "qdisc/hfq_parts.h"
#include "suites.h"

#define MEMORY 0x100000u

static struct bq_error error;
static struct hfq_config config;
static struct bq_blob tables;
static struct bq_instance id;
static char *memory; /* of the instance */

/* Parse TEXT, split at blanks, over the former configuration, if any. */
static int parse(const char *text)
{
	static char copy[4096], *words[256];
	char *word, *save = NULL;
	int n = 0;

	ck_assert_uint_lt(strlen(text), sizeof(copy));
	strcpy(copy, text);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		words[n++] = word;
	memset(&error, 0, sizeof(error));
	return bq_hfq_parse(bq_builtin_find("hfq"), n, words, &config, &tables, &error);
}

static void begin(void)
{
	memset(&config, 0, sizeof(config));
	free(tables.data);
	free(memory);
	tables = (struct bq_blob){ 0 };
	id = (struct bq_instance){ .memory = MEMORY, .units = HFQ_STEP };
	memory = calloc(1, HFQ_MEMORY_BYTES(HFQ_STEP, 1));
}

/* Write the tree of BANK, as if it came into force. */
static const struct hfq_tree *compile(unsigned int bank)
{
	const char *in_use = id.state == BQ_LIVE ? memory : NULL;
	struct bq_arena_data data;

	ck_assert_int_eq(bq_hfq_compile(&id, bank, in_use, &config, &tables, &data), 0);
	ck_assert_uint_eq(data.at, HFQ_TREE_AT(HFQ_STEP, bank));
	memcpy(memory + data.at, data.blob.data, data.blob.size);
	free(data.blob.data);
	id.state = BQ_LIVE;
	return (const void *)(memory + data.at);
}

static const struct hfq_node *node_of(const struct hfq_tree *tree, const char *name)
{
	const struct hfq_node *nodes = (const void *)(tree + 1);
	uint32_t i;

	for (i = 0; i < HFQ_STEP; i++)
		if (nodes[i].serial && !strcmp(nodes[i].name, name))
			return &nodes[i];
	return NULL;
}

static uint32_t slot_of(const struct hfq_tree *tree, const char *name)
{
	return (uint32_t)(node_of(tree, name) - (const struct hfq_node *)(tree + 1));
}

/* Return the us that a second's worth of bytes at BYTES_PER_S takes. */
static uint64_t second_of(const struct hfq_rate *rate, uint64_t bytes_per_s)
{
	return ((bytes_per_s * rate->mult >> rate->shift) + 500) / 1000;
}

START_TEST(hfq_refuses)
{
	static const char *const cases[][2] = {
		{ "", "add 'class rest'" },
		{ "class", "missing name" },
		{ "class class", "is a keyword" },
		{ "class a;b", "is no name" },
		{ "class a class b", "class b: has no match, as class a" },
		{ "class a match dport 1", "add 'class rest'" },
		{ "class a parent b", "no class 'b' can be its parent" },
		{ "class a parent a", "no class 'a' can be its parent" },
		{ "class a parent b class b parent a", "no class 'a' can be its parent" },
		{ "class a match dport 1 class b parent a", "remove the match" },
		{ "class a fifo class b parent a", "remove fifo" },
		{ "class a delete class b", "no such class" },
		{ "class a prio 8", "out of range" },
		{ "class a weight 0", "out of range" },
		{ "class a weight 1001", "out of range" },
		{ "class a match dport 1 match dport 2", "match given twice" },
		{ "class a rate 2mbit ceil 1mbit", "ceil is below" },
		{ "class a rate 1mbit class b parent a rate 2mbit", "below class a have rates" },
		{ "class a ceil 1mbit class b parent a rate 2mbit", "ceil is below" },
		{ "class a class b parent a class c parent b class d parent c class e parent d "
		  "class f parent e class g parent f class h parent g",
		  "too many classes above" },
	};
	size_t i;

	for (i = 0; i < N(cases); i++) {
		begin();
		ck_assert_int_lt(parse(cases[i][0]), 0);
		ck_assert_msg(strstr(error.text, cases[i][1]), "%s: %s", cases[i][0], error.text);
		ck_assert_uint_eq(tables.size, 0);
	}
}
END_TEST

START_TEST(hfq_tree)
{
	const struct hfq_tree *tree;
	const struct hfq_match *matches;

	begin();
	ck_assert_int_eq(
		parse("bandwidth 80mbit class a parent up prio 3 rate 8mbit "
		      "match dport 1 class up weight 2 class b parent up rate 16mbit ceil 32mbit "
		      "burst 8kb match dport 2 fifo class rest"),
		0);
	ck_assert_uint_eq(config.classes, 4);
	tree = compile(0);
	ck_assert_uint_eq(slot_of(tree, ""), 0);
	ck_assert_uint_eq(node_of(tree, "")->level, HFQ_LEVELS - 1);
	ck_assert_uint_eq(node_of(tree, "up")->level, HFQ_LEVELS - 2);
	ck_assert_uint_eq(node_of(tree, "a")->level, 0);
	ck_assert_uint_eq(node_of(tree, "a")->prio, 3);
	ck_assert_uint_eq(node_of(tree, "b")->fifo, 1);
	ck_assert_uint_eq(node_of(tree, "up")->weight, 2);
	ck_assert_uint_eq(node_of(tree, "rest")->rate.mult, 0);
	/* A class above others has the sum of their rates. */
	ck_assert_uint_eq(second_of(&node_of(tree, "up")->rate, 3000000), 1000000);
	ck_assert_uint_eq(second_of(&node_of(tree, "")->ceil, 10000000), 1000000);
	ck_assert_uint_eq(node_of(tree, "b")->ceil.depth, 8192 * 250);
	ck_assert_uint_eq(node_of(tree, "a")->parent,
			  MEMORY + HFQ_CLASSES_AT(HFQ_STEP) +
				  slot_of(tree, "up") * sizeof(struct hfq_class));
	matches = (const void *)((const struct hfq_node *)(tree + 1) + HFQ_STEP);
	ck_assert_uint_eq(tree->matches, 2);
	ck_assert_uint_eq(matches[1].match.dport.first, 2);
}
END_TEST

/* A class keeps its place by its name; a new one never continues another. */
START_TEST(hfq_change)
{
	const struct hfq_tree *was, *is;
	uint32_t a, rest, serial, size;

	begin();
	ck_assert_int_eq(parse("class a rate 8mbit match dport 1 class rest"), 0);
	was = compile(0);
	a = slot_of(was, "a");
	rest = slot_of(was, "rest");
	serial = node_of(was, "a")->serial;
	ck_assert_int_eq(parse("class new prio 2 match dport 2 class a ceil 16mbit"), 0);
	ck_assert_uint_eq(config.classes, 3);
	is = compile(1);
	ck_assert_uint_eq(slot_of(is, "a"), a);
	ck_assert_uint_eq(slot_of(is, "rest"), rest);
	ck_assert_uint_eq(second_of(&node_of(is, "a")->rate, 1000000), 1000000);
	ck_assert_uint_eq(second_of(&node_of(is, "a")->ceil, 2000000), 1000000);
	ck_assert_int_eq(parse("class a delete"), 0);
	compile(0);
	ck_assert_int_eq(parse("class a match dport 1"), 0);
	is = compile(1);
	ck_assert_uint_ne(node_of(is, "a")->serial, serial);
	ck_assert_uint_eq(node_of(is, "a")->rate.mult, 0);
	ck_assert_int_eq(parse("hfq class other"), 0);
	is = compile(0);
	ck_assert_uint_eq(config.classes, 1);
	ck_assert_ptr_null(node_of(is, "rest"));
	size = tables.size;
	ck_assert_int_lt(parse("class other delete"), 0);
	ck_assert_uint_eq(tables.size, size);
}
END_TEST

/* The words of a link are options like others. */
START_TEST(hfq_links)
{
	begin();
	ck_assert_int_eq(parse("bandwidth 8mbit link docsis limit 99 class rest"), 0);
	ck_assert_int_eq(config.overhead, 18);
	ck_assert_uint_eq(config.mpu, 64);
	ck_assert_uint_eq(config.linklayer, HFQ_ETHERNET);
	ck_assert_uint_eq(config.limit, 99);
	begin();
	ck_assert_int_eq(parse("overhead -14 linklayer ptm class rest"), 0);
	ck_assert_int_eq(config.overhead, -14);
	ck_assert_uint_eq(config.linklayer, HFQ_PTM);
	ck_assert_int_lt(parse("link docsis overhead 3 class rest"), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "given twice"));
	ck_assert_int_lt(parse("link class rest"), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "missing NAME"));
}
END_TEST

/* Tokens are those of the burst after a pause, and none while a class must wait. */
START_TEST(hfq_tokens)
{
	struct bq_hfq_class_values values;
	const struct hfq_node *node;
	struct hfq_class *c;

	begin();
	ck_assert_int_eq(parse("class a rate 8mbit burst 10000b match dport 1 class rest"), 0);
	node = node_of(compile(0), "a");
	c = (void *)(memory + HFQ_CLASSES_AT(HFQ_STEP));
	c += slot_of((const void *)memory, "a");
	c->rate = node->rate;
	c->stats.packets = 3;
	bq_hfq_stats(&id, memory, node->number, &values);
	ck_assert_uint_eq(values.counted.packets, 0);
	c->serial = node->serial;
	bq_hfq_stats(&id, memory, node->number, &values);
	ck_assert_uint_eq(values.counted.packets, 3);
	ck_assert_uint_eq((values.tokens_bytes + 5) / 10, 1000);
	ck_assert_uint_eq(values.ctokens_bytes, 0);
	c->rate_at = UINT64_MAX;
	bq_hfq_stats(&id, memory, node->number, &values);
	ck_assert_uint_eq(values.tokens_bytes, 0);
}
END_TEST

Suite *hfq_suite(void)
{
	Suite *s = suite_create("hfq");

	ADD_TEST(s, hfq_refuses);
	ADD_TEST(s, hfq_tree);
	ADD_TEST(s, hfq_change);
	ADD_TEST(s, hfq_links);
	ADD_TEST(s, hfq_tokens);
	return s;
}
