// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* record: the counters of a qdisc at a fixed interval, as a file for report. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "clock.h"
#include "output.h"
#include "record_line.h"

#define SHORTEST_EVERY 10000000 /* ns; a sample takes some of it */
#define EVERY 100000000         /* ns */

struct recorder {
	const struct globals *g;
	struct bqdisc *bq;
	const char *dev, *path;
	uint32_t parent; /* 0: any, which is no class */
	uint64_t every_ns, for_ns;
	FILE *out;
	uint64_t start_ns, samples;
	struct recorded last;
	size_t found; /* instances */
};

/* Return the time since the start in ns. */
static uint64_t elapsed(const struct recorder *r)
{
	return clock_ns(CLOCK_MONOTONIC) - r->start_ns;
}

/* --- one sample --- */

/* Open the file once there is one qdisc to record. Return 0, or the exit status. */
static int open_file(struct recorder *r)
{
	r->out = strcmp(r->path, "-") ? fopen(r->path, "we") : stdout;
	if (!r->out)
		return usage_error("%s: %s", r->path, strerror(errno));
	record_head(r->out, r->dev, r->every_ns);
	return 0;
}

static bool is_wanted(const struct recorder *r, const struct bqdisc_instance *inst)
{
	return !r->parent || bqdisc_instance__parent(inst) == r->parent;
}

static int count(const struct bqdisc_instance *inst, void *arg)
{
	struct recorder *r = arg;

	r->found += is_wanted(r, inst);
	return 0;
}

static int take(const struct bqdisc_instance *inst, void *arg)
{
	struct recorder *r = arg;

	if (is_wanted(r, inst) && !r->found++)
		record_sample(r->out, elapsed(r), &r->last, inst);
	return 0;
}

/* Call FN for all instances of the device. Return 0, or the exit status. */
static int each(struct recorder *r, bqdisc_instance_fn fn)
{
	r->found = 0;
	if (!bqdisc__each_instance(r->bq, r->dev, fn, r))
		return 0;
	session_print_message(r->bq);
	return session_status(r->bq);
}

/* Check that there is one qdisc, and open the file. Return 0, or the exit status. */
static int begin(struct recorder *r)
{
	int status = each(r, count);

	if (status)
		return status;
	if (r->found > 1)
		return usage_error("record: '%s' has %zu qdiscs of bqdisc; name one with --parent",
				   r->dev, r->found);
	if (!r->found)
		return usage_not_attached(r->dev);
	return open_file(r);
}

/* Take a sample. The qdisc may be detached, and may come back. Return 0, or the exit status. */
static int sample(struct recorder *r)
{
	int status = each(r, take);

	if (status)
		return status;
	if (!r->found)
		record_gone(r->out, elapsed(r), &r->last);
	r->samples++;
	if (!fflush(r->out))
		return 0;
	fprintf(stderr, "bqdisc: %s: cannot write: %s\n", r->path, strerror(errno));
	return BQDISC_ERROR_REFUSED;
}

/* --- the loop --- */

/* Wait for the time WHEN. Return false if a signal of SIGNALS came. */
static bool wait_until(uint64_t when, const sigset_t *signals)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), left = when > now ? when - now : 0;
	const struct timespec timeout = { .tv_sec = (time_t)(left / NS_PER_SECOND),
					  .tv_nsec = (long)(left % NS_PER_SECOND) };

	return sigtimedwait(signals, NULL, &timeout) < 0;
}

/* Take samples at multiples of the interval. Skip those that are over already. */
static int run(struct recorder *r, const sigset_t *signals)
{
	uint64_t t = 0;
	int status;

	r->start_ns = clock_ns(CLOCK_MONOTONIC);
	do {
		status = sample(r);
		t += r->every_ns;
		if (elapsed(r) > t)
			t = elapsed(r) / r->every_ns * r->every_ns + r->every_ns;
	} while (!status && (!r->for_ns || t <= r->for_ns) && wait_until(r->start_ns + t, signals));
	return status;
}

static void print_end(const struct recorder *r)
{
	if (r->out == stdout)
		return;
	if (r->g->json)
		output_json(json_pack("{ss ss sI}", "dev", r->dev, "file", r->path, "samples",
				      (json_int_t)r->samples));
	else
		printf("%s: %" PRIu64 " samples written to %s\n", r->dev, r->samples, r->path);
}

/* Record until the time is over, or SIGINT or SIGTERM. */
static int record(struct recorder *r)
{
	sigset_t signals;
	int status;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	status = begin(r);
	if (!status)
		status = run(r, &signals);
	if (!status)
		print_end(r);
	recorded_free(&r->last);
	return status;
}

static bool parse_every(const char *text, void *ns)
{
	return bqdisc_unit__parse(BQDISC_UNIT_TIME, text, ns) && *(uint64_t *)ns >= SHORTEST_EVERY;
}

static bool parse_for(const char *text, void *ns)
{
	return bqdisc_unit__parse(BQDISC_UNIT_TIME, text, ns) && *(uint64_t *)ns;
}

int record_main(int argc, char *argv[], const struct globals *g)
{
	struct recorder r = { .g = g, .every_ns = EVERY };
	const struct flag flags[] = {
		{ .name = "--every",
		  .parse = parse_every,
		  .value = &r.every_ns,
		  .wants = "a time with its unit, at least 10ms" },
		{ .name = "--for",
		  .parse = parse_for,
		  .value = &r.for_ns,
		  .wants = "a time with its unit, such as 60s" },
		PARENT_FLAG(&r.parent),
	};
	int status;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc < 3)
		return usage_missing("record", argc < 2 ? "DEV" : "FILE");
	if (argc > 3)
		return usage_unexpected("record", argv[3]);
	r.dev = argv[1];
	r.path = argv[2];
	r.bq = session_open(g);
	status = record(&r);
	bqdisc__close(r.bq);
	return status;
}
