// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* monitor: a line for each change of a qdisc of bqdisc. */
#include <stdlib.h>
#include <time.h>

#include "apply.h"
#include "option_words.h"
#include "output.h"

/* Least time between two attempts to enforce a line, against a fight with another program. */
#define ENFORCE_S 1

struct monitor {
	const struct globals *g;
	const char *enforce;      /* files of apply; NULL: enforce nothing */
	struct timespec enforced; /* CLOCK_MONOTONIC */
};

/* Write the time of day in UTC, with milliseconds. */
static const char *write_time(char *buf, size_t size)
{
	struct timespec now;
	struct tm utc;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	len = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &utc));
	snprintf(buf + len, size - len, ".%03ldZ", now.tv_nsec / 1000000);
	return buf;
}

static void print_text(const struct bqdisc_monitor_event *event, const char *words)
{
	const char *what = words ? words : event->kind;
	char time[32];

	printf("%s ", write_time(time, sizeof(time)));
	if (event->dev)
		printf("%s: ", event->dev);
	if (event->type == BQDISC_EVENT_ADOPTED)
		puts("egress program attached");
	else if (event->type == BQDISC_EVENT_ERROR)
		puts(event->error);
	else
		printf("%s%s%s\n", bqdisc_event__name(event->type), what ? " " : "",
		       what ? what : "");
	fflush(stdout);
}

static void set_text(json_t *line, const char *key, const char *text)
{
	if (text)
		json_object_set_new(line, key, json_string(text));
}

static void print_json(const struct bqdisc_monitor_event *event, const char *words)
{
	char time[32], parent[TC_ID_MAX], handle[TC_ID_MAX];
	json_t *line = json_pack("{ss ss}", "time", write_time(time, sizeof(time)), "event",
				 bqdisc_event__name(event->type));

	set_text(line, "dev", event->dev);
	if (event->dev)
		set_text(line, "parent", output_tc_id(event->parent, parent));
	if (event->handle)
		set_text(line, "handle", output_tc_id(event->handle, handle));
	set_text(line, "kind", event->kind);
	set_text(line, "words", words);
	set_text(line, "error", event->error);
	output_json_line(line);
}

/* Attach what lines with --enforce say to DEV; NULL: to all devices. */
static void enforce(struct monitor *m, const char *dev)
{
	const struct apply_opts opts = { .enforce = true, .dev = dev };
	struct timespec next = m->enforced;

	next.tv_sec += ENFORCE_S;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	apply_path(m->enforce, &opts, m->g);
	clock_gettime(CLOCK_MONOTONIC, &m->enforced);
}

static int handle_event(const struct bqdisc_monitor_event *event, void *arg)
{
	struct monitor *m = arg;
	char *words = event->instance ? option_words(event->instance) : NULL;

	if (m->g->json)
		print_json(event, words);
	else
		print_text(event, words);
	free(words);
	/* Another program may have replaced qdiscs before monitor listened. */
	if (m->enforce && (event->type == BQDISC_EVENT_LISTENING ||
			   (event->type == BQDISC_EVENT_LOST && event->dev)))
		enforce(m, event->dev);
	return 0;
}

int monitor_main(int argc, char *argv[], const struct globals *g)
{
	struct monitor m = { .g = g };
	struct bqdisc_monitor_opts opts = {
		.sz = sizeof(opts),
		.event = handle_event,
		.arg = &m,
	};
	const struct flag flags[] = {
		{ .name = "--adopt", .set = &opts.adopt },
		{ .name = "--enforce",
		  .parse = parse_text,
		  .value = &m.enforce,
		  .wants = "a file or directory of apply" },
	};
	struct bqdisc *bq;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc > 1)
		return usage_unexpected("monitor", argv[1]);
	bq = session_open(g);
	bqdisc__monitor(bq, &opts);
	return session_fail(bq);
}
