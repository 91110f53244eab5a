/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Changes and dumps of qdiscs. An error message contains the kernel's own (extack). */
#ifndef BQ_NETLINK_QDISC_H
#define BQ_NETLINK_QDISC_H

#include "netlink/request.h"

#define BQ_TC_KIND_MAX 16
/* Bytes; more than any qdisc of bqdisc needs. */
#define BQ_TC_OPTIONS_MAX 2048

/* Counters of a qdisc that the kernel maintains for every kind. */
struct bq_core_stats {
	uint64_t bytes, packets, drops, overlimits, requeues, backlog_bytes, backlog_packets;
};

struct bq_tc_qdisc {
	uint32_t ifindex;
	uint32_t handle; /* 0: a default of the kernel */
	uint32_t parent;
	uint32_t options_len;
	char kind[BQ_TC_KIND_MAX];
	struct bq_core_stats stats; /* of bq_tc_get() */
	uint8_t options[BQ_TC_OPTIONS_MAX];
};

/*
 * Read the qdisc at PARENT, without its options. The kind is empty if there is none. Return 0 or
 * -errno.
 */
int bq_tc_get(uint32_t ifindex, uint32_t parent, struct bq_tc_qdisc *qdisc, struct bq_error *error);

enum bq_tc_mode {
	BQ_TC_ADD,     /* only in place of a default qdisc */
	BQ_TC_REPLACE, /* in place of any qdisc, of any kind */
};

/*
 * Create and attach N qdiscs in this order, in one system call: a killed command attaches all or
 * none. MODE applies to the first; the others replace. Return 0 or -errno. Some may exist after a
 * failure: set *TOOK, unless TOOK is NULL, if one does.
 */
int bq_tc_create(const struct bq_tc_qdisc *qdiscs, size_t n, enum bq_tc_mode mode, bool *took,
		 struct bq_error *error);

/* Delete the qdisc at PARENT. The kernel attaches the default at the root. Return 0 or -errno. */
int bq_tc_delete(uint32_t ifindex, uint32_t parent, struct bq_error *error);

/* Set gso_max_segs, the limit of segments in one packet, at least 1. Return 0 or -errno. */
int bq_tc_set_segments(uint32_t ifindex, uint32_t most, struct bq_error *error);

/* Return true if HANDLE must not be used. */
typedef bool (*bq_reserved_fn)(uint32_t handle, const void *arg);
/*
 * Find N handles that no qdisc of the device has, and for which RESERVED, unless NULL, is false.
 * Return 0, -ENOSPC, or other -errno.
 */
int bq_tc_free_handles(uint32_t ifindex, bq_reserved_fn reserved, const void *arg,
		       uint32_t *handles, size_t n, struct bq_error *error);

/* Return true if a qdisc of the device has HANDLE, or it cannot be read. */
bool bq_tc_handle_is_taken(uint32_t ifindex, uint32_t handle);

/*
 * Return true if KIND is registered, or a module registers it: the kernel loads the module. Create
 * no qdisc: the request has an attribute that the kernel refuses.
 */
bool bq_tc_has_kind(const char *kind);

/* --- for this folder and lib/snapshot --- */

/* Callback of libmnl: read the handle, kind and counters into ARG, a struct bq_tc_qdisc. */
int bq_tc_read(const struct nlmsghdr *nlh, void *arg);

/*
 * Dump the objects of TYPE (RTM_GETQDISC ...) on a device and call FN for each message. The kernel
 * may dump those of other devices too. Return 0 or -errno.
 */
int bq_tc_dump(uint16_t type, uint32_t ifindex, uint32_t parent, bq_netlink_fn fn, void *arg,
	       struct bq_error *error);

#endif
