/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Weighted round robin by bytes: deficit round robin (DRR; M. Shreedhar, G. Varghese, 1995). A
 * class may overdraw its credit by one packet, so that the length need not be known before the
 * packet is removed.
 *
 * A class joins the DRR list with its first packet and leaves it with the last. Leaving discards
 * its credit or debt.
 *
 * Guarantees: while two classes have packets, their bytes are proportional to their weights, up to
 * one weight and one packet each. Cost besides packets.bpf.h's: bq_drr_join 16, bq_drr_next 14,
 * bq_drr_charge 10.
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

/* Add the class at REF to the DRR list, if absent, with WEIGHT bytes a round. */
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
 * Return the next class to serve, or 0 if none has packets. Classes without credit get some and
 * wait. If the kernel ends the loop early, the next class goes into debt, and waits longer
 * afterwards.
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

/* Charge BYTES to the class at REF, which sent them; without packets it leaves the DRR list. */
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
