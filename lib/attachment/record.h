/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Storage of undo records in the pinned map: a head per attach point, and the snapshot in chunks.
 * The head is written last and deleted first, so chunks without a head belong to an interrupted
 * command. undo.c defines the meaning of a record.
 */
#ifndef BQ_ATTACHMENT_RECORD_H
#define BQ_ATTACHMENT_RECORD_H

#include <bqdisc/instance.h>

#include "attachment/undo_state.h"
#include "snapshot/snapshot.h"

/* Head of a record. The order of members is that of releases before enum bq_undo_state. */
struct bq_record {
	uint32_t len, n_steps;
	uint32_t done;     /* steps known to be complete */
	uint32_t state;    /* enum bq_undo_state */
	uint32_t reserved; /* an earlier release may have written 1 */
	uint32_t mq;       /* handle of bqdisc's mq, until its instances are confirmed; 0: none */
	char lost[BQ_SNAPSHOT_LOST_MAX];
};

/* Return a descriptor of the map, which the caller closes, or -errno. CREATE creates the map. */
int bq_record_open(bool create, struct bq_error *error);

/* Write a record, replacing an earlier one. Return 0 or -errno. */
int bq_record_put(int fd, const struct bq_attach_point *point, const struct bq_record *head,
		  const struct bq_snapshot *snapshot, struct bq_error *error);
int bq_record_put_head(int fd, const struct bq_attach_point *point, const struct bq_record *head,
		       struct bq_error *error);
/*
 * Read the record of POINT. Return 0, -ENOENT if there is none, or -EPROTO if its state is not
 * known. The caller frees SNAPSHOT.
 */
int bq_record_get(int fd, const struct bq_attach_point *point, struct bq_record *head,
		  struct bq_snapshot *snapshot);
int bq_record_get_head(int fd, const struct bq_attach_point *point, struct bq_record *head);
void bq_record_delete(int fd, const struct bq_attach_point *point);

/*
 * Call FN for each point that has a record, or chunks that an interrupted command has left. FN may
 * delete them. Do nothing if the map has more than MOST heads and chunks, to bound the cost.
 */
typedef void (*bq_record_fn)(const struct bq_attach_point *point, void *arg);
void bq_record_each(int fd, size_t most, bq_record_fn fn, void *arg);
/* Delete the chunks of POINT if they have no head. */
void bq_record_tidy(int fd, const struct bq_attach_point *point);
/* Unlink the map if it is empty. Return true if it was unlinked. */
bool bq_record_unlink_empty(int fd);

#endif
