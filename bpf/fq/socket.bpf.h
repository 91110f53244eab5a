/* SPDX-License-Identifier: GPL-2.0-only */
/* Socket queries of fq: connection state and pacing. */
#ifndef BQDISC_FQ_SOCKET_BPF_H
#define BQDISC_FQ_SOCKET_BPF_H

#include <bqdisc/hash.bpf.h>

/* Values of kernel constants. */
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define TCP_NEW_SYN_RECV 12
#define SK_PACING_NONE 0

/* Return false for request and time-wait sockets, which lack the pacing fields. */
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

/* Return true if the socket is connected; others send to any address or are incomplete. */
static __always_inline bool sk_is_flow(const struct sock *sk)
{
	u32 state = sk->__sk_common.skc_state;

	return state != TCP_LISTEN && state != TCP_NEW_SYN_RECV && state != TCP_TIME_WAIT &&
	       state != TCP_CLOSE;
}

/*
 * Return true if the qdisc must pace this TCP socket by its rate. TCP stamps each packet with its
 * departure time. That time is the present unless TCP paces itself or a qdisc sets
 * sk_pacing_status, which is read-only for BPF. A later stamp belongs to another program
 * (sk_stamp_is_own()).
 */
static __always_inline bool sk_leaves_pacing_to_us(const struct sock *sk)
{
	return sk_is_tcp(sk) && sk->sk_pacing_status == SK_PACING_NONE &&
	       sk->sk_pacing_rate != ~0ul;
}

/*
 * Return true if TIME, the stamp of a packet of the TCP socket SK, may be TCP's own. TCP stamps the
 * transmission time, which has passed, plus TCP_TX_DELAY. An egress program that spaces packets by
 * departure time (EDT) stamps a later time.
 */
static __always_inline bool sk_stamp_is_own(const struct sock *sk, u64 time, u64 now)
{
	if (time <= now)
		return true;
	return time <= now + bpf_core_cast(sk, struct tcp_sock)->tcp_tx_delay * NSEC_PER_USEC;
}

#endif
