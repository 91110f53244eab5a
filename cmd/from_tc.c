// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "from_tc.h"

#define MAX_BYTES (1 << 20)

static void print_problem(const char *line, void *arg)
{
	(void)arg;
	fprintf(stderr, "bqdisc: %s\n", line);
}

/* Choose the words for the result of a device. */
static void begin(enum bqdisc_operation operation, void *arg)
{
	static const struct {
		const char *done, *unchanged;
	} words[] = {
		[BQDISC_OPERATION_ATTACH] = { "attached", "already attached with these options" },
		[BQDISC_OPERATION_CHANGE] = { "changed", "already has these options" },
		[BQDISC_OPERATION_DETACH] = { "detached", "no qdisc of bqdisc is attached" },
	};
	struct device_command *c = arg;

	c->done = words[operation].done;
	c->unchanged = words[operation].unchanged;
}

static int run(struct bqdisc *bq, int n, char *words[], const struct device_command *c)
{
	const struct bqdisc_attach_opts *attach = c->opts;
	const struct bqdisc_from_tc_opts opts = {
		.sz = sizeof(opts),
		.force = attach->force,
		.for_ns = attach->for_ns,
		.memory = attach->memory,
		.dry_run = c->dry_run,
		.report = &c->report,
		.problem = print_problem,
		.begin = begin,
		.arg = (void *)c,
	};

	(void)n;
	(void)words;
	return bqdisc__attach_from_tc(bq, c->text, &opts);
}

/* Read stdin. Return NULL after printing an error. */
static char *read_stdin(void)
{
	char *text = malloc(MAX_BYTES + 1);
	size_t n = text ? fread(text, 1, MAX_BYTES, stdin) : 0;

	if (!text || n == MAX_BYTES || ferror(stdin) || memchr(text, '\0', n)) {
		usage_error("--from-tc -: stdin is not a text of less than 1 MiB");
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

int from_tc_run(struct device_command *c, const char *text, int argc, char *argv[],
		const struct globals *g)
{
	const struct bqdisc_attach_opts *attach = c->opts;
	char *read = NULL;
	int status;

	if (attach->root || attach->mq || attach->as || attach->parent != BQDISC_PARENT_ROOT)
		return usage_error(
			"attach: --from-tc excludes --root, --mq, --parent and --as; the "
			"tc command says where");
	if (!strcmp(text, "-"))
		text = read = read_stdin();
	if (!text)
		return BQDISC_ERROR_USAGE;
	c->text = text;
	c->run = run;
	c->min_words = c->max_words = 0;
	c->explain = false;
	status = device_command_run(c, argc, argv, g);
	c->text = NULL;
	free(read);
	return status;
}
