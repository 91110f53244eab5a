/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A loaded kind: its pinned maps, and the instances in them. */
#ifndef BQ_BPF_KIND_H
#define BQ_BPF_KIND_H

#include <bqdisc/instance.h>

#include "bpf/pin.h"
#include "bpf/table_size.h"
#include "qdisc/qdisc.h"

/* Bytes of the map of the arena (range_map.h). */
#define BQ_RANGE_MAP_BYTES 8192u

struct bq_kind {
	/*
	 * NULL until the catalog has built the descriptor. The functions below that use options or
	 * counters need it.
	 */
	const struct bqdisc_qdisc *q;
	char name[BQ_KIND_MAX];    /* name in the kernel */
	char dir[BQ_PIN_PATH_MAX]; /* path of the directory of its pins */
	bool plain;                /* its object was made without the kit */
	int slots_fd;              /* map of maps of slots; -1: the kind has no slots */
	int pool_fd;               /* its inner map at key 0, the pool; -1 likewise */
	int memory_fd;             /* the arena; -1: the kind has none */
	uint64_t *counters; /* counters of a plain kind, read when it was described; or NULL */
	struct bpf_object *object; /* its object, open; NULL: bq_slots_alloc() opens it */
	void *table;               /* the map `instances`, mapped */
	uint32_t entries;          /* number of its values: index 0, the pool, prepared instances */
	size_t stride;             /* bytes from one value to the next */
	size_t table_size;         /* bytes mapped */
	struct bq_usage *usage;    /* the map `usage`, mapped */
	size_t usage_size;         /* bytes mapped */
	int places_fd;             /* the map `places`; -1: a plain kind has none */
	uint64_t *ranges;          /* map of the arena (range_map.h), mapped when it is used */
};

/*
 * Return the state of an instance. BPF programs set it after the fields that it stands for; acquire
 * makes these visible, too, on machines that reorder reads.
 */
static inline uint32_t bq_instance_state(const volatile struct bq_instance *id)
{
	return __atomic_load_n(&id->state, __ATOMIC_ACQUIRE);
}

/* Set the state. Release makes the fields that were written before visible to who reads it. */
static inline void bq_instance_set_state(struct bq_instance *id, uint32_t state)
{
	__atomic_store_n(&id->state, state, __ATOMIC_RELEASE);
}

/*
 * Open the usage of the kind NAME that is pinned in the directory DIR of BQ_PIN_DIR: which
 * instances are in use or to be checked. Q may be NULL. Return 0, -ENOENT if the kind is not
 * loaded, -EPROTO if another release wrote another layout, or another -errno. After a failure there
 * is nothing to close.
 */
int bq_kind_open_usage(struct bq_kind *kind, const char *name, const struct bqdisc_qdisc *q,
		       const char *dir, struct bq_error *error);
/*
 * Return false if no instance of a kind, which is not plain, came to POINT. Only the usage needs to
 * be open.
 */
bool bq_kind_may_be_at(struct bq_kind *kind, const struct bq_attach_point *point);
/*
 * Open the other maps of a kind whose usage is open, and describe it if it has a qdisc. Errors as
 * above, and the usage is closed then.
 */
int bq_kind_open(struct bq_kind *kind, struct bq_error *error);
/* Set the descriptor of an open kind, after checking that it fits the maps. Return 0 or -errno. */
int bq_kind_describe(struct bq_kind *kind, const struct bqdisc_qdisc *q, struct bq_error *error);
void bq_kind_close(struct bq_kind *kind);

/*
 * Create an empty table of instances for a plain kind and pin its maps in DIR. Return 0 or -errno.
 */
int bq_kind_create_instances(const char *dir, size_t instance_size);
/* Write the layout version into DIR. bq_kind_open() refuses a kind without one. */
int bq_kind_write_layout(const char *dir, struct bq_error *error);
/*
 * Create a file NAME in DIR, among the pins of the kind. Return 1 if new, 0 if it existed, or
 * -errno.
 */
int bq_kind_mark(const char *dir, const char *name, struct bq_error *error);

/* Return the size of the table, without index 0. */
struct bq_table_size bq_kind_size(const struct bq_kind *kind);
/* Return the number of instances in use that user space prepared. */
uint32_t bq_kind_count_prepared(const struct bq_kind *kind);
/* Return true if more than half of the pool is in use. */
bool bq_kind_pool_is_short(const struct bq_kind *kind);
/* Return true if user space can prepare N more instances. */
bool bq_kind_has_room(const struct bq_kind *kind, uint32_t n);
/* Return the instance of that index, 1 to kind->entries - 1. */
struct bq_instance *bq_kind_instance(const struct bq_kind *kind, uint32_t index);
/* Return the index of an instance. */
uint32_t bq_kind_index(const struct bq_kind *kind, const struct bq_instance *id);
/*
 * Return the instance after PREV, or the first if PREV is NULL, that is in use: its state is not
 * BQ_FREE, or a worker still gives it memory. NULL at the end.
 */
struct bq_instance *bq_kind_next(const struct bq_kind *kind, const struct bq_instance *prev);
/*
 * Return the instance after PREV, or the first if PREV is NULL, that was prepared or lost its qdisc
 * since bq_kind_checked(). NULL at the end.
 */
struct bq_instance *bq_kind_next_check(const struct bq_kind *kind, const struct bq_instance *prev);
/* Let the next sweep look at an instance. */
void bq_kind_check(const struct bq_kind *kind, const struct bq_instance *id);
/*
 * Note the earliest time when an instance of the kind expires, CLOCK_MONOTONIC ns; 0: none does. A
 * kind with such a time is not settled.
 */
void bq_kind_set_expiry(const struct bq_kind *kind, uint64_t ns);
/* Note that an instance needs no further look, unless its qdisc went during the last one. */
void bq_kind_checked(const struct bq_kind *kind, struct bq_instance *id);
/*
 * Return true if the kind has no instances to check, and set IN_USE if some are in use. Only the
 * usage needs to be open.
 */
bool bq_kind_is_settled(const struct bq_kind *kind, bool *in_use);
/* Return a free instance to prepare, or NULL. It is in use and to be checked from now on. */
struct bq_instance *bq_kind_take_free(const struct bq_kind *kind);
/* Note that an instance is free, unless a qdisc has taken it from the pool. */
void bq_kind_set_free(const struct bq_kind *kind, struct bq_instance *id);

/*
 * Return the live instance at POINT, or NULL. At the root it may be one of a set, whose instances
 * are at the classes of an mq.
 */
struct bq_instance *bq_kind_at(const struct bq_kind *kind, const struct bq_attach_point *point);
/* Let bq_kind_at() find the set of ID, a live instance, at the root of its device. */
void bq_kind_enter_set(const struct bq_kind *kind, const struct bq_instance *id);
/* Forget the instance at POINT, unless it is live there. */
void bq_kind_tidy_place(const struct bq_kind *kind, const struct bq_attach_point *point);
/* Return true while a qdisc of this kind exists, or a worker of a removed one still runs. */
bool bq_kind_in_use(const struct bq_kind *kind);

/* Return the active configuration of an instance. */
const void *bq_kind_config(const struct bq_kind *kind, const struct bq_instance *id);
/* Return the configuration that applies if no option is given. */
const void *bq_kind_defaults(const struct bq_kind *kind, const struct bq_instance *id);
/*
 * Make CONFIG and its tables the active configuration. Every packet sees either the old or the new
 * configuration as a whole. Return when no packet uses the old one any more: 0 or -errno.
 */
int bq_kind_change(struct bq_kind *kind, struct bq_instance *id, const void *config,
		   const struct bq_blob *tables, struct bq_error *error);
/* Return value N of one of the instance's own counters. */
uint64_t bq_kind_counter(const struct bq_kind *kind, const struct bq_instance *id,
			 const struct bq_counter *counter, size_t n);

#endif
