/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The secret of an instance's packet hash (hash.bpf.h). */
#ifndef BQDISC_HASH_H
#define BQDISC_HASH_H

#include <linux/types.h>

/* Two for each two words that are hashed, and one: an IPv6 packet has ten words. */
#define BQ_HASH_KEYS 11

struct bq_hash {
	__u64 keys[BQ_HASH_KEYS]; /* random */
};

#endif
