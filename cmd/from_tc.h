/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach --from-tc. */
#ifndef FROM_TC_H
#define FROM_TC_H

#include "device.h"

/*
 * Run C for the tc commands in TEXT, or on stdin if it is "-", with the options OPTS of attach.
 * ARGV holds what flags_take() left. Return the exit status.
 */
int from_tc_run(struct device_command *c, const char *text, int argc, char *argv[],
		const struct globals *g);

#endif
