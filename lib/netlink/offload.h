/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a device, or the kernel right before it, does to packets that it sends. */
#ifndef BQ_NETLINK_OFFLOAD_H
#define BQ_NETLINK_OFFLOAD_H

#include "util/error.h"

struct bq_offload {
	uint32_t checksums; /* 1: it completes them; 0: the kernel does it before */
	/*
	 * Segments that senders may leave in one packet, at least 1: gso_max_segs. To turn generic
	 * segmentation off would not do: TCP has it always on.
	 */
	uint32_t segments;
};

/* 0, or -errno. */
int bq_offload_get(uint32_t ifindex, struct bq_offload *offload);
int bq_offload_set(uint32_t ifindex, const struct bq_offload *offload);

#endif
