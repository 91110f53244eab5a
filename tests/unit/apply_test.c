// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Words and lines of apply: quotes, places of errors, and random text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "suites.h"

/* Read TEXT as a file, and write the problems, without the name of the file. */
static size_t read_text(struct apply_config *c, const char *text, char problems[1024])
{
	char path[] = "/tmp/bqdisc-apply.XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	size_t i, len = 0;

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
	*c = (struct apply_config){ .bq = bqdisc__open(NULL) };
	apply_config_read(c, path);
	bqdisc__close(c->bq);
	unlink(path);
	*problems = '\0';
	for (i = 0; i < c->n_problems && i < PROBLEMS_MAX; i++)
		len += (size_t)snprintf(problems + len, 1024 - len, "%s\n",
					c->problems[i] + sizeof(path));
	return c->n_problems;
}

static void ignore(const struct apply_place *at, const char *text, void *arg)
{
	(void)at;
	(void)text;
	(void)arg;
}

/* Write the words of TEXT, each with its place: "1:1 a|1:3 b|\n". */
static const char *split(const char *text)
{
	static char out[512];
	char *copy = strdup(text);
	struct apply_reader r = { .at = copy, .place = { "", 1, 1 }, .problem = ignore };
	struct apply_words words = { 0 };
	size_t i;

	*out = '\0';
	while (apply_read_words(&r, &words)) {
		for (i = 0; i < words.n; i++)
			sprintf(out + strlen(out), "%d:%d%s %s|", words.v[i].at.line,
				words.v[i].at.column, words.v[i].quoted ? "q" : "",
				words.v[i].text);
		strcat(out, "\n");
	}
	free(words.v);
	free(copy);
	return out;
}

START_TEST(words)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "" },
		{ "\n \n# c\n", "" },
		{ "a", "1:1 a|\n" },
		{ "a b\nc", "1:1 a|1:3 b|\n2:1 c|\n" },
		{ "  a\tb # c d\n\n e#f\r\n", "1:3 a|1:5 b|\n3:2 e#f|\n" },
		{ "a \\\n b\nc", "1:1 a|2:2 b|\n3:1 c|\n" },
		{ "a\\\nb c", "1:1q ab|2:3 c|\n" },
		{ "'a b' \"c 'd\" e\\ f '\\'", "1:1q a b|1:7q c 'd|1:14q e f|1:19q \\|\n" },
		{ "''x \"\" y", "1:1q x|1:5q |1:8 y|\n" },
		{ "a 'b\nc", "2:1 c|\n" },
		{ "a\\", "1:1 a\\|\n" },
		{ "\\#a #b", "1:1q #a|\n" },
	};
	size_t i;

	for (i = 0; i < N(cases); i++)
		ck_assert_str_eq(split(cases[i].text), cases[i].words);
}
END_TEST

START_TEST(places)
{
	static const struct {
		const char *text, *problems;
	} cases[] = {
		{ "a pfifo limit 5\n'load' pfifo\nload pfifo\ndefault fq\na none\n", "" },
		{ "netns x kind=veth fq quantum \\\n 2kb\n", "" },
		{ "a fq maxrate 50%\nspeed>=10gbit fq\n", "" },
		{ "a", "1:2: missing QDISC" },
		{ "  netns", "1:8: missing name" },
		{ "netns a", "1:8: missing DEVICES" },
		{ "a pfifo limt 5", "1:9: pfifo: unknown option 'limt'" },
		{ "\na pfifo \\\n limit 5x", "3:8: pfifo limit: '5x'" },
		{ "a pfifo limit", "1:9: pfifo limit: missing value" },
		{ "a nosuch", "1:3: unknown qdisc" },
		{ "a pfifo --memory 1x limit 5", "1:18: --memory: invalid value" },
		{ "a pfifo limit 5 --memory", "1:17: --memory: missing value" },
		{ "a pfifo --for 5s", "1:9: apply: unknown option '--for'" },
		{ "a pfifo --mq --root", "1:3: attach: --root and --mq" },
		{ "a pfifo --parent 1:1 --mq", "1:3: attach: --parent excludes" },
		{ "a none b", "1:8: unexpected word 'b'" },
		{ "speed>=1q fq", "1:1: speed: invalid value '1q'" },
		{ "a drv=x fq", "1:3: unknown selector 'drv=x'" },
		{ "kind>x fq", "1:1: unknown selector 'kind>x'" },
		{ "load pfifo fq", "1:12: unexpected word" },
		{ "load --as x", "1:6: missing QDISC" },
		{ "default nosuch", "1:9: unknown qdisc" },
		{ "include", "1:8: missing PATH" },
		{ "a netem delay 1ms match dst 1.2.3.4.5", "1:29: " },
		{ "a netem reorder 3%", "1:3: netem: 'reorder' needs 'delay'" },
	};
	struct apply_config c;
	char problems[1024];
	size_t i, n;

	for (i = 0; i < N(cases); i++) {
		n = read_text(&c, cases[i].text, problems);
		ck_assert_msg(!strncmp(problems, cases[i].problems, strlen(cases[i].problems)) &&
				      n == (*cases[i].problems != '\0'),
			      "'%s': %zu problems: %s", cases[i].text, n, problems);
		apply_config_free(&c);
	}
}
END_TEST

START_TEST(lines)
{
	struct apply_config c;
	char problems[1024];

	ck_assert_uint_eq(read_text(&c,
				    "netns n a,b* mac=02:* speed<1gbit netem delay 1ms --mq\n"
				    "driver=e1000* none\n",
				    problems),
			  0);
	ck_assert_uint_eq(c.n, 2);
	ck_assert_str_eq(c.lines[0].netns, "n");
	ck_assert_str_eq(c.lines[0].selector.names, "a,b*");
	ck_assert_str_eq(c.lines[0].selector.mac, "02:*");
	ck_assert_uint_eq(c.lines[0].selector.speed, 1000000000);
	ck_assert_int_eq(c.lines[0].selector.compare, APPLY_LESS);
	ck_assert_int_eq(c.lines[0].n, 3);
	ck_assert_str_eq(c.lines[0].argv[3], "1ms");
	ck_assert(c.lines[0].opts.mq && !c.lines[0].opts.root);
	ck_assert_str_eq(c.lines[0].text, "netem delay 1ms --mq");
	ck_assert_int_eq(c.lines[1].verb, APPLY_NONE);
	ck_assert_ptr_null(c.lines[1].selector.names);
	ck_assert_str_eq(c.lines[1].selector.driver, "e1000*");
	ck_assert_int_eq(c.lines[1].number, 2);
	apply_config_free(&c);
}
END_TEST

/* The name of any device is read as that name, and as no pattern. */
START_TEST(strange_names)
{
	static const char *const names[] = { "eth0", "load", "a*b",   "a'b", "a\\b", "a\"",
					     "#a",   "a=b",  "a?[x]", "$a",  "a,b" };
	char line[64], problems[1024], plain[64];
	struct apply_config c;
	size_t i, from, to;
	FILE *out;

	for (i = 0; i < N(names); i++) {
		out = fmemopen(line, sizeof(line), "w");
		apply_print_name(names[i], out);
		fputs(" fq", out);
		fclose(out);
		ck_assert_uint_eq(read_text(&c, line, problems), 0);
		for (from = to = 0; c.lines[0].selector.names[from]; to++, from++) {
			from += c.lines[0].selector.names[from] == '\\';
			plain[to] = c.lines[0].selector.names[from];
		}
		plain[to] = '\0';
		ck_assert_str_eq(plain, names[i]);
		apply_config_free(&c);
	}
}
END_TEST

START_TEST(random_lines)
{
	static const char *const pieces[] = { "netns", "include", "default", "load",  "none",
					      "fq",    "netem",   "pfifo",   "limit", "5",
					      "delay", "1ms",     "match",   "dst",   "rule",
					      "'",     "\"",      "\\",      "\n",    "#",
					      "kind=", "speed>",  "--mq",    "--as",  "--",
					      " ",     "\t",      "a*",      "\\\n",  "--parent",
					      "1:1",   "preset",  "4g",      "=",     "\x01" };
	char text[512], problems[1024];
	struct apply_config c;
	int round, n;

	for (round = 0; round < 300; round++) {
		*text = '\0';
		for (n = (int)random_below(40); n > 0; n--) {
			strcat(text, pieces[random_below(N(pieces))]);
			strcat(text, random_below(4) ? " " : "");
		}
		read_text(&c, text, problems);
		apply_config_free(&c);
	}
}
END_TEST

Suite *apply_suite(void)
{
	Suite *suite = suite_create("apply");

	ADD_TEST(suite, words);
	ADD_TEST(suite, places);
	ADD_TEST(suite, lines);
	ADD_TEST(suite, strange_names);
	ADD_TEST(suite, random_lines);
	return suite;
}
