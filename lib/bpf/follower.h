/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ring buffers through which programs send their drops to this process (bqdisc/drops.h). */
#ifndef BQ_BPF_FOLLOWER_H
#define BQ_BPF_FOLLOWER_H

#include <bqdisc/drops.h>

#include "bpf/kind.h"

struct bq_follower;

/* Callback for a message of an instance of KIND. Non-zero ends the reading. */
typedef int (*bq_follower_fn)(const struct bq_kind *kind, const struct bq_drop_event *event,
			      void *arg);

/* Return a process's end of the buffers, or NULL without memory. */
struct bq_follower *bq_follower_new(bq_follower_fn fn, void *arg);
/*
 * Add a buffer for the messages of KIND, unless it has one. NOW is CLOCK_MONOTONIC, ns. An instance
 * of KIND must have the key already, or another process may remove the buffer. Return 0 or
 * -errno.
 */
int bq_follower_add(struct bq_follower *f, const struct bq_kind *kind, uint64_t now,
		    struct bq_error *error);
/* Return its key in the map `followers` of all these kinds. */
uint32_t bq_follower_key(const struct bq_follower *f);
/* Read messages, and wait for the first for at most MS. Return what the callback returned, or 0. */
int bq_follower_read(struct bq_follower *f, int ms);
/* Remove the buffers from their kinds, and free them. */
void bq_follower_free(struct bq_follower *f);

#endif
