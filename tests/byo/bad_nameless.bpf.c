// SPDX-License-Identifier: GPL-2.0-only
// expect: the qdisc has no name: give it one with --as NAME
#define GOOD_ID ""
#include "good.bpf.h"
