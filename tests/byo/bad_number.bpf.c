// SPDX-License-Identifier: GPL-2.0-only
// expect: 'limit': 'many' is not a number
#define GOOD_OPTION __u64 limit BQ_OPTION(PACKETS, "1", "many", "3", "how much")
#include "good.bpf.h"
