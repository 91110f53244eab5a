// SPDX-License-Identifier: GPL-2.0-only
// expect: 'limit': '10' needs a unit
#define GOOD_OPTION __u64 limit BQ_OPTION(TIME, "1ns", "10", "3ns", "of what")
#include "good.bpf.h"
