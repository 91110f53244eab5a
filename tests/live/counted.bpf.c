// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user's own programs on the egress hook: each counts the packets it sees, and lets them pass.
 * And one that does of an egress program's work as little as can be done.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

__u64 seen;
/* Packets that are charged to no socket; part of the count above. */
__u64 seen_without_socket;

static __always_inline void count(struct __sk_buff *skb)
{
	seen++;
	if (!skb->sk)
		seen_without_socket++;
}

/* Goes on to the next program. */
SEC("tcx/egress")
int count_next(struct __sk_buff *skb)
{
	count(skb);
	return -1;
}

/* Lets the packet go, past all other programs. */
SEC("tcx/egress")
int count_ok(struct __sk_buff *skb)
{
	count(skb);
	return 0;
}

/* Frees the packet of its socket: a clone takes its place, which comes by with a mark. */
SEC("tcx/egress")
int released(struct __sk_buff *skb)
{
	if (skb->cb[0])
		return -1;
	skb->cb[0] = 1;
	bpf_clone_redirect(skb, skb->ifindex, 0);
	return bpf_redirect(0, 0);
}

char _license[] SEC("license") = "GPL";
