/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Drops, with the reason, the time and the flow. The stats struct has a member for the last drop
 * of each reason:
 *
 *   struct bq_drop drops[REASONS];
 *
 * A process that follows the drops of an instance gets a message for each. It renews a time limit,
 * so nothing is sent some seconds after its end, in whatever way it ends.
 *
 * Guarantees: at most BQ_DROP_EVENTS messages a second of an instance. Cost: nothing for a packet
 * that is not dropped; else that of bq_headers_read, and of a message if the instance is followed.
 */
#ifndef BQDISC_DROPS_BPF_H
#define BQDISC_DROPS_BPF_H

#include <bqdisc/drops.h>
#include <bqdisc/flow_key.bpf.h>
#include <bqdisc/instance.bpf.h>
#include <bqdisc/stats.bpf.h>

#ifndef __LINUX_BPF_H__
enum {
	BPF_MAP_TYPE_HASH_OF_MAPS = 13,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum {
	BPF_F_NO_PREALLOC = 1,
};
#endif

struct bq_drop_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16); /* a pattern; the process chooses the size */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, BQ_FOLLOWERS);
	__type(key, u32);
	__array(values, struct bq_drop_ring);
} followers SEC(".maps");

/* Return true if another message may be sent in this second. */
static __always_inline bool bq_may_send(struct bq_instance *id, u64 now)
{
	if (now - id->follow_second >= NSEC_PER_SEC) {
		id->follow_second = now;
		id->follow_events = 0;
	}
	return id->follow_events++ < BQ_DROP_EVENTS;
}

/* Send DROP to the process that follows the drops of ID. */
static __noinline void bq_drop_send(struct bq_instance *id, const struct bq_drop *drop)
{
	struct bq_drop_event event = {
		.drop = *drop,
		.index = id->index,
		.missed = id->follow_missed,
	};
	void *ring = bpf_map_lookup_elem(&followers, &id->follower);

	if (!ring || !bq_may_send(id, drop->time_ns) ||
	    bpf_ringbuf_output(ring, &event, sizeof(event), 0))
		id->follow_missed++;
}

/* Record that SKB is dropped for REASON, in one of N elements of DROPS. */
static __noinline void bq_drop_note(struct bq_instance *id, struct bq_drop *drops, u32 n,
				    u32 reason, struct sk_buff *skb)
{
	struct bq_drop *d = drops;
	u32 i;

	for (i = 0; i < n; i++) {
		d = &drops[i];
		if (d->reason == reason || !d->time_ns)
			break;
	}
	bq_flow_key_read(skb, &d->flow);
	d->time_ns = bpf_ktime_get_ns();
	d->reason = reason;
	d->len = qdisc_pkt_len(skb);
	if (d->time_ns < *(volatile u64 *)&id->follow_until)
		bq_drop_send(id, d);
}

/* Return the offset of COUNTER in Q. The verifier forbids a 32-bit difference of pointers. */
#define bq_offset_in(q, counter)                                                                   \
	({                                                                                         \
		u64 offset = (u64)(counter) - (u64)(q);                                            \
		barrier_var(offset);                                                               \
		(u32) offset;                                                                      \
	})

/* Record that a packet of the instance Q is dropped. REASON is a counter of Q's stats. */
#define bq_drop_note_in(q, skb, reason)                                                            \
	bq_drop_note(&(q)->id, (q)->stats.drops,                                                   \
		     sizeof((q)->stats.drops) / sizeof((q)->stats.drops[0]),                       \
		     bq_offset_in(q, reason), skb)

/* Drop a packet of the instance Q in enqueue, like bq_drop(), and record it. */
#define bq_drop_noted(q, sch, skb, to_free, reason)                                                \
	({                                                                                         \
		bq_drop_note_in(q, skb, reason);                                                   \
		bq_drop(sch, skb, to_free, reason);                                                \
	})

#endif
