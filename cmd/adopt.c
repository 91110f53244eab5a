// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* adopt: egress programs of qdiscs that other programs created. */
#include "device.h"

/* --- adopt --- */

static int adopt(struct bqdisc *bq, int n, char *words[], const struct device_command *c)
{
	struct bqdisc_adopt_opts opts = { .sz = sizeof(opts), .report = &c->report };

	return bqdisc__adopt(bq, n ? words[0] : NULL, &opts);
}

int adopt_main(int argc, char *argv[], const struct globals *g)
{
	struct device_command command = {
		.run = adopt,
		.max_words = 1,
		.done = "egress program attached",
		.unchanged = "no egress program is missing",
	};

	argc = flags_take(argc, argv, NULL, 0);
	return device_command_run(&command, argc, argv, g);
}
