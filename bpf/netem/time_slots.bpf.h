/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time slots of netem: packets leave only at certain times, a limited number at once. These are not
 * the slots that store packets. See netem.bpf.c.
 */
#ifndef BQDISC_NETEM_TIME_SLOTS_BPF_H
#define BQDISC_NETEM_TIME_SLOTS_BPF_H

#include "netem/sync_config.bpf.h"

/* Return A x B / 2^32, as mul_u64_u32_shr() does. */
static __always_inline u64 netem_share(u64 a, u32 b)
{
	return (a >> 32) * b + (((a & 0xffffffff) * b) >> 32);
}

static __noinline int netem_next_slot(struct netem_instance *q, u64 now)
{
	const netem_ruleset *rules = netem_ruleset_of(q, q->synced);
	const struct netem_config *c = &q->config[q->synced & 1];
	s64 wait;

	if (!rules->slot_values)
		wait = c->slot_min + netem_share(c->slot_max - c->slot_min, bpf_get_prandom_u32());
	else if (!c->slot_jitter)
		wait = c->slot_delay;
	else
		wait = netem_distributed(c->slot_delay, c->slot_jitter,
					 netem_draw(&netem_state_at(q, 0)->random),
					 bq_at(const __s16, rules->slot_table), rules->slot_values);
	q->slot_next = now + wait;
	netem_fill_slot(q, c);
	return 0;
}

/* Charge a departing packet of LEN bytes to the slot. */
static __always_inline void netem_use_slot(struct netem_instance *q, u32 len, u64 now)
{
	if (!q->slot_next)
		return;
	q->slot_packets--;
	q->slot_bytes -= len;
	if (q->slot_packets <= 0 || q->slot_bytes <= 0)
		netem_next_slot(q, now);
}

/* Return when a packet due at TIME may leave, with slots or an expired qdisc. */
static __always_inline u64 netem_open_time(struct netem_instance *q, u64 time, u64 now)
{
	if (bq_expired(&q->id))
		return now;
	if (!q->slot_next)
		return time;
	if (q->slot_next < time)
		netem_next_slot(q, now);
	return q->slot_next > time ? q->slot_next : time;
}

#endif
