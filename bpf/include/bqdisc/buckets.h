/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of a bucket queue (buckets.bpf.h), stored in an instance. */
#ifndef BQDISC_BUCKETS_H
#define BQDISC_BUCKETS_H

#include <bqdisc/packets.h>

#define BQ_BUCKETS 4096
#define BQ_BUCKETS_BYTES (BQ_BUCKETS * sizeof(struct bq_queue))

struct bq_buckets {
	__u64 words[BQ_BUCKETS / 64]; /* bit n: bucket n has packets */
	__u64 summary;                /* bit n: words[n] is not 0 */
	bq_ref first;                 /* an array of BQ_BUCKETS struct bq_queue */
	__u32 reserved;
};

#endif
