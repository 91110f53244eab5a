/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Egress programs: programs on the egress hook that do work which a qdisc program cannot. They run
 * before enqueue, so they can modify and duplicate packets:
 *
 *   bq_release_socket()  detach the packet from its socket while it waits
 *   bq_duplicate()       send the packet twice
 *   bq_verdict_write()   pass a decision to the qdisc, which reads it with bq_verdict_read()
 * (verdict.bpf.h)
 *
 * The first two send a clone through the same hook again. The clone carries a verdict, by which the
 * egress program recognises it. Another program earlier on the hook would see such a packet twice.
 * An egress program that is not the first therefore passes every packet unchanged; later programs
 * see each packet once.
 *
 * One program serves all devices of a kind. It finds the instance by the packet's device:
 *
 *   BQ_DEFINE_EGRESS(struct foo_instance)
 *
 * Guarantees: an egress program does nothing without its qdisc, or if another qdisc took its
 * instance. The qdisc's lock is not held here, so updates of shared counters may be lost when
 * several CPUs send. Cost: some 1700 for a clone and its way down the hook, with
 * bq_release_socket() and bq_duplicate(); a few loads and stores for all else.
 */
#ifndef BQDISC_EGRESS_BPF_H
#define BQDISC_EGRESS_BPF_H

#include <bqdisc/instance.bpf.h>
#include <bqdisc/egress.h>

/* Return codes of the hook, which older linux/bpf.h lack. */
#define BQ_TCX_NEXT (-1)
#define BQ_TCX_DROP 2

#define NET_XMIT_DROP 1
#define BQ_ROOT 0xffffffffu /* TC_H_ROOT */

/* Constants of linux/bpf.h and linux/skbuff.h. */
#ifndef BPF_F_INGRESS
#define BPF_F_INGRESS 1
#endif

/*
 * Time stamps in skb_shared_info.tx_flags that the kernel reports to skb->sk after the egress hook:
 * hardware (bit 0), driver (1), completion (3), Wi-Fi (4, until 6.15), BPF (7). The kernel reports
 * SCM_TSTAMP_SCHED before the hook, and SCM_TSTAMP_ACK needs no packet.
 */
#define BQ_TX_STAMPS 0x9b

struct bq_egress egress SEC(".data.egress") = {};

/* Return the struct sk_buff behind the egress program's context CTX. */
extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym;

static __always_inline struct net_device *bq_device_of(struct __sk_buff *skb)
{
	return ((struct sk_buff *)bpf_cast_to_kern_ctx(skb))->dev;
}

/* Return the qdisc of transmit queue N. */
static __always_inline const struct Qdisc *bq_qdisc_on(const struct net_device *dev, u32 n)
{
	const void *queues = dev->_tx;
	const struct netdev_queue *queue =
		bpf_rdonly_cast(queues + (u64)n * bpf_core_type_size(struct netdev_queue),
				bpf_core_type_id_kernel(struct netdev_queue));

	return queue->qdisc;
}

/* Return the number of queues with qdiscs of their own. A root qdisc is that of all queues. */
static __always_inline u32 bq_queues_of(const struct net_device *dev)
{
	return bq_qdisc_on(dev, 0)->parent == BQ_ROOT ? 1 : dev->num_tx_queues;
}

/* Return the hint of the device, which other devices may share. */
static __always_inline u32 *bq_hint_of(const struct net_device *dev)
{
	u32 low;

	/* The low half of a pointer is a number to the verifier. */
	asm volatile("%0 = %1" : "=w"(low) : "w"((u32)(u64)dev));
	return &egress.hints[low >> 12 & (BQ_EGRESS_HINTS - 1)];
}

/* Return the key for verdicts of instance ID, or 0 if its egress program is off. */
static __always_inline u64 bq_egress_key(const struct bq_instance *id)
{
	return *(const volatile u64 *)&id->egress;
}

/*
 * Define bq_egress_visit(), and bq_egress_on() and bq_egress_instance(), which also set the key for
 * verdicts. A qdisc of another kind may have any number where an instance's index is, so its device
 * is compared. The hint saves the way over the device: the kernel adds a check of eight
 * instructions to each load there. The queue of an mq is not selected yet, so a flow is searched in
 * all of them.
 */
#define BQ_DEFINE_EGRESS(TYPE)                                                                     \
	/* Return the instance on transmit queue N whose egress program is on, or NULL. */         \
	static __always_inline TYPE *bq_egress_on(const struct net_device *dev, u32 n, u64 *key)   \
	{                                                                                          \
		TYPE *q = bq_instance_at(bq_qdisc_on(dev, n)->limit);                              \
                                                                                                   \
		if (q && q->id.device == (u64)dev && (*key = bq_egress_key(&q->id)))               \
			return q;                                                                  \
		return NULL;                                                                       \
	}                                                                                          \
                                                                                                   \
	static __always_inline TYPE *bq_egress_search(const struct net_device *dev, u64 *key)      \
	{                                                                                          \
		u32 i, n = bq_queues_of(dev);                                                      \
		TYPE *q;                                                                           \
                                                                                                   \
		bpf_for(i, 0, n) {                                                                 \
			q = bq_egress_on(dev, i, key);                                             \
			if (q)                                                                     \
				return q;                                                          \
		}                                                                                  \
		return NULL;                                                                       \
	}                                                                                          \
                                                                                                   \
	/* Return the device's instance whose egress program is on, any of several, or NULL. */    \
	static __always_inline TYPE *bq_egress_instance(struct __sk_buff *skb, u64 *key)           \
	{                                                                                          \
		const struct net_device *dev = bq_device_of(skb);                                  \
		u32 *hint = bq_hint_of(dev);                                                       \
		TYPE *q = bq_instance_at(*hint);                                                   \
                                                                                                   \
		if (q && q->id.device == (u64)dev && (*key = bq_egress_key(&q->id)))               \
			return q;                                                                  \
		q = bq_egress_search(dev, key);                                                    \
		if (q)                                                                             \
			*hint = q->id.index;                                                       \
		return q;                                                                          \
	}                                                                                          \
                                                                                                   \
	/* Call FN for the packet's instance, or for those of an mq until one returns true. */     \
	static __always_inline __attribute__((unused)) void bq_egress_visit(                       \
		struct __sk_buff *skb, bool (*fn)(struct __sk_buff * skb, TYPE * q))               \
	{                                                                                          \
		const struct net_device *dev;                                                      \
		u64 key;                                                                           \
		TYPE *q = bq_egress_instance(skb, &key);                                           \
		u32 i, n;                                                                          \
                                                                                                   \
		if (q && q->id.parent == BQ_ROOT) {                                                \
			fn(skb, q);                                                                \
			return;                                                                    \
		}                                                                                  \
		dev = bq_device_of(skb);                                                           \
		n = dev->num_tx_queues;                                                            \
		bpf_for(i, 0, n) {                                                                 \
			q = bq_egress_on(dev, i, &key);                                            \
			if (q && fn(skb, q))                                                       \
				return;                                                            \
		}                                                                                  \
	}

/* Return true if the packet carries a verdict with KEY: it is a clone that was sent from here. */
static __always_inline bool bq_verdict_is_own(const struct __sk_buff *skb, u64 key)
{
	return skb->cb[0] == (u32)key && skb->cb[1] == (u32)(key >> 32);
}

/*
 * Write the verdict to the packet, for the qdisc and for this program on the clone's second pass.
 */
static __always_inline void bq_verdict_write(struct __sk_buff *skb, u64 key, u32 verdict, u32 more,
					     u32 last)
{
	skb->cb[0] = (u32)key;
	skb->cb[1] = (u32)(key >> 32);
	skb->cb[2] = verdict;
	skb->cb[3] = more;
	skb->cb[4] = last;
}

/*
 * Return true if this program is the first on the hook. A running program keeps its address, so
 * store the address once its id was found; comparing ids costs more pointer reads per packet.
 */
static __always_inline bool bq_is_first(struct sk_buff *skb)
{
	const struct bpf_prog *first = skb->dev->tcx_egress->fp_items[0].prog;

	if ((u64)first == egress.program)
		return true;
	if (first->aux->id != egress.prog_id)
		return false;
	egress.program = (u64)first;
	return true;
}

/* Return true if a TLS device will encrypt the packet, which must then keep its socket. */
static __always_inline bool bq_is_decrypted(struct sk_buff *skb)
{
	return bpf_core_field_exists(skb->decrypted) && BPF_CORE_READ_BITFIELD(skb, decrypted);
}

/* Return true for a pure ACK, which TCP does not charge (skb_is_tcp_pure_ack() in net/tcp.h). */
static __always_inline bool bq_is_weightless(struct sk_buff *skb)
{
	return skb->truesize <= 2;
}

/* Return true if the sender requested a transmit time stamp, which it gets through skb->sk. */
static __always_inline bool bq_is_stamped(struct sk_buff *skb)
{
	const struct skb_shared_info *info = bpf_rdonly_cast(skb->head + skb->end, 0);

	return info->tx_flags & BQ_TX_STAMPS;
}

/*
 * Return true if an ifb will pass the packet to the receive path of its input device.
 * bpf_clone_redirect() clears from_ingress, so ifb would transmit a clone back to its sender.
 * from_ingress alone is no proof: a packet keeps it after passing an ifb.
 */
static __always_inline bool bq_is_received(struct sk_buff *skb)
{
	char kind[4];

	if (!bpf_core_field_exists(skb->from_ingress) ||
	    !BPF_CORE_READ_BITFIELD(skb, from_ingress) || !BPF_CORE_READ_BITFIELD(skb, redirected))
		return false;
	return !bpf_probe_read_kernel(kind, sizeof(kind), skb->dev->rtnl_link_ops->kind) &&
	       kind[0] == 'i' && kind[1] == 'f' && kind[2] == 'b' && !kind[3];
}

/* Return true if the packet is charged to a socket and a clone may replace it. */
static __always_inline bool bq_has_socket(struct __sk_buff *skb)
{
	struct sk_buff *whole = bpf_cast_to_kern_ctx(skb);
	struct bpf_sock *sk = skb->sk;

	return sk && bpf_sk_fullsock(sk) && !bq_is_weightless(whole) && !bq_is_decrypted(whole) &&
	       !bq_is_stamped(whole);
}

/*
 * Send a clone without a socket of a packet that an ifb receives. The clone enters the ingress hook
 * of the packet's input device, whose filters redirect it to the ifb again. Those filters, and
 * packet sockets of that device, see both. Return false if no clone was sent.
 */
static __always_inline bool bq_receive_clone(struct __sk_buff *skb)
{
	return !bpf_clone_redirect(skb, skb->ingress_ifindex, BPF_F_INGRESS);
}

/* Send a clone of the packet with its verdict. Return false if no clone was sent. */
static __always_inline bool bq_duplicate(struct __sk_buff *skb)
{
	if (bq_is_received(bpf_cast_to_kern_ctx(skb)))
		return bq_receive_clone(skb);
	return bpf_clone_redirect(skb, skb->ifindex, 0) >= 0;
}

/*
 * Replace a packet that has a socket by a clone without one, as the program's last step. The sender
 * gets the clone's result. A redirect to no device frees the original, because a program on this
 * hook cannot return "stolen". A packet that cannot be cloned stays as it is.
 */
static __always_inline int bq_release_socket(struct __sk_buff *skb)
{
	long rc;

	if (!bq_has_socket(skb))
		return BQ_TCX_NEXT;
	if (bq_is_received(bpf_cast_to_kern_ctx(skb)))
		return bq_receive_clone(skb) ? bpf_redirect(0, 0) : BQ_TCX_NEXT;
	rc = bpf_clone_redirect(skb, skb->ifindex, 0);
	if (rc < 0)
		return BQ_TCX_NEXT;
	return rc == NET_XMIT_DROP ? BQ_TCX_DROP : bpf_redirect(0, 0);
}

#endif
