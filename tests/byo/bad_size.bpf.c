// SPDX-License-Identifier: GPL-2.0-only
// expect: have at most 262144 bytes
#define GOOD_MORE u8 much[300000];
#include "good.bpf.h"
