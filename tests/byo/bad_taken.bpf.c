// SPDX-License-Identifier: GPL-2.0-only
// expect: the name 'fq' is that of one of bqdisc's own qdiscs
#define GOOD_ID "fq"
#include "good.bpf.h"
