/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an annex is made of: sections, one behind the other, in the order of what they are for. Each
 * is a header and what it says there is behind it, padded with zeros to a multiple of 8 bytes.
 */
#ifndef BQDISC_TLV_H
#define BQDISC_TLV_H

#include <linux/types.h>

struct bq_tlv {
	__u32 rule; /* of several; else 0 */
	__u32 use;  /* the kind's own: the number of an option, say */
	__u32 size; /* bytes behind the header, without padding */
	__u32 reserved;
};

#define BQ_TLV_BYTES(size) (sizeof(struct bq_tlv) + (((size) + 7u) & ~7u))

#endif
