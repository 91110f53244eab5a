/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Secret of an instance's packet hash (hash.bpf.h). */
#ifndef BQDISC_HASH_H
#define BQDISC_HASH_H

#include <linux/types.h>

/* Number of keys: two for each pair of words, plus one; an IPv6 packet has ten words. */
#define BQ_HASH_KEYS 11

struct bq_hash {
	__u64 keys[BQ_HASH_KEYS]; /* random */
};

#endif
