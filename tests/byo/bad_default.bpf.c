// SPDX-License-Identifier: GPL-2.0-only
// expect: 'limit': the default 10 is not within 1 and 9
#define GOOD_OPTION __u64 limit BQ_OPTION(PACKETS, "1", "9", "10", "too much")
#include "good.bpf.h"
