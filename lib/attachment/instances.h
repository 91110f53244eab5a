/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds, prepares and changes instances of all kinds. Frees what removed qdiscs and interrupted
 * commands left. All functions except queries require the lock.
 */
#ifndef BQ_ATTACHMENT_INSTANCES_H
#define BQ_ATTACHMENT_INSTANCES_H

#include "bpf/object.h"
#include "attachment/undo.h"

/* Return true if Q's kind is registered and its pins are visible. */
bool bq_kinds_is_loaded(const struct bqdisc_qdisc *q);
/* Open Q's kind. Return 0, -ENOENT if it is not loaded, or another -errno. */
int bq_kinds_open(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_error *error);
/*
 * Open Q's kind, and load it first if necessary. A different user object of that name is
 * superseded. Return 0 or -errno.
 */
int bq_kinds_load(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_error *error);

/*
 * Unregister Q's kind and delete its pins, whatever its layout. Existing qdiscs continue to work.
 */
void bq_kinds_remove(const struct bqdisc_qdisc *q);

/* Reason why a kind without qdiscs stays loaded. */
enum bq_mark {
	BQ_MARK_KEPT,    /* the user loaded it */
	BQ_MARK_DEFAULT, /* net.core.default_qdisc names it, or is about to */
};

/* Mark Q's kind, which is loaded. Return 1 if new, 0 if it was marked, -errno on failure. */
int bq_kinds_mark(const struct bqdisc_qdisc *q, enum bq_mark mark, struct bq_error *error);
bool bq_kinds_is_marked(const struct bqdisc_qdisc *q, enum bq_mark mark);
/* Remove the mark. Return 1 if changed, 0 if it was not marked. */
int bq_kinds_unmark(const struct bqdisc_qdisc *q, enum bq_mark mark);

/* Return the live instance of KIND at POINT with this handle, or NULL. */
struct bq_instance *bq_instances_find(const struct bq_kind *kind,
				      const struct bq_attach_point *point, uint32_t handle);

/*
 * Find the live instance at POINT with this handle among all kinds of NAME, superseded ones
 * included. On success set *ID and leave KIND open. Return 0, or -ENOENT if it does not belong to
 * bqdisc.
 */
int bq_instances_find_kind(struct bq_kind *kind, const char *name,
			   const struct bq_attach_point *point, uint32_t handle,
			   struct bq_instance **id, struct bq_error *error);

/*
 * Do for plain kinds, which are unaware of bqdisc, what .init does for others. Reserve the instance
 * before the qdisc is created, and commit it afterwards.
 */
void bq_instances_reserve(const struct bq_kind *kind, uint32_t index,
			  const struct bq_attach_point *point, uint32_t handle);
void bq_instances_commit(const struct bq_kind *kind, uint32_t index);

/*
 * Prepare a free instance for .init: slots, memory for at most MOST_UNITS, and a secret cookie.
 * Return its index, or -errno.
 */
int bq_instances_prepare(const struct bq_kind *kind, const void *config,
			 const struct bq_blob *tables, uint32_t slots, uint32_t most_units,
			 struct bq_error *error);
/* Return the memory that bq_instances_change() needs to give ID that many slots, in bytes. */
uint64_t bq_table_growth(const struct bq_kind *kind, const struct bq_instance *id, uint32_t slots);
/*
 * Apply CONFIG and its tables to a live instance, without losing, reordering or delaying packets.
 * Add slots first if necessary. Return 0 or -errno.
 */
int bq_instances_change(const struct bq_kind *kind, struct bq_instance *id, const void *config,
			const struct bq_blob *tables, uint32_t slots, struct bq_error *error);
/*
 * Attach and switch on the egress program that CONFIG needs. V holds the N instances of one device,
 * V[0] and those of the other queues. Return 1 if changed, 0 if nothing differs or CONFIG needs
 * none, -errno on failure.
 */
int bq_instances_egress_attach(const struct bq_kind *kind, struct bq_instance *const v[], size_t n,
			       uint32_t ifindex, const void *config, struct bq_error *error);
/* Detach their egress program. */
void bq_instances_egress_detach(struct bq_instance *const v[], size_t n);
/* Remove what the active configuration does not need: the offload setting, or the whole program. */
void bq_instances_egress_release(const struct bq_kind *kind, struct bq_instance *const v[],
				 size_t n);

/* Free an instance that no qdisc uses. */
void bq_instances_free(const struct bq_kind *kind, uint32_t index);

/* Free unused state: instances, undo records, and partly loaded or idle kinds. */
void bq_sweep(void);
/* Call FN for each lost attach point of the current namespace (undo.h). */
void bq_sweep_each_lost(bq_lost_fn fn, void *arg);

#endif
