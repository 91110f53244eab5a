/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Changes that turn a dumped qdisc or filter into a request that creates the same. A kind that the
 * table does not list cannot be restored.
 */
#ifndef BQ_SNAPSHOT_FIXUP_H
#define BQ_SNAPSHOT_FIXUP_H

#include <stdbool.h>

struct nlattr;
struct nlmsghdr;

/* Request that is being composed. The options are its last attribute. */
struct bq_fixup {
	struct nlmsghdr *request;
	struct nlattr *options; /* NULL: none */
	const char *lost;       /* set to what the request does not restore; NULL: nothing */
};

struct bq_fixup_kind {
	const char *kind;
	bool has_classes; /* that the user creates, not the qdisc itself */
	/* Change the options in place; NULL: the kernel accepts them as dumped. */
	void (*fix)(struct bq_fixup *fixup);
};

/* Return the row of KIND, or NULL if the kind cannot be restored. */
const struct bq_fixup_kind *bq_fixup_kind(const char *kind);

/* Append the size table with the parameters STAB. Return false if they are out of range. */
bool bq_fixup_put_stab(struct nlmsghdr *request, const struct nlattr *stab);

/* Change a filter in place. Return false, with the reason in `lost`, if it cannot be restored. */
bool bq_fixup_filter(const char *kind, struct bq_fixup *fixup);

#endif
