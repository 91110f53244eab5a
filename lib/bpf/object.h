/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The room of libbpf: opens, loads and registers the embedded BPF objects, and reads and writes the
 * maps that they left pinned. Knows nothing of devices.
 */
#ifndef BQ_BPF_OBJECT_H
#define BQ_BPF_OBJECT_H

#include <bqdisc/instance.h>

#include "qdisc/qdisc.h"

/* Sends libbpf's messages to REP: its log callback when verbose, nowhere otherwise. */
void bq_object_log_to(struct bq_error *error);

struct bpf_object;

/* Opens an object that lies in memory; NULL with errno when libbpf does not understand it. */
struct bpf_object *bq_object_open(const void *bytes, size_t size);

/*
 * Loads Q's object and pins its maps into the directory DIR. Nobody sees the kind yet. *OBJ is to
 * be given to bq_object_close(), after a failure too.
 */
int bq_object_load(const struct bqdisc_qdisc *q, const char *dir, struct bpf_object **obj,
		   struct bq_error *error);
/*
 * Registers its kind and pins the link into DIR. That comes last: a DIR without a link is the
 * leaving of a killed run. -EEXIST: the name is registered already.
 */
int bq_object_register(const struct bqdisc_qdisc *q, const char *dir, struct bpf_object *obj,
		       struct bq_error *error);
void bq_object_close(struct bpf_object *obj);

/* Registers a kind that was brought once more, from its pins in DIR, unless it is. */
int bq_object_register_again(const char *dir);

/*
 * Removes the pin of a link, of a kind or an egress program. When this returns it does nothing
 * more.
 */
void bq_object_unregister(const char *link_path);

/* Makes an empty table of instances and pins it at PATH, for a kind that is plain. */
int bq_kind_create_instances(const char *path, size_t instance_size);

/* A loaded kind: its pinned maps. */
struct bq_kind {
	const struct bqdisc_qdisc *q;
	int slots_fd;      /* the map of maps of slots; -1 for a kind without slots */
	int pool_fd;       /* what it has at key 0 */
	int memory_fd;     /* the arena; -1 for a kind without one */
	uint64_t *globals; /* counters of a plain kind, as they were when it was opened; or NULL */
	void *table;       /* the map `instances`, mapped: BQ_INSTANCES values */
	size_t stride;
	size_t table_size;
};

/* Opens the maps pinned in DIR. -ENOENT: not loaded. -EPROTO: another release's layout. */
int bq_kind_open(struct bq_kind *kind, const struct bqdisc_qdisc *q, const char *dir,
		 struct bq_error *error);
/* Whether the kernel has a qdisc kind of that name made of BPF, registered or only in use. */
bool bq_kind_is_bpf(const char *name);

void bq_kind_close(struct bq_kind *kind);

/* Writes down which layout the kind in DIR has. It is not opened without. */
int bq_kind_write_layout(const char *dir, struct bq_error *error);
/* Leaves a file NAME in DIR, among the pins of the kind. 1: it is new, 0: it was there. */
int bq_kind_mark(const char *dir, const char *name, struct bq_error *error);

/* Entries of the map `instances` of Q: index 0, what user space prepares, and the pool. */
uint32_t bq_kind_entries(const struct bqdisc_qdisc *q);
/* No instance from this index on is in use. */
uint32_t bq_kind_end(const struct bq_kind *kind);
/* The instance of that index, 1 to BQ_INSTANCES - 1. */
struct bq_instance *bq_kind_instance(const struct bq_kind *kind, uint32_t index);
/* The configuration in force of an instance. */
const void *bq_kind_config(const struct bq_kind *kind, const struct bq_instance *id);
/* The configuration as it would be had no option been given. */
const void *bq_kind_defaults(const struct bq_kind *kind, const struct bq_instance *id);
/*
 * Puts CONFIG with ANNEX in force. Every packet sees all of the old or all of the new
 * configuration. Returns when no packet sees the old one any more.
 */
int bq_kind_change(const struct bq_kind *kind, struct bq_instance *id, const void *config,
		   const struct bq_blob *tables, struct bq_error *error);
/* Value N of one of the instance's own counters. */
uint64_t bq_kind_counter(const struct bq_kind *kind, const struct bq_instance *id,
			 const struct bq_counter *counter, size_t n);
/* True while a qdisc of this kind exists anywhere, or a worker of one that is gone still runs. */
bool bq_kind_in_use(const struct bq_kind *kind);

/* Puts a new map of N slots under KEY, in place of what is there. */
int bq_slots_alloc(const struct bq_kind *kind, uint32_t key, uint32_t n, struct bq_error *error);
/* Whether a map of slots is under KEY. */
bool bq_slots_exist(const struct bq_kind *kind, uint32_t key);
/* Takes it back. Nothing to take is fine. */
void bq_slots_free(const struct bq_kind *kind, uint32_t key);

/*
 * Finds a free range of BYTES in the arena, made for SLOTS and ID's units, and gives it to ID; with
 * pages where bq_qdisc_resident() says so.
 */
int bq_range_alloc(const struct bq_kind *kind, struct bq_instance *id, uint64_t bytes,
		   uint32_t slots, struct bq_error *error);
/* Finds another one, writes ANNEX there and gives it to BANK of ID. */
int bq_range_alloc_tables(const struct bq_kind *kind, struct bq_instance *id, unsigned int bank,
			  const struct bq_blob *tables, struct bq_error *error);
/* Finds another one of BYTES for the slots of that STEP. */
int bq_range_alloc_growth(const struct bq_kind *kind, struct bq_instance *id, uint32_t step,
			  uint64_t bytes, struct bq_error *error);
/* Copies the annex of the configuration in force into ANNEX, for the caller to free. */
int bq_range_read_tables(const struct bq_kind *kind, const struct bq_instance *id,
			 struct bq_blob *tables, struct bq_error *error);
/* Fills FROM to FROM + BYTES of the arena FD with pages: programs can fault none in. */
int bq_arena_populate(int fd, uint64_t from, uint64_t bytes);
/* Where the ranges of instances begin that user space prepares. */
uint64_t bq_arena_pool_end(const struct bqdisc_qdisc *q);

/* --- bytes that are pinned, for what must outlive this process --- */

int bq_blob_save(const char *path, const void *bytes, size_t size, struct bq_error *error);
/* Reads all of it into *BYTES, which is to be freed. */
int bq_blob_load(const char *path, void **bytes, size_t *size);

/* --- for the rest of this room --- */

/* Opens the object of Q, which is not loaded. NULL: errno says why. */
struct bpf_object *bq_object_open_for(const struct bqdisc_qdisc *q);
/* Bytes of kernel memory that loading Q's kind takes; 0 if it is loaded (cost.c). */
uint64_t bq_object_cost(const struct bqdisc_qdisc *q);
/* Opens an embedded object; NULL with errno. */
struct bpf_object *bq_object_open_embedded(const char *name);

/* --- a pinned hash map of records, for what must outlive this process --- */

/* Opens the map pinned at PATH, making it when CREATE. Returns its fd. */
int bq_store_open(const char *path, const char *name, size_t key_size, size_t value_size,
		  uint32_t max_entries, bool create, struct bq_error *error);
int bq_store_get(int fd, const void *key, void *value);
int bq_store_put(int fd, const void *key, const void *value, struct bq_error *error);
int bq_store_delete(int fd, const void *key);
/* Key after PREV (NULL: the first) into NEXT; -ENOENT at the end. */
int bq_store_next(int fd, const void *prev, void *next);

#endif
