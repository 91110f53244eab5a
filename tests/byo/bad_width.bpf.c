// SPDX-License-Identifier: GPL-2.0-only
// expect: 'limit' must be a __u64
#define GOOD_OPTION                                                                                \
	__u32 limit BQ_OPTION(PACKETS, "1", "9", "3", "short");                                    \
__u64:                                                                                             \
	0
#include "good.bpf.h"
