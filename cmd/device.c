// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "device.h"

static void print_steps(const json_t *steps, const struct globals *g)
{
	json_t *step;
	size_t i;

	json_array_foreach((json_t *)steps, i, step) {
		const char *note = json_string_value(json_object_get(step, "note"));

		if (note)
			printf("# %s\n", note);
		else
			output_command(json_string_value(json_object_get(step, "command")), g);
	}
}

/* --- results, device by device --- */

struct results {
	const struct device_command *c;
	const struct globals *g;
	struct bqdisc *bq;
	bool several;  /* the words may stand for several devices */
	json_t *all;   /* with -j */
	json_t *steps; /* of the next device, with --dry-run */
	bool failed;
};

static void add_step(const char *text, bool command, void *arg)
{
	struct results *r = arg;

	json_array_append_new(r->steps, json_pack("{ss}", command ? "command" : "note", text));
}

static void print_dry_run(const struct results *r, int changed, const char *dev)
{
	if (r->several)
		printf("# %s:%s\n", dev, changed ? "" : " nothing to do");
	else if (!changed)
		puts("# nothing to do");
	print_steps(r->steps, r->g);
}

static void add_json(const struct results *r, const char *dev, int result)
{
	json_t *one = json_pack("{ss sb}", "dev", dev, "changed", result > 0);

	if (r->c->dry_run && result >= 0)
		json_object_set(one, "steps", r->steps);
	if (result < 0)
		json_object_set_new(one, "error", json_string(bqdisc__message(r->bq)));
	json_array_append_new(r->all, one);
}

static void done(const char *dev, int result, void *arg)
{
	struct results *r = arg;

	if (result < 0)
		session_print_message(r->bq);
	r->failed |= result < 0;
	if (r->g->json)
		add_json(r, dev, result);
	else if (result >= 0 && r->c->dry_run)
		print_dry_run(r, result, dev);
	else if (result >= 0)
		printf("%s: %s\n", dev, result ? r->c->done : r->c->unchanged);
	json_decref(r->steps);
	r->steps = json_array();
}

/* Print the results: an object, or an array of them if there may be several devices. */
static void print_json(const struct results *r)
{
	if (r->several)
		output_json(json_incref(r->all));
	else
		output_json(json_incref(json_array_get(r->all, 0)));
}

/* --- the command --- */

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
static void explain(const struct results *r, int err, char *argv[])
{
	if (r->c->explain && !r->c->dry_run && err != -ENOMEM &&
	    bqdisc__error_class(r->bq) != BQDISC_ERROR_USAGE)
		verify_explain(r->g, argv[2]);
}

/* Close the session. Print its message, unless the results had it. Return the exit status. */
static int end(struct results *r, int ret, char *argv[])
{
	int status = ret < 0 ? session_status(r->bq) : 0;

	if (r->g->json && (ret >= 0 || (r->failed && r->several)))
		print_json(r);
	if (ret < 0)
		explain(r, ret, argv);
	if (ret < 0 && !r->failed)
		session_print_message(r->bq);
	bqdisc__close(r->bq);
	json_decref(r->steps);
	json_decref(r->all);
	return status;
}

int device_command_run(struct device_command *c, int argc, char *argv[], const struct globals *g)
{
	struct results r = { .c = c, .g = g };
	const struct bqdisc_dry_run dry_run = { .step = add_step, .arg = &r };
	int ret = argc < 0 ? BQDISC_ERROR_USAGE : check_words(c, argc, argv);

	if (ret)
		return ret;
	c->dry_run = c->wants_dry_run ? &dry_run : NULL;
	c->report = (struct bqdisc_report){ .done = done, .arg = &r };
	r.several = argc < 2 || strpbrk(argv[1], ",*?[\\");
	r.all = json_array();
	r.steps = json_array();
	r.bq = session_open(g);
	ret = c->run(r.bq, argc - 1, argv + 1, c);
	return end(&r, ret, argv);
}
