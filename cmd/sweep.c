// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "output.h"

struct sweep {
	const struct globals *g;
	int detached;
	int status; /* of the last namespace that failed; 0: none */
};

/* Continue with the other namespaces after a failure. */
static void sweep(const char *netns, void *arg)
{
	struct sweep *s = arg;
	struct globals there = *s->g;
	struct bqdisc *bq;
	int ret;

	there.netns = netns;
	bq = session_open(&there);
	ret = bqdisc__sweep(bq);
	if (ret < 0) {
		s->status = session_fail(bq);
		return;
	}
	s->detached += ret;
	bqdisc__close(bq);
}

int sweep_main(int argc, char *argv[], const struct globals *g)
{
	bool all = false;
	const struct flag flags[] = { { .name = "--all", .set = &all } };
	struct sweep s = { .g = g };

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc > 1)
		return usage_unexpected("sweep", argv[1]);
	if (all && g->netns)
		return usage_error("sweep: --all and -n exclude each other; give one");
	if (all)
		bqdisc_netns__each(sweep, &s);
	else
		sweep(g->netns, &s);
	if (s.status)
		return s.status;
	if (g->json)
		output_json(json_pack("{si}", "detached", s.detached));
	else if (s.detached)
		printf("%d detached\n", s.detached);
	return 0;
}
