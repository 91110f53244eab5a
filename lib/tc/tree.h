/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of devices after the requests of a script: qdiscs, classes and filters. */
#ifndef BQ_TC_TREE_H
#define BQ_TC_TREE_H

#include "tc/request.h"

/* A qdisc or class. The requests live as long as the script. */
struct bq_tree_node {
	struct bq_tc_request r;
	bool is_claimed; /* something of bqdisc stands for it */
};

struct bq_tree_filter {
	struct bq_tc_request r;
	uint32_t order; /* the filter with the lowest order decides first */
};

struct bq_tree {
	const char *dev;
	struct bq_tree_node *qdiscs, *classes;
	struct bq_tree_filter *filters;
	size_t n_qdiscs, n_classes, n_filters;
	size_t room_qdiscs, room_classes, room_filters;
	/* Requests for qdiscs that the script did not make. */
	struct bq_tc_request *others;
	size_t n_others, room_others;
};

struct bq_trees {
	struct bq_tree *v; /* in the order of the script */
	size_t n, room;
	const char *netns; /* of all requests; NULL: the current one */
	bool has_requests, failed;
	struct bq_words made; /* words of requests that are not in the script */
	struct bq_problems *problems;
};

/* Enter all commands of S. Problems are added to T->problems. Return 0 or -ENOMEM. */
int bq_trees_build(struct bq_trees *t, const struct bq_script *s);
void bq_trees_free(struct bq_trees *t);

/* Return the qdisc at PARENT that the script made, or NULL. */
struct bq_tree_node *bq_tree_qdisc(const struct bq_tree *tree, uint32_t parent);
/* Return the class ID that the script made, or NULL. */
struct bq_tree_node *bq_tree_class(const struct bq_tree *tree, uint32_t id);
/* Return the qdisc after PREV whose parent is a class of HANDLE; NULL at the end. */
struct bq_tree_node *bq_tree_child(const struct bq_tree *tree, uint32_t handle,
				   const struct bq_tree_node *prev);

#endif
