// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spaces each TCP flow to port 9100 to a rate by earliest departure time, for the egress hook of a
 * device with fq: the model of the kernel's selftest test_tc_edt.
 *
 *   tc filter add dev DEV egress bpf da obj edt_pace.bpf.o sec tc/pace
 *
 * A packet leaves as long after the one before as its bytes take at the rate, or at once if that
 * time has passed. The map edt_rate holds the rate, bytes a second.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PORT 9100
#define NSEC_PER_SEC 1000000000ull
/* Drop what would wait longer, ns. */
#define HORIZON (2 * NSEC_PER_SEC)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} edt_rate SEC(".maps");

/* By source port: the departure time of the flow's last packet, CLOCK_MONOTONIC, ns. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} edt_last SEC(".maps");

static __always_inline int pace(struct __sk_buff *skb, __u32 flow)
{
	__u64 now = bpf_ktime_get_ns(), time = skb->tstamp, next, *last, *rate;
	__u32 zero = 0;

	rate = bpf_map_lookup_elem(&edt_rate, &zero);
	if (!rate || !*rate)
		return TC_ACT_OK;
	if (time < now)
		time = now;
	last = bpf_map_lookup_elem(&edt_last, &flow);
	next = last ? *last + skb->len * NSEC_PER_SEC / *rate : 0;
	if (next <= time) {
		bpf_map_update_elem(&edt_last, &flow, &time, BPF_ANY);
		return TC_ACT_OK;
	}
	if (next - now >= HORIZON)
		return TC_ACT_SHOT;
	bpf_map_update_elem(&edt_last, &flow, &next, BPF_ANY);
	skb->tstamp = next;
	return TC_ACT_OK;
}

SEC("tc/pace")
int edt_pace(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct tcphdr *tcp = (void *)(ip + 1);

	if (skb->protocol != bpf_htons(ETH_P_IP) || (void *)(tcp + 1) > end ||
	    ip->protocol != IPPROTO_TCP || ip->ihl != 5 || tcp->dest != bpf_htons(PORT))
		return TC_ACT_OK;
	return pace(skb, bpf_ntohs(tcp->source));
}

char _license[] SEC("license") = "GPL";
