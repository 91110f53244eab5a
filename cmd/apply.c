// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* apply: bring devices to the state that files describe. */
#include <stdlib.h>

#include "apply.h"

static int print_problems(const struct apply_config *c)
{
	size_t i;

	for (i = 0; i < c->n_problems && i < PROBLEMS_MAX; i++)
		fprintf(stderr, "bqdisc: %s\n", c->problems[i]);
	if (c->n_problems > PROBLEMS_MAX)
		fprintf(stderr, "bqdisc: apply: %zu problems, so nothing was changed\n",
			c->n_problems);
	return BQDISC_ERROR_USAGE;
}

static void free_items(struct apply_items *items)
{
	size_t i;

	for (i = 0; i < items->n; i++) {
		free(items->v[i].dev);
		free(items->v[i].before);
		free(items->v[i].after);
		free(items->v[i].error);
	}
	free(items->v);
}

static int run(const struct apply_config *c, const struct apply_opts *opts, const struct globals *g)
{
	struct apply_items items = { 0 };
	int status;

	apply_run(c, opts, g, &items);
	status = apply_report(&items, opts, g) && opts->check ? STATUS_DIFFERS : 0;
	if (items.status)
		status = items.status;
	free_items(&items);
	return status;
}

int apply_path(const char *path, const struct apply_opts *opts, const struct globals *g)
{
	struct apply_config c = { .bq = session_open(g) };
	int status;

	apply_config_read(&c, path);
	bqdisc__close(c.bq);
	status = c.n_problems ? print_problems(&c) : run(&c, opts, g);
	apply_config_free(&c);
	return status;
}

int apply_main(int argc, char *argv[], const struct globals *g)
{
	struct apply_opts opts = { 0 };
	const struct flag flags[] = {
		{ .name = "--dry-run", .set = &opts.dry_run },
		{ .name = "--check", .set = &opts.check },
		{ .name = "--prune", .set = &opts.prune },
		{ .name = "--dev",
		  .parse = parse_text,
		  .value = &opts.dev,
		  .wants = "the name of a device" },
	};

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc < 2)
		return usage_missing("apply", "FILE");
	if (argc > 2)
		return usage_unexpected("apply", argv[2]);
	opts.dry_run |= opts.check;
	return apply_path(argv[1], &opts, g);
}
