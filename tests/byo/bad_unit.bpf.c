// SPDX-License-Identifier: GPL-2.0-only
// expect: the unit of 'limit', 'APPLES', is none of COUNT
#define GOOD_OPTION __u64 limit BQ_OPTION(APPLES, "1", "9", "3", "what is it")
#include "good.bpf.h"
