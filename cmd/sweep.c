// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "output.h"

int sweep_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc *bq;
	int ret;

	if (argc > 1)
		return usage_error("sweep: '%s' is one word too many", argv[1]);
	bq = session_open(g);
	ret = bqdisc__sweep(bq);
	if (ret < 0)
		return session_fail(bq);
	bqdisc__close(bq);
	if (g->json)
		output_json(json_pack("{si}", "detached", ret));
	else if (ret)
		printf("%d detached\n", ret);
	return 0;
}
