/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Verdict of netem's egress program. The first word holds these bits, and the second the packet's
 * rule if the egress program decided it.
 */
#ifndef BQDISC_NETEM_VERDICT_H
#define BQDISC_NETEM_VERDICT_H

/* Duplication, loss and corruption are decided; the qdisc must not draw them again. */
#define NETEM_DECIDED (1u << 0)
/* The packet is lost; the qdisc drops and counts it. */
#define NETEM_LOST (1u << 1)
/* The packet is a duplicate; nothing more is decided about it. */
#define NETEM_SECOND (1u << 2)

#endif
