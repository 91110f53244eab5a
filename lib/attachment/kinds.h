/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loads and registers kinds, and marks those that stay loaded without a qdisc. All functions except
 * queries require the lock.
 */
#ifndef BQ_ATTACHMENT_KINDS_H
#define BQ_ATTACHMENT_KINDS_H

#include "user/catalog.h"

/* Return true if the kind is still registered: another program may have removed its link. */
bool bq_kinds_is_registered(const struct bq_loaded *l);
/* Return true if a kind with Q's name is registered. Does not read the catalog. */
bool bq_kinds_has_name(const struct bqdisc_qdisc *q);
/*
 * Return the loaded kind of Q that has ROOM, or NULL. A kind that grew is loaded several times,
 * with tables of different sizes.
 */
struct bq_loaded *bq_kinds_find(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
				const struct bq_room *room);
/*
 * Open Q's kind, and load it first unless one is loaded that has ROOM. Another kind of that name,
 * which a different user object or a smaller table has, is superseded. Return 0 or -errno.
 */
int bq_kinds_load(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
		  const struct bq_room *room, struct bq_loaded **loaded, struct bq_error *error);
/* Return the kernel memory that bq_kinds_load() takes, in bytes. */
uint64_t bq_kinds_load_cost(struct bq_catalog *catalog, const struct bqdisc_qdisc *q,
			    const struct bq_room *room);
/*
 * Unregister a kind, delete its pins, whatever their layout, and drop it from the catalog. Existing
 * qdiscs continue to work.
 */
void bq_kinds_remove(struct bq_catalog *catalog, struct bq_loaded *l);
/* Return each name without an owner to the kind that was superseded last. */
void bq_kinds_restore_names(struct bq_catalog *catalog);

/* Reason why a kind without qdiscs stays loaded. */
enum bq_mark {
	BQ_MARK_KEPT,    /* the user loaded it */
	BQ_MARK_DEFAULT, /* net.core.default_qdisc names it, or is about to */
};

/* Mark a kind. Return 1 if new, 0 if it was marked, -errno on failure. */
int bq_kinds_mark(const struct bq_loaded *l, enum bq_mark mark, struct bq_error *error);
bool bq_kinds_is_marked(const struct bq_loaded *l, enum bq_mark mark);
/* Remove the mark. Return 1 if changed, 0 if it was not marked. */
int bq_kinds_unmark(const struct bq_loaded *l, enum bq_mark mark);

#endif
