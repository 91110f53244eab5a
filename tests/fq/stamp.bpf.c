// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs for the egress hook that stamp packets with their time to send, as fq's users do it.
 *
 *   tc filter add dev DEV egress bpf da obj stamp.bpf.o sec tc/later
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define EDT_RATE 5000000ull /* bytes a second */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} edt_times SEC(".maps");

enum { EDT_NEXT, EDT_LATER };

/* Space all packets together at EDT_RATE. */
SEC("tc/rate")
int edt_rate(struct __sk_buff *skb)
{
	__u64 now = bpf_ktime_get_ns(), *next;
	__u32 key = EDT_NEXT;

	next = bpf_map_lookup_elem(&edt_times, &key);
	if (!next)
		return 0;
	if (*next < now)
		*next = now;
	skb->tstamp = *next;
	*next += skb->wire_len * 1000000000ull / EDT_RATE;
	return 0;
}

/* Stamp each packet a fixed number of nanoseconds from now. */
SEC("tc/later")
int edt_later(struct __sk_buff *skb)
{
	__u32 key = EDT_LATER;
	__u64 *ns = bpf_map_lookup_elem(&edt_times, &key);

	if (ns && *ns)
		skb->tstamp = bpf_ktime_get_ns() + *ns;
	return 0;
}

/* Stamp all packets with the same time. */
SEC("tc/until")
int edt_until(struct __sk_buff *skb)
{
	__u32 key = EDT_LATER;
	__u64 *time = bpf_map_lookup_elem(&edt_times, &key);

	if (time && *time)
		skb->tstamp = *time;
	return 0;
}

char _license[] SEC("license") = "GPL";
