/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds, prepares, changes and frees instances. All functions except queries require the lock.
 */
#ifndef BQ_ATTACHMENT_INSTANCES_H
#define BQ_ATTACHMENT_INSTANCES_H

#include "attachment/record.h"
#include "user/catalog.h"

/* Return the live instance of KIND at POINT with this handle, or NULL. */
struct bq_instance *bq_instances_find(const struct bq_kind *kind,
				      const struct bq_attach_point *point, uint32_t handle);

/*
 * Find the live instance at POINT with this handle among all kinds of NAME, superseded ones
 * included. On success set *ID, and *LOADED to its kind, which is described. Return 0, or -ENOENT
 * if it does not belong to bqdisc.
 */
int bq_instances_find_kind(struct bq_catalog *catalog, const char *name,
			   const struct bq_attach_point *point, uint32_t handle,
			   struct bq_loaded **loaded, struct bq_instance **id,
			   struct bq_error *error);

/*
 * Do for plain kinds, which are unaware of bqdisc, what .init does for others. Reserve the instance
 * before the qdisc is created, and commit it afterwards.
 */
void bq_instances_reserve(const struct bq_kind *kind, uint32_t index,
			  const struct bq_attach_point *point, uint32_t handle);
void bq_instances_commit(const struct bq_kind *kind, uint32_t index);

/* Return 64 random bits, not 0: cookie 0 belongs to pool instances, and key 0 is no program. */
uint64_t bq_instances_new_cookie(void);
/*
 * Prepare a free instance for .init: slots, memory for at most MOST_UNITS, and a secret cookie. It
 * is for POINT, or if SET is not 0 for a class of the mq SET there. Return its index, or -errno.
 */
int bq_instances_prepare(struct bq_kind *kind, const struct bq_attach_point *point, uint32_t set,
			 const void *config, const struct bq_blob *tables, uint32_t slots,
			 uint32_t most_units, struct bq_error *error);
/* Set the expiry, in ns of CLOCK_MONOTONIC; 0: never. The programs read it with each packet. */
void bq_instances_set_expiry(const struct bq_kind *kind, struct bq_instance *id, uint64_t ns);
/* Return the memory that bq_instances_change() needs to give ID that many slots, in bytes. */
uint64_t bq_instances_growth(const struct bq_kind *kind, const struct bq_instance *id,
			     uint32_t slots);
/*
 * Apply CONFIG and its tables to a live instance, without losing, reordering or delaying packets.
 * Add slots first if necessary. Return 0 or -errno.
 */
int bq_instances_change(struct bq_kind *kind, struct bq_instance *id, const void *config,
			const struct bq_blob *tables, uint32_t slots, struct bq_error *error);

/* Free an instance that no qdisc uses. */
void bq_instances_free(struct bq_kind *kind, uint32_t index);

#endif
