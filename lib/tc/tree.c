// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

#include "tc/times.h"
#include "tc/tree.h"

/* The kernel gives filters without a priority the next lower one, from this one down. */
#define FIRST_AUTO_PRIO 0xc000u
#define LOWEST_AUTO_PRIO 0x8000u

/* --- queries --- */

struct bq_tree_node *bq_tree_qdisc(const struct bq_tree *tree, uint32_t parent)
{
	size_t i;

	for (i = 0; i < tree->n_qdiscs; i++)
		if (tree->qdiscs[i].r.parent == parent)
			return &tree->qdiscs[i];
	return NULL;
}

struct bq_tree_node *bq_tree_class(const struct bq_tree *tree, uint32_t id)
{
	size_t i;

	for (i = 0; i < tree->n_classes; i++)
		if (tree->classes[i].r.handle == id)
			return &tree->classes[i];
	return NULL;
}

struct bq_tree_node *bq_tree_child(const struct bq_tree *tree, uint32_t handle,
				   const struct bq_tree_node *prev)
{
	size_t i = prev ? (size_t)(prev - tree->qdiscs) + 1 : 0;

	for (; i < tree->n_qdiscs; i++)
		if (handle && tree->qdiscs[i].r.parent != TC_H_ROOT &&
		    TC_H_MAJ(tree->qdiscs[i].r.parent) == handle)
			return &tree->qdiscs[i];
	return NULL;
}

static const struct bq_tree_node *find_handle(const struct bq_tree *tree, uint32_t handle)
{
	size_t i;

	for (i = 0; i < tree->n_qdiscs; i++)
		if (tree->qdiscs[i].r.handle == TC_H_MAJ(handle))
			return &tree->qdiscs[i];
	return NULL;
}

/* --- qdiscs --- */

static void remove_qdisc(struct bq_tree *tree, struct bq_tree_node *node)
{
	uint32_t handle = node->r.handle;
	struct bq_tree_node *child;
	size_t i, n;

	memmove(node, node + 1, (size_t)(tree->qdiscs + tree->n_qdiscs - node - 1) * sizeof(*node));
	tree->n_qdiscs--;
	while ((child = bq_tree_child(tree, handle, NULL)))
		remove_qdisc(tree, child);
	for (i = n = 0; handle && i < tree->n_classes; i++)
		if (TC_H_MAJ(tree->classes[i].r.handle) != handle)
			tree->classes[n++] = tree->classes[i];
	tree->n_classes = handle ? n : tree->n_classes;
	for (i = n = 0; handle && i < tree->n_filters; i++)
		if (TC_H_MAJ(tree->filters[i].r.parent) != handle)
			tree->filters[n++] = tree->filters[i];
	tree->n_filters = handle ? n : tree->n_filters;
}

/* A qdisc at the root replaces everything. */
static void clear(struct bq_tree *tree)
{
	tree->n_qdiscs = tree->n_classes = tree->n_filters = tree->n_others = 0;
}

static bool add_other(struct bq_trees *t, struct bq_tree *tree, const struct bq_tc_request *r)
{
	if (!bq_grow((void **)&tree->others, &tree->room_others, tree->n_others, sizeof(*r)))
		return !(t->failed = true);
	tree->others[tree->n_others++] = *r;
	return true;
}

static bool add_qdisc(struct bq_trees *t, struct bq_tree *tree, const struct bq_tc_request *r)
{
	struct bq_tree_node *there = bq_tree_qdisc(tree, r->parent);

	if (there && r->verb == BQ_TC_VERB_ADD)
		return bq_problem(t->problems, r->line,
				  "add: line %d has set the same qdisc of %s; use replace",
				  there->r.line, r->dev);
	if (r->parent != TC_H_ROOT && bq_tree_qdisc(tree, TC_H_ROOT) &&
	    !find_handle(tree, r->parent))
		return bq_problem(t->problems, r->line,
				  "parent %x:%x: the script has no qdisc %x: on %s; give its "
				  "'handle' where it is made",
				  r->parent >> 16, TC_H_MIN(r->parent), r->parent >> 16, r->dev);
	if (r->parent == TC_H_ROOT)
		clear(tree);
	else if (there)
		remove_qdisc(tree, there);
	if (!bq_grow((void **)&tree->qdiscs, &tree->room_qdiscs, tree->n_qdiscs,
		     sizeof(*tree->qdiscs)))
		return !(t->failed = true);
	tree->qdiscs[tree->n_qdiscs++] = (struct bq_tree_node){ .r = *r };
	return true;
}

static bool change_qdisc(struct bq_trees *t, struct bq_tree *tree, const struct bq_tc_request *r)
{
	const struct bq_tree_node *there = bq_tree_qdisc(tree, r->parent);

	if (there)
		return bq_problem(
			t->problems, r->line,
			"change: line %d sets this qdisc of %s; write both as one command",
			there->r.line, r->dev);
	return add_other(t, tree, r);
}

static bool delete_qdisc(struct bq_trees *t, struct bq_tree *tree, const struct bq_tc_request *r)
{
	struct bq_tree_node *there = bq_tree_qdisc(tree, r->parent);

	if (r->parent == TC_H_ROOT)
		clear(tree);
	else if (there)
		remove_qdisc(tree, there);
	return (there && r->parent != TC_H_ROOT) || add_other(t, tree, r);
}

static bool enter_qdisc(struct bq_trees *t, struct bq_tree *tree, const struct bq_tc_request *r)
{
	if (r->verb == BQ_TC_VERB_DELETE)
		return delete_qdisc(t, tree, r);
	return r->verb == BQ_TC_VERB_CHANGE ? change_qdisc(t, tree, r) : add_qdisc(t, tree, r);
}

/* --- classes and filters --- */

static bool enter_class(struct bq_trees *t, struct bq_tree *tree, const struct bq_tc_request *r)
{
	const struct bq_tree_node *there = bq_tree_class(tree, r->handle);

	if (r->verb != BQ_TC_VERB_ADD || there || !find_handle(tree, r->handle))
		return bq_problem(t->problems, r->line,
				  "class: only 'add' below a qdisc of the same script has a "
				  "counterpart in bqdisc");
	if (!bq_grow((void **)&tree->classes, &tree->room_classes, tree->n_classes,
		     sizeof(*tree->classes)))
		return !(t->failed = true);
	tree->classes[tree->n_classes++] = (struct bq_tree_node){ .r = *r };
	return true;
}

static void delete_filters(struct bq_tree *tree, const struct bq_tc_request *r)
{
	size_t i, n = 0;

	for (i = 0; i < tree->n_filters; i++)
		if (TC_H_MAJ(tree->filters[i].r.parent) != TC_H_MAJ(r->parent) ||
		    (r->prio && tree->filters[i].order != r->prio))
			tree->filters[n++] = tree->filters[i];
	tree->n_filters = n;
}

/* Return the priority that the kernel chooses: below the others that it chose. */
static uint32_t choose_prio(const struct bq_tree *tree)
{
	uint32_t prio = FIRST_AUTO_PRIO + 1;
	size_t i;

	for (i = 0; i < tree->n_filters; i++)
		if (tree->filters[i].order >= LOWEST_AUTO_PRIO && tree->filters[i].order < prio)
			prio = tree->filters[i].order;
	return prio - 1;
}

/* Insert the filter behind those with a lower or the same priority. */
static void insert_filter(struct bq_tree *tree, const struct bq_tc_request *r, uint32_t order)
{
	size_t at = tree->n_filters++;

	for (; at && tree->filters[at - 1].order > order; at--)
		tree->filters[at] = tree->filters[at - 1];
	tree->filters[at] = (struct bq_tree_filter){ .r = *r, .order = order };
}

/* The root is the default parent of a filter. */
static bool enter_filter(struct bq_trees *t, struct bq_tree *tree, struct bq_tc_request *r)
{
	const struct bq_tree_node *root = bq_tree_qdisc(tree, TC_H_ROOT);

	if (root && (!r->parent || r->parent == TC_H_ROOT))
		r->parent = root->r.handle;
	if (!r->parent || !find_handle(tree, r->parent) || r->verb == BQ_TC_VERB_CHANGE)
		return bq_problem(t->problems, r->line,
				  "filter: only those of a qdisc with a handle in the same script "
				  "have a counterpart in bqdisc");
	if (r->verb == BQ_TC_VERB_DELETE) {
		delete_filters(tree, r);
		return true;
	}
	if (!bq_grow((void **)&tree->filters, &tree->room_filters, tree->n_filters,
		     sizeof(*tree->filters)))
		return !(t->failed = true);
	insert_filter(tree, r, r->prio ? r->prio : choose_prio(tree));
	return true;
}

/* --- the script --- */

static struct bq_tree *find_tree(struct bq_trees *t, const char *dev)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (!strcmp(t->v[i].dev, dev))
			return &t->v[i];
	if (!bq_grow((void **)&t->v, &t->room, t->n, sizeof(*t->v)))
		return NULL;
	t->v[t->n].dev = dev;
	return &t->v[t->n++];
}

/* All requests act in one network namespace. */
static bool check_netns(struct bq_trees *t, const struct bq_tc_request *r)
{
	if (t->has_requests && !(t->netns ? r->netns && !strcmp(t->netns, r->netns) : !r->netns))
		return bq_problem(t->problems, r->line,
				  "the lines before act in another network namespace; use one "
				  "command for each");
	t->has_requests = true;
	t->netns = r->netns;
	return true;
}

static void enter(struct bq_trees *t, struct bq_tc_request *r)
{
	struct bq_tree *tree;

	if (r->verb == BQ_TC_VERB_SHOW || !check_netns(t, r))
		return;
	tree = find_tree(t, r->dev);
	if (!tree)
		t->failed = true;
	else if (r->object == BQ_TC_QDISC)
		enter_qdisc(t, tree, r);
	else if (r->object == BQ_TC_CLASS)
		enter_class(t, tree, r);
	else
		enter_filter(t, tree, r);
}

/* Add the units that tc does not want to the options of a qdisc of bqdisc, which C ends with. */
static void add_units(struct bq_trees *t, const struct bq_script_command *c,
		      const struct bq_tc_request *r)
{
	const struct bqdisc_qdisc *q = r->kind ? bq_tc_find_qdisc(r->kind) : NULL;

	if (q && r->object == BQ_TC_QDISC)
		bq_tc_add_units(q, r->n, c->words + c->n - r->n, &t->made);
}

int bq_trees_build(struct bq_trees *t, const struct bq_script *s)
{
	struct bq_tc_request r;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (bq_tc_request_parse(&s->v[i], &r, t->problems)) {
			add_units(t, &s->v[i], &r);
			enter(t, &r);
		}
	return t->failed || t->made.failed ? -ENOMEM : 0;
}

void bq_trees_free(struct bq_trees *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		free(t->v[i].qdiscs);
		free(t->v[i].classes);
		free(t->v[i].filters);
		free(t->v[i].others);
	}
	free(t->v);
	bq_words_free(&t->made);
}
