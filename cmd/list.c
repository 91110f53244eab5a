// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "output.h"

static void add_option(const struct bqdisc_option_info *o, void *arg)
{
	json_t *option = json_pack(
		"{ss ss* ss* sb ss ss ss ss ss sI so so ss ss*}", "name", o->name, "alias",
		o->alias, "form", o->form, "follows", o->follows, "synopsis", o->synopsis, "key",
		o->key, "metavar", o->metavar, "help", o->help, "unit", bqdisc_unit__name(o->unit),
		"count", (json_int_t)o->count, "min", output_value(o->unit, o->min), "max",
		output_value(o->unit, o->max), "default", o->default_value, "absent", o->absent);

	if (o->words[0])
		json_object_set_new(option, "words", json_pack("[ss]", o->words[0], o->words[1]));
	json_array_append_new(arg, option);
}

static void add_counter(const struct bqdisc_value *v, void *arg)
{
	json_array_append_new(arg, json_pack("{ss ss ss}", "key", v->key, "help", v->help, "unit",
					     bqdisc_unit__name(v->unit)));
}

static void add_word(const struct bqdisc_word_info *w, void *arg)
{
	json_array_append_new(arg, json_pack("{ss ss ss}", "name", w->name, "metavar", w->metavar,
					     "help", w->help));
}

json_t *output_qdisc(const struct bqdisc_qdisc *q)
{
	json_t *options = json_array(), *words = json_array(), *counters = json_array();

	bqdisc_qdisc__each_option(q, add_option, options);
	bqdisc_qdisc__each_word(q, add_word, words);
	bqdisc_qdisc__each_counter(q, add_counter, counters);
	return json_pack("{ss ss ss ss sI so so so}", "qdisc", bqdisc_qdisc__name(q), "kind",
			 bqdisc_qdisc__kind(q), "summary", bqdisc_qdisc__summary(q), "description",
			 bqdisc_qdisc__description(q), "memory_bytes",
			 (json_int_t)bqdisc_qdisc__memory(q), "options", options, "words", words,
			 "counters", counters);
}

int list_main(int argc, char *argv[], const struct globals *g)
{
	const struct bqdisc_qdisc *q;
	json_t *rows;

	if (argc > 1)
		return usage_error("list: '%s' is one word too many", argv[1]);
	rows = g->json ? json_array() : json_pack("[[sss]]", "QDISC", "KIND", "SUMMARY");
	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q)) {
		/* What is named: a kind whose name another object has taken is none any more. */
		if (bqdisc_qdisc__find(bqdisc_qdisc__name(q)) != q)
			continue;
		json_array_append_new(rows, g->json ? output_qdisc(q)
						    : json_pack("[sss]", bqdisc_qdisc__name(q),
								bqdisc_qdisc__kind(q),
								bqdisc_qdisc__summary(q)));
	}
	if (g->json)
		output_json(rows);
	else
		output_table(g, rows, true);
	return 0;
}
