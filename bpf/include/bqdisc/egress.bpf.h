/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Egress programs: a program on the egress hook that does what a qdisc's cannot. It runs before the
 * packet is the qdisc's, so packets can be written to and sent twice:
 *
 *   bq_release_socket()     the packet no longer weighs on its socket while it waits
 *   bq_duplicate()  it is sent twice
 *   bq_verdict_write()        the qdisc is told of a decision, which it reads with bq_verdict_read()
 * (verdict.bpf.h)
 *
 * Both of the first send a clone down the same hook again. It carries a word of ours, by which the
 * egress program knows it. A program before ours would see such a packet twice, which is why an
 * egress program that is not the first lets every packet be; those behind it see each once.
 *
 * Guarantees: an egress program without its qdisc, or whose instance is another's now, does
 * nothing. The qdisc's lock is not held here: what both write may lose an update when several CPUs
 * send. Cost: some 1700 for a clone and its way down the hook, with bq_release_socket() and
 * bq_duplicate(); a few loads and stores for all else.
 */
#ifndef BQDISC_EGRESS_BPF_H
#define BQDISC_EGRESS_BPF_H

#include <bqdisc/instance.bpf.h>
#include <bqdisc/egress.h>

/* The codes of the hook, which the older linux/bpf.h lacks. */
#define BQ_TCX_NEXT (-1)
#define BQ_TCX_DROP 2

#define NET_XMIT_DROP 1

/* From linux/bpf.h and linux/skbuff.h. */
#ifndef BPF_F_INGRESS
#define BPF_F_INGRESS 1
#endif

/*
 * Time stamps in skb_shared_info.tx_flags that the kernel reports to skb->sk after the egress hook:
 * by hardware (bit 0), by the driver (1), of completion (3), of Wi-Fi (4, until 6.15), to BPF (7).
 * The stamp SCM_TSTAMP_SCHED was reported before the hook, SCM_TSTAMP_ACK needs no packet.
 */
#define BQ_TX_STAMPS 0x9b

struct bq_egress egress SEC(".data.egress") = {};

/* The egress program's view of a packet as the kernel's own struct. */
extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym;

/* Whether this is the egress program of that instance, and on. */
static __always_inline bool bq_egress_is_for(const struct bq_instance *id)
{
	return id->state == BQ_LIVE && id->egress == egress.key && !bq_expired(id);
}

/* Whether the packet carries our word: it is a clone that was sent from here. */
static __always_inline bool bq_verdict_is_own(const struct __sk_buff *skb)
{
	return skb->cb[0] == (u32)egress.key && skb->cb[1] == (u32)(egress.key >> 32);
}

/* Tells the qdisc, and ourselves when the packet comes by again. */
static __always_inline void bq_verdict_write(struct __sk_buff *skb, u32 verdict, u32 more, u32 last)
{
	skb->cb[0] = (u32)egress.key;
	skb->cb[1] = (u32)(egress.key >> 32);
	skb->cb[2] = verdict;
	skb->cb[3] = more;
	skb->cb[4] = last;
}

/*
 * Whether nobody is before us on the hook. A program that runs stays where it is, so its address is
 * enough once its number was seen there: each look behind a pointer costs nine instructions.
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

/* What TLS in hardware will encrypt must keep its socket. */
static __always_inline bool bq_is_decrypted(struct sk_buff *skb)
{
	return bpf_core_field_exists(skb->decrypted) && BPF_CORE_READ_BITFIELD(skb, decrypted);
}

/* TCP lets what only acknowledges weigh nothing (skb_is_tcp_pure_ack() in net/tcp.h). */
static __always_inline bool bq_is_weightless(struct sk_buff *skb)
{
	return skb->truesize <= 2;
}

/* The sender waits for a transmit time stamp, which only reaches it by skb->sk. */
static __always_inline bool bq_is_stamped(struct sk_buff *skb)
{
	const struct skb_shared_info *info = bpf_rdonly_cast(skb->head + skb->end, 0);

	return info->tx_flags & BQ_TX_STAMPS;
}

/*
 * An ifb hands the packet to the receive path of the device it came by. bpf_clone_redirect() clears
 * from_ingress, and ifb would transmit the clone: it would return to its sender. from_ingress alone
 * may be left over from an ifb that the packet has passed.
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

/* Whether the packet weighs on a socket, and a clone may take its place. */
static __always_inline bool bq_has_socket(struct __sk_buff *skb)
{
	struct sk_buff *whole = bpf_cast_to_kern_ctx(skb);
	struct bpf_sock *sk = skb->sk;

	return sk && bpf_sk_fullsock(sk) && !bq_is_weightless(whole) && !bq_is_decrypted(whole) &&
	       !bq_is_stamped(whole);
}

/*
 * Sends a clone, which has no socket, of a packet that an ifb receives. It takes the way that the
 * packet came: through the ingress hook of its device, whose filters redirect it to the ifb as they
 * did the packet. They, and packet sockets of that device, see both. Returns false if there is no
 * clone on its way.
 */
static __always_inline bool bq_receive_clone(struct __sk_buff *skb)
{
	return !bpf_clone_redirect(skb, skb->ingress_ifindex, BPF_F_INGRESS);
}

/* Sends a clone of the packet with its word; false when there is none on its way. */
static __always_inline bool bq_duplicate(struct __sk_buff *skb)
{
	if (bq_is_received(bpf_cast_to_kern_ctx(skb)))
		return bq_receive_clone(skb);
	return bpf_clone_redirect(skb, skb->ifindex, 0) >= 0;
}

/*
 * The program's last step: a packet with a socket is replaced by a clone, which has none. Its
 * sender learns what became of the clone. The original is freed by a redirect to nowhere: a program
 * on this hook cannot say "stolen". A packet stays as it is if it cannot be cloned.
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
