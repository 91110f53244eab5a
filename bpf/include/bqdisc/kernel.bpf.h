/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel types and functions that a BPF qdisc may use, written by hand.
 *
 * Only the fields that the programs read are named. With preserve_access_index libbpf finds their
 * offsets in the running kernel's BTF. One object serves every kernel from 6.17 on, and the build
 * needs no kernel tree and no vmlinux.h. Add a missing field here, with nothing around it.
 *
 * Helpers of bqdisc belong in the other headers.
 *
 * Guarantees: libbpf refuses to load an object that needs a type or function the running kernel
 * lacks. Cost: none; a field is one load.
 */
#ifndef BQDISC_KERNEL_BPF_H
#define BQDISC_KERNEL_BPF_H

#ifndef __bpf__
#error "kernel.bpf.h is for BPF programs"
#endif

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* Scalar names that libbpf's helper definitions expect. */
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

/* Constants of vdso/time64.h. */
#define NSEC_PER_USEC 1000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_SEC 1000000000ull

/* Definitions of linux/bpf.h, whose installed version may be older than the running kernel. */
#ifndef __LINUX_BPF_H__
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_ARENA = 33,
};

enum {
	BPF_F_MMAPABLE = 1 << 10,
	BPF_F_INNER_MAP = 1 << 12,
};

struct bpf_iter_num {
	u64 __opaque[1];
} __attribute__((aligned(8)));

/* Context of a program on a device's hook: its view of a packet. */
struct __sk_buff {
	u32 len;
	u32 pkt_type;
	u32 mark;
	u32 queue_mapping;
	u32 protocol;
	u32 vlan_present, vlan_tci, vlan_proto;
	u32 priority;
	u32 ingress_ifindex, ifindex;
	u32 tc_index;
	u32 cb[5];
	u32 hash;
	u32 tc_classid;
	u32 data, data_end;
	u32 napi_id;
	u32 family, remote_ip4, local_ip4, remote_ip6[4], local_ip6[4], remote_port, local_port;
	u32 data_meta;
	u64 flow_keys;
	u64 tstamp;
	u32 wire_len;
	u32 gso_segs;
	__attribute__((aligned(8))) struct bpf_sock *sk;
	u32 gso_size;
};
_Static_assert(offsetof(struct __sk_buff, cb) == 48 && offsetof(struct __sk_buff, gso_size) == 176,
	       "the layout is the kernel's");

struct bpf_dynptr {
	u64 __opaque[2];
} __attribute__((aligned(8)));

/* Lock in a map value, which the verifier finds by its type name. */
struct bpf_spin_lock {
	u32 val;
};
#endif

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct net {
	u64 net_cookie;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct bpf_prog_aux {
	u32 id;
};

struct bpf_prog {
	struct bpf_prog_aux *aux;
};

struct bpf_mprog_fp {
	struct bpf_prog *prog;
};

/* Programs on a hook, in order. */
struct bpf_mprog_entry {
	struct bpf_mprog_fp fp_items[1];
};

struct bpf_map {
	u32 max_entries;
};

struct rtnl_link_ops {
	const char *kind;
};

struct net_device {
	struct bpf_mprog_entry *tcx_egress;
	struct netdev_queue *_tx; /* array of the transmit queues */
	unsigned int num_tx_queues;
	const struct rtnl_link_ops *rtnl_link_ops; /* NULL for a device of hardware */
	unsigned int mtu;
	unsigned short hard_header_len;
	unsigned int tx_queue_len;
	int ifindex;
	possible_net_t nd_net;
	u64 max_pacing_offload_horizon;
};

struct netdev_queue {
	struct net_device *dev;
	struct Qdisc *qdisc; /* in use: a root qdisc for all queues, or a child of mq */
};

struct qdisc_skb_head {
	u32 qlen;
};

struct gnet_stats_queue {
	u32 qlen;
	u32 backlog;
	u32 drops;
	u32 requeues;
	u32 overlimits;
};

struct Qdisc {
	/* Index of the instance: the core never reads `limit` of a BPF qdisc. */
	u32 limit;
	u32 handle;
	u32 parent;
	struct netdev_queue *dev_queue;
	struct qdisc_skb_head q;
	struct gnet_stats_queue qstats;
};

struct sock_common {
	unsigned char skc_state;
	unsigned short skc_family;
	unsigned int skc_hash;
};

struct sock {
	struct sock_common __sk_common;
	unsigned long sk_pacing_rate; /* bytes a second; ~0: no limit */
	unsigned long sk_max_pacing_rate;
	u32 sk_pacing_status;
	u16 sk_type;
	u16 sk_protocol;
};

struct tcp_sock {
	u32 tcp_tx_delay; /* us; TCP_TX_DELAY */
};

struct sk_buff {
	struct sock *sk;
	struct net_device *dev;
	u8 tstamp_type : 2;
	u8 decrypted : 1;
	u8 ip_summed : 2;
	u8 csum_not_inet : 1;
	u8 encapsulation : 1; /* the inner headers are known */
	u8 redirected : 1, from_ingress : 1;
	int skb_iif;                 /* index of the input device; 0: none */
	u16 csum_start, csum_offset; /* bytes from head, and from csum_start */
	unsigned int len, data_len;  /* total, and in fragments */
	unsigned int truesize;       /* bytes of memory that the socket is charged for */
	u32 hash;                    /* 0: not computed */
	u32 priority;
	u32 mark;
	u64 tstamp;
	__be16 protocol;
	u16 network_header, inner_network_header; /* bytes from head */
	unsigned char *head;
	unsigned char *data;
	unsigned int end; /* bytes from head to struct skb_shared_info */
	char cb[48];
};

struct skb_shared_info {
	u8 tx_flags;
	u16 gso_size, gso_segs; /* bytes of payload in each segment but the last; 0: no segments */
};

/* Contents of sk_buff.cb while a packet is in a qdisc. */
struct qdisc_skb_cb {
	struct {
		unsigned int pkt_len;
	};
	unsigned char data[20];
};

struct nlattr {
	u16 nla_len;
	u16 nla_type;
};

/* List of packets that the core frees after it releases the qdisc's lock. */
struct bpf_sk_buff_ptr {
	struct sk_buff *skb;
};

struct Qdisc_ops {
	int (*enqueue)(struct sk_buff *skb, struct Qdisc *sch, struct bpf_sk_buff_ptr *to_free);
	struct sk_buff *(*dequeue)(struct Qdisc *sch);
	int (*init)(struct Qdisc *sch, struct nlattr *opt);
	void (*reset)(struct Qdisc *sch);
	void (*destroy)(struct Qdisc *sch);
	char id[16];
};

#pragma clang attribute pop

/* Free a packet at once, even under the qdisc's lock. Any operation; for .reset and rare cases. */
extern void bpf_kfree_skb(struct sk_buff *skb) __ksym;
/* Return the hash; without one, dissect the packet: 660 to 780 instructions. Any operation. */
extern u32 bpf_skb_get_hash(struct sk_buff *skb) __ksym;
/* Cast P to a pointer readable at any offset; a bad address reads 0. Any operation. */
extern void *bpf_rdonly_cast(const void *p, u32 btf_id) __ksym;
/* Give the packet to the core, which frees it after it releases the qdisc's lock. enqueue only. */
extern void bpf_qdisc_skb_drop(struct sk_buff *skb, struct bpf_sk_buff_ptr *to_free) __ksym;
/* Wake the qdisc at expire (CLOCK_MONOTONIC, ns) to expire + delta_ns. enqueue and dequeue. */
extern void bpf_qdisc_watchdog_schedule(struct Qdisc *sch, u64 expire, u64 delta_ns) __ksym;
/* Count the packet in the qdisc's bytes and packets. dequeue only. */
extern void bpf_qdisc_bstats_update(struct Qdisc *sch, const struct sk_buff *skb) __ksym;
/* Create a view of the packet, for reading. Any operation. */
extern int bpf_dynptr_from_skb(struct sk_buff *skb, u64 flags, struct bpf_dynptr *view) __ksym;
/* Return SIZE bytes at OFFSET, in place or copied to BUF; NULL if the packet is shorter. */
extern void *bpf_dynptr_slice(const struct bpf_dynptr *view, u32 offset, void *buf,
			      u32 size) __ksym;

#endif
