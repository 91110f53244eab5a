// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* load and unload: kinds that stay registered without a qdisc. */
#include "output.h"

/* Print the result RET of the library. Return the exit status. */
static int done(struct bqdisc *bq, int ret, const char *word, const struct globals *g,
		const char *text)
{
	const struct bqdisc_qdisc *q;
	char name[32];
	bool loaded;

	if (ret < 0)
		return session_fail(bq);
	snprintf(name, sizeof(name), "%s", word);
	q = bqdisc__find_qdisc(bq, name);
	loaded = q && bqdisc__is_loaded(bq, q);
	bqdisc__close(bq);
	if (g->json)
		output_json(
			json_pack("{ss sb sb}", "qdisc", name, "changed", ret, "loaded", loaded));
	else
		printf("%s: %s\n", name,
		       text     ? text
		       : loaded ? "unregistered when its last qdisc is removed"
				: "unregistered");
	return 0;
}

int load_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc_load_opts opts = { .sz = sizeof(opts) };
	const struct flag flags[] = {
		{ .name = "--as", .parse = parse_text, .value = &opts.as, .wants = "a name" },
	};
	const struct bqdisc_qdisc *q = NULL;
	struct bqdisc *bq;
	int ret;

	argc = flags_take(argc, argv, flags, 1);
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc != 2)
		return usage_missing("load", "QDISC");
	bq = session_open(g);
	ret = bqdisc__load(bq, argv[1], &opts, &q);
	return done(bq, ret, q ? bqdisc_qdisc__name(q) : argv[1], g,
		    ret ? "loaded" : "already loaded");
}

int unload_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc *bq;
	int ret;

	argc = flags_take(argc, argv, NULL, 0);
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc != 2)
		return usage_missing("unload", "QDISC");
	bq = session_open(g);
	ret = bqdisc__unload(bq, argv[1]);
	return done(bq, ret, argv[1], g, NULL);
}
