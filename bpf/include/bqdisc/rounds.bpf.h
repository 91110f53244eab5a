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
 * bq_rounds_join 16, bq_rounds_next 14, bq_rounds_sent 10.
 */
#ifndef BQDISC_ROUNDS_BPF_H
#define BQDISC_ROUNDS_BPF_H

#include <bqdisc/packets.bpf.h>
#include <bqdisc/rounds.h>

typedef struct bq_turn __arena bq_turn;

static __always_inline bq_turn *bq_turn_at(bq_link link)
{
	return bq_at(struct bq_turn, link);
}

static __always_inline void bq_rounds_append(struct bq_rounds *rounds, bq_link link)
{
	bq_turn_at(link)->next = 0;
	if (rounds->first)
		bq_turn_at(rounds->last)->next = link;
	else
		rounds->first = link;
	rounds->last = link;
}

/* Puts the class at LINK into the round, if it is not in it, with WEIGHT bytes a round. */
static __always_inline void bq_rounds_join(struct bq_rounds *rounds, bq_link link, u32 weight)
{
	bq_turn *turn = bq_turn_at(link);

	turn->weight = weight;
	if (turn->in_round)
		return;
	turn->in_round = 1;
	turn->credit = weight;
	bq_rounds_append(rounds, link);
}

/* The class whose turn it is; 0: none has packets. Those without credit get some and wait. */
static __always_inline bq_link bq_rounds_next(struct bq_rounds *rounds)
{
	bq_link link = rounds->first;

	while (link && bq_turn_at(link)->credit <= 0 && can_loop) {
		bq_turn_at(link)->credit += bq_turn_at(link)->weight;
		if (rounds->last != link) {
			rounds->first = bq_turn_at(link)->next;
			bq_rounds_append(rounds, link);
		}
		link = rounds->first;
	}
	return link;
}

/* The class at LINK, whose turn it is, has sent BYTES; without packets it leaves the round. */
static __always_inline void bq_rounds_sent(struct bq_rounds *rounds, bq_link link, u32 bytes)
{
	bq_turn *turn = bq_turn_at(link);

	turn->credit -= bytes;
	if (turn->queue.head)
		return;
	turn->in_round = 0;
	rounds->first = turn->next;
}

#endif
