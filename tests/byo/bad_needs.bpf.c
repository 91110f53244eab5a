// SPDX-License-Identifier: GPL-2.0-only
// expect: its instances want too much memory
#define GOOD_MORE BQ_NEEDS(0, 32, 1 << 20, 1 << 10);
#include "good.bpf.h"
