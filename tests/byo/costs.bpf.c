// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures the cost of the kit's functions for every packet that passes a first-in, first-out
 * queue. Each counter is the sum of the nanoseconds that the function of its name took; `clock` is
 * the sum of empty measurements. costs.sh runs it where a nanosecond is an instruction.
 *
 * WAITING items are in the heap and the tree, and FLOWS in the table of flows.
 */
#include <bqdisc/buckets.bpf.h>
#include <bqdisc/fifo.bpf.h>
#include <bqdisc/flows.bpf.h>
#include <bqdisc/hash.bpf.h>
#include <bqdisc/kit.bpf.h>
#include <bqdisc/list.bpf.h>
#include <bqdisc/match.bpf.h>
#include <bqdisc/random.h>
#include <bqdisc/ring.bpf.h>
#include <bqdisc/drr.bpf.h>
#include <bqdisc/tfifo.bpf.h>
#include <bqdisc/timers.bpf.h>
#include <bqdisc/tree.bpf.h>
#include <bqdisc/wheel.bpf.h>
#include <bqdisc/verdict.bpf.h>

#define WAITING 1000
#define FLOWS 256
#define COST(FUNCTION) __u64 FUNCTION BQ_COUNTER(COUNT, "nanoseconds in all")

struct costs_config {
	__u64 set_mask;
	__u64 limit BQ_OPTION(PACKETS, "1", "100000", "1000", "most packets to hold");
};

struct costs_stats {
	__u64 measured BQ_COUNTER(PACKETS, "packets for which it was measured");
	__u64 unmatched BQ_COUNTER(PACKETS, "of them those the match did not hold for");
	COST(clock);
	COST(bq_instance_of);
	COST(bq_config);
	COST(bq_times_add);
	COST(bq_lengths_add);
	COST(bpf_get_prandom_u32);
	COST(bq_random_draw);
	COST(bq_hash_of);
	COST(bq_headers_read);
	COST(bq_match_holds);
	COST(bq_verdict_read);
	COST(bq_slot);
	COST(bq_slot_put);
	COST(bq_slot_take);
	COST(bq_ring_push);
	COST(bq_ring_pop);
	COST(bq_packet_store);
	COST(bq_packet_take);
	COST(bq_fifo_push);
	COST(bq_fifo_pop);
	COST(bq_buckets_add);
	COST(bq_buckets_pop);
	COST(bq_tfifo_add);
	COST(bq_tfifo_first);
	COST(bq_tfifo_remove);
	COST(bq_drr_join);
	COST(bq_drr_next);
	COST(bq_drr_charge);
	COST(bq_flows_find);
	COST(bq_heap_add);
	COST(bq_heap_take);
	COST(bq_wheel_add);
	COST(bq_wheel_advance);
	COST(bq_timers_add);
	COST(bq_timers_take);
	COST(bq_node_new);
	COST(bq_node_put);
	COST(bq_node_take);
	COST(list_push_back);
	COST(list_pop_front);
	COST(tree_add);
	COST(tree_pop);
};

/* An instance's memory behind its packets' records. */
struct work {
	struct bq_heap_entry entries[WAITING + 8];
	struct bq_heap_node items[WAITING + 1];
	struct bq_heap_node in_wheel;
	u8 wheel[BQ_WHEEL_BYTES(1)];
	struct bq_heap_entry timers_entries[8], tfifo_entries[8];
	struct bq_timer timers[2];
	struct bq_drr_class turns[2];
	bq_ref buckets[1024];
	struct bq_flow flows[FLOWS];
	struct bq_queue ranks[BQ_BUCKETS];
	struct bq_match match;
};

struct BQ_QDISC("what the kit costs", "For tests.") costs {
	struct bq_instance id;
	struct costs_config config[2], defaults;
	struct costs_stats stats;
	BQ_NEEDS(0, sizeof(struct bq_packet), 1, sizeof(struct work));
	struct bq_ring ring;
	struct bq_packets packets;
	struct bq_fifo fifo;
	struct bq_buckets ranks;
	struct bq_tfifo tfifo;
	struct bq_drr drr;
	struct bq_flows flows;
	struct bq_heap heap;
	struct bq_wheel wheel;
	struct bq_timers timers;
	struct bq_hash hash;
	struct bq_random random;
	u64 times[BQ_TIMES], lengths[BQ_LENGTHS];
	u32 in_tree, sink;
};

struct listed {
	struct bpf_list_node node;
	struct sk_buff __kptr *skb;
};

struct ordered {
	u64 due;
	struct bpf_rb_node node;
	struct sk_buff __kptr *skb;
};

BQ_KIT(struct costs)
BQ_DEFINE_LISTS(lists, listed, node, 1)
BQ_DEFINE_TREES(trees, ordered, node, due, 1)

/* Stop the compiler from moving code across. */
#define HERE() asm volatile("" ::: "memory")
/* Hide the value from the compiler. */
#define UNKNOWN(value) asm volatile("" : "+r"(value))

#define MEASURE(FUNCTION, ...)                                                                     \
	do {                                                                                       \
		u64 from = bpf_ktime_get_ns();                                                     \
                                                                                                   \
		HERE();                                                                            \
		__VA_ARGS__;                                                                       \
		HERE();                                                                            \
		q->stats.FUNCTION += bpf_ktime_get_ns() - from;                                    \
	} while (0)

#define work_of(q) bq_at(struct work, bq_units_of(q))
#define link_of_member(q, member) (bq_units_of(q) + (u32)offsetof(struct work, member))

/*
 * Add one item to each container with every packet. A loop in .init exceeds the verifier's limit.
 */
static __always_inline void fill(struct costs *q)
{
	bq_ref item;

	if (q->heap.count < WAITING) {
		item = link_of_member(q, items) + q->heap.count * (u32)sizeof(struct bq_heap_node);
		bq_at(struct bq_heap_node, item)->time = bq_random_draw(&q->random);
		bq_heap_add(&q->heap, item);
	}
	if (q->flows.fresh < FLOWS)
		bq_flows_insert(&q->flows, bq_flows_alloc(&q->flows, sizeof(struct bq_flow)),
				q->flows.fresh);
}

/* Matches the packets that pktgen sends. */
static __always_inline void match_init(struct bq_match __arena *m)
{
	m->fields = BQ_MATCH_DST | BQ_MATCH_PROTO | BQ_MATCH_DPORT;
	m->family = 4;
	m->dst.address.word[0] = bpf_htonl(0x0a000002);
	m->dst.mask.word[0] = ~0u;
	m->proto = BQ_PROTO_UDP;
	m->dport.last = 65535;
}

static __always_inline int costs_start(struct costs *q, struct Qdisc *sch)
{
	q->in_tree = 0;
	q->id.egress = 1;
	match_init(&work_of(q)->match);
	bq_random_seed(&q->random, 1);
	bq_hash_init(&q->hash);
	bq_ring_init(&q->id, &q->ring);
	bq_packets_init(&q->id, &q->packets, q->id.memory);
	__builtin_memset(&q->fifo, 0, sizeof(q->fifo));
	bq_buckets_init(&q->ranks, link_of_member(q, ranks));
	bq_tfifo_init(&q->tfifo, link_of_member(q, tfifo_entries));
	__builtin_memset(&q->drr, 0, sizeof(q->drr));
	work_of(q)->turns[0].in_round = 0;
	q->timers.heap.entries = link_of_member(q, timers_entries);
	bq_timers_clear(&q->timers);
	q->heap.entries = link_of_member(q, entries);
	bq_heap_clear(&q->heap);
	bq_wheel_init(&q->wheel);
	bq_wheel_use(&q->wheel, link_of_member(q, wheel), BQ_WHEEL_BUCKETS(1));
	q->flows.buckets = link_of_member(q, buckets);
	q->flows.mask = 1023;
	q->flows.count = 1024;
	q->flows.first = link_of_member(q, flows);
	q->flows.capacity = FLOWS;
	bq_flows_clear(&q->flows);
	return 0;
}

static __always_inline void costs_clear(struct costs *q)
{
	struct trees_tree *tree = trees_of(&q->id, 0);

	bq_ring_purge(&q->ring);
	if (tree)
		trees_purge(tree);
	q->in_tree = 0;
}

/* Headers have many forms. As a global function, this is verified only once. */
__noinline int costs_headers(struct sk_buff *skb __arg_trusted, struct bq_headers *h)
{
	if (!h)
		return -EINVAL;
	bq_headers_read(skb, skb, h);
	return 0;
}

/* Functions that classify a packet. */
static __always_inline void measure_headers(struct costs *q, struct sk_buff *skb)
{
	struct bq_headers h = {};
	u32 holds = 0;

	MEASURE(bq_headers_read, costs_headers(skb, &h));
	MEASURE(bq_match_holds, holds = bq_match_holds(&work_of(q)->match, &h));
	q->stats.unmatched += !holds;
	MEASURE(bq_verdict_read, q->sink += !!bq_verdict_read(&q->id, skb));
}

/* Times below 0.27 s and lengths below 1,024. */
static __always_inline void measure_histograms(struct costs *q, u32 drawn)
{
	drawn >>= 4;
	MEASURE(bq_times_add, UNKNOWN(drawn); bq_times_add(q->times, drawn));
	drawn %= 1024;
	MEASURE(bq_lengths_add, UNKNOWN(drawn); bq_lengths_add(q->lengths, drawn));
}

/* Functions that handle no packet. */
static __always_inline void measure_numbers(struct costs *q, struct Qdisc *sch, struct sk_buff *skb)
{
	u32 drawn = 0;
	struct costs *found;

	MEASURE(clock, );
	MEASURE(bq_instance_of, found = bq_instance_of(sch); q->sink += !found);
	MEASURE(bq_config, q->sink += bq_config(q)->limit);
	MEASURE(bpf_get_prandom_u32, drawn = bpf_get_prandom_u32());
	MEASURE(bq_random_draw, drawn += bq_random_draw(&q->random));
	measure_histograms(q, drawn);
	MEASURE(bq_hash_of, q->sink += bq_hash_of(&q->hash, skb));
	drawn %= FLOWS;
	MEASURE(bq_flows_find, UNKNOWN(drawn); q->sink += bq_flows_find(&q->flows, drawn));
}

/* In one of the next buckets; the wheel may turn past some first. */
static __always_inline void measure_wheel(struct costs *q)
{
	bq_ref item = link_of_member(q, in_wheel);
	u64 bucket = q->wheel.edge + bq_random_draw(&q->random) % 64;

	bq_at(struct bq_heap_node, item)->time = bucket << BQ_WHEEL_LEAST;
	MEASURE(bq_wheel_add, q->sink += bq_wheel_add(&q->wheel, item));
	MEASURE(bq_wheel_advance, item = bq_wheel_advance(&q->wheel));
	if (!item)
		bq_wheel_advance(&q->wheel);
	q->wheel.count = 0;
}

static __always_inline void measure_waiting(struct costs *q)
{
	bq_ref timer = link_of_member(q, timers), item = 0;

	MEASURE(bq_heap_take, item = bq_heap_take(&q->heap));
	if (item) {
		bq_at(struct bq_heap_node, item)->time = bq_random_draw(&q->random);
		MEASURE(bq_heap_add, bq_heap_add(&q->heap, item));
	}
	measure_wheel(q);
	bq_timer_at(timer)->node.time = bpf_ktime_get_ns();
	MEASURE(bq_timers_add, bq_timers_add(&q->timers, timer));
	MEASURE(bq_timers_take, q->sink += bq_timers_take(&q->timers));
}

/* Each takes a packet and gives it back. */
static __always_inline struct sk_buff *measure_slots(struct costs *q, struct sk_buff *skb)
{
	struct bq_slot *slot;

	MEASURE(bq_slot, slot = bq_slot(&q->id, q->id.slots - 1));
	if (!slot)
		return skb;
	MEASURE(bq_slot_put, skb = bq_slot_put(slot, skb));
	if (skb)
		return skb;
	MEASURE(bq_slot_take, skb = bq_slot_take(slot));
	return skb;
}

static __always_inline struct sk_buff *measure_ring(struct costs *q, struct sk_buff *skb)
{
	MEASURE(bq_ring_push, skb = bq_ring_push(&q->id, &q->ring, skb));
	if (skb)
		return skb;
	MEASURE(bq_ring_pop, skb = bq_ring_pop(&q->ring));
	return skb;
}

static __always_inline struct sk_buff *measure_fifo(struct costs *q, struct sk_buff *skb)
{
	MEASURE(bq_fifo_push, skb = bq_fifo_push(&q->packets, &q->fifo, skb));
	if (skb)
		return skb;
	MEASURE(bq_fifo_pop, skb = bq_fifo_pop(&q->packets, &q->fifo));
	return skb;
}

static __always_inline struct sk_buff *measure_packets(struct costs *q, struct sk_buff *skb)
{
	bq_ref ref, turn = link_of_member(q, turns);

	MEASURE(bq_packet_store, skb = bq_packet_store(&q->packets, skb, &ref));
	if (skb)
		return skb;
	MEASURE(bq_buckets_add, bq_buckets_add(&q->ranks, ref & 4095, ref));
	MEASURE(bq_buckets_pop, ref = bq_buckets_pop(&q->ranks));
	MEASURE(bq_tfifo_add, bq_tfifo_add(&q->tfifo, ref));
	MEASURE(bq_tfifo_first, ref = bq_tfifo_first(&q->tfifo));
	MEASURE(bq_tfifo_remove, bq_tfifo_remove(&q->tfifo, ref));
	MEASURE(bq_drr_join, bq_drr_join(&q->drr, turn, 1514));
	MEASURE(bq_drr_next, turn = bq_drr_next(&q->drr));
	MEASURE(bq_drr_charge, bq_drr_charge(&q->drr, turn, 100));
	MEASURE(bq_packet_take, skb = bq_packet_take(&q->packets, ref));
	return skb;
}

static __always_inline struct sk_buff *measure_list(struct costs *q, struct sk_buff *skb,
						    struct bpf_sk_buff_ptr *to_free)
{
	struct lists_list *list = lists_of(&q->id, 0);
	struct listed *p;

	if (!list)
		return skb;
	MEASURE(bq_node_new, p = bq_node_new(struct listed));
	if (!p)
		return skb;
	MEASURE(bq_node_put, bq_node_put(p, skb, to_free));
	MEASURE(list_push_back, lists_push_back(list, p));
	MEASURE(list_pop_front, p = lists_pop_front(list));
	if (!p)
		return NULL;
	MEASURE(bq_node_take, skb = bq_node_take(p));
	return skb;
}

static __always_inline void measure_tree(struct costs *q)
{
	struct trees_tree *tree = trees_of(&q->id, 0);
	struct ordered *p = bq_node_new(struct ordered);
	u64 due;

	if (!p)
		return;
	p->due = bq_random_draw(&q->random);
	if (!tree) {
		bq_node_free(p);
		return;
	}
	MEASURE(tree_add, trees_add(tree, p));
	if (++q->in_tree <= WAITING)
		return;
	MEASURE(tree_pop, p = trees_pop(tree, ~0ull, &due));
	q->in_tree--;
	if (p)
		bq_node_free(p);
}

SEC("struct_ops")
int BPF_PROG(costs_enqueue, struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free)
{
	struct costs *q = bq_instance_of(sch);
	u32 len = qdisc_pkt_len(skb);

	BQ_USES_MEMORY();
	if (q) {
		q->stats.measured++;
		fill(q);
		measure_numbers(q, sch, skb);
		measure_headers(q, skb);
		measure_waiting(q);
		measure_tree(q);
		skb = measure_slots(q, skb);
		if (skb)
			skb = measure_ring(q, skb);
		if (skb)
			skb = measure_fifo(q, skb);
		if (skb)
			skb = measure_packets(q, skb);
		if (skb)
			skb = measure_list(q, skb, to_free);
		if (!skb)
			return NET_XMIT_DROP;
		skb = bq_ring_push(&q->id, &q->ring, skb);
	}
	if (skb) {
		qdisc_drop(sch, skb, to_free);
		return NET_XMIT_DROP;
	}
	qdisc_count_in(sch, len);
	return NET_XMIT_SUCCESS;
}

SEC("struct_ops")
struct sk_buff *BPF_PROG(costs_dequeue, struct Qdisc *sch)
{
	struct costs *q = bq_instance_of(sch);

	BQ_USES_MEMORY();
	return q ? bq_deliver(sch, bq_ring_pop(&q->ring)) : NULL;
}

BQ_KIT_OPS_MEMORY(costs, "costs");
