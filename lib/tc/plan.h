/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Operations of bqdisc that have the effect of a script of tc commands. */
#ifndef BQ_TC_PLAN_H
#define BQ_TC_PLAN_H

#include "tc/tree.h"

enum bq_op_verb {
	BQ_OP_ATTACH,
	BQ_OP_CHANGE,
	BQ_OP_DETACH,
};

struct bq_op {
	enum bq_op_verb verb;
	int line;              /* of the command that it comes from */
	const char *dev;       /* lives as long as the plan */
	uint32_t parent;       /* TC_H_ROOT, or a class */
	uint32_t queues;       /* attach under mq, with so many queues; 0: not under mq */
	const char *qdisc;     /* name of the qdisc; NULL: any */
	struct bq_words words; /* of options, without the qdisc */
};

struct bq_plan {
	struct bq_script script;
	struct bq_op *v; /* at most one for each attach point */
	size_t n, room;
	const char *netns;           /* NULL: the current one */
	struct bq_problems problems; /* lines that bqdisc has no counterpart for */
	struct bq_problems notes;    /* differences that matter to few */
};

/*
 * Make the plan of the script TEXT. There is nothing to do if it has problems. Options are checked.
 * The caller frees the plan. Return 0 or -ENOMEM.
 */
int bq_plan_make(struct bq_plan *plan, const char *text);
void bq_plan_free(struct bq_plan *plan);

/* --- for this folder --- */

/* Options of netem that stand for a qdisc, and those below it. */
struct bq_leaf {
	struct bq_words words; /* without `limit` */
	uint64_t limit;        /* packets; 0: not given */
};

/*
 * Convert netem, tbf, and one of them or a fifo below the other to options of netem. Return false
 * after adding a problem.
 */
bool bq_leaf_convert(const struct bq_tree *tree, struct bq_tree_node *node, struct bq_leaf *leaf,
		     struct bq_problems *problems);
void bq_leaf_free(struct bq_leaf *leaf);

/*
 * Convert prio or htb ROOT with the qdiscs below it to rules of netem, in WORDS. Return false after
 * adding a problem.
 */
bool bq_rules_convert(const struct bq_tree *tree, struct bq_tree_node *root, struct bq_words *words,
		      struct bq_plan *plan);

#endif
