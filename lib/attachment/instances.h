/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The instances of all kinds together: finding one, preparing one, and sweeping up what ended
 * qdiscs and killed runs left. All but the finding is done under the lock.
 */
#ifndef BQ_ATTACHMENT_INSTANCES_H
#define BQ_ATTACHMENT_INSTANCES_H

#include "bpf/object.h"
#include "attachment/undo.h"

/* Whether Q's kind is registered and its pins are in sight. */
bool bq_kinds_is_loaded(const struct bqdisc_qdisc *q);
/* Opens Q's kind if it is loaded; -ENOENT if not. */
int bq_kinds_open(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_error *error);
/*
 * Opens it, loading it first if need be. A kind of that name that was brought before and is another
 * is retired.
 */
int bq_kinds_load(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_error *error);

/* Unregisters Q's kind and forgets it, whatever its layout. Qdiscs that exist go on working. */
void bq_kinds_remove(const struct bqdisc_qdisc *q);

/* Why a kind stays though it has no qdisc. */
enum bq_mark {
	BQ_MARK_KEPT,    /* somebody loaded it */
	BQ_MARK_DEFAULT, /* net.core.default_qdisc names it, or will in a moment */
};

/* Marks Q's kind, which is loaded. 1: that is new, 0: it was marked. */
int bq_kinds_mark(const struct bqdisc_qdisc *q, enum bq_mark mark, struct bq_error *error);
bool bq_kinds_is_marked(const struct bqdisc_qdisc *q, enum bq_mark mark);
/* 1: done, 0: it was not marked. */
int bq_kinds_unmark(const struct bqdisc_qdisc *q, enum bq_mark mark);

/* The live instance of KIND at PLACE with this handle, or NULL. */
struct bq_instance *bq_instances_find(const struct bq_kind *kind,
				      const struct bq_attach_point *point, uint32_t handle);

/*
 * The live instance at PLACE with this handle, of whichever kind of that name has it, into *ID;
 * KIND is left open then. -ENOENT: it is none of ours.
 */
int bq_instances_find_kind(struct bq_kind *kind, const char *name,
			   const struct bq_attach_point *point, uint32_t handle,
			   struct bq_instance **id, struct bq_error *error);

/*
 * What .init does elsewhere, done here for plain kinds, which know nothing of us: before the qdisc
 * is made it is written down what it will be, and afterwards that it is.
 */
void bq_instances_reserve(const struct bq_kind *kind, uint32_t index,
			  const struct bq_attach_point *point, uint32_t handle);
void bq_instances_commit(const struct bq_kind *kind, uint32_t index);

/*
 * Makes a free instance ready for .init: slots of its own, memory for MOST_UNITS at most, and a
 * token that only we know. Returns its index.
 */
int bq_instances_prepare(const struct bq_kind *kind, const void *config,
			 const struct bq_blob *tables, uint32_t slots, uint32_t most_units,
			 struct bq_error *error);
/* Bytes that bq_instances_change() takes to give ID so many slots. */
uint64_t bq_table_growth(const struct bq_kind *kind, const struct bq_instance *id, uint32_t slots);
/*
 * Brings a live instance to CONFIG and ANNEX without losing, reordering or stalling a packet; gives
 * it more slots first if it needs them.
 */
int bq_instances_change(const struct bq_kind *kind, struct bq_instance *id, const void *config,
			const struct bq_blob *tables, uint32_t slots, struct bq_error *error);
/*
 * Sees to it that N instances of one device, V[0] and those of the other queues, have the egress
 * program that CONFIG needs, switched on. 1: it was not so before; 0: it was, or CONFIG needs none.
 */
int bq_instances_egress_attach(const struct bq_kind *kind, struct bq_instance *const v[], size_t n,
			       uint32_t ifindex, const void *config, struct bq_error *error);
/* Takes their egress program away. */
void bq_instances_egress_detach(struct bq_instance *const v[], size_t n);
/* Takes from it what the configuration in force does not need; all of it if it needs none. */
void bq_instances_egress_release(const struct bq_kind *kind, struct bq_instance *const v[],
				 size_t n);

/* Takes an instance back that no qdisc uses. */
void bq_instances_free(const struct bq_kind *kind, uint32_t index);

/* Takes back what nobody uses any more: instances, records of undo, half-loaded and idle kinds. */
void bq_sweep(void);
/* The places of the namespace we are in where ours was and someone else's is (undo.h). */
void bq_sweep_each_lost(bq_lost_fn fn, void *arg);

#endif
