// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "output.h"

int version_main(int argc, char *argv[], const struct globals *g)
{
	if (argc > 1)
		return usage_unexpected("version", argv[1]);
	if (g->json)
		output_json(json_pack("{ss}", "version", BQDISC_VERSION));
	else
		puts("bqdisc " BQDISC_VERSION);
	return 0;
}
