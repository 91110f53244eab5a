// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "output.h"

static json_t *describe(const struct bqdisc_qdisc *q)
{
	return json_pack("{ss ss ss}", "qdisc", bqdisc_qdisc__name(q), "kind",
			 bqdisc_qdisc__kind(q), "summary", bqdisc_qdisc__summary(q));
}

int list_main(int argc, char *argv[], const struct globals *g)
{
	const struct bqdisc_qdisc *q;
	json_t *rows;

	if (argc > 1)
		return usage_error("list: '%s' is one word too many", argv[1]);
	rows = g->json ? json_array() : json_pack("[[sss]]", "QDISC", "KIND", "SUMMARY");
	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q))
		json_array_append_new(rows, g->json ? describe(q)
						    : json_pack("[sss]", bqdisc_qdisc__name(q),
								bqdisc_qdisc__kind(q),
								bqdisc_qdisc__summary(q)));
	if (g->json)
		output_json(rows);
	else
		output_table(g, rows);
	return 0;
}
