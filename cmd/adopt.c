// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* adopt and monitor: egress programs of qdiscs that other programs created. */
#include "device.h"

/* --- adopt --- */

static int adopt(struct bqdisc *bq, int n, char *words[], const struct device_command *c)
{
	struct bqdisc_adopt_opts opts = { .sz = sizeof(opts), .report = &c->report };

	return bqdisc__adopt(bq, n ? words[0] : NULL, &opts);
}

int adopt_main(int argc, char *argv[], const struct globals *g)
{
	struct device_command command = {
		.run = adopt,
		.max_words = 1,
		.done = "egress program attached",
		.unchanged = "no egress program is missing",
	};

	argc = flags_take(argc, argv, NULL, 0);
	return device_command_run(&command, argc, argv, g);
}

/* --- monitor --- */

static int print_event(const struct bqdisc_monitor_event *event, void *arg)
{
	const struct globals *g = arg;
	char parent[TC_ID_MAX];
	json_t *line;

	if (!g->json) {
		printf("%s: %s\n", event->dev,
		       event->error ? event->error : "egress program attached");
		return fflush(stdout);
	}
	line = json_pack("{ss ss ss}", "event", event->error ? "error" : "adopted", "dev",
			 event->dev, "parent", output_tc_id(event->parent, parent));
	if (event->error)
		json_object_set_new(line, "error", json_string(event->error));
	output_json_line(line);
	return 0;
}

int monitor_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc_monitor_opts opts = {
		.sz = sizeof(opts),
		.event = print_event,
		.arg = (void *)g,
	};
	bool adopting = false;
	const struct flag flags[] = { { .name = "--adopt", .set = &adopting } };
	struct bqdisc *bq;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc > 1)
		return usage_unexpected("monitor", argv[1]);
	if (!adopting)
		return usage_missing("monitor", "--adopt");
	bq = session_open(g);
	bqdisc__monitor(bq, &opts);
	return session_fail(bq);
}
