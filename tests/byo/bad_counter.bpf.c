// SPDX-License-Identifier: GPL-2.0-only
// expect: the core has a counter 'drops' already
#define GOOD_COUNTER __u64 drops BQ_COUNTER(PACKETS, "which")
#include "good.bpf.h"
