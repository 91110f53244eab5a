// SPDX-License-Identifier: GPL-2.0-only
// expect: 'Limit' is no name
#define GOOD_OPTION __u64 Limit BQ_OPTION(PACKETS, "1", "9", "3", "loud")
#include "good.bpf.h"
