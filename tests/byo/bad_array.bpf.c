// SPDX-License-Identifier: GPL-2.0-only
// expect: the option 'limit' cannot be an array: give each of its values a name
#define GOOD_OPTION __u64 limit[4] BQ_OPTION(PACKETS, "1", "9", "3", "many")
#include "good.bpf.h"
