// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

/* From 2^63 on as a string of digits, because most JSON readers have 63 bits. */
static json_t *number(uint64_t value)
{
	char digits[24];

	if (value <= INT64_MAX)
		return json_integer((json_int_t)value);
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	return json_string(digits);
}

json_t *output_value(enum bqdisc_unit unit, uint64_t value)
{
	char text[32];

	if (unit == BQDISC_UNIT_SIGNED || unit == BQDISC_UNIT_INTEGER)
		return json_integer((json_int_t)value);
	if (unit != BQDISC_UNIT_PERCENT)
		return number(value);
	return json_real(strtod(bqdisc_unit__format(unit, value, text, sizeof(text)), NULL));
}

const char *output_tc_id(uint32_t id, char buf[TC_ID_MAX])
{
	if (id == BQDISC_PARENT_ROOT)
		snprintf(buf, TC_ID_MAX, "root");
	else if (id & 0xffff)
		snprintf(buf, TC_ID_MAX, "%x:%x", id >> 16, id & 0xffff);
	else
		snprintf(buf, TC_ID_MAX, "%x:", id >> 16);
	return buf;
}

static void print_json(json_t *value, size_t how)
{
	/* 15 digits print 0.1 as it was typed. json_dumpf() would write each token alone. */
	char *text = json_dumps(value, how | JSON_REAL_PRECISION(15));

	if (text)
		puts(text);
	free(text);
	json_decref(value);
}

/* Indent what a person reads. Programs get all on one line, as from `tc -j`. */
void output_json(json_t *value)
{
	print_json(value, isatty(STDOUT_FILENO) ? JSON_INDENT(2) : JSON_COMPACT);
}

void output_json_line(json_t *value)
{
	print_json(value, JSON_COMPACT);
	fflush(stdout);
}

bool output_wants_color(const struct globals *g)
{
	if (strcmp(g->color, "auto"))
		return !strcmp(g->color, "always");
	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

void output_bold(const struct globals *g, const char *text)
{
	bool color = output_wants_color(g);

	printf("%s%s%s", color ? "\033[1m" : "", text, color ? "\033[0m" : "");
}

/* Kinds belong to all namespaces. tc's -n takes a name only; nsenter takes a path. */
void output_command(const char *command, const struct globals *g)
{
	if (!g->netns || !strncmp(command, "bqdisc ", strlen("bqdisc ")))
		puts(command);
	else if (strchr(g->netns, '/'))
		printf("nsenter --net=%s %s\n", g->netns, command);
	else if (!strncmp(command, "tc ", strlen("tc ")))
		printf("tc -n %s%s\n", g->netns, command + strlen("tc"));
	else
		printf("ip netns exec %s %s\n", g->netns, command);
}

void output_title(const struct bqdisc_instance *inst, const struct globals *g)
{
	uint32_t queues = bqdisc_instance__queues(inst);
	char handle[TC_ID_MAX], parent[TC_ID_MAX];

	output_bold(g, bqdisc_instance__dev(inst));
	printf(": %s handle %s ", bqdisc_qdisc__name(bqdisc_instance__qdisc(inst)),
	       output_tc_id(bqdisc_instance__handle(inst), handle));
	if (queues)
		printf("mq, %u queues", queues);
	else
		printf("parent %s", output_tc_id(bqdisc_instance__parent(inst), parent));
}

/* Print that nothing is attached, to DEV or anywhere, and the next command. */
static void print_nothing(const char *dev)
{
	if (dev)
		printf("%s: no qdisc of bqdisc is attached; attach one with "
		       "'bqdisc attach %s QDISC'\n",
		       dev, dev);
	else
		puts("No qdisc of bqdisc is attached in this network namespace.\n"
		     "'bqdisc list' lists the qdiscs, 'bqdisc attach DEV QDISC' attaches one.");
}

struct counting {
	bqdisc_instance_fn fn;
	void *arg;
	size_t n;
};

static int call_and_count(const struct bqdisc_instance *inst, void *arg)
{
	struct counting *c = arg;

	c->n++;
	return c->fn(inst, c->arg);
}

int output_text(struct bqdisc *bq, const char *dev, bool per_queue, bqdisc_instance_fn fn,
		void *arg)
{
	struct counting c = { .fn = fn, .arg = arg };

	if (per_queue ? bqdisc__each_queue(bq, dev, call_and_count, &c)
		      : bqdisc__each_instance(bq, dev, call_and_count, &c))
		return session_fail(bq);
	bqdisc__close(bq);
	if (!c.n)
		print_nothing(dev);
	return 0;
}
