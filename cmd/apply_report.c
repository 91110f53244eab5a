// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Prints what apply did, or what differs. */
#include <string.h>

#include "apply.h"
#include "output.h"

static const struct {
	const char *name; /* in JSON */
	const char *done;
} actions[] = {
	[APPLY_UNCHANGED] = { "none", NULL },
	[APPLY_ABSENT] = { "absent", "does not exist" },
	[APPLY_ATTACHED] = { "attach", "attached" },
	[APPLY_CHANGED] = { "change", "changed" },
	[APPLY_DETACHED] = { "detach", "detached" },
	[APPLY_SET_DEFAULT] = { "default", "set" },
	[APPLY_LOADED] = { "load", "loaded" },
};

static bool is_change(const struct apply_item *item)
{
	return item->action >= APPLY_ATTACHED;
}

/* Write the words before the qdisc: "netns blue eth0 ", "default " or "load ". */
static const char *subject(const struct apply_item *item, char *buf, size_t size)
{
	const char *word = item->dev;

	if (!word && item->line && item->line->verb == APPLY_DEFAULT)
		word = "default";
	if (!word && item->line && item->line->verb == APPLY_LOAD)
		word = "load";
	snprintf(buf, size, "%s%s%s%s", item->netns ? "netns " : "", item->netns ? item->netns : "",
		 item->netns && word ? " " : "", word ? word : "");
	return buf;
}

/* --- text --- */

static void print_diff(const struct apply_item *item)
{
	char words[512];

	subject(item, words, sizeof(words));
	if (item->before)
		printf("- %s %s\n", words, item->before);
	if (item->after)
		printf("+ %s %s\n", words, item->after);
}

static void print_done(const struct apply_item *item)
{
	char words[512];

	subject(item, words, sizeof(words));
	if (item->dev || item->action == APPLY_ABSENT)
		printf("%s: %s\n", words, actions[item->action].done);
	else
		printf("%s %s: %s\n", words, item->after, actions[item->action].done);
}

static void print_error(const struct apply_item *item)
{
	if (item->netns)
		fprintf(stderr, "bqdisc: netns %s: %s\n", item->netns, item->error);
	else
		fprintf(stderr, "bqdisc: %s\n", item->error);
}

/* --- JSON --- */

static void set_text(json_t *one, const char *key, const char *text)
{
	json_object_set_new(one, key, text ? json_string(text) : json_null());
}

static json_t *item_to_json(const struct apply_item *item)
{
	json_t *one = json_object();
	char parent[TC_ID_MAX], source[4200];

	if (item->netns)
		set_text(one, "netns", item->netns);
	if (item->dev) {
		set_text(one, "dev", item->dev);
		set_text(one, "parent", output_tc_id(item->parent, parent));
	}
	set_text(one, "action", actions[item->action].name);
	json_object_set_new(one, "changed", json_boolean(is_change(item)));
	set_text(one, "before", item->before);
	set_text(one, "after", item->after);
	if (item->line) {
		snprintf(source, sizeof(source), "%s:%d", item->line->file->name,
			 item->line->number);
		set_text(one, "source", source);
	}
	if (item->error)
		set_text(one, "error", item->error);
	return one;
}

static void print_json(const struct apply_items *items)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < items->n; i++)
		json_array_append_new(all, item_to_json(&items->v[i]));
	output_json(all);
}

size_t apply_report(const struct apply_items *items, const struct apply_opts *opts,
		    const struct globals *g)
{
	const struct apply_item *item;
	size_t n = 0;

	for (item = items->v; item < items->v + items->n; item++) {
		n += is_change(item);
		if (item->error)
			print_error(item);
		if (g->json || opts->enforce || item->action == APPLY_UNCHANGED)
			continue;
		if (!opts->dry_run)
			print_done(item);
		else if (is_change(item))
			print_diff(item);
	}
	if (opts->enforce)
		return n; /* monitor prints events */
	if (g->json)
		print_json(items);
	else if (!n && !items->status && !opts->check)
		puts("nothing to change");
	return n;
}
