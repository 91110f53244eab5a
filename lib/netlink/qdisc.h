/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The room of libmnl: asks the kernel to change qdiscs and devices, and keeps its own sentence
 * (extack) when it refuses.
 */
#ifndef BQ_NETLINK_QDISC_H
#define BQ_NETLINK_QDISC_H

#include "util/error.h"

#define BQ_TC_KIND_MAX 16
/* More than any qdisc of ours takes. */
#define BQ_TC_OPTIONS_MAX 2048

struct bq_tc_qdisc {
	uint32_t ifindex;
	uint32_t handle; /* 0: made by the kernel by default */
	uint32_t parent;
	uint32_t options_len;
	char kind[BQ_TC_KIND_MAX];
	uint8_t options[BQ_TC_OPTIONS_MAX];
};

/* Reads what is at PARENT of the device, less its options. 0 with an empty kind: there is none. */
int bq_tc_get(uint32_t ifindex, uint32_t parent, struct bq_tc_qdisc *qdisc, struct bq_error *error);

enum bq_tc_mode {
	BQ_TC_ADD,     /* only where a default qdisc is */
	BQ_TC_REPLACE, /* whatever is there, even a qdisc of the same kind */
};

/*
 * Creates N qdiscs and puts them in place, in this order, in one system call: a kill does all or
 * nothing. MODE is the first one's, the others replace what is there. After a failure the others
 * may have been made: TOOK, unless NULL, says whether any was.
 */
int bq_tc_create(const struct bq_tc_qdisc *qdiscs, size_t n, enum bq_tc_mode mode, bool *took,
		 struct bq_error *error);

/* Takes the qdisc at PARENT away; at the root the kernel puts the default there. */
int bq_tc_delete(uint32_t ifindex, uint32_t parent, struct bq_error *error);

/* How many segments senders may leave in one packet for the device, at least 1: gso_max_segs. */
int bq_tc_set_segments(uint32_t ifindex, uint32_t most, struct bq_error *error);

/* N handles that no qdisc of the device has and that RESERVED, unless NULL, does not claim. */
int bq_tc_free_handles(uint32_t ifindex, bool (*reserved)(uint32_t handle, const void *arg),
		       const void *arg, uint32_t *handles, size_t n, struct bq_error *error);
/* Whether a qdisc of the device has that handle. */
bool bq_tc_handle_is_taken(uint32_t ifindex, uint32_t handle);

/*
 * Whether qdiscs of KIND can be made: it is registered, or a module has it, which the kernel loads
 * to see. Nothing is made: the request also asks for what no qdisc may have.
 */
bool bq_tc_has_kind(const char *kind);

/* --- for the rest of this room --- */

struct nlmsghdr;
typedef int (*bq_tc_dump_fn)(const struct nlmsghdr *nlh, void *arg);

/* Hands to FN what the kernel has of TYPE (RTM_GETQDISC ...) on a device; it may be more. */
int bq_tc_dump(uint16_t type, uint32_t ifindex, uint32_t parent, bq_tc_dump_fn fn, void *arg,
	       struct bq_error *error);
/* Sends a change and waits for the kernel's answer to it. WHAT: said of a refusal. */
int bq_tc_send(struct nlmsghdr *nlh, const char *what, struct bq_error *error);

#endif
