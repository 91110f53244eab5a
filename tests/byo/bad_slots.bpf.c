// SPDX-License-Identifier: GPL-2.0-only
// expect: its instances want more than 1048576 slots
#define GOOD_MORE BQ_NEEDS(1 << 21, 0, 0, 0);
#include "good.bpf.h"
