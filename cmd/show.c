// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "output.h"

/* Options as one would type them: "limit 100p". */
struct line {
	char text[512];
	size_t len;
};

static void add_option(const struct bqdisc_value *v, void *arg)
{
	struct line *l = arg;
	char value[32];
	int n = snprintf(l->text + l->len, sizeof(l->text) - l->len, "%s%s %s", l->len ? " " : "",
			 v->name, bqdisc_unit__format(v->unit, v->value, value, sizeof(value)));

	if (n > 0 && l->len + (size_t)n < sizeof(l->text))
		l->len += (size_t)n;
}

static int add_row(const struct bqdisc_instance *inst, void *arg)
{
	char handle[TC_ID_MAX], parent[TC_ID_MAX];
	struct line options = { .len = 0 };

	bqdisc_instance__each_option(inst, add_option, &options);
	return json_array_append_new(
		arg, json_pack("[sssss]", bqdisc_instance__dev(inst),
			       bqdisc_qdisc__name(bqdisc_instance__qdisc(inst)),
			       output_tc_id(bqdisc_instance__handle(inst), handle),
			       output_tc_id(bqdisc_instance__parent(inst), parent), options.text));
}

static int show_text(struct bqdisc *bq, const char *dev, const struct globals *g)
{
	json_t *rows = json_pack("[[sssss]]", "DEV", "QDISC", "HANDLE", "PARENT", "OPTIONS");

	if (bqdisc__each_instance(bq, dev, add_row, rows)) {
		json_decref(rows);
		return session_fail(bq);
	}
	if (json_array_size(rows) > 1)
		output_table(g, rows, true);
	else
		json_decref(rows);
	bqdisc__close(bq);
	return 0;
}

int show_main(int argc, char *argv[], const struct globals *g)
{
	const char *dev = argc > 1 ? argv[1] : NULL;
	struct bqdisc *bq;
	json_t *all;

	if (argc > 2)
		return usage_error("show: '%s' is one word too many", argv[2]);
	bq = session_open(g);
	if (!g->json)
		return show_text(bq, dev, g);
	all = output_instances(bq, dev);
	if (!all)
		return session_fail(bq);
	bqdisc__close(bq);
	output_json(all);
	return 0;
}
