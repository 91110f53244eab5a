// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "output.h"
#include "table.h"

/* A greatest value that no configuration reaches. */
static bool is_unbounded(const struct bqdisc_option_info *o)
{
	switch (o->unit) {
	case BQDISC_UNIT_TIME:
		return o->max >= UINT64_C(365) * 24 * 3600 * 1000000000;
	case BQDISC_UNIT_PERCENT:
		return o->max == UINT32_MAX;
	case BQDISC_UNIT_SIGNED:
		return true;
	default:
		return o->max >= INT32_MAX;
	}
}

/* The values of an option that is one of several words. */
static const char *list_names(const char *const *names, char text[RANGE_MAX])
{
	size_t len = 0;

	for (; names && *names && len < RANGE_MAX; names++)
		len += (size_t)snprintf(text + len, RANGE_MAX - len, "%s%s",
					len ? ", " : "Values: ", *names);
	return text;
}

const char *output_range(const struct bqdisc_option_info *o, char text[RANGE_MAX])
{
	char min[32], max[32];

	*text = '\0';
	if (o->unit == BQDISC_UNIT_CHOICE || o->unit == BQDISC_UNIT_BOOL)
		return list_names(o->names, text);
	bqdisc_unit__round(o->unit, o->min, min, sizeof(min));
	bqdisc_unit__round(o->unit, o->max, max, sizeof(max));
	if (!o->count || o->unit == BQDISC_UNIT_NAME)
		return text;
	if (o->min == o->max)
		snprintf(text, RANGE_MAX, "Value: %s", min);
	else if (!is_unbounded(o))
		snprintf(text, RANGE_MAX, "Range: %s to %s", min, max);
	else if (o->min && o->unit != BQDISC_UNIT_SIGNED)
		snprintf(text, RANGE_MAX, "Minimum: %s", min);
	return text;
}

static void add_option(const struct bqdisc_option_info *o, void *arg)
{
	char range[RANGE_MAX];
	json_t *option = json_pack(
		"{ss ss* ss* sb ss ss ss ss ss sI so so ss}", "name", o->name, "alias", o->alias,
		"form", o->form, "follows", o->follows, "synopsis", o->synopsis, "key", o->key,
		"metavar", o->metavar, "help", o->help, "unit", bqdisc_unit__name(o->unit), "count",
		(json_int_t)o->count, "min", output_value(o->unit, o->min), "max",
		output_value(o->unit, o->max), "default", o->default_value);

	if (*output_range(o, range))
		json_object_set_new(option, "range", json_string(range));
	if (o->words[0])
		json_object_set_new(option, "words", json_pack("[ss]", o->words[0], o->words[1]));
	json_array_append_new(arg, option);
}

static void add_counter(const struct bqdisc_value *v, void *arg)
{
	json_array_append_new(arg,
			      json_pack("{ss ss ss ss}", "key", v->key, "help", v->help, "unit",
					bqdisc_unit__name(v->unit), "group", v->group));
}

/* Words besides the options. */
struct words {
	json_t *rows;
	bool presets; /* `preset` is one of them */
};

static void add_word(const struct bqdisc_word_info *w, void *arg)
{
	struct words *words = arg;

	words->presets |= !strcmp(w->name, "preset");
	json_array_append_new(words->rows, json_pack("{ss ss ss}", "name", w->name, "metavar",
						     w->metavar, "help", w->help));
}

/* The parts of one preset follow each other. */
static void add_preset(const struct bqdisc_preset_info *p, void *arg)
{
	json_t *presets = arg, *preset;

	if (p->first)
		json_array_append_new(presets, json_pack("{ss ss s[]}", "preset", p->name,
							 "summary", p->summary, "parts"));
	preset = json_array_get(presets, json_array_size(presets) - 1);
	json_array_append_new(json_object_get(preset, "parts"),
			      json_pack("{ss ss}", "words", p->words, "source", p->source));
}

/* Includes the user's file. If it cannot be read, that is reported when a preset is used. */
static json_t *all_presets(const struct globals *g)
{
	struct bqdisc *bq = session_open(g);
	json_t *presets = json_array();

	bqdisc__each_preset(bq, add_preset, presets);
	bqdisc__close(bq);
	return presets;
}

json_t *output_qdisc(const struct bqdisc_qdisc *q, const struct globals *g)
{
	json_t *options = json_array(), *counters = json_array();
	struct bqdisc_state_bytes state = bqdisc_qdisc__state_bytes(q);
	struct words words = { .rows = json_array() };

	bqdisc_qdisc__each_option(q, add_option, options);
	bqdisc_qdisc__each_word(q, add_word, &words);
	bqdisc_qdisc__each_counter(q, add_counter, counters);
	return json_pack("{ss ss ss ss sI s{sI sI sI} so so so so}", "qdisc", bqdisc_qdisc__name(q),
			 "kind", bqdisc_qdisc__kind(q), "summary", bqdisc_qdisc__summary(q),
			 "description", bqdisc_qdisc__description(q), "memory_bytes",
			 (json_int_t)bqdisc_qdisc__memory(q), "state_bytes", "instance",
			 (json_int_t)state.instance, "flow", (json_int_t)state.flow, "packet",
			 (json_int_t)state.packet, "options", options, "words", words.rows,
			 "presets", words.presets ? all_presets(g) : json_array(), "counters",
			 counters);
}

/* Skip a kind whose name another object has taken. */
static const struct bqdisc_qdisc *next_named(struct bqdisc *bq, const struct bqdisc_qdisc *q)
{
	do
		q = bqdisc__next_qdisc(bq, q);
	while (q && bqdisc__find_qdisc(bq, bqdisc_qdisc__name(q)) != q);
	return q;
}

static void list_json(struct bqdisc *bq, const struct globals *g)
{
	const struct bqdisc_qdisc *q = NULL;
	json_t *all = json_array();

	while ((q = next_named(bq, q)))
		json_array_append_new(all, output_qdisc(q, g));
	output_json(all);
}

static void list_text(struct bqdisc *bq, const struct globals *g)
{
	struct table table = { .columns = 3 };
	const struct bqdisc_qdisc *q = NULL;

	TABLE_ADD(&table, "QDISC", "KIND", "SUMMARY");
	while ((q = next_named(bq, q)))
		TABLE_ADD(&table, bqdisc_qdisc__name(q), bqdisc_qdisc__kind(q),
			  bqdisc_qdisc__summary(q));
	table_print(&table, g);
}

int list_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc *bq;

	if (argc > 1)
		return usage_unexpected("list", argv[1]);
	bq = session_open(g);
	if (g->json)
		list_json(bq, g);
	else
		list_text(bq, g);
	bqdisc__close(bq);
	return 0;
}
