/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Key of a packet's flow, which tells a person which one it is (flow_key.bpf.h). */
#ifndef BQDISC_FLOW_KEY_H
#define BQDISC_FLOW_KEY_H

#include <bqdisc/match.h>

struct bq_flow_key {
	struct bq_address src, dst;
	__u16 sport, dport; /* 0 if the protocol has no ports */
	__u16 ethertype;    /* of a packet that is not IP, else 0 */
	__u8 family;        /* 4, 6, or 0: not IP */
	__u8 proto;
} __attribute__((aligned(8))); /* copied by words of 64 bits */

#endif
