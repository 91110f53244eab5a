// SPDX-License-Identifier: GPL-2.0-only
/* A correct qdisc whose map of 64 GiB exceeds the memory of any test machine. */
#include "good.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << 20);
	__type(key, u32);
	__type(value, u64[8192]);
} hoard SEC(".maps");
