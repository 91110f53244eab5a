// SPDX-License-Identifier: GPL-2.0-only
// expect: it was made with the kit of another release of bqdisc \(layout 0, here [0-9]+\)
#include <bqdisc/instance.h>
#undef BQ_LAYOUT
#define BQ_LAYOUT 0
#include "good.bpf.h"
