/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * .init: reads the options, claims an instance for the qdisc, and releases it on failure. The kind
 * supplies its own options, queues and counters:
 *
 *   BQ_DEFINE_INIT(struct foo_instance)
 *
 *   int foo_read_intree(struct foo_instance *q, struct nlattr *opt, u32 len)
 *       writes LEN bytes of the in-tree qdisc's options into q->config[0],
 *       which holds zeros
 *   int foo_start(struct foo_instance *q, struct Qdisc *sch)
 *       completes and checks the untrusted q->config[0], and initialises all the rest
 *
 *   SEC("struct_ops") int BPF_PROG(foo_init, struct Qdisc *sch, struct nlattr *opt)
 *   {
 *           return bq_init(sch, opt, foo_read_intree, foo_start);
 *   }
 *
 * Both return 0 or a negative errno, and are inlined.
 *
 * Guarantees: a failure leaves no trace; only the process that prepared an instance gets it. Cost:
 * nothing a packet.
 */
#ifndef BQDISC_INIT_BPF_H
#define BQDISC_INIT_BPF_H

#include <bqdisc/instance.bpf.h>

/* Options passed to .init. */
struct bq_request {
	struct bq_options_header header; /* zeros for in-tree options */
	u32 intree_len;                  /* bytes of in-tree options, possibly 0 */
	bool attachment, intree;         /* whose options there are; neither: none */
};

/* Read options whose config struct has SIZE bytes into REQ. */
static __always_inline int bq_request_read(struct bq_request *req, struct nlattr *opt, u32 size)
{
	int len = bq_options_read(opt, &req->header, sizeof(req->header));
	struct bq_options_header *h = &req->header;
	bool stale = len > 0 && h->magic == BQ_MAGIC && h->size == (u32)len;

	req->attachment =
		len > 0 && bq_options_are_own(&req->header, len, sizeof(req->header) + size);
	if (req->attachment)
		return 0;
	__builtin_memset(&req->header, 0, sizeof(req->header));
	if (len == -ENODATA)
		return 0;
	/* bqdisc's options in another layout must not pass as in-tree options. */
	if (len < 0 || stale)
		return -EINVAL;
	req->intree = true;
	req->intree_len = len;
	return 0;
}

/* Claim ID if it is in state FROM. Two qdiscs may race: network namespaces share no lock. */
static __always_inline bool bq_claim(struct bq_instance *id, u32 from)
{
	return __sync_val_compare_and_swap(&id->state, from, BQ_CLAIMED) == from;
}

static __always_inline void bq_unclaim(struct bq_instance *id)
{
	bool pool = bq_is_pool_instance(id);

	bq_pool_leave(id);
	__sync_lock_test_and_set(&id->state, pool ? BQ_FREE : BQ_PREPARED);
	if (pool)
		bq_usage_set_check(id->index);
}

/* Record the qdisc that owns ID. */
static __always_inline void bq_write_identity(struct bq_instance *id, const struct Qdisc *sch)
{
	const struct net_device *dev = sch->dev_queue->dev;

	id->net_cookie = dev->nd_net.net->net_cookie;
	id->ifindex = dev->ifindex;
	id->device = (u64)dev;
	id->handle = sch->handle;
	id->parent = sch->parent;
	id->created_ns = bpf_ktime_get_boot_ns();
	id->generation = 0;
	id->follow_until = 0;
}

static __always_inline void bq_set_live(struct bq_instance *id, struct Qdisc *sch, u32 index)
{
	sch->limit = index;
	__sync_lock_test_and_set(&id->state, BQ_LIVE);
}

/* Clear N words, a constant: counters with histograms are too large for memset(). */
static __always_inline void bq_zero(void *words, u32 n)
{
	u64 *word = words;
	u32 i;

	bpf_for(i, 0, n)
		word[i] = 0;
}

/* Note that pool instance INDEX was claimed. */
static __always_inline void bq_pool_note(struct bq_pool *p, u32 index)
{
	if (p)
		p->hint = index + 1 - BQ_POOL_FIRST;
	bq_usage_set_used(index);
}

#define BQ_DEFINE_INIT(TYPE)                                                                       \
	typedef int bq_read_intree_fn(TYPE *q, struct nlattr *opt, u32 len);                       \
	typedef int bq_start_fn(TYPE *q, struct Qdisc *sch);                                       \
                                                                                                   \
	/* Claim an instance. Return its index or a negative errno. */                             \
	static __always_inline int bq_take_instance(const struct bq_request *req)                  \
	{                                                                                          \
		struct bq_pool *p;                                                                 \
		TYPE *q;                                                                           \
		u32 hint, n;                                                                       \
		u32 i;                                                                             \
                                                                                                   \
		if (req->header.index) {                                                           \
			q = bq_instance_at(req->header.index);                                     \
			if (!q || q->id.cookie != req->header.cookie ||                            \
			    !bq_claim(&q->id, BQ_PREPARED))                                        \
				return -EINVAL;                                                    \
			return req->header.index;                                                  \
		}                                                                                  \
		/* The hint only shortens the search; a wrong one does no harm. */                 \
		p = bq_pool_get();                                                                 \
		hint = p ? p->hint : 0;                                                            \
		bpf_for(i, 0, p ? p->instances : 0) {                                              \
			n = BQ_POOL_FIRST + (hint + i) % p->instances;                             \
			q = bq_instance_at(n);                                                     \
			if (!q || !bq_claim(&q->id, BQ_FREE))                                      \
				continue;                                                          \
			bq_slots_from_pool(&q->id, n);                                             \
			bq_pool_note(p, n);                                                        \
			return n;                                                                  \
		}                                                                                  \
		return -ENOBUFS;                                                                   \
	}                                                                                          \
                                                                                                   \
	/* Fill the first bank with named options and zeros. */                                    \
	static __always_inline int bq_read_config(TYPE *q, struct nlattr *opt,                     \
						  const struct bq_request *req,                    \
						  bq_read_intree_fn read_intree)                   \
	{                                                                                          \
		void *payload = (void *)opt + sizeof(struct nlattr);                               \
                                                                                                   \
		__builtin_memset(&q->config[0], 0, sizeof(q->config[0]));                          \
		if (req->intree)                                                                   \
			return read_intree(q, opt, req->intree_len);                               \
		if (!req->attachment)                                                              \
			return 0;                                                                  \
		return bpf_probe_read_kernel(&q->config[0], sizeof(q->config[0]),                  \
					     payload + sizeof(req->header))                        \
			       ? -EINVAL                                                           \
			       : 0;                                                                \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bq_init(struct Qdisc *sch, struct nlattr *opt,                  \
					   bq_read_intree_fn read_intree, bq_start_fn start)       \
	{                                                                                          \
		struct bq_request req = {};                                                        \
		int err = bq_request_read(&req, opt, sizeof(((TYPE *)0)->config[0]));              \
		int index = err ? err : bq_take_instance(&req);                                    \
		TYPE *q = index > 0 ? bq_instance_at(index) : NULL;                                \
                                                                                                   \
		if (!q)                                                                            \
			return index < 0 ? index : -EINVAL;                                        \
		bq_write_identity(&q->id, sch);                                                    \
		bq_zero(&q->stats, sizeof(q->stats) / sizeof(u64));                                \
		__builtin_memset(&q->defaults, 0, sizeof(q->defaults));                            \
		err = bq_read_config(q, opt, &req, read_intree);                                   \
		if (!err)                                                                          \
			err = start(q, sch);                                                       \
		if (!err && !bq_place_enter(&q->id))                                               \
			err = -ENOMEM;                                                             \
		if (err) {                                                                         \
			bq_unclaim(&q->id);                                                        \
			return err;                                                                \
		}                                                                                  \
		bq_set_live(&q->id, sch, index);                                                   \
		return 0;                                                                          \
	}

#endif
