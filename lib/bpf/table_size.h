/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Size of a kind's table of instances. It is fixed when the kind is loaded, as are the maps with a
 * value per instance. A kind that needs more is loaded again with a larger table; the instances of
 * the smaller one stay where they are.
 */
#ifndef BQ_BPF_TABLE_SIZE_H
#define BQ_BPF_TABLE_SIZE_H

#include "qdisc/qdisc.h"

struct bq_table_size {
	uint32_t pool;     /* instances that programs claim, at BQ_POOL_FIRST */
	uint32_t prepared; /* instances behind the pool, which user space prepares */
};

/* Needs of a command. */
struct bq_room {
	uint32_t instances; /* free ones to prepare */
	uint64_t bytes;     /* of the arena for each of them */
	uint32_t wished;    /* instances in a new table, if the arena can hold them */
	bool pool;          /* a full pool, for qdiscs that other programs create */
	bool more_pool;     /* a larger pool, as most of it is used */
};

/* Return the size of the first table of Q with that room. */
struct bq_table_size bq_table_size_first(const struct bqdisc_qdisc *q, const struct bq_room *room);
/*
 * Return the size of a further table with that room. The last one has size NOW. It stays if Q is a
 * user object.
 */
struct bq_table_size bq_table_size_next(const struct bqdisc_qdisc *q, struct bq_table_size now,
					const struct bq_room *room);
/* Return the pool instances of Q's full pool. */
uint32_t bq_table_size_pool(const struct bqdisc_qdisc *q);
/* Return the entries of the table: index 0, the pool and the prepared instances. */
uint32_t bq_table_size_entries(struct bq_table_size size);

/* Set the sizes of the maps of OBJ, before it is loaded. */
void bq_table_size_apply(struct bpf_object *obj, struct bq_table_size size);
/* Write the pool of the loaded OBJ. Return 0 or -errno. */
int bq_table_size_write(struct bpf_object *obj, struct bq_table_size size);

#endif
