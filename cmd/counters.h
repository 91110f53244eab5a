/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters of an instance as text: in groups, with histograms as bars. */
#ifndef COUNTERS_H
#define COUNTERS_H

#include "cmd.h"

/* Print the counters of INST under its title. ALL: also groups that are zero. */
void counters_print(const struct bqdisc_instance *inst, bool all, const struct globals *g);

#endif
