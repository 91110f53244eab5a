// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* load and unload: kinds that stay registered without a qdisc. */
#include <string.h>

#include "output.h"

/* Return true if a kind of the qdisc NAME is registered. */
static bool is_loaded(struct bqdisc *bq, const char *name)
{
	const struct bqdisc_qdisc *q = NULL;

	while ((q = bqdisc__next_qdisc(bq, q)))
		if (!strcmp(bqdisc_qdisc__name(q), name) && bqdisc__is_loaded(bq, q))
			return true;
	return false;
}

/* Print the result RET of the library on the qdisc WORD. Return the exit status. */
static int done(struct bqdisc *bq, int ret, const char *word, const struct globals *g,
		const char *text)
{
	char name[32];
	bool loaded;

	if (ret < 0)
		return session_fail(bq);
	snprintf(name, sizeof(name), "%s", word);
	loaded = is_loaded(bq, name);
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

/* --- native names --- */

struct missing {
	struct bqdisc *bq;
	json_t *all;
};

static void add_native(const struct bqdisc_qdisc *q, enum bqdisc_owner owner, int result, void *arg)
{
	const struct missing *m = arg;

	if (result < 0)
		session_print_message(m->bq);
	json_array_append_new(m->all,
			      json_pack("{ss ss sb}", "kind", bqdisc_qdisc__kind(q), "owner",
					bqdisc_owner__name(owner), "changed", result > 0));
}

static void print_natives(const json_t *all)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)all, i, one) {
		const char *owner = json_string_value(json_object_get(one, "owner"));
		const char *text = "not loaded";

		if (json_is_true(json_object_get(one, "changed")))
			text = "loaded";
		else if (!strcmp(owner, "bqdisc"))
			text = "already loaded";
		else if (!strcmp(owner, "kernel"))
			text = "in the kernel";
		else if (!strcmp(owner, "module"))
			text = "a module of the kernel, not loaded; --force takes its name";
		else if (!strcmp(owner, "program"))
			text = "registered by another program";
		printf("%s: %s\n", json_string_value(json_object_get(one, "kind")), text);
	}
}

static int load_missing(struct bqdisc *bq, const struct bqdisc_load_opts *opts,
			const struct globals *g)
{
	struct missing m = { bq, json_array() };
	int ret = bqdisc__load_missing(bq, opts, add_native, &m), status = 0;

	if (ret < 0 && !json_array_size(m.all))
		return session_fail(bq);
	if (ret < 0)
		status = session_status(bq);
	bqdisc__close(bq);
	if (g->json) {
		output_json(m.all);
	} else {
		print_natives(m.all);
		json_decref(m.all);
	}
	return status;
}

/* --- commands --- */

/* Propose the service that attaches the egress programs of qdiscs that tc creates. */
static const char *text_of(const struct bqdisc_qdisc *q, int ret)
{
	if (!ret)
		return "already loaded";
	if (q && bqdisc_qdisc__is_native(q) && bqdisc_qdisc__without_egress(q))
		return "loaded; 'bqdisc adopt', or bqdisc-adopt.service, attaches egress programs "
		       "of what tc creates";
	return "loaded";
}

int load_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc_load_opts opts = { .sz = sizeof(opts) };
	bool missing = false;
	const struct flag flags[] = {
		{ .name = "--as", .parse = parse_text, .value = &opts.as, .wants = "a name" },
		{ .name = "--all-missing", .set = &missing },
		{ .name = "--force", .set = &opts.force },
	};
	const struct bqdisc_qdisc *q = NULL;
	struct bqdisc *bq;
	int ret;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (missing && (argc > 1 || opts.as))
		return usage_error("load: --all-missing excludes QDISC and --as; leave them out");
	if (argc != 2 && !missing)
		return usage_missing("load", "QDISC");
	bq = session_open(g);
	if (missing)
		return load_missing(bq, &opts, g);
	ret = bqdisc__load(bq, argv[1], &opts, &q);
	return done(bq, ret, q ? bqdisc_qdisc__name(q) : argv[1], g, text_of(q, ret));
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
