// SPDX-License-Identifier: GPL-2.0-only
/*
 * fq: fair queueing with pacing, after net/sched/sch_fq.c of Linux 7.3.
 *
 * Every socket is a flow of its own; packets without one are folded by their hash. A flow is served
 * a quantum of bytes at a time: flows that have just become active before the others, once. Flows
 * belong to three bands by the priority of their packets, and bands share the device by weight. A
 * flow whose next packet is not due (by its time stamp, its socket's pacing rate or maxrate) waits
 * in a heap until its time. A packet that finds nothing ready to be sent is not classified at all:
 * it goes through the internal flow.
 *
 * Where it differs from the in-tree qdisc:
 * - TCP cannot be told that this qdisc paces (sk_pacing_status is read-only here). A TCP socket
 *   that does not pace by itself is paced by its sk_pacing_rate on the way out, and its packets
 *   never take the short way.
 * - Flows and packets have a bounded number of places, whose exhaustion is counted: without a free
 *   flow a packet goes through the internal one, without a free slot it is dropped.
 * - ECN marking (ce_threshold) is not done: a packet is read-only once it is stored.
 */
#include <bqdisc/flows.bpf.h>
#include <bqdisc/heap.bpf.h>
#include <bqdisc/packets.bpf.h>
#include <bqdisc/qdisc.bpf.h>
#include "fq.h"

#define NSEC_PER_USEC 1000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_SEC 1000000000ull

/* A longer sleep would not see that the configuration was changed. */
#define FQ_LONGEST_SLEEP (50 * NSEC_PER_MSEC)
/* An idle flow older than that may be forgotten. */
#define FQ_GC_AGE (3 * NSEC_PER_SEC)
/* How many flows one packet looks at when no flow is free. */
#define FQ_SWEEP 16
/* More packets than that do not take the short way while others wait. */
#define FQ_INTERNAL_PACKETS 8

/* Kernel constants. */
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define TCP_NEW_SYN_RECV 12
#define SK_PACING_NONE 0
#define SKB_CLOCK_REALTIME 0
#define SKB_CLOCK_TAI 2

/* bq_packet.flags */
#define FQ_UNSTAMPED 1 /* has no time of its own: rates apply */
#define FQ_BY_SOCKET 2 /* its socket's pacing rate applies */

typedef struct fq_flow __arena fq_flow;

BQ_DEFINE_INSTANCES(struct fq_instance)

static __always_inline const struct fq_config *fq_config_of(const struct fq_instance *q)
{
	return &q->config[bq_bank(&q->id)];
}

static __always_inline fq_flow *fq_flow_at(bq_link link)
{
	return bq_at(struct fq_flow, link);
}

/* Drops a packet for REASON, one of the counters in struct fq_stats. */
static __always_inline int fq_drop(struct Qdisc *sch, struct sk_buff *skb,
				   struct bpf_sk_buff_ptr *to_free, u64 *reason)
{
	++*reason;
	qdisc_drop(sch, skb, to_free);
	return NET_XMIT_DROP;
}

/* --- sockets --- */

/* Request and time-wait sockets have none of the fields that pacing needs. */
static __always_inline bool sk_is_full(const struct sock *sk)
{
	u32 state = sk->__sk_common.skc_state;

	return state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV;
}

static __always_inline bool sk_is_tcp(const struct sock *sk)
{
	u32 family = sk->__sk_common.skc_family;

	return sk->sk_protocol == IPPROTO_TCP && sk->sk_type == SOCK_STREAM &&
	       (family == AF_INET || family == AF_INET6);
}

/* A socket is a flow if it is connected: others may send to anywhere, or are not sockets yet. */
static __always_inline bool sk_is_flow(const struct sock *sk)
{
	u32 state = sk->__sk_common.skc_state;

	return state != TCP_LISTEN && state != TCP_TIME_WAIT && state != TCP_CLOSE;
}

/*
 * TCP stamps each packet with the time it wants it sent. Unless a socket is marked as paced by a
 * qdisc, which we cannot do, or paces itself, that time is now: the qdisc has to pace by the rate.
 */
static __always_inline bool sk_leaves_pacing_to_us(const struct sock *sk)
{
	return sk_is_tcp(sk) && sk->sk_pacing_status == SK_PACING_NONE &&
	       sk->sk_pacing_rate != ~0ul;
}

/* --- what is known of a packet that arrives --- */

struct fq_arrival {
	u64 now;  /* 0: not looked at yet */
	u64 time; /* to be sent then; 0: at once */
	u8 band;
	u8 flags;
};

static __always_inline u64 fq_now(struct fq_arrival *a)
{
	if (!a->now)
		a->now = bpf_ktime_get_ns();
	return a->now;
}

/*
 * The packet's time stamp as CLOCK_MONOTONIC. The difference between TAI and CLOCK_REALTIME is not
 * to be had here: it is taken for 0, as it is unless a time daemon has set it. A stamp that a
 * tc-bpf program wrote into a packet without one is monotonic, but says CLOCK_REALTIME: it is told
 * by being decades away from that.
 */
static __always_inline u64 fq_stamp(const struct sk_buff *skb, u64 now)
{
	u32 clock = BPF_CORE_READ_BITFIELD(skb, tstamp_type);
	u64 stamp = skb->tstamp, tai;

	if (clock != SKB_CLOCK_TAI && clock != SKB_CLOCK_REALTIME)
		return stamp;
	tai = bpf_ktime_get_tai_ns();
	if (clock == SKB_CLOCK_REALTIME && stamp < now + (tai - now) / 2)
		return stamp;
	stamp -= tai - now;
	return (s64)stamp > 0 ? stamp : 1;
}

/* Reads when the packet is to be sent. False: it is beyond the horizon and to be dropped. */
static __always_inline bool fq_read_stamp(struct fq_instance *q, const struct fq_config *c,
					  struct sk_buff *skb, struct fq_arrival *a)
{
	u64 now = fq_now(a), limit = now + c->horizon;

	a->time = fq_stamp(skb, now);
	if ((s64)(a->time - limit) <= 0)
		return true;
	if (c->horizon_drop)
		return false;
	q->stats.horizon_caps++;
	a->time = limit;
	skb->tstamp = limit;
	return true;
}

/* --- the short way --- */

static __always_inline bool fq_socket_needs_flow(const struct fq_config *c,
						 const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	if (!sk || !sk_is_full(sk))
		return false;
	if (sk_is_tcp(sk))
		return c->pacing && sk_is_flow(sk) && sk_leaves_pacing_to_us(sk);
	return sk->sk_max_pacing_rate != ~0ul;
}

/* Whether nothing that waits is ready to be sent, so that nobody is overtaken. */
static __always_inline bool fq_nothing_ready(const struct fq_instance *q, const struct fq_config *c,
					     struct fq_arrival *a)
{
	u64 next;

	if (q->stats.flows != q->stats.inactive_flows + q->stats.throttled_flows)
		return false;
	if (fq_flow_at(q->internal)->qlen >= FQ_INTERNAL_PACKETS)
		return false;
	next = bq_heap_first_time(&q->delayed);
	return next == BQ_NEVER || next > fq_now(a) + c->offload_horizon;
}

static __always_inline bool fq_may_go_direct(const struct fq_instance *q, const struct fq_config *c,
					     const struct Qdisc *sch, const struct sk_buff *skb,
					     struct fq_arrival *a)
{
	if (a->time && a->time > fq_now(a) + c->offload_horizon)
		return false;
	if (sch->q.qlen && !fq_nothing_ready(q, c, a))
		return false;
	return c->maxrate == FQ_NO_RATE && !fq_socket_needs_flow(c, skb);
}

/* --- flows --- */

static __always_inline void fq_list(struct fq_instance *q, bq_link link)
{
	fq_flow *f = fq_flow_at(link);

	f->place = FQ_LISTED;
	bq_flow_list_append(&q->bands[f->band & 3].old, link);
}

static __always_inline void fq_throttle(struct fq_instance *q, bq_link link)
{
	fq_flow_at(link)->place = FQ_THROTTLED;
	bq_heap_add(&q->delayed, link);
	q->stats.throttled++;
	q->stats.throttled_flows++;
}

static __noinline void fq_unthrottle(struct fq_instance *q, bq_link link)
{
	bq_heap_remove(&q->delayed, link);
	q->stats.throttled_flows--;
	fq_list(q, link);
}

static __always_inline bool fq_is_idle(const fq_flow *f, u64 now)
{
	return f->place == FQ_DETACHED && now - f->idle_since > FQ_GC_AGE;
}

/* Makes room in the table: looks at some flows and forgets those that are idle. */
static __noinline void fq_sweep(struct fq_instance *q, u64 now)
{
	struct bq_flows *flows = &q->flows;
	bq_link link;
	u32 i;

	for (i = 0; i < FQ_SWEEP && can_loop; i++) {
		if (flows->hand >= flows->fresh)
			flows->hand = 0;
		link = flows->first + flows->hand++ * (u32)sizeof(struct fq_flow);
		/* A key of 0 says that it is free already. */
		if (!bq_flow_at(link)->key || !fq_is_idle(fq_flow_at(link), now))
			continue;
		bq_flows_remove(flows, link);
		bq_flow_at(link)->key = 0;
		q->stats.flows--;
		q->stats.inactive_flows--;
		q->stats.gc_flows++;
	}
}

static __noinline bq_link fq_new_flow(struct fq_instance *q, const struct fq_config *c, u64 key,
				      u64 now)
{
	bq_link link;
	fq_flow *f;

	if (!q->flows.free && q->flows.fresh >= q->flows.capacity)
		fq_sweep(q, now);
	link = bq_flows_alloc(&q->flows, sizeof(struct fq_flow));
	if (!link)
		return 0;
	f = fq_flow_at(link);
	f->flow.wake.time = 0;
	f->idle_since = now;
	f->pile = 0;
	f->qlen = 0;
	f->credit = c->initial_quantum;
	f->socket_hash = 0;
	f->place = FQ_DETACHED;
	f->band = 0;
	bq_flows_insert(&q->flows, link, key);
	q->stats.flows++;
	q->stats.inactive_flows++;
	return link;
}

/* Another socket at the address of one that is gone: a new flow, but for the packets it has. */
static __noinline void fq_renew_flow(struct fq_instance *q, const struct fq_config *c, bq_link link,
				     u32 socket_hash)
{
	fq_flow *f = fq_flow_at(link);

	f->credit = c->initial_quantum;
	f->socket_hash = socket_hash;
	if (f->place == FQ_THROTTLED)
		fq_unthrottle(q, link);
	f->flow.wake.time = 0;
}

/* A socket's key is its address, which is even; a hash makes an odd one. */
static __always_inline u64 fq_hash_key(const struct fq_config *c, struct sk_buff *skb)
{
	return (u64)(bpf_skb_get_hash(skb) & c->orphan_mask) << 1 | 1;
}

/* An address as a number: the verifier lets no pointer be reckoned with. */
static __always_inline u64 fq_socket_key(struct fq_instance *q, struct sock *sk)
{
	*(volatile u64 *)&q->scratch = (u64)sk;
	return *(volatile u64 *)&q->scratch;
}

/* The flow of the packet, made if need be. 0: there is no free one. */
static __always_inline bq_link fq_classify(struct fq_instance *q, const struct fq_config *c,
					   struct sk_buff *skb, u64 now)
{
	struct sock *sk = skb->sk;
	bool socket = sk && sk_is_flow(sk);
	u32 socket_hash = 0;
	bq_link link;
	u64 key;

	if (socket) {
		socket_hash = sk->__sk_common.skc_hash;
		key = fq_socket_key(q, sk);
	} else {
		key = fq_hash_key(c, skb);
	}
	link = bq_flows_find(&q->flows, key);
	if (!link) {
		link = fq_new_flow(q, c, key, now);
		if (link)
			fq_flow_at(link)->socket_hash = socket_hash;
	} else if (socket && fq_flow_at(link)->socket_hash != socket_hash) {
		fq_renew_flow(q, c, link, socket_hash);
	}
	return link;
}

/* A flow that was empty comes to the end of its band's fresh flows. */
static __always_inline void fq_attach(struct fq_instance *q, const struct fq_config *c,
				      bq_link link, u64 now)
{
	fq_flow *f = fq_flow_at(link);

	/* As in-tree: a flow deep in debt gets nothing for its rest. */
	if (now - f->idle_since > c->refill_delay && f->credit >= 0 && f->credit < (s32)c->quantum)
		f->credit = c->quantum;
	f->place = FQ_LISTED;
	f->queue.head = 0;
	bq_flow_list_append(&q->bands[f->band & 3].fresh, link);
}

/* A throttled flow wakes earlier if a packet's stamp asks for it and no rate says otherwise. */
static __noinline void fq_wake_earlier(struct fq_instance *q, bq_link link, u64 time)
{
	bq_heap_remove(&q->delayed, link);
	fq_flow_at(link)->flow.wake.time = time;
	bq_heap_add(&q->delayed, link);
}

/* --- packets of a flow --- */

static __always_inline void fq_append(struct fq_instance *q, fq_flow *f, bq_link link, u64 time)
{
	f->qlen++;
	if (!f->queue.head || time >= bq_packet_at(f->queue.tail)->time) {
		bq_queue_append(&f->queue, link);
		return;
	}
	f->pile = bq_pile_add(f->pile, link);
}

/* The flow's next packet, or 0. */
static __always_inline bq_link fq_peek(const fq_flow *f)
{
	bq_link head = f->queue.head, pile = f->pile;

	if (!pile)
		return head;
	if (!head)
		return pile;
	return bq_packet_at(pile)->time < bq_packet_at(head)->time ? pile : head;
}

/* Moves what fq_peek() returned out of the flow: the caller owns the packet. */
static __always_inline struct sk_buff *fq_take(struct fq_instance *q, fq_flow *f, bq_link link)
{
	f->qlen--;
	if (link == f->queue.head)
		bq_queue_advance(&f->queue);
	else
		f->pile = bq_pile_advance(f->pile);
	return bq_packet_take(&q->packets, link);
}

/* --- enqueue --- */

/* The packet's ownership moves into a slot here, or it is dropped: no third way. */
static __always_inline int fq_store(struct fq_instance *q, struct Qdisc *sch, struct sk_buff *skb,
				    struct bpf_sk_buff_ptr *to_free, fq_flow *f,
				    struct fq_arrival *a)
{
	u32 len = qdisc_pkt_len(skb);
	bq_packet *p;
	bq_link link;

	skb = bq_packet_store(&q->packets, skb, &link);
	if (skb)
		return fq_drop(sch, skb, to_free, &q->stats.drops_no_slot);
	p = bq_packet_at(link);
	p->time = a->time;
	p->arrived = a->now;
	p->order = q->order++;
	p->band = a->band;
	p->flags = a->flags;
	fq_append(q, f, link, a->time);
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

static __always_inline int fq_store_internal(struct fq_instance *q, struct Qdisc *sch,
					     struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free,
					     struct fq_arrival *a)
{
	/* First in, first out: all of them are due. */
	a->time = 0;
	return fq_store(q, sch, skb, to_free, fq_flow_at(q->internal), a);
}

/* Rates apply to packets that carry no time, and to those whose time says nothing. */
static __always_inline u8 fq_flags_of(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	if (!sk || !sk_is_full(sk))
		return skb->tstamp ? 0 : FQ_UNSTAMPED;
	if (!skb->tstamp || sk_leaves_pacing_to_us(sk))
		return FQ_UNSTAMPED | FQ_BY_SOCKET;
	return 0;
}

static __always_inline int fq_store_in_flow(struct fq_instance *q, const struct fq_config *c,
					    struct Qdisc *sch, struct sk_buff *skb,
					    struct bpf_sk_buff_ptr *to_free, bq_link link,
					    struct fq_arrival *a)
{
	fq_flow *f = fq_flow_at(link);
	int ret;

	if (f->qlen >= c->flow_limit)
		return fq_drop(sch, skb, to_free, &q->stats.flows_plimit);
	a->flags = fq_flags_of(skb);
	if (f->place == FQ_DETACHED)
		fq_attach(q, c, link, a->now);
	else if (f->place == FQ_THROTTLED && !(a->flags & FQ_UNSTAMPED) &&
		 a->time < f->flow.wake.time && c->maxrate == FQ_NO_RATE)
		fq_wake_earlier(q, link, a->time);
	f->band = a->band;
	ret = fq_store(q, sch, skb, to_free, f, a);
	if (ret != NET_XMIT_SUCCESS)
		return ret;
	q->stats.band_packets[a->band & 3]++;
	if (f->qlen == 1)
		q->stats.inactive_flows--;
	return ret;
}

SEC("struct_ops")
int BPF_PROG(fq_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct fq_instance *q = bq_instance_of(sch);
	const struct fq_config *c;
	struct fq_arrival a = {};
	bq_link link;

	BQ_USES_MEMORY();
	if (!q) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	c = fq_config_of(q);
	a.band = c->priomap[skb->priority & (FQ_PRIORITIES - 1)] & 3;
	if (q->stats.band_packets[a.band & 3] >= c->limit)
		return fq_drop(sch, skb, to_free, &q->stats.band_drops[a.band & 3]);
	if (skb->tstamp && !fq_read_stamp(q, c, skb, &a))
		return fq_drop(sch, skb, to_free, &q->stats.horizon_drops);
	if (fq_may_go_direct(q, c, sch, skb, &a)) {
		q->stats.fastpath_packets++;
		return fq_store_internal(q, sch, skb, to_free, &a);
	}
	fq_now(&a);
	if (!a.time)
		a.time = a.now;
	link = fq_classify(q, c, skb, a.now);
	if (link)
		return fq_store_in_flow(q, c, sch, skb, to_free, link, &a);
	q->stats.allocation_errors++;
	return fq_store_internal(q, sch, skb, to_free, &a);
}

/* --- dequeue --- */

/* Wakes the flows whose time has come. */
static __always_inline void fq_release_due(struct fq_instance *q, const struct fq_config *c,
					   u64 now)
{
	u64 next = bq_heap_first_time(&q->delayed), due = now + c->offload_horizon;

	if (next > due)
		return;
	if (now > next) {
		q->stats.unthrottle_latency -= q->stats.unthrottle_latency >> 3;
		q->stats.unthrottle_latency += (now - next) >> 3;
	}
	while (bq_heap_first_time(&q->delayed) <= due && can_loop) {
		fq_list(q, bq_heap_take(&q->delayed));
		q->stats.throttled_flows--;
	}
}

/* The band whose turn it is and that has something to send; NULL when no band has. */
static __always_inline struct fq_band *fq_next_band(struct fq_instance *q,
						    const struct fq_config *c)
{
	struct fq_band *band;
	s32 weight, tries = 0;

	while (can_loop) {
		band = &q->bands[q->band_nr & 3];
		if (band->credit > 0 && (band->fresh.first || band->old.first))
			return band;
		if (++tries > FQ_BANDS)
			return NULL;
		if (++q->band_nr >= FQ_BANDS)
			q->band_nr = 0;
		band = &q->bands[q->band_nr & 3];
		weight = c->weights[q->band_nr & 3];
		band->credit = band->credit > 0 ? weight : band->credit + weight;
		if (band->credit <= 0)
			tries = 0;
	}
	return NULL;
}

/* log2 of a time in microseconds, for the histogram. */
static __always_inline u32 fq_wait_bucket(u64 ns)
{
	u64 v = ns / 1024;
	u32 n = v > 0;

	if (v >> 32)
		return FQ_WAIT_BUCKETS - 1;
	if (v >> 16)
		n += 16, v >>= 16;
	if (v >> 8)
		n += 8, v >>= 8;
	if (v >> 4)
		n += 4, v >>= 4;
	if (v >> 2)
		n += 2, v >>= 2;
	return n + (v > 1);
}

/* How long the flow must wait after a packet of LEN bytes at RATE bytes a second. */
static __always_inline u64 fq_delay(struct fq_instance *q, u32 len, u64 rate)
{
	u64 delay = (u64)len * NSEC_PER_SEC;

	if (rate)
		delay /= rate;
	/* The rate may change meanwhile, so that no wait is longer than a second. */
	if (delay > NSEC_PER_SEC) {
		delay = NSEC_PER_SEC;
		q->stats.pkts_too_long++;
	}
	return delay;
}

/* Sets when the flow may send again. FLAGS and LEN are those of the packet that leaves. */
static __always_inline void fq_pace(struct fq_instance *q, const struct fq_config *c, fq_flow *f,
				    const struct sk_buff *skb, u8 flags, u32 len, u64 now)
{
	const struct sock *sk = flags & FQ_BY_SOCKET ? skb->sk : NULL;
	u64 rate = c->maxrate, delay, late;

	if (flags & FQ_UNSTAMPED) {
		if (sk && sk->sk_pacing_rate < rate)
			rate = sk->sk_pacing_rate;
		if (rate <= c->low_rate_threshold)
			f->credit = 0;
		else if (f->credit > 0)
			return;
		else if (len < c->quantum)
			len = c->quantum;
	}
	if (rate == FQ_NO_RATE)
		return;
	delay = fq_delay(q, len, rate);
	/* A packet that left late, because timers drift, does not delay the next. */
	if (f->flow.wake.time) {
		late = now - f->flow.wake.time;
		delay -= late < delay / 2 ? late : delay / 2;
	}
	f->flow.wake.time = now + delay;
}

static __always_inline struct sk_buff *fq_send(struct fq_instance *q, const struct fq_config *c,
					       struct fq_band *band, fq_flow *f, bq_link link,
					       u64 now)
{
	bq_packet *p = bq_packet_at(link);
	u8 flags = p->flags, packet_band = p->band;
	u64 arrived = p->arrived;
	struct sk_buff *skb;
	u32 len;

	skb = fq_take(q, f, link);
	if (!f->qlen)
		q->stats.inactive_flows++;
	q->stats.band_packets[packet_band & 3]--;
	if (!skb)
		return NULL;
	q->stats.waited[fq_wait_bucket(now - arrived) % FQ_WAIT_BUCKETS]++;
	len = qdisc_pkt_len(skb);
	f->credit -= len;
	band->credit -= len;
	if (c->pacing)
		fq_pace(q, c, f, skb, flags, len, now);
	return skb;
}

/* An empty flow goes through the old list once, so that a flow cannot stay fresh by being short. */
static __always_inline void fq_retire(struct fq_instance *q, bq_link link, bool fresh, u64 now)
{
	if (fresh) {
		fq_list(q, link);
	} else {
		fq_flow_at(link)->place = FQ_DETACHED;
		fq_flow_at(link)->idle_since = now;
	}
}

/* Looks at one flow of BAND. Returns its packet, or NULL when the flow had to move elsewhere. */
static __always_inline struct sk_buff *fq_serve(struct fq_instance *q, const struct fq_config *c,
						struct fq_band *band, u64 now)
{
	bool fresh = band->fresh.first;
	struct bq_flow_list *list = fresh ? &band->fresh : &band->old;
	bq_link link = list->first, packet;
	fq_flow *f = fq_flow_at(link);
	u64 time;

	if (f->credit <= 0) {
		f->credit += c->quantum;
		bq_flow_list_advance(list);
		fq_list(q, link);
		return NULL;
	}
	packet = fq_peek(f);
	if (!packet) {
		bq_flow_list_advance(list);
		fq_retire(q, link, fresh, now);
		return NULL;
	}
	time = bq_packet_at(packet)->time;
	if (time < f->flow.wake.time)
		time = f->flow.wake.time;
	if (now + c->offload_horizon < time) {
		bq_flow_list_advance(list);
		f->flow.wake.time = time;
		fq_throttle(q, link);
		return NULL;
	}
	return fq_send(q, c, band, f, packet, now);
}

/* Sleeps until the first flow may send; not longer than a change may take to be noticed. */
static __always_inline void fq_sleep(struct fq_instance *q, const struct fq_config *c,
				     struct Qdisc *sch, u64 now)
{
	u64 next = bq_heap_first_time(&q->delayed);

	q->stats.next_wake = next == BQ_NEVER ? 0 : next;
	if (next == BQ_NEVER)
		return;
	if (next > now + FQ_LONGEST_SLEEP)
		next = now + FQ_LONGEST_SLEEP;
	bpf_qdisc_watchdog_schedule(sch, next, c->timer_slack);
}

static __always_inline struct sk_buff *
fq_dequeue_flows(struct fq_instance *q, const struct fq_config *c, struct Qdisc *sch)
{
	u64 now = bpf_ktime_get_ns();
	struct fq_band *band;
	struct sk_buff *skb;

	fq_release_due(q, c, now);
	while (can_loop) {
		band = fq_next_band(q, c);
		if (!band)
			break;
		skb = fq_serve(q, c, band, now);
		if (skb)
			return skb;
	}
	fq_sleep(q, c, sch, now);
	return NULL;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(fq_dequeue, struct Qdisc *sch)
{
	struct fq_instance *q = bq_instance_of(sch);
	struct sk_buff *skb;
	bq_link link;

	BQ_USES_MEMORY();
	if (!q || !sch->q.qlen)
		return NULL;
	link = fq_flow_at(q->internal)->queue.head;
	if (link)
		skb = fq_take(q, fq_flow_at(q->internal), link);
	else
		skb = fq_dequeue_flows(q, fq_config_of(q), sch);
	if (!skb)
		return NULL;
	qdisc_count_out(sch, qdisc_pkt_len(skb));
	bpf_qdisc_bstats_update(sch, skb);
	return skb;
}

/* --- life --- */

static const u32 fq_priomap[FQ_PRIORITIES] = { 1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 };

static __always_inline u32 fq_clamp(u32 value, u32 min, u32 max)
{
	return value < min ? min : value > max ? max : value;
}

/* The in-tree qdisc's. */
static __always_inline void fq_write_defaults(struct fq_config *d, const struct Qdisc *sch)
{
	const struct net_device *dev = sch->dev_queue->dev;
	u32 i, mtu = dev->mtu + dev->hard_header_len;

	d->limit = 10000;
	d->flow_limit = 100;
	d->quantum = fq_clamp(2 * mtu, 256, FQ_MAX_QUANTUM);
	d->initial_quantum = fq_clamp(10 * mtu, 0, FQ_MAX_QUANTUM);
	d->maxrate = FQ_NO_RATE;
	d->pacing = 1;
	d->buckets = FQ_DEFAULT_BUCKETS;
	d->orphan_mask = 1023;
	d->low_rate_threshold = 550000 / 8;
	d->ce_threshold = FQ_NO_CE_THRESHOLD;
	d->timer_slack = 10 * NSEC_PER_USEC;
	d->horizon = 10 * NSEC_PER_SEC;
	d->horizon_drop = 1;
	d->refill_delay = 40 * NSEC_PER_MSEC;
	d->bands = FQ_BANDS;
	for (i = 0; i < FQ_PRIORITIES; i++)
		d->priomap[i] = fq_priomap[i];
	d->weights[0] = 9 << 16;
	d->weights[1] = 3 << 16;
	d->weights[2] = 1 << 16;
}

#define FILL(option, field)                                                                        \
	do {                                                                                       \
		if (!(c->given >> (option)&1))                                                     \
			__builtin_memcpy(&c->field, &d->field, sizeof(c->field));                  \
	} while (0)

/* Options that were not named get their defaults. */
static __always_inline void fq_fill_in(struct fq_config *c, const struct fq_config *d)
{
	FILL(FQ_LIMIT, limit);
	FILL(FQ_FLOW_LIMIT, flow_limit);
	FILL(FQ_QUANTUM, quantum);
	FILL(FQ_INITIAL_QUANTUM, initial_quantum);
	FILL(FQ_MAXRATE, maxrate);
	FILL(FQ_PACING, pacing);
	FILL(FQ_BUCKETS, buckets);
	FILL(FQ_ORPHAN_MASK, orphan_mask);
	FILL(FQ_LOW_RATE_THRESHOLD, low_rate_threshold);
	FILL(FQ_CE_THRESHOLD, ce_threshold);
	FILL(FQ_TIMER_SLACK, timer_slack);
	FILL(FQ_HORIZON, horizon);
	FILL(FQ_HORIZON_DROP, horizon_drop);
	FILL(FQ_REFILL_DELAY, refill_delay);
	FILL(FQ_BANDS_ROW, bands);
	FILL(FQ_PRIOMAP, priomap);
	FILL(FQ_WEIGHTS, weights);
	FILL(FQ_OFFLOAD_HORIZON, offload_horizon);
}

/* What comes from a stranger must not make a loop endless or an index too large. */
static __always_inline bool fq_is_sane(const struct fq_config *c, const struct Qdisc *sch)
{
	u32 i;

	if (c->bands != FQ_BANDS || !c->quantum || c->quantum > FQ_MAX_QUANTUM ||
	    c->initial_quantum > FQ_MAX_QUANTUM)
		return false;
	for (i = 0; i < FQ_PRIORITIES; i++)
		if (c->priomap[i] >= FQ_BANDS)
			return false;
	for (i = 0; i < FQ_BANDS; i++)
		if ((s32)c->weights[i] < (s32)FQ_MIN_WEIGHT)
			return false;
	if (!c->offload_horizon)
		return true;
	return bpf_core_field_exists(struct net_device, max_pacing_offload_horizon) &&
	       c->offload_horizon <= sch->dev_queue->dev->max_pacing_offload_horizon;
}

/* Frees every packet and forgets every flow. The core itself zeroes qlen and backlog. */
static __noinline void fq_clear(struct fq_instance *q)
{
	fq_flow *internal = fq_flow_at(q->internal);
	u32 i;

	bq_packets_purge(&q->packets);
	if (!q->internal)
		return;
	bq_flows_clear(&q->flows);
	bq_heap_clear(&q->delayed);
	internal->queue.head = 0;
	internal->pile = 0;
	internal->qlen = 0;
	for (i = 0; i < FQ_BANDS; i++) {
		q->bands[i].fresh.first = 0;
		q->bands[i].old.first = 0;
		q->stats.band_packets[i] = 0;
	}
	q->stats.flows = 0;
	q->stats.inactive_flows = 0;
	q->stats.throttled_flows = 0;
	q->stats.next_wake = 0;
}

/* Divides the instance's memory. Nothing in it is read before it is written. */
static __always_inline void fq_lay_out(struct fq_instance *q)
{
	u32 slots = q->id.slots, flows = q->id.units;
	bq_link memory = q->id.memory;

	bq_packets_init(&q->id, &q->packets, memory);
	q->delayed.entries = memory + FQ_HEAP_AT(slots);
	q->flows.buckets = memory + FQ_BUCKETS_AT(slots, flows);
	q->flows.mask = flows - 1;
	q->flows.first = memory + FQ_FLOWS_AT(slots, flows);
	q->flows.capacity = flows;
	q->internal = q->flows.first + flows * (u32)sizeof(struct fq_flow);
	q->band_nr = 0;
	q->order = 0;
	__builtin_memset(q->bands, 0, sizeof(q->bands));
}

static __always_inline int fq_start(struct fq_instance *q, struct Qdisc *sch, u32 index)
{
	bq_identify(&q->id, sch);
	__builtin_memset(&q->stats, 0, sizeof(q->stats));
	fq_lay_out(q);
	fq_clear(q);
	bq_publish(&q->id, sch, index);
	return 0;
}

/* Fills Q's first bank from OPT if that is ours, and completes it. */
static __always_inline int fq_configure(struct fq_instance *q, struct Qdisc *sch,
					struct nlattr *opt, bool ours)
{
	struct fq_config *c = &q->config[0];

	__builtin_memset(&q->defaults, 0, sizeof(q->defaults));
	fq_write_defaults(&q->defaults, sch);
	__builtin_memset(c, 0, sizeof(*c));
	if (ours && bpf_probe_read_kernel(c, sizeof(*c), (void *)opt + 4 + sizeof(struct bq_hello)))
		return -EINVAL;
	fq_fill_in(c, &q->defaults);
	return fq_is_sane(c, sch) ? 0 : -EINVAL;
}

static __always_inline int fq_init_prepared(struct Qdisc *sch, struct nlattr *opt,
					    const struct bq_hello *hello)
{
	struct fq_instance *q = bq_instance_at(hello->index);

	if (!q || q->id.token != hello->token || !bq_claim(&q->id, BQ_PREPARED))
		return -EINVAL;
	if (!fq_configure(q, sch, opt, true))
		return fq_start(q, sch, hello->index);
	__sync_lock_test_and_set(&q->id.state, BQ_PREPARED);
	return -EINVAL;
}

static __always_inline int fq_init_from_pool(struct Qdisc *sch, struct nlattr *opt, bool ours)
{
	struct fq_instance *q;
	int index;

	bpf_for(index, 1, BQ_POOL_INSTANCES + 1) {
		q = bq_instance_at(index);
		if (!q || !bq_claim(&q->id, BQ_FREE))
			continue;
		bq_slots_from_pool(&q->id, index);
		q->id.memory = bq_pool_memory(index, FQ_POOL_BYTES);
		q->id.memory_size = FQ_POOL_BYTES;
		q->id.units = FQ_POOL_FLOWS;
		if (!fq_configure(q, sch, opt, ours))
			return fq_start(q, sch, index);
		__sync_lock_test_and_set(&q->id.state, BQ_FREE);
		return -EINVAL;
	}
	return -ENOBUFS;
}

SEC("struct_ops")
int BPF_PROG(fq_init, struct Qdisc *sch, struct nlattr *opt)
{
	struct bq_hello hello = {};
	int len = bq_options_read(opt, &hello, sizeof(hello));
	bool ours =
		len > 0 && bq_hello_is_ours(&hello, len, sizeof(hello) + sizeof(struct fq_config));

	BQ_USES_MEMORY();
	if (!ours && len != -ENODATA)
		return -EINVAL;
	if (ours && hello.index)
		return fq_init_prepared(sch, opt, &hello);
	return fq_init_from_pool(sch, opt, ours);
}

SEC("struct_ops")
void BPF_PROG(fq_reset, struct Qdisc *sch)
{
	struct fq_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	if (q)
		fq_clear(q);
}

/* The core does not always call .reset before: packets left in slots would pin the device. */
SEC("struct_ops")
void BPF_PROG(fq_destroy, struct Qdisc *sch)
{
	struct fq_instance *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	if (!q)
		return;
	fq_clear(q);
	bq_release(&q->id, sch);
}

SEC(".struct_ops.link")
struct Qdisc_ops fq = {
	.enqueue = (void *)fq_enqueue,
	.dequeue = (void *)fq_dequeue,
	.init = (void *)fq_init,
	.reset = (void *)fq_reset,
	.destroy = (void *)fq_destroy,
	.id = "bq_fq",
};

char _license[] SEC("license") = "GPL";
