// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Conversion of prio and htb with filters to rules of netem: the first filter that matches selects
 * a class, and the qdisc there becomes the options of a rule.
 */
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/qdisc.h"
#include "tc/filter.h"
#include "tc/plan.h"
#include "util/array.h"

#define PRIORITIES (TC_PRIO_MAX + 1)

struct rules {
	const struct bq_tree *tree;
	struct bq_tree_node *root;
	bool is_prio;
	struct bq_words *words; /* of the rules */
	struct bq_plan *plan;
	struct bq_problems *problems;
	uint32_t n;             /* number of rules */
	uint64_t limit;         /* sum over the rules, in packets */
	bool has_limit, closed; /* every rule has a limit; the last rule matches all packets */
	bool impairs;           /* a rule has options */
	/* Class of packets that no filter matches: of each priority for prio. 0: none. */
	uint32_t others[PRIORITIES];
};

/* --- options of the root --- */

static bool is_digit(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
}

static bool parse_prio(struct rules *s)
{
	static const unsigned int bands[PRIORITIES] = { 1, 2, 2, 2, 1, 2, 0, 0,
							1, 1, 1, 1, 1, 1, 1, 1 };
	const struct bq_tc_request *r = &s->root->r;
	unsigned long band;
	int i, n;

	for (n = 0; n < PRIORITIES; n++)
		s->others[n] = r->handle | (bands[n] + 1);
	for (i = 0; i < r->n; i++) {
		if (bq_word_is(r->words[i], "bands")) {
			i++;
			continue;
		}
		if (!bq_word_is(r->words[i], "priomap"))
			return bq_problem(s->problems, r->line,
					  "prio %s: has no counterpart in bqdisc", r->words[i]);
		for (n = 0; n < PRIORITIES && i + 1 < r->n && is_digit(r->words[i + 1]); n++, i++) {
			band = strtoul(r->words[i + 1], NULL, 10);
			s->others[n] = r->handle | (uint32_t)(band + 1);
		}
	}
	return true;
}

static bool parse_htb(struct rules *s)
{
	const struct bq_tc_request *r = &s->root->r;
	uint32_t minor = 0;
	int i, n;

	for (i = 0; i + 1 < r->n; i += 2) {
		if (bq_word_is(r->words[i], "default"))
			minor = (uint32_t)strtoul(r->words[i + 1], NULL, 16);
		else if (!bq_word_is(r->words[i], "r2q"))
			break;
	}
	if (i < r->n)
		return bq_problem(s->problems, r->line, "htb %s: has no counterpart in bqdisc",
				  r->words[i]);
	for (n = 0; minor && n < PRIORITIES; n++)
		s->others[n] = r->handle | minor;
	return true;
}

/* --- classes --- */

/* Return the value of NAME among the words of a class, or NULL. */
static const char *find_value(const struct bq_tc_request *r, const char *name)
{
	int at = bq_words_find(r->n, r->words, name);

	return at >= 0 && at + 1 < r->n ? r->words[at + 1] : NULL;
}

static bool is_same_rate(const char *a, const char *b)
{
	uint64_t rates[2];

	return bqdisc_unit__parse(BQDISC_UNIT_RATE, a, &rates[0]) &&
	       bqdisc_unit__parse(BQDISC_UNIT_RATE, b, &rates[1]) && rates[0] == rates[1];
}

/* A class may not share its rate with others: netem's rules have one each. */
static bool check_class(struct rules *s, const struct bq_tc_request *r)
{
	const char *rate = find_value(r, "rate"), *ceil = find_value(r, "ceil");

	if (r->parent != TC_H_ROOT && r->parent != s->root->r.handle)
		return bq_problem(s->problems, r->line,
				  "class %x:%x: is below another class; a rule of netem shares "
				  "its rate with no other",
				  r->handle >> 16, TC_H_MIN(r->handle));
	if (!bq_word_is(r->kind, "htb") || !rate)
		return bq_problem(s->problems, r->line, "class %s: missing rate; add rate RATE",
				  r->kind);
	if (ceil && !is_same_rate(rate, ceil))
		return bq_problem(s->problems, r->line,
				  "class htb ceil: differs from rate, and a rule of netem does not "
				  "borrow; use the same");
	return true;
}

static bool check_classes(struct rules *s)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < s->tree->n_classes; i++)
		ok &= check_class(s, &s->tree->classes[i].r);
	return ok;
}

static bool is_fifo(const char *kind)
{
	static const char *const kinds[] = { "pfifo", "bfifo", "pfifo_fast" };

	return bq_word_is_any(kind, kinds, ARRAY_SIZE(kinds));
}

/* Qdiscs without effect on packets that do not wait. With a rate, packets wait. */
static bool is_plain(const char *kind)
{
	static const char *const kinds[] = { "sfq", "fq_codel", "codel", "prio" };

	return is_fifo(kind) || bq_word_is_any(kind, kinds, ARRAY_SIZE(kinds));
}

/* Check all qdiscs below the root, also those that no filter selects. */
static bool check_children(struct rules *s)
{
	struct bq_tree_node *child = NULL;
	bool ok = true;

	while ((child = bq_tree_child(s->tree, s->root->r.handle, child))) {
		child->is_claimed = true;
		if (!(s->is_prio ? is_plain(child->r.kind) : is_fifo(child->r.kind)) &&
		    !bq_word_is(child->r.kind, "netem") && !bq_word_is(child->r.kind, "tbf"))
			ok = bq_problem(s->problems, child->r.line,
					"%s: below %s it has no counterpart in bqdisc",
					child->r.kind, s->root->r.kind);
	}
	return ok;
}

/* Set LEAF to the options for the class ID. Return false after adding a problem. */
static bool convert_class(struct rules *s, uint32_t id, struct bq_leaf *leaf)
{
	struct bq_tree_node *node = bq_tree_qdisc(s->tree, id);
	const struct bq_tree_node *class = bq_tree_class(s->tree, id);
	const char *rate = class ? find_value(&class->r, "rate") : NULL;

	if (node && !is_plain(node->r.kind) && !bq_leaf_convert(s->tree, node, leaf, s->problems))
		return false;
	if (rate && bq_words_find(leaf->words.n, leaf->words.v, "rate") < 0) {
		bq_words_add(&leaf->words, "rate");
		bq_words_add(&leaf->words, "%s", rate);
	}
	return true;
}

/* --- rules --- */

/* Add a rule: the packets of MATCH, which is empty for all, go to the class ID. */
static bool add_rule(struct rules *s, const struct bq_words *match, uint32_t id)
{
	struct bq_leaf leaf = { 0 };
	bool ok = convert_class(s, id, &leaf);

	s->closed = !match->n;
	if (ok && (leaf.words.n || match->n)) {
		if (s->n++)
			bq_words_add(s->words, "rule");
		bq_words_copy(s->words, leaf.words.n, leaf.words.v);
		if (match->n)
			bq_words_add(s->words, "match");
		bq_words_copy(s->words, match->n, match->v);
		s->impairs |= leaf.words.n;
		s->has_limit &= !leaf.words.n || leaf.limit;
		s->limit += leaf.limit;
	}
	bq_leaf_free(&leaf);
	return ok;
}

static bool add_filter(struct rules *s, const struct bq_tc_request *r)
{
	struct bq_words match = { 0 };
	bool ok = false;
	uint32_t id;

	if (r->parent != s->root->r.handle)
		bq_problem(s->problems, r->line,
			   "filter: only those of the root have a counterpart in bqdisc");
	else if (!bq_tc_filter_match(r, &match, &id, s->problems))
		;
	else if (TC_H_MAJ(id) != s->root->r.handle || (!s->is_prio && !bq_tree_class(s->tree, id)))
		bq_problem(s->problems, r->line, "filter: %s has no class %x:%x; add it",
			   s->root->r.kind, id >> 16, TC_H_MIN(id));
	else
		ok = add_rule(s, &match, id);
	bq_words_free(&match);
	return ok;
}

static bool add_filters(struct rules *s)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < s->tree->n_filters && !s->closed; i++)
		ok &= add_filter(s, &s->tree->filters[i].r);
	return ok;
}

/* Return true if packets in the class ID are delayed, lost or the like. */
static bool is_impaired(const struct rules *s, uint32_t id)
{
	const struct bq_tree_node *node = bq_tree_qdisc(s->tree, id);

	return (node && !is_plain(node->r.kind)) || bq_tree_class(s->tree, id);
}

/*
 * Return true if the netems A and B, of which each has its own queue, do the same as one for the
 * packets of both.
 */
static bool is_alike(const struct bq_tree_node *a, const struct bq_tree_node *b)
{
	static const char *const of_queue[] = { "rate", "limit", "gap", "slot" };
	int i;

	if (!a || !b || !bq_word_is(a->r.kind, "netem") || !bq_word_is(b->r.kind, "netem") ||
	    a->r.n != b->r.n)
		return false;
	for (i = 0; i < a->r.n; i++)
		if (!bq_word_is(a->r.words[i], b->r.words[i]) ||
		    bq_word_is_any(a->r.words[i], of_queue, ARRAY_SIZE(of_queue)))
			return false;
	return true;
}

static bool is_same_class(const struct rules *s, uint32_t a, uint32_t b)
{
	return a == b ||
	       (s->is_prio && is_alike(bq_tree_qdisc(s->tree, a), bq_tree_qdisc(s->tree, b)));
}

/* Note that a part of the packets without a filter is treated in another way. */
static void note_priorities(struct rules *s)
{
	char text[64] = "";
	size_t n, len = 0;

	for (n = 0; n < PRIORITIES && len < sizeof(text); n++)
		if (is_impaired(s, s->others[n]))
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %zu", n);
	bq_problem(&s->plan->notes, s->root->r.line,
		   "prio also sends packets of priority%s to a netem; bqdisc does so only with "
		   "packets that a filter selects",
		   text);
}

/* Add the rule for packets that no filter matches. */
static bool add_others(struct rules *s)
{
	const struct bq_words all = { 0 };
	size_t n, impaired = 0, same = 0;

	for (n = 0; n < PRIORITIES; n++) {
		impaired += is_impaired(s, s->others[n]);
		same += is_same_class(s, s->others[n], s->others[0]);
	}
	if (s->closed || !impaired)
		return true;
	if (same == PRIORITIES)
		return add_rule(s, &all, s->others[0]);
	note_priorities(s);
	return true;
}

/* The limit is one for all rules. */
static void add_limit(struct rules *s, struct bq_words *words)
{
	if (s->has_limit && s->limit) {
		bq_words_add(words, "limit");
		bq_words_add(words, "%llu", (unsigned long long)s->limit);
	} else if (s->limit) {
		bq_problem(&s->plan->notes, s->root->r.line,
			   "limit: bqdisc has one for all rules, and uses its default");
	}
}

bool bq_rules_convert(const struct bq_tree *tree, struct bq_tree_node *root, struct bq_words *words,
		      struct bq_plan *plan)
{
	struct bq_words rules = { 0 };
	struct rules s = {
		.tree = tree,
		.root = root,
		.is_prio = bq_word_is(root->r.kind, "prio"),
		.words = &rules,
		.plan = plan,
		.problems = &plan->problems,
		.has_limit = true,
	};
	bool ok = s.is_prio ? parse_prio(&s) : parse_htb(&s);

	root->is_claimed = true;
	ok &= check_classes(&s) & check_children(&s);
	ok = ok && add_filters(&s) && add_others(&s);
	if (ok && !s.impairs)
		ok = bq_problem(s.problems, root->r.line,
				"%s: no packet goes to a netem; there is nothing to attach",
				root->r.kind);
	add_limit(&s, words);
	bq_words_copy(words, rules.n, rules.v);
	words->failed |= rules.failed;
	bq_words_free(&rules);
	return ok;
}
