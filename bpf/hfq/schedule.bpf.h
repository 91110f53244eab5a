/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Choice of the leaf that sends next.
 *
 * Each class has two times instead of token buckets (the generic cell rate algorithm): it may send
 * within its rate from rate_at on, and may borrow from ceil_at on. A packet moves both on by the
 * time that it takes at that rate. A class that was idle has saved at most `depth` ns.
 *
 * - A class within its rate is in the row of its level, leaves in the lowest.
 * - A class within its ceil is in the feed of its parent, which can lend to it.
 * - Otherwise it waits in the heap for the earlier time that matters.
 *
 * The lowest row that has a class decides, then the lowest prio, so that guarantees come before
 * loans, and near lenders before distant ones. From that class the feeds lead down to a leaf. Rows
 * and feeds are served by deficit round robin, with `weight` bytes a round.
 *
 * Classes change while they are in rows and feeds. That is noticed when they are first there: a
 * class that may not send any more, or has no packets, is removed then. So a packet costs the same
 * with any number of classes, apart from the heap.
 *
 * A feed contains classes within their rate, too. That does no harm: while there is one, a row
 * below the lender's decides.
 */
#ifndef BQDISC_HFQ_SCHEDULE_BPF_H
#define BQDISC_HFQ_SCHEDULE_BPF_H

#include "hfq/class.bpf.h"

/* Time that counts for the rates of an expired qdisc: later than all, so that packets may leave. */
#define HFQ_EXPIRED (BQ_NEVER - 1)

/*
 * Wake the class at TIME or before. Global, as others here, so that the verifier checks it once,
 * and that its loops have a can_loop budget of their own. The verifier assumes that pointers may be
 * NULL.
 */
__noinline int hfq_wait(struct hfq_instance *q, bq_ref ref, u64 time)
{
	hfq_class *c = hfq_class_at(ref);

	BQ_USES_MEMORY();
	if (!q || time == BQ_NEVER || (c->waits && c->wake.time <= time))
		return 0;
	if (c->waits)
		bq_heap_remove(&q->waiting, ref);
	c->waits = 1;
	c->wake.time = time;
	bq_heap_add(&q->waiting, ref);
	return 0;
}

static __always_inline void hfq_join_row(struct hfq_instance *q, bq_ref ref, u32 prio)
{
	hfq_class *c = hfq_class_at(ref);
	u32 n = c->level * HFQ_PRIOS + prio;

	if (c->rowed >> prio & 1)
		return;
	c->rowed |= 1 << prio;
	hfq_row_append(hfq_row(q, n), ref, prio);
	q->ready |= 1ull << n;
}

/* Tell the scheduler that packets of PRIO wait in the class or below it. */
__noinline int hfq_offer(struct hfq_instance *q, bq_ref ref, u32 prio, u64 now)
{
	hfq_class *c;
	u32 i;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	prio &= HFQ_PRIOS - 1;
	for (i = 0; i < HFQ_LEVELS; i++) {
		c = hfq_class_at(ref);
		c->active |= 1 << prio;
		if (!c->parent) {
			/* Nothing is chosen before the root may send. */
			hfq_join_row(q, ref, prio);
			break;
		}
		if (c->ceil_at > now) {
			hfq_wait(q, ref, c->ceil_at);
			break;
		}
		if (c->rate_at > now)
			hfq_wait(q, ref, c->rate_at);
		else
			hfq_join_row(q, ref, prio);
		if (c->fed >> prio & 1)
			break;
		c->fed |= 1 << prio;
		hfq_feed_append(&hfq_class_at(c->parent)->feeds[prio], ref, prio);
		ref = c->parent;
	}
	return 0;
}

/* Offer the class whose time is the earliest, at all its prios. */
__noinline int hfq_wake_first(struct hfq_instance *q, u64 now)
{
	hfq_class *c;
	bq_ref ref;
	u32 prio;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	ref = bq_heap_take(&q->waiting);
	c = hfq_class_at(ref);
	c->waits = 0;
	for (prio = 0; prio < HFQ_PRIOS; prio++)
		if (c->active >> prio & 1)
			hfq_offer(q, ref, prio, now);
	return 0;
}

/* --- the way down --- */

/*
 * Return the first class of the feed of REF that may borrow and has its turn, or 0. Remove those
 * that may not.
 */
__noinline bq_ref hfq_next_fed(struct hfq_instance *q, bq_ref ref, u32 prio, u64 now)
{
	hfq_class *c;
	hfq_list *feed;
	bq_ref child;

	BQ_USES_MEMORY();
	if (!q)
		return 0;
	prio &= HFQ_PRIOS - 1;
	feed = &hfq_class_at(ref)->feeds[prio];
	while ((child = feed->first) && can_loop) {
		c = hfq_class_at(child);
		if (!(c->active >> prio & 1) || c->ceil_at > now) {
			hfq_feed_pop(feed, prio);
			c->fed &= ~(1 << prio);
			if (c->active >> prio & 1)
				hfq_wait(q, child, c->ceil_at);
		} else if (c->credit <= 0) {
			if (feed->last == child) {
				/* A class alone gets into no debt. */
				c->credit = c->weight;
				break;
			}
			c->credit += c->weight;
			hfq_feed_append(feed, hfq_feed_pop(feed, prio), prio);
		} else {
			break;
		}
	}
	return child;
}

/* Return the leaf that LENDER lends to, or sends itself, or 0 if no class below it may borrow. */
static __always_inline bq_ref hfq_descend(struct hfq_instance *q, bq_ref lender, u32 prio, u64 now)
{
	bq_ref child, ref = lender;

	while (!hfq_is_leaf(hfq_class_at(ref)) && can_loop) {
		child = hfq_next_fed(q, ref, prio, now);
		if (child) {
			ref = child;
			continue;
		}
		hfq_class_at(ref)->active &= ~(1 << prio);
		if (ref == lender)
			return 0;
		ref = hfq_class_at(ref)->parent;
	}
	return ref;
}

/* --- the lender --- */

/* Return the position of the lowest bit of WORD, which is not 0. */
static __always_inline u32 hfq_lowest_bit(u64 word)
{
	u32 n = 0;

	if (!(u32)word) {
		word >>= 32;
		n = 32;
	}
	if (!(word & 0xffff)) {
		word >>= 16;
		n += 16;
	}
	if (!(word & 0xff)) {
		word >>= 8;
		n += 8;
	}
	if (!(word & 0xf)) {
		word >>= 4;
		n += 4;
	}
	if (!(word & 3)) {
		word >>= 2;
		n += 2;
	}
	return n + !(word & 1);
}

/* Remove the first class from ROW, because it may not send within its rate. */
static __always_inline void hfq_leave_row(struct hfq_instance *q, hfq_list *row, u32 prio, u64 now)
{
	bq_ref ref = hfq_row_pop(row, prio);
	hfq_class *c = hfq_class_at(ref);

	c->rowed &= ~(1 << prio);
	if (c->active >> prio & 1)
		hfq_wait(q, ref, c->ceil_at > now ? c->ceil_at : c->rate_at);
}

/* A leaf that may send, and the class from whose rate: itself or one above it. */
struct hfq_choice {
	bq_ref leaf, lender; /* leaf 0: none may send */
	bool in_turn;        /* it is their turn in rows and feeds */
};

/* Choose the leaf that sends next. The root may send. */
__noinline int hfq_choose(struct hfq_instance *q, struct hfq_choice *choice, u64 now)
{
	hfq_list *row;
	hfq_class *c;
	u32 n, prio;
	bq_ref ref;

	BQ_USES_MEMORY();
	if (!q || !choice)
		return 0;
	choice->leaf = 0;
	while (bq_heap_first_time(&q->waiting) <= now && can_loop)
		hfq_wake_first(q, now);
	while (q->ready && can_loop) {
		n = hfq_lowest_bit(q->ready);
		prio = n % HFQ_PRIOS;
		row = hfq_row(q, n);
		ref = row->first;
		if (!ref) {
			q->ready &= ~(1ull << n);
			continue;
		}
		c = hfq_class_at(ref);
		if (!(c->active >> prio & 1) || c->ceil_at > now || c->rate_at > now) {
			hfq_leave_row(q, row, prio, now);
			continue;
		}
		if (c->lendable <= 0 && row->last != ref) {
			c->lendable += c->weight;
			hfq_row_append(row, hfq_row_pop(row, prio), prio);
			continue;
		}
		if (c->lendable <= 0)
			c->lendable = c->weight;
		choice->in_turn = true;
		choice->lender = ref;
		choice->leaf = hfq_descend(q, ref, prio, now);
		if (choice->leaf)
			break;
	}
	return 0;
}

/*
 * Choose the leaf REF if it may send at once, as the only one with a packet. Return false if it may
 * not.
 */
static __always_inline bool hfq_choose_only(const struct hfq_instance *q, bq_ref ref, u64 now,
					    struct hfq_choice *choice)
{
	const hfq_class *c;
	u32 i;

	choice->leaf = ref;
	for (i = 0; i < HFQ_LEVELS && ref; i++) {
		c = hfq_class_at(ref);
		if (c->ceil_at > now)
			return false;
		if (c->rate_at <= now)
			break;
		ref = c->parent;
	}
	choice->lender = ref;
	return ref && hfq_root(q)->ceil_at <= now;
}

/* --- the price --- */

/* Return the time T, from which a class may send at RATE, after it sent COST bytes at NOW. */
static __always_inline u64 hfq_pay(u64 t, const struct hfq_rate __arena *rate, u32 cost, u64 now)
{
	s64 earliest = (s64)(now - rate->depth); /* negative soon after boot */

	if (!rate->mult || now == HFQ_EXPIRED)
		return t;
	return ((s64)t > earliest ? t : (u64)earliest) + ((u64)cost * rate->mult >> rate->shift);
}

/*
 * Charge a packet of LEN bytes to the leaf and all classes above it. For their rates it has COST
 * bytes. Those below the lender borrow. A packet out of turn competes with none, so it causes no
 * debt in the round robin.
 */
static __always_inline void hfq_charge(const struct hfq_choice *choice, u32 len, u32 cost, u64 now)
{
	s32 turn = choice->in_turn ? (s32)len : 0;
	bool borrows = choice->leaf != choice->lender;
	bq_ref ref = choice->leaf;
	hfq_class *c;
	u32 i;

	for (i = 0; i < HFQ_LEVELS && ref; i++) {
		c = hfq_class_at(ref);
		c->stats.packets++;
		c->stats.bytes += len;
		c->ceil_at = hfq_pay(c->ceil_at, &c->ceil, cost, now);
		if (ref == choice->lender) {
			borrows = false;
			c->lendable -= turn;
			c->stats.lent += i != 0;
		}
		if (borrows) {
			c->credit -= turn;
			c->stats.borrowed++;
		} else {
			c->rate_at = hfq_pay(c->rate_at, &c->rate, cost, now);
		}
		ref = c->parent;
	}
}

#endif
