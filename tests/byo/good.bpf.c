// SPDX-License-Identifier: GPL-2.0-only
/* Nothing is wrong with it. */
#include "good.bpf.h"
