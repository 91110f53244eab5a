/* SPDX-License-Identifier: GPL-2.0-only */
/* What fq asks a packet's socket: is it a flow, and who paces it. */
#ifndef BQDISC_FQ_SOCKET_BPF_H
#define BQDISC_FQ_SOCKET_BPF_H

#include <bqdisc/hash.bpf.h>

/* Kernel constants. */
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define TCP_NEW_SYN_RECV 12
#define SK_PACING_NONE 0

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

	return state != TCP_LISTEN && state != TCP_NEW_SYN_RECV && state != TCP_TIME_WAIT &&
	       state != TCP_CLOSE;
}

/*
 * TCP stamps each packet with the time it wants it sent. Unless a socket is marked as paced by a
 * qdisc, which we cannot do, or paces itself, that time is now: the qdisc has to pace by the rate.
 * A later stamp is of another program (sk_stamp_is_own()).
 */
static __always_inline bool sk_leaves_pacing_to_us(const struct sock *sk)
{
	return sk_is_tcp(sk) && sk->sk_pacing_status == SK_PACING_NONE &&
	       sk->sk_pacing_rate != ~0ul;
}

/*
 * Tells whether TIME, the stamp of a packet of the TCP socket SK, may be TCP's own: the time of its
 * transmission, which has passed, plus TCP_TX_DELAY. A program at the egress hook that spaces
 * packets by departure time (EDT) stamps them with a later one.
 */
static __always_inline bool sk_stamp_is_own(const struct sock *sk, u64 time, u64 now)
{
	if (time <= now)
		return true;
	return time <= now + bpf_core_cast(sk, struct tcp_sock)->tcp_tx_delay * NSEC_PER_USEC;
}

#endif
