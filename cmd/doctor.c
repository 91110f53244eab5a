// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "output.h"
#include "table.h"

static void add_check(const struct bqdisc_check *c, void *arg)
{
	json_t *check = json_pack("{ss sb ss}", "check", c->name, "ok", c->ok, "found", c->found);

	if (c->remedy)
		json_object_set_new(check, "remedy", json_string(c->remedy));
	json_array_append_new(arg, check);
}

static void print_checks(const struct globals *g, const json_t *checks)
{
	struct table table = { .columns = 4 };
	json_t *c;
	size_t i;

	TABLE_ADD(&table, "REQUIREMENT", "", "FOUND", "REMEDY");
	json_array_foreach((json_t *)checks, i, c) {
		const char *remedy = json_string_value(json_object_get(c, "remedy"));

		TABLE_ADD(&table, json_string_value(json_object_get(c, "check")),
			  json_is_true(json_object_get(c, "ok")) ? "ok" : "MISSING",
			  json_string_value(json_object_get(c, "found")), remedy ? remedy : "");
	}
	table_print(&table, g);
}

int doctor_main(int argc, char *argv[], const struct globals *g)
{
	json_t *checks = json_array();
	struct bqdisc *bq;
	int err;

	if (argc > 1)
		return usage_unexpected("doctor", argv[1]);
	bq = session_open(g);
	err = bqdisc__doctor(bq, add_check, checks);
	if (g->json) {
		output_json(checks);
	} else {
		print_checks(g, checks);
		json_decref(checks);
	}
	if (err)
		return session_fail(bq);
	bqdisc__close(bq);
	return 0;
}
