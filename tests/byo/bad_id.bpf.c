// SPDX-License-Identifier: GPL-2.0-only
// expect: the name 'a_very_long_name' is too long: the kernel takes 15 characters
#define GOOD_ID "a_very_long_name"
#include "good.bpf.h"
