// SPDX-License-Identifier: GPL-2.0-only
/*
 * Egress program of netem.
 *
 * Queued packets must not be charged to their socket. TCP Small Queues stop a connection with two
 * packets queued on this host, and UDP stops at a full send buffer. The in-tree netem does the same
 * with skb_orphan_partial().
 *
 * This program duplicates, marks and corrupts packets. If a rule does any of these, it draws
 * everything before the delay, from the qdisc's random numbers in the kernel's order. Its verdict
 * tells the qdisc which packets to drop. Otherwise the qdisc decides by itself, under its lock.
 *
 * Differences from net/sched/sch_netem.c: a limit reached between a packet and its duplicate drops
 * one of them. For a packet still to be segmented, all segments are corrupted
 * (netem/corrupt.bpf.h).
 */
#include <bqdisc/egress.bpf.h>
#include <bqdisc/memory.bpf.h>
#include "netem/corrupt.bpf.h"
#include "netem/lock.bpf.h"
#include "netem/classify.bpf.h"
#include "netem/ruleset.bpf.h"
#include "netem/verdict.h"

BQ_DEFINE_INSTANCES(struct netem_instance)
BQ_DEFINE_EGRESS(struct netem_instance)

static __always_inline void netem_count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* --- decisions --- */

/* Packet, its rule, and the source of random numbers. */
struct netem_case {
	struct netem_instance *q;
	netem_rule *r;
	netem_state *s;
	bool twice, lost, corrupt;
};

/* Draw in the kernel's order. A packet that is lost with its duplicate draws no corruption. */
static __always_inline void netem_draw_all(struct netem_case *c, bool is_duplicate)
{
	struct netem_lock *lock = netem_lock_of(c->q->id.index);
	netem_rule *r = c->r;
	netem_state *s = c->s;

	if (!lock)
		return;
	bpf_spin_lock(&lock->lock);
	c->twice = !is_duplicate && netem_duplicates(&r->what, s);
	c->lost = netem_loses(&r->what, s);
	if (!c->lost || c->twice)
		c->corrupt = netem_corrupts(&r->what, s);
	bpf_spin_unlock(&lock->lock);
}

/*
 * Set ECN's CE on a packet instead of losing it, if enabled and possible; the packet then goes on.
 */
static __always_inline void netem_mark(struct __sk_buff *skb, struct netem_case *c)
{
	struct netem_lock *lock = netem_lock_of(c->q->id.index);

	if (!c->lost || !c->r->what.ecn || !lock || !bpf_skb_ecn_set_ce(skb))
		return;
	netem_count(&c->q->stats.ecn_marked);
	c->lost = false;
	if (c->twice)
		return;
	bpf_spin_lock(&lock->lock);
	c->corrupt = netem_corrupts(&c->r->what, c->s);
	bpf_spin_unlock(&lock->lock);
}

/*
 * Return the verdict for the qdisc. A duplicate traverses the whole hook before this packet goes
 * on.
 */
static __always_inline u32 netem_decide(struct __sk_buff *skb, struct netem_instance *q, u64 key,
					netem_ruleset *rules, u32 rule, bool is_duplicate)
{
	struct netem_case c = { .q = q, .s = netem_state_at(q, rule) };

	c.r = netem_rule_at(rules, rule);
	netem_draw_all(&c, is_duplicate);
	netem_mark(skb, &c);
	if (c.lost && !c.twice)
		return NETEM_DECIDED | NETEM_LOST;
	if (c.twice && !c.lost) {
		bq_verdict_write(skb, key, NETEM_SECOND, rule, 0);
		if (bq_duplicate(skb))
			netem_count(&q->stats.duplicated);
		else
			netem_count(&q->stats.allocation_errors);
	}
	if (c.corrupt && netem_corrupt(skb))
		netem_count(&q->stats.corrupted);
	return NETEM_DECIDED;
}

/*
 * Return the packet's rule, or RULES if none matches. Global, so that the verifier checks it once.
 */
__noinline u32 netem_rule_on_hook(struct __sk_buff *skb, u32 rules, u32 n)
{
	struct bq_headers h;

	BQ_USES_MEMORY();
	bq_headers_read(skb, bpf_cast_to_kern_ctx(skb), &h);
	return netem_match(&h, rules, n);
}

/*
 * Decide about a packet and write the verdict for the qdisc. Return true if the packet's socket
 * must be released. A clone that this program sent comes with its verdict: a duplicate is decided
 * again, and a packet released from its socket goes on.
 */
static __always_inline bool netem_judge(struct __sk_buff *skb, struct netem_instance *q, u64 key,
					netem_ruleset *rules)
{
	bool again = bq_verdict_is_own(skb, key);
	u32 rule = 0, verdict = NETEM_DECIDED;

	if (again ? skb->cb[2] != NETEM_SECOND : !bq_is_first(bpf_cast_to_kern_ctx(skb)))
		return false;
	if (again)
		rule = skb->cb[3];
	else if (rules->path == NETEM_PATH_MATCH_EGRESS)
		rule = netem_rule_on_hook(skb, netem_first_rule(rules), rules->n);
	if (rule < rules->n)
		verdict = netem_decide(skb, q, key, rules, rule, again);
	bq_verdict_write(skb, key, verdict, rule, 0);
	return !again && rule < rules->n && !(verdict & NETEM_LOST);
}

SEC("tcx/egress")
int netem_egress(struct __sk_buff *skb)
{
	netem_ruleset *rules;
	struct netem_instance *q;
	bool release;
	u64 key;

	BQ_USES_MEMORY();
	q = bq_egress_instance(skb, &key);
	if (!q)
		return BQ_TCX_NEXT;
	rules = netem_ruleset_of(q, *(volatile u32 *)&q->id.generation);
	/*
	 * Test the most frequent cases first: forwarded packets, and clones on their second pass.
	 */
	if ((!skb->sk && !netem_path_is_egress(rules->path)) || bq_expired(&q->id))
		return BQ_TCX_NEXT;
	if (netem_path_is_egress(rules->path))
		release = netem_judge(skb, q, key, rules);
	else
		release = bq_is_first(bpf_cast_to_kern_ctx(skb));
	return release && rules->holds ? bq_release_socket(skb) : BQ_TCX_NEXT;
}

char _license[] SEC("license") = "GPL";
