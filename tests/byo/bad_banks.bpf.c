// SPDX-License-Identifier: GPL-2.0-only
// expect: must have .config\[2\]. and then .defaults.
#define GOOD_BANKS struct good_config config[3], defaults
#include "good.bpf.h"
