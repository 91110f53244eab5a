// SPDX-License-Identifier: GPL-2.0-only
// expect: 'stored' must have from 1 to 144 elements
#define GOOD_COUNTER __u64 stored[145] BQ_COUNTER(PACKETS, "too many")
#include "good.bpf.h"
