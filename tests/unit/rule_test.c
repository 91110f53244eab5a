// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/qdisc/rule.c and preset.c with netem's words: conversion of rules to tables, and errors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qdisc/match_words.h"
#include "netem.h"
#include "qdisc/preset.h"
#include "qdisc/rule.h"
#include "suites.h"

#define MAX_WORDS 512

static struct bq_error error;
static struct netem_config config;
static struct bq_blob tables;
static const struct bqdisc_qdisc *netem;
static char path[] = "/tmp/rules_test.XXXXXX";

static void write_file(const char *text)
{
	FILE *file;
	int fd;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	file = fdopen(fd, "w");
	fputs(text, file);
	fclose(file);
}

/* Parse TEXT, split at blanks. @ is replaced by the file's path. */
static int parse(const char *text)
{
	static char copy[8192], *words[MAX_WORDS];
	char *word, *save = NULL;
	int n = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		words[n++] = strcmp(word, "@") ? word : path;
	netem = bq_builtin_find("netem");
	memset(&error, 0, sizeof(error));
	memset(&config, 0, sizeof(config));
	return netem->parse(netem, n, words, &config, &tables, &error);
}

static void parse_good(const char *text)
{
	ck_assert_msg(!parse(text), "'%s': %s", text, error.text);
}

static void forget(void)
{
	free(tables.data);
	tables = (struct bq_blob){ 0 };
}

static uint64_t delay_of(uint32_t n)
{
	const struct netem_impairment *w = bq_rules_options(netem, &tables, n);

	return n ? w->delay : config.all.delay;
}

static const char *match_of(uint32_t n)
{
	static char text[BQ_MATCH_TEXT];
	const struct bq_match *match = bq_rules_match(netem, &tables, n);

	return match ? bq_match_format(match, text, sizeof(text)) : "";
}

START_TEST(rules_go_into_the_tables)
{
	parse_good("limit 5 delay 1ms match dport 1 rule match not proto udp delay 2ms "
		   "rule delay 3ms");
	ck_assert_uint_eq(bq_rules_count(netem, &tables), 3);
	ck_assert_uint_eq(config.limit, 5);
	ck_assert_uint_eq(delay_of(0), 1000000);
	ck_assert_uint_eq(delay_of(1), 2000000);
	ck_assert_uint_eq(delay_of(2), 3000000);
	ck_assert_str_eq(match_of(0), "match dport 1");
	ck_assert_str_eq(match_of(1), "match not proto udp");
	ck_assert_str_eq(match_of(2), "");
	forget();
	parse_good("delay 1ms");
	ck_assert_uint_eq(bq_rules_count(netem, &tables), 1);
	ck_assert_uint_eq(tables.size, 0);
}
END_TEST

/* Neither the order of words nor their source, typed or a file, makes a difference. */
START_TEST(rules_of_a_file_are_the_same)
{
	struct bq_blob typed;

	parse_good("limit 5 delay 1ms match dport 1 rule loss 5% match dport 2");
	typed = tables;
	tables = (struct bq_blob){ 0 };
	write_file("# two rules\n\nmatch dport 1 delay 1ms\nmatch dport 2 loss 5%\n");
	parse_good("limit 5 rules @");
	unlink(path);
	ck_assert_uint_eq(config.limit, 5);
	ck_assert_uint_eq(config.all.delay, 1000000);
	ck_assert_uint_eq(tables.size, typed.size);
	ck_assert_mem_eq(tables.data, typed.data, typed.size);
	free(typed.data);
	forget();
}
END_TEST

/* Words on both sides of `rules FILE` are kept, also with other rules around. */
START_TEST(rules_words_around_a_file)
{
	static const char *const orders[] = {
		"rules @ limit 5 seed 9 loss 2%", "limit 5 rules @ seed 9 loss 2%",
		"limit 5 seed 9 rules @ loss 2%", "limit 5 seed 9 loss 2% rules @",
		"loss 2% limit 5 rules @ seed 9",
	};
	size_t i;

	write_file("match dport 1 delay 1ms\nmatch dport 2 delay 2ms\n");
	for (i = 0; i < N(orders); i++) {
		parse_good(orders[i]);
		ck_assert_uint_eq(config.limit, 5);
		ck_assert_uint_eq(config.seed, 9);
		ck_assert_uint_eq(config.all.loss, 85899346 /* 2 % of 2^32 */);
		ck_assert_uint_eq(bq_rules_count(netem, &tables), 2);
		ck_assert_uint_eq(delay_of(0), 1000000);
		ck_assert_uint_eq(delay_of(1), 2000000);
		ck_assert_str_eq(match_of(1), "match dport 2");
		forget();
	}
	parse_good("match dport 8 delay 3ms rule loss 2% rules @ reorder 5% "
		   "rule match dport 9 delay 4ms");
	unlink(path);
	ck_assert_uint_eq(bq_rules_count(netem, &tables), 4);
	ck_assert_uint_eq(delay_of(1), 1000000);
	ck_assert_uint_eq(delay_of(2), 2000000);
	ck_assert_uint_eq(delay_of(3), 4000000);
	ck_assert_str_eq(match_of(3), "match dport 9");
	forget();
}
END_TEST

START_TEST(rules_change)
{
	parse_good("delay 1ms match dport 1 rule delay 9ms 1ms distribution normal match dport 2");
	/* No word about rules: those there stay. */
	parse_good("loss 1%");
	ck_assert_uint_eq(bq_rules_count(netem, &tables), 2);
	ck_assert_str_eq(match_of(0), "match dport 1");
	ck_assert_uint_eq(delay_of(1), 9000000);
	parse_good("match dport 7");
	ck_assert_uint_eq(bq_rules_count(netem, &tables), 1);
	ck_assert_str_eq(match_of(0), "match dport 7");
	/* The other rule and its table are removed. */
	ck_assert_uint_lt(tables.size, 1000);
	forget();
	/* A file also replaces the match of the first rule, behind a table of that rule. */
	parse_good("delay 9ms 1ms distribution normal match dport 1");
	write_file("delay 9ms 1ms distribution normal\n");
	parse_good("rules @");
	unlink(path);
	ck_assert_str_eq(match_of(0), "");
	ck_assert_uint_eq(bq_rules_count(netem, &tables), 1);
	ck_assert_uint_gt(tables.size, 1000);
	forget();
}
END_TEST

START_TEST(rules_limit_suffices_for_all)
{
	parse_good("rate 1mbit match dport 1 rule delay 300ms match dport 2");
	ck_assert_uint_eq(config.rules_limit, NETEM_UNKNOWN);
	parse_good("delay 1ms");
	ck_assert_uint_eq(config.rules_limit, NETEM_UNKNOWN);
	parse_good("match dport 1");
	ck_assert_uint_eq(config.rules_limit, 1);
	forget();
}
END_TEST

static const struct {
	const char *text, *what;
} refusals[] = {
	{ "delay 1ms rule delay 2ms match dport 1", "rule 2 can match no packet" },
	{ "rule", "empty rule; give options or a match" },
	{ "match dport 1 rule", "empty rule; give options or a match" },
	{ "match dport 1 match dport 2", "match: given twice" },
	{ "match dport 1 rule limit 7", "limit: applies to all rules" },
	{ "match dport 1 rule seed 7", "seed: applies to all rules" },
	{ "match dport 1 rule trace x", "trace: applies to all rules" },
	{ "match dport 1 rule reorder 25%", "needs 'delay'" },
	{ "match dport 1 rule delay 2ms 1ms distribution nosuch", "nosuch" },
	{ "match dport 1 rule delay 1ms delay 2ms", "given twice" },
	{ "match dport 65536", "is not a port" },
	{ "loss 101% match dport 1", "out of range" },
	{ "rules", "missing FILE" },
	{ "rules /nonexistent", "no file" },
	{ "preset", "missing name" },
	{ "preset 3h", "the nearest is '3g'" },
	{ "preset 3g preset 4g", "preset: given twice" },
	{ "preset 3g delay 1ms distribution normal", "needs a jitter" },
	{ "loop", "need 'trace'" },
	{ "trace /nonexistent", "trace: cannot read" },
};

START_TEST(rules_bad_words)
{
	size_t i;

	for (i = 0; i < N(refusals); i++) {
		ck_assert_msg(parse(refusals[i].text) < 0, "'%s' was taken", refusals[i].text);
		ck_assert_msg(strstr(error.text, refusals[i].what), "'%s': %s", refusals[i].text,
			      error.text);
		forget();
	}
}
END_TEST

static const struct {
	const char *text, *place;
} places[] = {
	{ "delay 1ms match dst 10.0.0.1/8", ":1:21: " },
	{ "match dport 1\n\n  delay 1ms loss 101% match dport 2", ":3:18: " },
	{ "match dport 1\ndelay match dport 2\n", ":2:1: " },
	{ "match dport 1\nmatch dport 2 dellay 1ms", ":2:15: " },
	{ "match dport 1 limit", ":1:15: " },
	{ "match dport 1 match dport 2", ":1:15: " },
	{ "preset 3g delay 1ms preset 4g", ":1:21: " },
	{ "delay 1ms preset", ":1:11: " },
	{ "delay 1ms\ndelay 2ms # matches none\n", ":2:10: " },
};

START_TEST(rules_places_of_what_is_wrong)
{
	char expected[128];
	size_t i;

	for (i = 0; i < N(places); i++) {
		write_file(places[i].text);
		ck_assert_msg(parse("rules @") < 0, "'%s' was taken", places[i].text);
		unlink(path);
		snprintf(expected, sizeof(expected), "%s%s", path, places[i].place);
		ck_assert_msg(!strncmp(error.text, expected, strlen(expected)), "'%s': %s",
			      places[i].text, error.text);
		forget();
	}
}
END_TEST

START_TEST(rules_as_many_as_there_can_be)
{
	char text[8192] = "match dport 1";
	int i;

	for (i = 2; i <= (int)NETEM_RULES; i++)
		sprintf(text + strlen(text), " rule match dport %d", i);
	parse_good(text);
	ck_assert_uint_eq(bq_rules_count(netem, &tables), NETEM_RULES);
	ck_assert_str_eq(match_of(63), "match dport 64");
	strcat(text, " rule match dport 65");
	ck_assert_int_lt(parse(text), 0);
	ck_assert_msg(strstr(error.text, "use at most 64"), "%s", error.text);
	forget();
}
END_TEST

/* Check one part of a built-in preset. Options on the command line take precedence. */
static void check_part(const struct bqdisc_preset_info *p, void *arg)
{
	char text[256];

	ck_assert_msg(!strstr(p->source, ", line "), "%s: no source: %s", p->name, p->words);
	ck_assert_msg(strcmp(p->summary, "your own"), "%s has no summary", p->name);
	ck_assert(*p->words);
	if (!p->first)
		return;
	++*(int *)arg;
	snprintf(text, sizeof(text), "preset %s", p->name);
	parse_good(text);
	ck_assert_msg(config.all.delay, "%s has no delay", p->name);
	snprintf(text, sizeof(text), "delay 77ms 1ms preset %s", p->name);
	parse_good(text);
	ck_assert_uint_eq(config.all.delay, 77000000);
	ck_assert_uint_eq(config.all.jitter, 1000000);
	forget();
}

START_TEST(presets_built_in)
{
	int n = 0;

	ck_assert_int_eq(bq_presets_each(check_part, &n, &error), 0);
	ck_assert_int_eq(n, 20);
}
END_TEST

/* Collect "NAME|SUMMARY|WORDS|SOURCE;" of the user's presets. */
static void collect_part(const struct bqdisc_preset_info *p, void *arg)
{
	const char *file = strstr(p->source, path);
	char *all = arg;

	if (strncmp(p->name, "own", 3) == 0)
		sprintf(all + strlen(all), "%s%s|%s|%s|%s;", p->first ? "" : "+", p->name,
			p->summary, p->words, file ? file + strlen(path) : p->source);
}

START_TEST(presets_of_several_lines)
{
	char all[512] = "";

	write_file("own # an office\n\tdelay 5ms # measured\n\n# nothing\n  loss 1%\n"
		   "own2 rate 1mbit\nown3\n");
	setenv("BQDISC_PRESETS", path, 1);
	parse_good("preset own");
	ck_assert_uint_eq(config.all.delay, 5000000);
	ck_assert_uint_eq(config.all.loss, 42949673);
	ck_assert_uint_eq(config.all.rate, 0);
	forget();
	ck_assert_int_eq(bq_presets_each(collect_part, all, &error), 0);
	ck_assert_str_eq(all, "own|an office|delay 5ms|measured;+own|an office|loss 1%|, line 5;"
			      "own2|your own|rate 1mbit|, line 6;own3|your own||, line 7;");
	unlink(path);
	write_file("own delay 5ms\n\tloss\nown2 loss 2%\n");
	setenv("BQDISC_PRESETS", path, 1);
	ck_assert_int_lt(parse("preset own"), 0);
	ck_assert_msg(strstr(error.text, ":2:2: "), "%s", error.text);
	unlink(path);
	forget();
}
END_TEST

START_TEST(presets_of_the_user)
{
	write_file("mine delay 5ms loss 1%\n3g delay 6ms\n");
	setenv("BQDISC_PRESETS", path, 1);
	parse_good("preset mine");
	ck_assert_uint_eq(config.all.delay, 5000000);
	parse_good("preset 3g");
	ck_assert_uint_eq(config.all.delay, 6000000);
	parse_good("preset 4g");
	ck_assert_uint_eq(config.all.delay, 35000000);
	unlink(path);
	write_file("mine delay 5ms\nmine delay 6ms\n");
	setenv("BQDISC_PRESETS", path, 1);
	ck_assert_int_lt(parse("preset mine"), 0);
	ck_assert_msg(strstr(error.text, ":2:1: "), "%s", error.text);
	unlink(path);
	unsetenv("BQDISC_PRESETS");
	forget();
}
END_TEST

Suite *rule_suite(void)
{
	Suite *s = suite_create("rules");

	ADD_TEST(s, rules_go_into_the_tables);
	ADD_TEST(s, rules_of_a_file_are_the_same);
	ADD_TEST(s, rules_words_around_a_file);
	ADD_TEST(s, rules_change);
	ADD_TEST(s, rules_limit_suffices_for_all);
	ADD_TEST(s, rules_bad_words);
	ADD_TEST(s, rules_places_of_what_is_wrong);
	ADD_TEST(s, rules_as_many_as_there_can_be);
	ADD_TEST(s, presets_built_in);
	ADD_TEST(s, presets_of_several_lines);
	ADD_TEST(s, presets_of_the_user);
	return s;
}
