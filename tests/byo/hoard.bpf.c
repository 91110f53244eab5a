// SPDX-License-Identifier: GPL-2.0-only
/* A good qdisc with a map of 64 GiB, more than the machine of any test has. */
#include "good.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << 20);
	__type(key, u32);
	__type(value, u64[8192]);
} hoard SEC(".maps");
