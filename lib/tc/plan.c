// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/qdisc.h"
#include "tc/plan.h"

#define USUAL_MTU 1500u /* bytes; options are checked for the device later */
#define USUAL_QUEUE 1000u

static bool fail_kind(struct bq_plan *plan, const struct bq_tc_request *r)
{
	return bq_problem(&plan->problems, r->line,
			  "%s: no qdisc of bqdisc can stand for it; 'bqdisc list' lists them",
			  r->kind);
}

/* Return a new operation, or NULL without memory. */
static struct bq_op *add_op(struct bq_plan *plan, enum bq_op_verb verb,
			    const struct bq_tc_request *r, const char *qdisc)
{
	if (!bq_grow((void **)&plan->v, &plan->room, plan->n, sizeof(*plan->v))) {
		plan->problems.failed = true;
		return NULL;
	}
	plan->v[plan->n] = (struct bq_op){
		.verb = verb,
		.line = r->line,
		.dev = r->dev,
		.parent = r->parent,
		.qdisc = qdisc,
	};
	return &plan->v[plan->n++];
}

/* --- check of options --- */

static int parse_options(const struct bqdisc_qdisc *q, const struct bq_op *op, void *config,
			 struct bq_blob *tables, struct bq_error *error)
{
	return q->parse ? q->parse(q, op->words.n, op->words.v, config, tables, error)
			: bq_options_parse(q, op->words.n, op->words.v, config, error);
}

/* A change names only some options, so what depends on the others is checked when it is made. */
static void check_options(struct bq_plan *plan, const struct bq_op *op)
{
	const struct bq_dev_params dev = { .mtu = USUAL_MTU, .tx_queue_len = USUAL_QUEUE };
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)] = { 0 };
	const struct bqdisc_qdisc *q = bq_tc_find_qdisc(op->qdisc);
	struct bq_error error = { .dev = op->dev };
	struct bq_blob tables = { 0 };
	int err = parse_options(q, op, config, &tables, &error);

	if (!err && q->complete && op->verb == BQ_OP_ATTACH)
		err = q->complete(config, &dev, &error);
	if (err)
		bq_problem(&plan->problems, op->line, "%s", error.text);
	free(tables.data);
}

/* --- qdiscs --- */

static void attach_alone(struct bq_plan *plan, const struct bq_tree *tree,
			 struct bq_tree_node *node)
{
	const struct bqdisc_qdisc *q = bq_tc_find_qdisc(node->r.kind);
	struct bq_op *op;

	node->is_claimed = true;
	if (!q) {
		fail_kind(plan, &node->r);
		return;
	}
	if (bq_tree_child(tree, node->r.handle, NULL))
		return; /* it is reported as not claimed */
	op = add_op(plan, BQ_OP_ATTACH, &node->r, q->name);
	if (op)
		bq_words_copy(&op->words, node->r.n, node->r.words);
}

static void attach_leaf(struct bq_plan *plan, const struct bq_tree *tree, struct bq_tree_node *node)
{
	struct bq_leaf leaf = { 0 };
	struct bq_op *op;

	if (bq_leaf_convert(tree, node, &leaf, &plan->problems)) {
		op = add_op(plan, BQ_OP_ATTACH, &node->r, "netem");
		if (op)
			bq_words_copy(&op->words, leaf.words.n, leaf.words.v);
		if (op && leaf.limit) {
			bq_words_add(&op->words, "limit");
			bq_words_add(&op->words, "%llu", (unsigned long long)leaf.limit);
		}
	}
	bq_leaf_free(&leaf);
}

static void attach_rules(struct bq_plan *plan, const struct bq_tree *tree,
			 struct bq_tree_node *node)
{
	struct bq_words words = { 0 };
	struct bq_op *op;

	if (bq_rules_convert(tree, node, &words, plan)) {
		op = add_op(plan, BQ_OP_ATTACH, &node->r, "netem");
		if (op)
			bq_words_copy(&op->words, words.n, words.v);
	}
	bq_words_free(&words);
}

static bool is_same(const struct bq_tc_request *a, const struct bq_tc_request *b)
{
	int i;

	if (!bq_word_is(a->kind, b->kind) || a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!bq_word_is(a->words[i], b->words[i]))
			return false;
	return true;
}

/* All queues have the same qdisc. */
static void attach_mq(struct bq_plan *plan, const struct bq_tree *tree, struct bq_tree_node *mq)
{
	struct bq_tree_node *first = bq_tree_child(tree, mq->r.handle, NULL), *child = first;
	uint32_t n = 0;
	struct bq_op *op;

	mq->is_claimed = true;
	if (!first) {
		bq_problem(&plan->problems, mq->r.line,
			   "mq: missing the qdiscs of its queues; add them as parent %x:1 and so "
			   "on, and give mq a handle",
			   mq->r.handle ? mq->r.handle >> 16 : 1);
		return;
	}
	for (; child; child = bq_tree_child(tree, mq->r.handle, child), n++) {
		child->is_claimed = true;
		if (!is_same(&first->r, &child->r)) {
			bq_problem(&plan->problems, child->r.line,
				   "mq: queue %x:%x differs from that of line %d; bqdisc gives all "
				   "queues the same options",
				   child->r.parent >> 16, TC_H_MIN(child->r.parent), first->r.line);
			return;
		}
	}
	if (!bq_tc_find_qdisc(first->r.kind)) {
		fail_kind(plan, &first->r);
		return;
	}
	op = add_op(plan, BQ_OP_ATTACH, &mq->r, bq_tc_find_qdisc(first->r.kind)->name);
	if (!op)
		return;
	op->queues = n;
	bq_words_copy(&op->words, first->r.n, first->r.words);
}

/* Return true if a qdisc below NODE changes what it does. */
static bool is_pair(const struct bq_tree *tree, const struct bq_tree_node *node)
{
	return (bq_word_is(node->r.kind, "tbf") || bq_word_is(node->r.kind, "netem")) &&
	       bq_tree_child(tree, node->r.handle, NULL);
}

static void attach_node(struct bq_plan *plan, const struct bq_tree *tree, struct bq_tree_node *node)
{
	if (bq_word_is(node->r.kind, "mq"))
		attach_mq(plan, tree, node);
	else if (bq_word_is(node->r.kind, "prio") || bq_word_is(node->r.kind, "htb"))
		attach_rules(plan, tree, node);
	else if (is_pair(tree, node))
		attach_leaf(plan, tree, node);
	else
		attach_alone(plan, tree, node);
}

/* --- devices --- */

static void change_or_detach(struct bq_plan *plan, const struct bq_tc_request *r)
{
	const struct bqdisc_qdisc *q = r->kind ? bq_tc_find_qdisc(r->kind) : NULL;
	bool change = r->verb == BQ_TC_VERB_CHANGE;
	struct bq_op *op;

	if (change && !q) {
		fail_kind(plan, r);
		return;
	}
	op = add_op(plan, change ? BQ_OP_CHANGE : BQ_OP_DETACH, r, q ? q->name : NULL);
	if (op && change)
		bq_words_copy(&op->words, r->n, r->words);
}

/* Report qdiscs and filters that nothing stands for, unless there is a problem already. */
static void check_claimed(struct bq_plan *plan, const struct bq_tree *tree)
{
	const struct bq_tree_node *root = bq_tree_qdisc(tree, TC_H_ROOT);
	size_t i;

	for (i = 0; i < tree->n_qdiscs; i++)
		if (!tree->qdiscs[i].is_claimed)
			bq_problem(&plan->problems, tree->qdiscs[i].r.line,
				   "%s: has no counterpart at this place in bqdisc",
				   tree->qdiscs[i].r.kind);
	if (root && (bq_word_is(root->r.kind, "prio") || bq_word_is(root->r.kind, "htb")))
		return;
	for (i = 0; i < tree->n_filters; i++)
		bq_problem(&plan->problems, tree->filters[i].r.line,
			   "filter: only those of prio and htb have a counterpart in bqdisc");
	for (i = 0; i < tree->n_classes; i++)
		bq_problem(&plan->problems, tree->classes[i].r.line,
			   "class: only those of htb have a counterpart in bqdisc");
}

/* Qdiscs below a root belong to it. Without a root they are those of a present mq. */
static void plan_tree(struct bq_plan *plan, const struct bq_tree *tree)
{
	struct bq_tree_node *root = bq_tree_qdisc(tree, TC_H_ROOT);
	size_t i;

	if (root)
		attach_node(plan, tree, root);
	for (i = 0; !root && i < tree->n_qdiscs; i++)
		if (!tree->qdiscs[i].is_claimed)
			attach_node(plan, tree, &tree->qdiscs[i]);
	for (i = 0; i < tree->n_others; i++)
		change_or_detach(plan, &tree->others[i]);
	check_claimed(plan, tree);
}

int bq_plan_make(struct bq_plan *plan, const char *text)
{
	struct bq_trees trees = { .problems = &plan->problems };
	int err;
	size_t i;

	memset(plan, 0, sizeof(*plan));
	err = bq_script_parse(text, &plan->script, &plan->problems);
	if (!err)
		err = bq_trees_build(&trees, &plan->script);
	for (i = 0; !err && i < trees.n; i++)
		plan_tree(plan, &trees.v[i]);
	for (i = 0; !err && i < plan->n; i++) {
		if (plan->v[i].words.failed)
			err = -ENOMEM;
		else if (plan->v[i].verb != BQ_OP_DETACH)
			check_options(plan, &plan->v[i]);
	}
	plan->netns = trees.netns;
	bq_trees_free(&trees);
	return plan->problems.failed ? -ENOMEM : err;
}

void bq_plan_free(struct bq_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++)
		bq_words_free(&plan->v[i].words);
	free(plan->v);
	bq_problems_free(&plan->problems);
	bq_problems_free(&plan->notes);
	bq_script_free(&plan->script);
}
