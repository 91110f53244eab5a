/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Records as they lie in the pinned map: one a place, a head and the replay cut into chunks, each a
 * value. The head is written last and deleted first: chunks without one are the leavings of a
 * killed run. What a record means is undo.c's.
 */
#ifndef BQ_ATTACHMENT_RECORD_H
#define BQ_ATTACHMENT_RECORD_H

#include "snapshot/snapshot.h"

/* A place for a qdisc: a device of a network namespace, and a parent on it. */
struct bq_attach_point {
	uint64_t net_cookie;
	uint32_t ifindex;
	uint32_t parent;
};

/* The head. */
struct bq_record {
	uint32_t len, n_steps;
	uint32_t done;      /* steps that are known to be done */
	uint32_t restoring; /* the first step may have been sent */
	uint32_t making;    /* ours is on its way; nobody has seen it in place yet */
	uint32_t mq;        /* handle of the mq that is ours; 0: none is */
	char lost[BQ_SNAPSHOT_LOST_MAX];
};

/* A descriptor of the map, to be closed. Without CREATE there may be none. */
int bq_record_open(bool create, struct bq_error *error);

/* Writes a record; replaces an older one. */
int bq_record_put(int fd, const struct bq_attach_point *point, const struct bq_record *head,
		  const struct bq_snapshot *replay, struct bq_error *error);
int bq_record_put_head(int fd, const struct bq_attach_point *point, const struct bq_record *head,
		       struct bq_error *error);
/* -ENOENT: nothing is recorded of PLACE. Otherwise REPLAY is to be freed. */
int bq_record_get(int fd, const struct bq_attach_point *point, struct bq_record *head,
		  struct bq_snapshot *replay);
int bq_record_get_head(int fd, const struct bq_attach_point *point, struct bq_record *head);
void bq_record_delete(int fd, const struct bq_attach_point *point);

/* Removes the heads of which FN says false; their chunks are left to bq_record_tidy(). */
typedef bool (*bq_record_fn)(const struct bq_attach_point *point, void *arg);
void bq_record_each(int fd, bq_record_fn fn, void *arg);
/* Removes chunks without a head, and the map when nothing is left. */
void bq_record_tidy(int fd);

#endif
