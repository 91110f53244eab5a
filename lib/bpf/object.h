/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Opens, loads and registers BPF objects, and accesses their pinned maps. Independent of devices.
 */
#ifndef BQ_BPF_OBJECT_H
#define BQ_BPF_OBJECT_H

#include <bqdisc/instance.h>

#include "qdisc/qdisc.h"

/* Send the messages of libbpf to the log callback of ERROR if verbose, else discard them. */
void bq_object_log_to(struct bq_error *error);

struct bpf_object;

/* Open the object in BYTES. Return NULL with errno if libbpf cannot parse it. */
struct bpf_object *bq_object_open(const void *bytes, size_t size);

/*
 * Load Q's object and pin its maps into the directory DIR. The kind is not registered yet. The
 * caller must pass *OBJ to bq_object_close(), after a failure too. Return 0 or -errno.
 */
int bq_object_load(const struct bqdisc_qdisc *q, const char *dir, struct bpf_object **obj,
		   struct bq_error *error);
/*
 * Register the kind and pin its link into DIR. This is the last step of loading: a DIR without a
 * link was left by an interrupted command. Return 0, -EEXIST if the name is registered already, or
 * another -errno.
 */
int bq_object_register(const struct bqdisc_qdisc *q, const char *dir, struct bpf_object *obj,
		       struct bq_error *error);
void bq_object_close(struct bpf_object *obj);

/* Register the kind of a user object again, from its pins in DIR, unless it is registered. */
int bq_object_register_again(const char *dir);

/* Remove the pin of the link of a kind or of an egress program. The link is detached on return. */
void bq_object_unregister(const char *link_path);

/* Create an empty table of instances for a plain kind and pin it at PATH. Return 0 or -errno. */
int bq_kind_create_instances(const char *path, size_t instance_size);

/* A loaded kind: its pinned maps. */
struct bq_kind {
	const struct bqdisc_qdisc *q;
	int slots_fd;      /* map of maps of slots; -1: the kind has no slots */
	int pool_fd;       /* its inner map at key 0, the pool */
	int memory_fd;     /* the arena; -1: the kind has none */
	uint64_t *globals; /* counters of a plain kind, read when the kind was opened; or NULL */
	void *table;       /* the map `instances`, mapped: BQ_INSTANCES values */
	size_t stride;
	size_t table_size;
};

/*
 * Open the maps pinned in DIR. Return 0, -ENOENT if the kind is not loaded, -EPROTO if another
 * release wrote another layout, or another -errno.
 */
int bq_kind_open(struct bq_kind *kind, const struct bqdisc_qdisc *q, const char *dir,
		 struct bq_error *error);
/* Return true if a BPF qdisc kind of that name is registered in the kernel or still in use. */
bool bq_kind_is_bpf(const char *name);

void bq_kind_close(struct bq_kind *kind);

/* Write the layout version into DIR. bq_kind_open() refuses a kind without one. */
int bq_kind_write_layout(const char *dir, struct bq_error *error);
/*
 * Create a file NAME in DIR, among the pins of the kind. Return 1 if new, 0 if it existed, or
 * -errno.
 */
int bq_kind_mark(const char *dir, const char *name, struct bq_error *error);

/*
 * Return the number of entries in Q's map `instances`: index 0, prepared instances, and the pool.
 */
uint32_t bq_kind_entries(const struct bqdisc_qdisc *q);
/* Return the lowest index from which on no instance is in use. */
uint32_t bq_kind_end(const struct bq_kind *kind);
/* Return the instance of that index, 1 to BQ_INSTANCES - 1. */
struct bq_instance *bq_kind_instance(const struct bq_kind *kind, uint32_t index);
/* Return the active configuration of an instance. */
const void *bq_kind_config(const struct bq_kind *kind, const struct bq_instance *id);
/* Return the configuration that applies if no option is given. */
const void *bq_kind_defaults(const struct bq_kind *kind, const struct bq_instance *id);
/*
 * Make CONFIG and its tables the active configuration. Every packet sees either the old or the new
 * configuration as a whole. Return when no packet uses the old one any more: 0 or -errno.
 */
int bq_kind_change(const struct bq_kind *kind, struct bq_instance *id, const void *config,
		   const struct bq_blob *tables, struct bq_error *error);
/* Return value N of one of the instance's own counters. */
uint64_t bq_kind_counter(const struct bq_kind *kind, const struct bq_instance *id,
			 const struct bq_counter *counter, size_t n);
/* Return true while a qdisc of this kind exists, or a worker of a removed one still runs. */
bool bq_kind_in_use(const struct bq_kind *kind);

/* Put a new map of N slots under KEY, replacing an existing one. Return 0 or -errno. */
int bq_slots_alloc(const struct bq_kind *kind, uint32_t key, uint32_t n, struct bq_error *error);
/* Return true if a map of slots is under KEY. */
bool bq_slots_exist(const struct bq_kind *kind, uint32_t key);
/* Remove the map of slots under KEY, if there is one. */
void bq_slots_free(const struct bq_kind *kind, uint32_t key);

/*
 * Reserve a free range of BYTES in the arena for ID, sized for SLOTS and the units of ID. Populate
 * the pages that bq_qdisc_resident() names. Return 0 or -errno.
 */
int bq_range_alloc(const struct bq_kind *kind, struct bq_instance *id, uint64_t bytes,
		   uint32_t slots, struct bq_error *error);
/* Reserve another range, write TABLES there and assign it to config version BANK of ID. */
int bq_range_alloc_tables(const struct bq_kind *kind, struct bq_instance *id, unsigned int bank,
			  const struct bq_blob *tables, struct bq_error *error);
/* Reserve another range of BYTES for the slots of growth step STEP. */
int bq_range_alloc_growth(const struct bq_kind *kind, struct bq_instance *id, uint32_t step,
			  uint64_t bytes, struct bq_error *error);
/* Copy the tables of the active configuration into TABLES, which the caller frees. */
int bq_range_read_tables(const struct bq_kind *kind, const struct bq_instance *id,
			 struct bq_blob *tables, struct bq_error *error);
/*
 * Populate the pages of the arena FD from FROM to FROM + BYTES, as programs cannot fault them in.
 */
int bq_arena_populate(int fd, uint64_t from, uint64_t bytes);
/* Return the offset behind the pool, where ranges of prepared instances begin. */
uint64_t bq_arena_pool_end(const struct bqdisc_qdisc *q);

/* --- pinned bytes, for data that must outlive this process --- */

int bq_blob_save(const char *path, const void *bytes, size_t size, struct bq_error *error);
/* Read all bytes into *BYTES, which the caller frees. */
int bq_blob_load(const char *path, void **bytes, size_t *size);

/* --- internal to lib/bpf --- */

/* Open the object of Q, which is not loaded. Return NULL with errno on failure. */
struct bpf_object *bq_object_open_for(const struct bqdisc_qdisc *q);
/* Return the kernel memory that loading Q's kind takes, in bytes; 0 if it is loaded (cost.c). */
uint64_t bq_object_cost(const struct bqdisc_qdisc *q);
/* Open an embedded object. Return NULL with errno on failure. */
struct bpf_object *bq_object_open_embedded(const char *name);

/* --- pinned hash map of records, for data that must outlive this process --- */

/* Open the map pinned at PATH; create it if CREATE. Return its descriptor, or -errno. */
int bq_store_open(const char *path, const char *name, size_t key_size, size_t value_size,
		  uint32_t max_entries, bool create, struct bq_error *error);
int bq_store_get(int fd, const void *key, void *value);
int bq_store_put(int fd, const void *key, const void *value, struct bq_error *error);
int bq_store_delete(int fd, const void *key);
/* Copy the key after PREV (NULL: the first) into NEXT. Return 0, or -ENOENT at the end. */
int bq_store_next(int fd, const void *prev, void *next);

#endif
