/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Weighted round robin by bytes: deficit round robin (M. Shreedhar, G. Varghese, 1995) in the form
 * in which a class may overdraw its credit by one packet, so that nobody looks at a length before
 * the packet is taken.
 *
 * A class joins the round with its first packet and leaves it with the last; what it has overdrawn
 * or saved by then is forgotten with the round.
 *
 * Guarantees: over any time in which they have packets, two classes' bytes are to each other as
 * their weights, up to one weight and one packet each. Cost besides packets.bpf.h's:
 * bq_drr_join 16, bq_drr_next 14, bq_drr_charge 10.
 */
#ifndef BQDISC_DRR_BPF_H
#define BQDISC_DRR_BPF_H

#include <bqdisc/packets.bpf.h>
#include <bqdisc/drr.h>

typedef struct bq_drr_class __arena bq_drr_class;

static __always_inline bq_drr_class *bq_drr_class_at(bq_ref ref)
{
	return bq_at(struct bq_drr_class, ref);
}

static __always_inline void bq_drr_append(struct bq_drr *drr, bq_ref ref)
{
	bq_drr_class_at(ref)->next = 0;
	if (drr->first)
		bq_drr_class_at(drr->last)->next = ref;
	else
		drr->first = ref;
	drr->last = ref;
}

/* Puts the class at LINK into the round, if it is not in it, with WEIGHT bytes a round. */
static __always_inline void bq_drr_join(struct bq_drr *drr, bq_ref ref, u32 weight)
{
	bq_drr_class *turn = bq_drr_class_at(ref);

	turn->weight = weight;
	if (turn->in_round)
		return;
	turn->in_round = 1;
	turn->credit = weight;
	bq_drr_append(drr, ref);
}

/*
 * The class whose turn it is; 0: none has packets. Those without credit get some and wait. Where
 * the kernel ends the loop early, the next class sends on credit, and waits the longer afterwards.
 */
static __always_inline bq_ref bq_drr_next(struct bq_drr *drr)
{
	bq_ref ref = drr->first;

	while (ref && bq_drr_class_at(ref)->credit <= 0 && can_loop) {
		bq_drr_class_at(ref)->credit += bq_drr_class_at(ref)->weight;
		if (drr->last != ref) {
			drr->first = bq_drr_class_at(ref)->next;
			bq_drr_append(drr, ref);
		}
		ref = drr->first;
	}
	return ref;
}

/* The class at LINK, whose turn it is, has sent BYTES; without packets it leaves the round. */
static __always_inline void bq_drr_charge(struct bq_drr *drr, bq_ref ref, u32 bytes)
{
	bq_drr_class *turn = bq_drr_class_at(ref);

	turn->credit -= bytes;
	if (turn->queue.head)
		return;
	turn->in_round = 0;
	drr->first = turn->next;
}

#endif
