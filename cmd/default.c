// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* default: the qdisc of new devices. */
#include "output.h"

static int show_default(struct bqdisc *bq, int changed, const struct globals *g)
{
	struct bqdisc_default def;
	const char *name;

	if (changed < 0 || bqdisc__default(bq, &def))
		return session_fail(bq);
	name = def.qdisc ? bqdisc_qdisc__name(def.qdisc) : NULL;
	if (g->json)
		output_json(json_pack("{ss ss? ss? sb}", "kind", def.kind, "qdisc", name,
				      "previous", *def.previous ? def.previous : NULL, "changed",
				      changed));
	else if (*def.previous)
		printf("%s, previously %s\n", def.kind, def.previous);
	else
		printf("%s\n", def.kind);
	bqdisc__close(bq); /* the name is the session's */
	return 0;
}

int default_main(int argc, char *argv[], const struct globals *g)
{
	bool restore = false;
	const struct flag flags[] = { { .name = "--restore", .set = &restore } };
	struct bqdisc *bq;
	int changed = 0;

	argc = flags_take(argc, argv, flags, 1);
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc > 2 || (restore && argc > 1))
		return usage_unexpected("default", argv[argc - 1]);
	bq = session_open(g);
	if (restore)
		changed = bqdisc__restore_default(bq);
	else if (argc == 2)
		changed = bqdisc__set_default(bq, argv[1]);
	return show_default(bq, changed, g);
}
