/* SPDX-License-Identifier: GPL-2.0-only */
/* Steps of netem's dequeue. */
#ifndef BQDISC_NETEM_DEQUEUE_BPF_H
#define BQDISC_NETEM_DEQUEUE_BPF_H

#include "netem/queues.bpf.h"
#include "netem/time_slots.bpf.h"

/* Longest sleep in ns. A map write does not wake the qdisc, and the documented limit is 50 ms. */
#define NETEM_LONGEST_SLEEP (40 * NSEC_PER_MSEC)

/*
 * Coalescing half-window in ns: packets due within twice this time share one wake-up. A timer and a
 * wake-up cost more than sending several packets. The timer covers the second half; a dequeue in
 * the first half sends the packets on time.
 */
#define NETEM_TOGETHER 5000

/*
 * Longest time in ns to wait for a packet without a timer, and the steps of that wait. Arming the
 * timer, its interrupt and another dequeue take longer.
 */
#define NETEM_SPIN 1000
#define NETEM_SPIN_STEPS 100

/* --- sleep --- */

/*
 * Sleep until between FROM and TO. Keep a timer set to that range, because arming it is expensive.
 */
static __always_inline void netem_sleep(struct netem_instance *q, struct Qdisc *sch, u64 from,
					u64 to)
{
	if (q->wake >= from && q->wake <= to)
		return;
	q->wake = bq_wake_by(&q->id, to);
	bpf_qdisc_watchdog_schedule(sch, q->wake, 0);
}

/* Wait until TIME, which is near. Return the time. */
static __always_inline u64 netem_spin(u64 time, u64 now)
{
	u32 i;

	bpf_for(i, 0, NETEM_SPIN_STEPS) {
		if (now >= time)
			break;
		now = bpf_ktime_get_ns();
	}
	return now;
}

/*
 * Wait until the first packet is due at TIME, or sleep until then, but not past the configuration
 * check interval. Return the time.
 */
static __always_inline u64 netem_await(struct netem_instance *q, struct Qdisc *sch, bq_ref ref,
				       u64 time, u64 now)
{
	if (time > now + NETEM_LONGEST_SLEEP) {
		netem_sleep(q, sch, now + 1, now + NETEM_LONGEST_SLEEP);
	} else if (!q->slot_next &&
		   bq_tfifo_has_next_before(&q->timed, ref, time + 2 * NETEM_TOGETHER)) {
		netem_sleep(q, sch, time + NETEM_TOGETHER, time + 2 * NETEM_TOGETHER);
	} else {
		if (time <= now + NETEM_SPIN)
			now = netem_spin(time, now);
		if (now < time)
			netem_sleep(q, sch, time, time);
	}
	return now;
}

/* --- departure --- */

static __always_inline void netem_count_delay(struct netem_instance *q, bq_ref ref, u64 now)
{
	bq_times_add(q->stats.delay_given, now - netem_packet_at(ref)->arrived);
}

/* Remove and return the first packet that is due, or sleep until one is and return 0. */
static __always_inline bq_ref netem_pop_due(struct netem_instance *q, struct Qdisc *sch)
{
	bq_ref ref = bq_tfifo_first(&q->timed);
	u64 now, time;

	if (!ref)
		return 0;
	now = bpf_ktime_get_ns();
	time = netem_packet_at(ref)->time;
	if (q->slot_next || q->id.expires_ns)
		time = netem_open_time(q, time, now);
	if (time > now)
		now = netem_await(q, sch, ref, time, now);
	if (time > now)
		return 0;
	bq_tfifo_remove(&q->timed, ref);
	netem_use_slot(q, netem_packet_at(ref)->len, now);
	netem_count_delay(q, ref, now);
	return ref;
}

/* Remove and return the packet in the front slot. */
static __always_inline struct sk_buff *netem_pop_front(struct netem_instance *q,
						       const struct Qdisc *sch)
{
	bq_times_add(q->stats.delay_given, bpf_ktime_get_ns() - q->front_arrived);
	return netem_take_front(q, sch->limit);
}

/* Remove and return the next packet to send, which the caller then owns, or NULL. */
static __always_inline struct sk_buff *netem_pop(struct netem_instance *q, struct Qdisc *sch)
{
	bq_ref ref = netem_pop_undelayed(q);

	if (ref)
		netem_count_delay(q, ref, bpf_ktime_get_ns());
	else if (q->front_arrived)
		return netem_pop_front(q, sch);
	else
		ref = netem_pop_due(q, sch);
	if (!ref)
		return NULL;
	netem_count_waiting(q, netem_packet_at(ref)->rule, -1);
	return bq_packet_take(&q->packets, ref);
}

#endif
