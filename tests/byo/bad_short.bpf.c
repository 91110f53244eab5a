// SPDX-License-Identifier: GPL-2.0-only
// expect: the tag of 'limit' lacks something
#define GOOD_OPTION __u64 limit BQ_TAG("option|PACKETS|1|2")
#include "good.bpf.h"
