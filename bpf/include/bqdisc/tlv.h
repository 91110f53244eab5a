/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TLVs of a configuration, consecutive and sorted by rule and use. Each is a header and its value,
 * padded with zeros to a multiple of 8 bytes.
 */
#ifndef BQDISC_TLV_H
#define BQDISC_TLV_H

#include <linux/types.h>

struct bq_tlv {
	__u32 rule; /* rule number; 0 without rules */
	__u32 use;  /* defined by the kind, e.g. an option's number */
	__u32 size; /* bytes after the header, without padding */
	__u32 reserved;
};

#define BQ_TLV_BYTES(size) (sizeof(struct bq_tlv) + (((size) + 7u) & ~7u))

#endif
