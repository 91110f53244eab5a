// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* drops: the last packet that a qdisc dropped for each reason, or each as it is dropped. */
#include <signal.h>
#include <string.h>

#include "clock.h"
#include "drop_output.h"
#include "flow_rows.h"
#include "table.h"

/* Return the time of a drop in ns since 1970. */
static uint64_t real_time(const struct bqdisc_drop *drop)
{
	return clock_ns(CLOCK_REALTIME) - (clock_ns(CLOCK_MONOTONIC) - drop->time_ns);
}

static void put_drop(struct json_writer *w, const struct bqdisc_drop *drop)
{
	jsonw_uint(w, "time_ns", real_time(drop));
	jsonw_string(w, "reason", drop->reason);
	if (drop->count > 1)
		jsonw_uint(w, "value", drop->n);
	flows_put_key(w, &drop->key);
	jsonw_uint(w, "bytes", drop->bytes);
}

/* Write the counter, such as "drops_limit" or "band_drops[1]". Return BUF. */
static const char *write_reason(const struct bqdisc_drop *drop, char *buf, size_t size)
{
	if (drop->count > 1)
		snprintf(buf, size, "%s[%zu]", drop->reason, drop->n);
	else
		snprintf(buf, size, "%s", drop->reason);
	return buf;
}

/* --- the last drops --- */

static void put_last(const struct bqdisc_drop *drop, void *w)
{
	jsonw_begin(w, NULL, '{');
	put_drop(w, drop);
	jsonw_end(w, '}');
}

void drops_put(struct json_writer *w, const struct bqdisc_instance *inst)
{
	if (!bqdisc_qdisc__notes_drops(bqdisc_instance__qdisc(inst)))
		return;
	jsonw_begin(w, "last_drops", '[');
	bqdisc_instance__each_last_drop(inst, put_last, w);
	jsonw_end(w, ']');
}

static void add_row(const struct bqdisc_drop *drop, void *arg)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	char reason[64], age[40], key[128], bytes[32];
	struct table *table = arg;

	bqdisc_unit__round(BQDISC_UNIT_TIME, now > drop->time_ns ? now - drop->time_ns : 0, age,
			   sizeof(age));
	if (!table->rows)
		TABLE_ADD(table, "LAST DROP", "AGO", "BYTES", "FLOW");
	snprintf(bytes, sizeof(bytes), "%u", drop->bytes);
	TABLE_ADD(table, write_reason(drop, reason, sizeof(reason)), age, bytes,
		  bqdisc_flow_key__format(&drop->key, key, sizeof(key)));
}

void drops_print(const struct bqdisc_instance *inst, const struct globals *g)
{
	struct table table = { .columns = 4 };

	bqdisc_instance__each_last_drop(inst, add_row, &table);
	table_print(&table, g);
}

struct shown {
	const struct globals *g;
	size_t n;                 /* instances */
	struct json_writer *json; /* with -j, else NULL */
};

static int show(const struct bqdisc_instance *inst, void *arg)
{
	const struct bqdisc_qdisc *q = bqdisc_instance__qdisc(inst);
	struct shown *s = arg;

	if (s->json) {
		jsonw_begin(s->json, NULL, '{');
		jsonw_string(s->json, "dev", bqdisc_instance__dev(inst));
		jsonw_string(s->json, "qdisc", bqdisc_qdisc__name(q));
		jsonw_string(s->json, "kind", bqdisc_qdisc__kind(q));
		drops_put(s->json, inst);
		jsonw_end(s->json, '}');
		return 0;
	}
	if (s->n++)
		putchar('\n');
	output_title(inst, s->g);
	putchar('\n');
	drops_print(inst, s->g);
	return 0;
}

static int show_all(struct bqdisc *bq, const char *dev, const struct globals *g)
{
	struct shown shown = { .g = g };
	struct json_buffer buffer;
	int err;

	if (!g->json)
		return output_text(bq, dev, false, show, &shown);
	shown.json = json_buffer_open(&buffer);
	err = bqdisc__each_instance(bq, dev, show, &shown);
	json_buffer_print(&buffer, !err);
	if (err)
		return session_fail(bq);
	bqdisc__close(bq);
	return 0;
}

/* --- follow --- */

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

struct following {
	const struct globals *g;
	uint32_t missed; /* so far */
};

static void print_event(const struct bqdisc_drop_event *event)
{
	uint64_t ns = real_time(&event->drop);
	time_t seconds = (time_t)(ns / NS_PER_SECOND);
	char reason[64], key[128], time[16];
	struct tm tm;

	strftime(time, sizeof(time), "%H:%M:%S", localtime_r(&seconds, &tm));
	printf("%s.%06u %s %s %s %s %u bytes\n", time, (unsigned int)(ns % NS_PER_SECOND / 1000),
	       event->dev, bqdisc_qdisc__name(event->qdisc),
	       write_reason(&event->drop, reason, sizeof(reason)),
	       bqdisc_flow_key__format(&event->drop.key, key, sizeof(key)), event->drop.bytes);
	fflush(stdout);
}

static void print_json_event(const struct bqdisc_drop_event *event)
{
	struct json_writer w = { .to = stdout };
	char parent[TC_ID_MAX];

	jsonw_begin(&w, NULL, '{');
	put_drop(&w, &event->drop);
	jsonw_string(&w, "dev", event->dev);
	jsonw_string(&w, "parent", output_tc_id(event->parent, parent));
	jsonw_string(&w, "qdisc", bqdisc_qdisc__name(event->qdisc));
	jsonw_uint(&w, "missed", event->missed);
	jsonw_end(&w, '}');
	putchar('\n');
	fflush(stdout);
}

static int follow_event(const struct bqdisc_drop_event *event, void *arg)
{
	struct following *f = arg;

	if (event && f->g->json) {
		print_json_event(event);
	} else if (event) {
		if (event->missed > f->missed)
			printf("%u more drops\n", event->missed - f->missed);
		f->missed = event->missed;
		print_event(event);
	}
	return ended;
}

static int follow(struct bqdisc *bq, const char *dev, const struct globals *g)
{
	const struct sigaction action = { .sa_handler = end };
	struct following following = { .g = g };
	struct bqdisc_follow_opts opts = { .sz = sizeof(opts),
					   .event = follow_event,
					   .arg = &following };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (bqdisc__follow_drops(bq, dev, &opts) < 0)
		return session_fail(bq);
	bqdisc__close(bq);
	return 0;
}

int drops_main(int argc, char *argv[], const struct globals *g)
{
	bool follows = false;
	const struct flag flags[] = { { .name = "--follow", .set = &follows } };

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc < 2)
		return usage_missing("drops", "DEVS");
	if (argc > 2)
		return usage_unexpected("drops", argv[2]);
	return (follows ? follow : show_all)(session_open(g), argv[1], g);
}
