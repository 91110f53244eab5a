// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "output.h"

static void add_step(const char *text, bool command, void *arg)
{
	json_array_append_new(arg, json_pack("{ss}", command ? "command" : "note", text));
}

const struct bqdisc_dry_run *plan_begin(struct plan *plan)
{
	if (!plan->wanted)
		return NULL;
	plan->steps = json_array();
	plan->run.step = add_step;
	plan->run.arg = plan->steps;
	return &plan->run;
}

/* Kinds are of all namespaces. tc's -n takes a name; a path is entered by another program. */
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

int plan_done(struct plan *plan, struct bqdisc *bq, int ret, const struct globals *g,
	      const char *dev)
{
	if (ret < 0) {
		json_decref(plan->steps);
		return session_fail(bq);
	}
	bqdisc__close(bq);
	if (g->json) {
		output_json(
			json_pack("{ss sb so}", "dev", dev, "changed", ret, "steps", plan->steps));
		return 0;
	}
	if (!ret)
		puts("# nothing to do");
	print_steps(plan->steps, g);
	json_decref(plan->steps);
	return 0;
}
