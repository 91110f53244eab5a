// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "device.h"

static void add_step(const char *text, bool command, void *arg)
{
	json_array_append_new(arg, json_pack("{ss}", command ? "command" : "note", text));
}

/* Kinds belong to all namespaces. tc's -n takes a name only; nsenter takes a path. */
static void print_command(const char *command, const struct globals *g)
{
	if (!g->netns || !strncmp(command, "bqdisc ", strlen("bqdisc ")))
		puts(command);
	else if (strchr(g->netns, '/'))
		printf("nsenter --net=%s %s\n", g->netns, command);
	else if (!strncmp(command, "tc ", strlen("tc ")))
		printf("tc -n %s%s\n", g->netns, command + strlen("tc"));
	else
		printf("ip netns exec %s %s\n", g->netns, command);
}

static void print_steps(const json_t *steps, const struct globals *g)
{
	json_t *step;
	size_t i;

	json_array_foreach((json_t *)steps, i, step) {
		const char *note = json_string_value(json_object_get(step, "note"));

		if (note)
			printf("# %s\n", note);
		else
			print_command(json_string_value(json_object_get(step, "command")), g);
	}
}

static void print_result(const struct device_command *c, int changed, const char *dev,
			 const struct globals *g)
{
	if (g->json)
		output_json(json_pack("{ss sb}", "dev", dev, "changed", changed));
	else
		printf("%s: %s\n", dev, changed ? c->done : c->unchanged);
}

/* Print and release STEPS. */
static void print_dry_run(json_t *steps, int changed, const char *dev, const struct globals *g)
{
	if (g->json) {
		output_json(
			json_pack("{ss sb so}", "dev", dev, "changed", changed, "steps", steps));
		return;
	}
	if (!changed)
		puts("# nothing to do");
	print_steps(steps, g);
	json_decref(steps);
}

static int check_words(const struct device_command *c, int argc, char *argv[])
{
	if (argc - 1 < c->min_words)
		return usage_missing(argv[0], c->missing);
	if (argc - 1 > c->max_words)
		return usage_unexpected(argv[0], argv[c->max_words + 1]);
	return 0;
}

/*
 * Explain a refusal of the verifier. To explain it, the object is loaded again, which must not be
 * tried without memory.
 */
static int fail(const struct device_command *c, struct bqdisc *bq, int err, char *argv[],
		const struct globals *g)
{
	if (c->explain && !c->dry_run && err != -ENOMEM &&
	    bqdisc__error_class(bq) != BQDISC_ERROR_USAGE)
		verify_explain(g, argv[2]);
	return session_fail(bq);
}

int device_command_run(struct device_command *c, int argc, char *argv[], const struct globals *g)
{
	json_t *steps = json_array();
	const struct bqdisc_dry_run dry_run = { .step = add_step, .arg = steps };
	int ret = argc < 0 ? BQDISC_ERROR_USAGE : check_words(c, argc, argv);
	struct bqdisc *bq;

	if (ret) {
		json_decref(steps);
		return ret;
	}
	c->dry_run = c->wants_dry_run ? &dry_run : NULL;
	bq = session_open(g);
	ret = c->run(bq, argc - 1, argv + 1, c);
	if (ret < 0 || !c->dry_run)
		json_decref(steps);
	if (ret < 0)
		return fail(c, bq, ret, argv, g);
	bqdisc__close(bq);
	if (c->dry_run)
		print_dry_run(steps, ret, argv[1], g);
	else
		print_result(c, ret, argv[1], g);
	return 0;
}
