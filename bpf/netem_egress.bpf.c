// SPDX-License-Identifier: GPL-2.0-only
/*
 * netem's egress program.
 *
 * What waits must not weigh on the socket that sent it: TCP holds back when two packets of a
 * connection are under way on this machine (TCP Small Queues), and UDP when its send buffer is
 * full. The kernel's netem does the same with skb_orphan_partial().
 *
 * Packets are duplicated, marked and corrupted here. With any of these, all that is drawn before
 * the delay is drawn here, from the qdisc's own random numbers in the kernel's order, and the qdisc
 * is told what is left to it: to drop what was lost. Without, it decides by itself, under its lock.
 *
 * Differences from net/sched/sch_netem.c: a limit that is reached between the two of a duplicate
 * takes one of them; a packet that is still to be segmented is not, but all of its segments are
 * corrupted (netem/corrupt.bpf.h).
 */
#include <bqdisc/egress.bpf.h>
#include <bqdisc/memory.bpf.h>
#include "netem/corrupt.bpf.h"
#include "netem/lock.bpf.h"
#include "netem/classify.bpf.h"
#include "netem/model.h"
#include "netem/verdict.h"

typedef struct netem_rule __arena netem_rule;

BQ_DEFINE_INSTANCES(struct netem_instance)

static __always_inline void netem_count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* --- decisions --- */

/* A packet, its rule, and who draws for it. */
struct netem_case {
	struct netem_instance *q;
	netem_rule *r;
	bool twice, lost, corrupt;
};

/* Draws in the kernel's order; what is lost altogether is not asked about corruption. */
static __always_inline void netem_draw_all(struct netem_case *c, bool is_duplicate)
{
	struct netem_lock *lock = netem_lock_of(egress.index);
	netem_rule *r = c->r;

	if (!lock)
		return;
	bpf_spin_lock(&lock->lock);
	c->twice = !is_duplicate && netem_duplicates(&r->what, &r->state);
	c->lost = netem_loses(&r->what, &r->state);
	if (!c->lost || c->twice)
		c->corrupt = netem_corrupts(&r->what, &r->state);
	bpf_spin_unlock(&lock->lock);
}

/* What can be marked instead of being lost is, if that is asked for: then it goes on after all. */
static __always_inline void netem_mark(struct __sk_buff *skb, struct netem_case *c)
{
	struct netem_lock *lock = netem_lock_of(egress.index);

	if (!c->lost || !c->r->what.ecn || !lock || !bpf_skb_ecn_set_ce(skb))
		return;
	netem_count(&c->q->stats.ecn_marked);
	c->lost = false;
	if (c->twice)
		return;
	bpf_spin_lock(&lock->lock);
	c->corrupt = netem_corrupts(&c->r->what, &c->r->state);
	bpf_spin_unlock(&lock->lock);
}

/* What is left to the qdisc. A second packet goes all the way before this one goes on. */
static __always_inline u32 netem_decide(struct __sk_buff *skb, struct netem_instance *q, u32 rule,
					bool is_duplicate)
{
	struct netem_case c = { .q = q };

	c.r = bq_nth(struct netem_rule, q->rules, rule);
	netem_draw_all(&c, is_duplicate);
	netem_mark(skb, &c);
	if (c.lost && !c.twice)
		return NETEM_DECIDED | NETEM_LOST;
	if (c.twice && !c.lost) {
		bq_verdict_write(skb, NETEM_DUPLICATE, rule, 0);
		if (bq_duplicate(skb))
			netem_count(&q->stats.duplicated);
		else
			netem_count(&q->stats.allocation_errors);
	}
	if (c.corrupt && netem_corrupt(skb))
		netem_count(&q->stats.corrupted);
	return NETEM_DECIDED;
}

/* The rule that is for the packet, or their number. On its own for the verifier's sake. */
__noinline u32 netem_rule_on_hook(struct __sk_buff *skb, u32 rules, u32 n)
{
	struct bq_headers h;

	BQ_USES_MEMORY();
	bq_headers_read(skb, bpf_cast_to_kern_ctx(skb), &h);
	return netem_match(&h, rules, n);
}

/*
 * Decides about a packet that comes here for the first time, and tells the qdisc. The qdisc takes a
 * change in with the packet that comes next: until then all is decided by the rules as they were.
 * Returns whether it is to be let go of its socket.
 */
static __always_inline bool netem_judge(struct __sk_buff *skb, struct netem_instance *q)
{
	u32 rule = 0, verdict = NETEM_DECIDED;

	if (q->classify)
		rule = netem_rule_on_hook(skb, q->rules, q->n_rules);
	if (rule < q->n_rules)
		verdict = netem_decide(skb, q, rule, false);
	bq_verdict_write(skb, verdict, rule, 0);
	return rule < q->n_rules && !(verdict & NETEM_LOST);
}

/* Ours already: a packet that was let go of its socket, or the second of two. */
static __always_inline int netem_pass_again(struct __sk_buff *skb, struct netem_instance *q)
{
	u32 rule = skb->cb[3];

	if (skb->cb[2] == NETEM_DUPLICATE && rule < q->n_rules)
		bq_verdict_write(skb, netem_decide(skb, q, rule, true), rule, 0);
	return BQ_TCX_NEXT;
}

SEC("tcx/egress")
int netem_egress(struct __sk_buff *skb)
{
	struct netem_instance *q = bq_instance_at(egress.index);

	BQ_USES_MEMORY();
	/* The most frequent case comes first: what is forwarded, and what comes by again. */
	if (!q || (!q->written && !skb->sk) || !bq_egress_is_for(&q->id))
		return BQ_TCX_NEXT;
	if (q->written && bq_verdict_is_own(skb))
		return netem_pass_again(skb, q);
	if (!bq_is_first(bpf_cast_to_kern_ctx(skb)))
		return BQ_TCX_NEXT;
	if (q->written && !netem_judge(skb, q))
		return BQ_TCX_NEXT;
	return q->holds ? bq_release_socket(skb) : BQ_TCX_NEXT;
}

char _license[] SEC("license") = "GPL";
