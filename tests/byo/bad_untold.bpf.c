// SPDX-License-Identifier: GPL-2.0-only
// expect: the option 'limit' has no BQ_OPTION
#define GOOD_OPTION __u64 limit
#include "good.bpf.h"
