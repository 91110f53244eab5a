// SPDX-License-Identifier: GPL-2.0-only
// expect: the name 'a-b' has other characters
#define GOOD_ID "a-b"
#include "good.bpf.h"
