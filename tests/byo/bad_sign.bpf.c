// SPDX-License-Identifier: GPL-2.0-only
// expect: 'limit' must be a __u64
#define GOOD_OPTION __s64 limit BQ_OPTION(PACKETS, "1", "9", "3", "signed")
#include "good.bpf.h"
