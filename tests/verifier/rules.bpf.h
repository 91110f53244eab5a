/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stage on which the fail_ programs show the rules of ownership.
 *
 * Each of them defines the one operation that breaks a rule and no other: it is refused before the
 * kernel asks for the rest. Its `expect` lines are what libbpf or the verifier must say; guest.sh
 * explains them.
 *
 * Not for real qdiscs: places are globals, shared by all instances. Those use time_slots.bpf.h.
 */
#ifndef RULES_BPF_H
#define RULES_BPF_H

#include <bqdisc/qdisc.bpf.h>

/* A place for one packet: an owning pointer in its own map, which always exists. */
#define PLACE(NAME) struct sk_buff __kptr *NAME SEC(".bss.places") __hidden

char _license[] SEC("license") = "GPL";

#endif
