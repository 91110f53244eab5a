/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packet matches, which lib/qdisc/match_words.c builds from words and match.bpf.h compares with
 * packets.
 */
#ifndef BQDISC_MATCH_H
#define BQDISC_MATCH_H

#include <linux/types.h>

/* Fields that a match compares and that a packet is parsed for. */
enum bq_match_field {
	BQ_MATCH_SRC = 1 << 0,
	BQ_MATCH_DST = 1 << 1,
	BQ_MATCH_SPORT = 1 << 2,
	BQ_MATCH_DPORT = 1 << 3,
	BQ_MATCH_PROTO = 1 << 4,
	BQ_MATCH_MARK = 1 << 5,
	BQ_MATCH_DSCP = 1 << 6,
};

/* Fields of every IP packet. */
#define BQ_MATCH_IP (BQ_MATCH_SRC | BQ_MATCH_DST | BQ_MATCH_PROTO | BQ_MATCH_DSCP)
#define BQ_MATCH_PORTS (BQ_MATCH_SPORT | BQ_MATCH_DPORT)

/* Protocol `icmp`: ICMP over IPv4 and ICMPv6 over IPv6. No protocol has this number. */
#define BQ_PROTO_ICMP 256

/* Address in network byte order. IPv4 uses the first word; the others are 0. */
struct bq_address {
	__u32 word[4];
};

struct bq_net {
	struct bq_address address, mask; /* no bit of the address lies outside of the mask */
};

struct bq_ports {
	__u16 first, last; /* inclusive */
};

/* Match of a packet that has all `fields` as given; with `negated`, of one that does not. */
struct bq_match {
	struct bq_net src, dst;
	__u32 mark, mark_mask;
	struct bq_ports sport, dport;
	__u16 proto; /* 0 to 255, or BQ_PROTO_ICMP */
	__u8 fields; /* enum bq_match_field; 0: every packet matches */
	__u8 family; /* 4 or 6 with an address, else 0 */
	__u8 dscp;   /* 0 to 63 */
	__u8 negated;
	__u8 reserved[2];
};

#endif
