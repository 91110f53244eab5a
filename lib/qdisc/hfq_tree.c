// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Trees of hfq in the memory of an instance. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hfq/tree.h"
#include "qdisc/hfq_parts.h"
#include "util/system.h"

#define NS_PER_S 1000000000ull
/* Burst of a class without one: what it may send in this time, or a packet. */
#define BURST_NS 1000000ull
#define BURST_BYTES 1600ull

struct tree {
	const struct bq_hfq_classes *classes;
	const struct hfq_tree *former; /* in force; NULL: there is none */
	struct hfq_tree *head;
	struct hfq_node *nodes;
	struct hfq_match *matches;
	uint32_t units;
	uint32_t slots[HFQ_CLASSES + 1]; /* of each class */
	bq_ref states;                   /* the array of struct hfq_class */
};

static const struct hfq_node *nodes_of(const struct hfq_tree *tree)
{
	return (const struct hfq_node *)(tree + 1);
}

/* Compute the multiplier and the shift as psched_ratecfg_precompute() of the kernel. */
static struct hfq_rate make_rate(uint64_t bytes_per_s, uint64_t burst)
{
	struct hfq_rate rate = { 0 };
	uint64_t ns = NS_PER_S;

	if (!bytes_per_s)
		return rate;
	rate.depth = (burst ? burst : BURST_BYTES) * NS_PER_S / bytes_per_s;
	if (!burst && rate.depth < BURST_NS)
		rate.depth = BURST_NS;
	while (!(ns / bytes_per_s >> 31) && ns < 1ull << 62) {
		ns <<= 1;
		rate.shift++;
	}
	rate.mult = (uint32_t)(ns / bytes_per_s);
	return rate;
}

/* --- slots: a class that stays keeps its own --- */

static const struct hfq_node *find_former(const struct tree *t, const char *name)
{
	const struct hfq_node *node;

	for (node = nodes_of(t->former); node < nodes_of(t->former) + t->units; node++)
		if (node->serial && !strcmp(node->name, name))
			return node;
	return NULL;
}

static void keep_slots(struct tree *t)
{
	const struct hfq_node *node;
	uint32_t n;

	for (n = 0; t->former && n < t->classes->n; n++) {
		node = find_former(t, t->classes->v[n].config.name);
		if (!node)
			continue;
		t->slots[n] = (uint32_t)(node - nodes_of(t->former));
		t->nodes[t->slots[n]].serial = node->serial;
	}
}

static void give_slots(struct tree *t)
{
	uint32_t n, slot = 0;

	t->head->serials = t->former ? t->former->serials : 0;
	for (n = 0; n < t->classes->n; n++) {
		if (t->slots[n] || (!n && t->nodes[0].serial))
			continue;
		while (t->nodes[slot].serial)
			slot++;
		t->slots[n] = slot;
		t->nodes[slot].serial = ++t->head->serials;
	}
}

/* --- nodes and matches --- */

static bq_ref state_of(const struct tree *t, uint32_t n)
{
	return t->states + t->slots[n] * (bq_ref)sizeof(struct hfq_class);
}

static void write_node(const struct tree *t, uint32_t n)
{
	const struct bq_hfq_class *c = &t->classes->v[n];
	struct hfq_node *node = &t->nodes[t->slots[n]];

	memcpy(node->name, c->config.name, sizeof(node->name));
	/* The root needs none: it is within its rate as long as its ceil allows. */
	if (n)
		node->rate = make_rate(c->rate, c->config.burst);
	node->ceil = make_rate(c->config.ceil, c->config.burst);
	node->number = n;
	node->parent = n ? state_of(t, c->parent) : 0;
	node->weight = c->config.weight;
	node->level = c->is_inner ? (uint8_t)(HFQ_LEVELS - 1 - c->depth) : 0;
	node->prio = (uint8_t)c->config.prio;
	node->fifo = (uint8_t)c->config.fifo;
}

static void write_match(struct tree *t, uint32_t n)
{
	const struct bq_hfq_class *c = &t->classes->v[n];

	if (!c->matched)
		return;
	t->matches[t->head->matches++] = (struct hfq_match){
		.match = c->match,
		.class = state_of(t, n),
	};
}

int bq_hfq_compile(const struct bq_instance *id, unsigned int bank, const char *memory,
		   const void *config, const struct bq_blob *tables, struct bq_arena_data *data)
{
	struct tree t = { .units = id->units,
			  .states = id->memory + (bq_ref)HFQ_CLASSES_AT(id->units) };
	struct bq_hfq_classes classes;
	int err = bq_hfq_read(config, tables, &classes, NULL);
	uint32_t n;

	if (err)
		return err;
	t.classes = &classes;
	if (classes.n > t.units)
		err = -E2BIG;
	t.head = err ? NULL : calloc(1, HFQ_TREE_BYTES(t.units));
	if (!t.head) {
		free(classes.v);
		return err ? err : -ENOMEM;
	}
	t.nodes = (struct hfq_node *)(t.head + 1);
	t.matches = (struct hfq_match *)(t.nodes + t.units);
	if (memory)
		t.former = (const void *)(memory + HFQ_TREE_AT(t.units, !bank));
	keep_slots(&t);
	give_slots(&t);
	for (n = 0; n < classes.n; n++)
		write_node(&t, n);
	for (n = 1; n < classes.n; n++)
		write_match(&t, n);
	t.head->rest = state_of(&t, classes.rest);
	data->at = HFQ_TREE_AT(t.units, bank);
	data->blob = (struct bq_blob){ t.head, (uint32_t)HFQ_TREE_BYTES(t.units) };
	free(classes.v);
	return 0;
}

/* --- stats --- */

/* Return the bytes that a class may send at once at RATE, from the time T on. */
static uint64_t tokens(const struct hfq_rate *rate, uint64_t t, uint64_t now)
{
	uint64_t saved = now > t ? now - t : 0;

	if (!rate->mult)
		return 0;
	if (saved > rate->depth)
		saved = rate->depth;
	return (uint64_t)((double)saved * (double)(1ull << rate->shift) / rate->mult);
}

void bq_hfq_stats(const struct bq_instance *id, const char *memory, uint32_t n, void *stats)
{
	const struct hfq_class *c = (const void *)(memory + HFQ_CLASSES_AT(id->units));
	const struct hfq_node *node =
		nodes_of((const void *)(memory + HFQ_TREE_AT(id->units, id->generation & 1)));
	struct bq_hfq_class_values *values = stats;
	uint64_t now = bq_system_now();
	uint32_t i;

	*values = (struct bq_hfq_class_values){ 0 };
	for (i = 0; i < id->units && (!node->serial || node->number != n); i++, node++, c++)
		;
	/* The program takes over a new class with the next packet. */
	if (i == id->units || c->serial != node->serial)
		return;
	values->counted = c->stats;
	values->tokens_bytes = tokens(&c->rate, c->rate_at, now);
	values->ctokens_bytes = tokens(&c->ceil, c->ceil_at, now);
}
