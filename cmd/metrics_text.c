// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Options and counters of the instances as metrics, in base units. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "memory.h"
#include "metrics_family.h"
#include "output.h"

#define LABELS_MAX 512
#define NUMBER_MAX 32

struct text {
	const struct metrics *m;
	struct families families;
	const char *qdisc; /* name of the current instance's qdisc */
	char *labels;      /* of the current instance */
};

static struct family *get_family(struct text *t, const char *name, enum metric_type type,
				 const char *help)
{
	return families_get(&t->families, name, t->qdisc, type, help);
}

/* --- names and numbers --- */

/* Units that base units replace. */
static const struct {
	enum bqdisc_unit unit;
	const char *suffix, *base; /* of a key */
} units[] = {
	{ BQDISC_UNIT_TIME, "_ns", "_seconds" },
	{ BQDISC_UNIT_RATE, "_bits_per_second", "_bytes_per_second" },
	{ BQDISC_UNIT_PERCENT, "_percent", "_ratio" },
};

/* Suffixes that the formats reserve for samples. */
static const char *const reserved[] = { "_total", "_count", "_sum", "_bucket" };

/* Return the length of KEY without SUFFIX. */
static size_t cut_suffix(const char *key, size_t len, const char *suffix)
{
	size_t cut = strlen(suffix);

	return len > cut && !strncmp(key + len - cut, suffix, cut) ? len - cut : len;
}

/* Write the name of a family: PREFIX, and KEY with a base unit. Return NAME. */
static const char *write_name(const char *prefix, const char *key, enum bqdisc_unit unit,
			      char name[METRIC_NAME_MAX])
{
	size_t i, len = strlen(key);
	const char *base = "";
	char *c;

	for (i = 0; i < ARRAY_SIZE(reserved); i++)
		len = cut_suffix(key, len, reserved[i]);
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (units[i].unit != unit)
			continue;
		base = units[i].base;
		len = cut_suffix(key, len, units[i].suffix);
	}
	snprintf(name, METRIC_NAME_MAX, "%s%.*s%s", prefix, (int)len, key, base);
	/* A variable of a user object may have a point in its name. */
	for (c = name; (c = strpbrk(c, ".-@")); c++)
		*c = '_';
	return name;
}

/* Write VALUE in its base unit. Return TEXT. */
static const char *write_number(enum bqdisc_unit unit, uint64_t value, char text[NUMBER_MAX])
{
	switch (unit) {
	case BQDISC_UNIT_TIME:
		snprintf(text, NUMBER_MAX, "%" PRIu64 ".%09" PRIu64, value / NS_PER_SECOND,
			 value % NS_PER_SECOND);
		break;
	case BQDISC_UNIT_PERCENT:
		snprintf(text, NUMBER_MAX, "%.9g", (double)value / UINT32_MAX);
		break;
	case BQDISC_UNIT_SIGNED:
	case BQDISC_UNIT_INTEGER:
		snprintf(text, NUMBER_MAX, "%" PRId64, (int64_t)value);
		break;
	default:
		snprintf(text, NUMBER_MAX, "%" PRIu64,
			 unit == BQDISC_UNIT_RATE ? value / 8 : value);
	}
	return text;
}

/* --- samples --- */

/* Add each value of V to F. MORE: labels after those of the instance. */
static void add_values(struct text *t, struct family *f, const struct bqdisc_value *v,
		       const char *more)
{
	char labels[LABELS_MAX], number[NUMBER_MAX];
	size_t i;

	for (i = 0; i < v->count; i++) {
		snprintf(labels, sizeof(labels), "%s", more);
		if (v->count > 1)
			snprintf(labels, sizeof(labels), "%s,index=\"%zu\"", more, i);
		family_add(f, t->labels, labels, write_number(v->unit, v->values[i], number));
	}
}

static void add_gauge(struct text *t, const char *name, const char *help, enum bqdisc_unit unit,
		      uint64_t value)
{
	char number[NUMBER_MAX];

	family_add(get_family(t, name, METRIC_GAUGE, help), t->labels, "",
		   write_number(unit, value, number));
}

/* Return LABELS, and after them NAME, VALUE ... up to NULL. The caller frees them. */
static char *make_labels(const char *labels, const char *const *more)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = check_memory(open_memstream(&text, &size));

	fputs(labels, out);
	for (; *more; more += 2)
		family_write_label(out, more[0], more[1]);
	fclose(out);
	return check_memory(text);
}

#define MAKE_LABELS(labels, ...) make_labels(labels, (const char *const[]){ __VA_ARGS__, NULL })

/* Add a sample of 1. Free LABELS. */
static void add_info(struct text *t, const char *name, const char *help, char *labels)
{
	family_add(get_family(t, name, METRIC_GAUGE, help), labels, "", "1");
	free(labels);
}

/* --- options --- */

static void add_option(const struct bqdisc_value *v, void *arg)
{
	bool is_word = v->unit == BQDISC_UNIT_NAME || (v->unit == BQDISC_UNIT_CHOICE && v->word);
	char name[METRIC_NAME_MAX];
	struct text *t = arg;

	if (v->none)
		return;
	if (is_word) {
		add_info(t, "bqdisc_option_info", "Options that are words.",
			 MAKE_LABELS(t->labels, "option", v->key, "value", v->word));
		return;
	}
	write_name("bqdisc_option_", v->key, v->unit, name);
	add_values(t, get_family(t, name, METRIC_GAUGE, v->help), v, "");
}

/* --- counters --- */

/* Names and helps of node_exporter's qdisc collector, so that both can be scraped. */
static const struct core {
	const char *key, *name, *help;
} core[] = {
	{ "bytes", "node_qdisc_bytes", "Number of bytes sent." },
	{ "packets", "node_qdisc_packets", "Number of packets sent." },
	{ "drops", "node_qdisc_drops", "Number of packets dropped." },
	{ "overlimits", "node_qdisc_overlimits", "Number of overlimit packets." },
	{ "requeues", "node_qdisc_requeues",
	  "Number of packets dequeued, not transmitted, and requeued." },
	{ "backlog_bytes", "node_qdisc_backlog", "Number of bytes currently in queue to be sent." },
	{ "backlog_packets", "node_qdisc_current_queue_length",
	  "Number of packets currently in queue to be sent." },
};

static const struct core *find_core(const struct bqdisc_value *v)
{
	size_t i;

	for (i = 0; !strcmp(v->group, "core") && i < ARRAY_SIZE(core); i++)
		if (!strcmp(core[i].key, v->key))
			return &core[i];
	return NULL;
}

static enum metric_type type_of(const struct bqdisc_value *v)
{
	static const enum metric_type types[] = {
		[BQDISC_METRIC_COUNTER] = METRIC_COUNTER,
		[BQDISC_METRIC_GAUGE] = METRIC_GAUGE,
		[BQDISC_METRIC_UNKNOWN] = METRIC_UNKNOWN,
	};

	return types[v->metric];
}

static double to_base(enum bqdisc_unit unit, uint64_t value)
{
	return unit == BQDISC_UNIT_TIME ? (double)value / (double)NS_PER_SECOND : (double)value;
}

/* Return the middle of bucket N; of the last one, which has no upper bound, its lower bound. */
static double middle_of(const struct bqdisc_value *v, size_t n)
{
	uint64_t high = bqdisc_value__bound(v, n), low = n ? bqdisc_value__bound(v, n - 1) : 0;

	if (high == UINT64_MAX)
		return to_base(v->unit, low);
	return (to_base(v->unit, low) + to_base(v->unit, high - 1)) / 2;
}

/* Write the upper bound of bucket N, which is in the bucket: of packets, one less. Return TEXT. */
static const char *write_bound(const struct bqdisc_value *v, size_t n, char text[NUMBER_MAX])
{
	uint64_t bound = bqdisc_value__bound(v, n);

	if (bound == UINT64_MAX)
		return "+Inf";
	snprintf(text, NUMBER_MAX, "%.9g",
		 to_base(v->unit, v->unit == BQDISC_UNIT_TIME ? bound : bound - 1));
	return text;
}

/*
 * Return true if a bucket of the text ends at BOUND: at powers of two, a quarter of the qdisc's
 * buckets, so that a scrape of many devices stays small; and at the end.
 */
static bool is_end(uint64_t bound)
{
	return !(bound & (bound - 1)) || bound == UINT64_MAX;
}

/* Add a histogram. The qdisc has no sum, so compute it from the middles of its buckets. */
static void add_histogram(struct text *t, const struct bqdisc_value *v)
{
	char name[METRIC_NAME_MAX], bound[NUMBER_MAX];
	const char *labels = t->labels + 1;
	uint64_t count = 0;
	struct family *f;
	double sum = 0;
	size_t n;

	write_name("bqdisc_", v->key, v->unit, name);
	f = get_family(t, name, METRIC_HISTOGRAM, v->help);
	for (n = 0; n < v->count; n++) {
		count += v->values[n];
		sum += (double)v->values[n] * middle_of(v, n);
		if (is_end(bqdisc_value__bound(v, n)))
			fprintf(f->samples, "%s_bucket{%s,le=\"%s\"} %" PRIu64 "\n", f->name,
				labels, write_bound(v, n, bound), count);
	}
	fprintf(f->samples, "%s_count{%s} %" PRIu64 "\n", f->name, labels, count);
	fprintf(f->samples, "%s_sum{%s} %.9g\n", f->name, labels, sum);
}

/* Add a counter of drops: "drops_limit" and "limit_drops" have the reason "limit". */
static void add_drops(struct text *t, const struct bqdisc_value *v)
{
	const char *reason = v->key;
	char more[LABELS_MAX];
	size_t len;

	if (!strncmp(reason, "drops_", strlen("drops_")))
		reason += strlen("drops_");
	len = cut_suffix(reason, strlen(reason), "_drops");
	snprintf(more, sizeof(more), ",reason=\"%.*s\"", (int)len, reason);
	add_values(t,
		   get_family(t, "bqdisc_drops", METRIC_COUNTER,
			      "Packets dropped by the qdisc, by reason."),
		   v, more);
}

static void add_counter(const struct bqdisc_value *v, void *arg)
{
	const struct core *c = find_core(v);
	char name[METRIC_NAME_MAX];
	struct text *t = arg;

	if (v->histogram)
		add_histogram(t, v);
	else if (!strcmp(v->group, "drops"))
		add_drops(t, v);
	else if (c)
		add_values(t, get_family(t, c->name, type_of(v), c->help), v, "");
	else
		add_values(t,
			   get_family(t, write_name("bqdisc_", v->key, v->unit, name), type_of(v),
				      v->help),
			   v, "");
}

/* --- rules --- */

struct rule_text {
	struct text *t;
	char *labels; /* of the rule */
};

static void add_rule_counter(const struct bqdisc_value *v, void *arg)
{
	const struct rule_text *r = arg;
	char name[METRIC_NAME_MAX];

	write_name("bqdisc_rule_", v->key, v->unit, name);
	add_values(r->t, get_family(r->t, name, METRIC_COUNTER, v->help), v, r->labels);
}

static void add_rule(const struct bqdisc_rule *rule, void *arg)
{
	struct rule_text r = { .t = arg };
	char match[256], number[NUMBER_MAX];

	write_number(BQDISC_UNIT_COUNT, bqdisc_rule__number(rule), number);
	bqdisc_rule__match(rule, match, sizeof(match));
	r.labels = bqdisc_rule__class(rule)
			   ? MAKE_LABELS("", "class", bqdisc_rule__class(rule), "match", match)
			   : MAKE_LABELS("", "rule", number, "match", match);
	bqdisc_rule__each_counter(rule, add_rule_counter, &r);
	free(r.labels);
}

/* --- instances --- */

static bool is_wanted(const struct metrics *m, const char *dev)
{
	if (m->include.given && regexec(&m->include.regex, dev, 0, NULL, 0))
		return false;
	return !m->exclude.given || regexec(&m->exclude.regex, dev, 0, NULL, 0);
}

static char *labels_of(const struct bqdisc_instance *inst)
{
	char parent[TC_ID_MAX], handle[TC_ID_MAX];

	output_tc_id(bqdisc_instance__parent(inst), parent);
	output_tc_id(bqdisc_instance__handle(inst), handle);
	return MAKE_LABELS("", "device", bqdisc_instance__dev(inst), "kind",
			   bqdisc_qdisc__kind(bqdisc_instance__qdisc(inst)), "parent", parent,
			   "handle", handle);
}

static int add_instance(const struct bqdisc_instance *inst, void *arg)
{
	const char *egress = bqdisc_egress__name(bqdisc_instance__egress(inst));
	struct text *t = arg;
	uint64_t left;

	if (!is_wanted(t->m, bqdisc_instance__dev(inst)))
		return 0;
	t->qdisc = bqdisc_qdisc__name(bqdisc_instance__qdisc(inst));
	t->labels = labels_of(inst);
	add_info(t, "bqdisc_qdisc_info", "The qdisc, and the state of its egress program.",
		 MAKE_LABELS(t->labels, "qdisc", t->qdisc, "egress_program",
			     egress ? egress : "none"));
	add_gauge(t, "bqdisc_memory_bytes", "Kernel memory reserved for the qdisc.",
		  BQDISC_UNIT_BYTES, bqdisc_instance__memory(inst));
	if (bqdisc_instance__expires(inst, &left))
		add_gauge(t, "bqdisc_expires_in_seconds", "Time until the qdisc expires.",
			  BQDISC_UNIT_TIME, left);
	bqdisc_instance__each_counter(inst, add_counter, t);
	bqdisc_instance__each_rule(inst, add_rule, t);
	bqdisc_instance__each_option(inst, add_option, t);
	free(t->labels);
	return 0;
}

int metrics_write(const struct metrics *m, enum metrics_format format, FILE *out)
{
	struct text t = { .m = m, .qdisc = "" };
	/* No warnings: they would repeat with each scrape. */
	struct bqdisc *bq = check_memory(bqdisc__open(
		&(struct bqdisc_opts){ .sz = sizeof(struct bqdisc_opts), .netns = m->g->netns }));
	int err;

	add_info(&t, "bqdisc_info", "Version of bqdisc.",
		 MAKE_LABELS("", "version", BQDISC_VERSION));
	err = bqdisc__each_queue(bq, NULL, add_instance, &t);
	if (!err)
		families_write(&t.families, format, out);
	families_free(&t.families);
	if (err)
		return session_fail(bq);
	bqdisc__close(bq);
	return 0;
}
