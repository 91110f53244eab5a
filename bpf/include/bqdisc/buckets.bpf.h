/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Priority queue for ranks that are small integers: one queue for each rank, and two levels of
 * bitmaps that find the first non-empty one (A. Saeed et al., "Eiffel", NSDI 2019).
 *
 * The queues are one unit of the instance's memory: BQ_NEEDS(0, sizeof(struct bq_packet), 1,
 * BQ_BUCKETS_BYTES).
 *
 * Guarantees: the packet of the lowest rank is first; equal ranks are FIFO. Cost besides
 * packets.bpf.h's: bq_buckets_add 34, bq_buckets_pop 59, whatever the number of packets.
 */
#ifndef BQDISC_BUCKETS_BPF_H
#define BQDISC_BUCKETS_BPF_H

#include <bqdisc/buckets.h>
#include <bqdisc/packets.bpf.h>

/*
 * Return the lowest set bit. Hide the bound from the compiler, which would drop the verifier's
 * check.
 */
static __always_inline u32 bq_first_bit(u64 word)
{
	u32 n = __builtin_ctzll(word);

	asm volatile("" : "+r"(n));
	return n & 63;
}

/* Initialise an empty queue whose buckets are at FIRST. */
static __always_inline void bq_buckets_init(struct bq_buckets *buckets, bq_ref first)
{
	u32 i;

	__builtin_memset(buckets, 0, sizeof(*buckets));
	buckets->first = first;
	for (i = 0; i < BQ_BUCKETS && can_loop; i++)
		bq_nth(struct bq_queue, first, i)->head = 0;
}

/* Add the packet at REF with a rank below BQ_BUCKETS; higher ranks count as the highest. */
static __always_inline void bq_buckets_add(struct bq_buckets *buckets, u32 rank, bq_ref ref)
{
	u32 word;

	if (rank >= BQ_BUCKETS)
		rank = BQ_BUCKETS - 1;
	word = rank / 64 & (BQ_BUCKETS / 64 - 1);
	bq_queue_append(bq_nth(struct bq_queue, buckets->first, rank), ref);
	buckets->words[word] |= 1ull << (rank & 63);
	buckets->summary |= 1ull << word;
}

/* Remove and return the record of the first packet, for bq_packet_take(). Return 0 if empty. */
static __always_inline bq_ref bq_buckets_pop(struct bq_buckets *buckets)
{
	struct bq_queue __arena *queue;
	u32 word, bit;
	bq_ref ref;

	if (!buckets->summary)
		return 0;
	word = bq_first_bit(buckets->summary);
	bit = bq_first_bit(buckets->words[word]);
	queue = bq_nth(struct bq_queue, buckets->first, word * 64 + bit);
	ref = queue->head;
	if (ref)
		bq_queue_advance(queue);
	if (queue->head)
		return ref;
	buckets->words[word] &= ~(1ull << bit);
	if (!buckets->words[word])
		buckets->summary &= ~(1ull << word);
	return ref;
}

#endif
