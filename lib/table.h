/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The instances of all kinds together: finding one, preparing one, and sweeping up what ended
 * qdiscs and killed runs left. All but the finding is done under the lock.
 */
#ifndef BQ_TABLE_H
#define BQ_TABLE_H

#include "object.h"
#include "undo.h"

/* Whether Q's kind is registered and its pins are in sight. */
bool bq_table_is_loaded(const struct bqdisc_qdisc *q);
/* Opens Q's kind if it is loaded; -ENOENT if not. */
int bq_table_open(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_report *rep);
/*
 * Opens it, loading it first if need be. A kind of that name that was brought before and is another
 * is retired.
 */
int bq_table_load(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_report *rep);

/* Unregisters Q's kind and forgets it, whatever its layout. Qdiscs that exist go on working. */
void bq_table_remove(const struct bqdisc_qdisc *q);

/* Why a kind stays though it has no qdisc. */
enum bq_mark {
	BQ_MARK_KEPT,    /* somebody loaded it */
	BQ_MARK_DEFAULT, /* net.core.default_qdisc names it, or will in a moment */
};

/* Marks Q's kind, which is loaded. 1: that is new, 0: it was marked. */
int bq_table_mark(const struct bqdisc_qdisc *q, enum bq_mark mark, struct bq_report *rep);
bool bq_table_is_marked(const struct bqdisc_qdisc *q, enum bq_mark mark);
/* 1: done, 0: it was not marked. */
int bq_table_unmark(const struct bqdisc_qdisc *q, enum bq_mark mark);

/* The live instance of KIND at PLACE with this handle, or NULL. */
struct bq_instance *bq_table_find(const struct bq_kind *kind, const struct bq_place *place,
				  uint32_t handle);

/*
 * The live instance at PLACE with this handle, of whichever kind of that name has it, into *ID;
 * KIND is left open then. -ENOENT: it is none of ours.
 */
int bq_table_find_kind(struct bq_kind *kind, const char *name, const struct bq_place *place,
		       uint32_t handle, struct bq_instance **id, struct bq_report *rep);

/*
 * What .init does elsewhere, done here for plain kinds, which know nothing of us: before the qdisc
 * is made it is written down what it will be, and afterwards that it is.
 */
void bq_table_announce(const struct bq_kind *kind, uint32_t index, const struct bq_place *place,
		       uint32_t handle);
void bq_table_confirm(const struct bq_kind *kind, uint32_t index);

/*
 * Makes a free instance ready for .init: slots of its own and a token that only we know.
 * Returns its index.
 */
int bq_table_prepare(const struct bq_kind *kind, const void *config, const struct bq_blob *annex,
		     uint32_t slots, struct bq_report *rep);
/*
 * Brings a live instance to CONFIG and ANNEX without losing, reordering or stalling a packet; gives
 * it more slots first if it needs them.
 */
int bq_table_change(const struct bq_kind *kind, struct bq_instance *id, const void *config,
		    const struct bq_blob *annex, uint32_t slots, struct bq_report *rep);
/*
 * Sees to it that N instances of one device, V[0] and those of the other queues, have the companion
 * that CONFIG needs, switched on. 1: it was not so before; 0: it was, or CONFIG needs none.
 */
int bq_table_accompany(const struct bq_kind *kind, struct bq_instance *const v[], size_t n,
		       uint32_t ifindex, const void *config, struct bq_report *rep);
/* Takes their companion away. */
void bq_table_part(struct bq_instance *const v[], size_t n);
/* Takes from it what the configuration in force does not need; all of it if it needs none. */
void bq_table_dismiss(const struct bq_kind *kind, struct bq_instance *const v[], size_t n);

/* Takes an instance back that no qdisc uses. */
void bq_table_discard(const struct bq_kind *kind, uint32_t index);

/* Takes back what nobody uses any more: instances, records of undo, half-loaded and idle kinds. */
void bq_table_sweep(void);
/* The places of the namespace we are in where ours was and someone else's is (undo.h). */
void bq_table_each_lost(bq_lost_fn fn, void *arg);

#endif
