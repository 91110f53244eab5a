/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What must be mended in a dumped qdisc or filter before the kernel makes the same of it. A table
 * of kinds: one that is not in it cannot be made again. Of the room of libmnl.
 */
#ifndef BQ_SNAPSHOT_FIXUP_H
#define BQ_SNAPSHOT_FIXUP_H

#include <stdbool.h>

struct nlattr;
struct nlmsghdr;

/* A request on its way: its last attribute is the options. */
struct bq_fixup {
	struct nlmsghdr *request;
	struct nlattr *options; /* NULL: there are none */
	const char *lost;       /* out: what the kernel did not tell; NULL: nothing */
};

struct bq_fixup_kind {
	const char *kind;
	bool has_classes; /* made by the user, not by the qdisc itself */
	/* Mends the options in place; NULL: they are right as dumped. */
	void (*fix)(struct bq_fixup *fixup);
};

/* NULL: a kind that we do not know how to make again. */
const struct bq_fixup_kind *bq_fixup_kind(const char *kind);

/* Adds the size table of which STAB tells the parameters. False: not one that tc would make. */
bool bq_fixup_put_stab(struct nlmsghdr *request, const struct nlattr *stab);

/* Mends a filter. False: it cannot be made again; LOST says why. */
bool bq_fixup_filter(const char *kind, struct bq_fixup *fixup);

#endif
