// SPDX-License-Identifier: GPL-2.0-only
/* A correct object, for comparison with the bad_ ones. */
#include "good.bpf.h"
