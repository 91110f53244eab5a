/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What netem's egress program says of a packet: these bits are the first word of its verdict, and
 * the second is the rule that is for the packet, where it decided.
 */
#ifndef BQDISC_NETEM_VERDICT_H
#define BQDISC_NETEM_VERDICT_H

/* Duplicate, loss and corruption are decided: the qdisc is not to ask its model again. */
#define NETEM_DECIDED (1u << 0)
/* It was lost on the way: the qdisc drops it, and counts it. */
#define NETEM_LOST (1u << 1)
/* The second of two; nothing more is decided about it. */
#define NETEM_DUPLICATE (1u << 2)

#endif
