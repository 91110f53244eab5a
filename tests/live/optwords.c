// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * optwords: reads a command a line from stdin, "DEV QDISC OPTION...", as attach would, and prints
 * a JSON object for each: {"error": MESSAGE}, or the key and value of every option that was given.
 * A word with blanks stands in double quotes, as in tc's batch files.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/qdisc.h"

#define MAX_WORDS 32

static int cut(char *line, char *words[MAX_WORDS])
{
	int n = 0;

	while (n < MAX_WORDS) {
		bool quoted;
		size_t len;

		line += strspn(line, " \n");
		if (!*line)
			return n;
		quoted = *line == '"';
		line += quoted;
		len = strcspn(line, quoted ? "\"" : " \n");
		words[n++] = line;
		line += len;
		if (*line)
			*line++ = '\0';
	}
	return n;
}

static void print_value(const struct bqdisc_value *v, void *arg)
{
	const char **comma = arg;

	if (!v->is_set || !v->count)
		return;
	printf("%s\"%s\":%" PRId64, *comma, v->key, (int64_t)v->values[0]);
	*comma = ",";
}

static int parse(const struct bqdisc_qdisc *q, int n, char *words[], void *config,
		 struct bq_error *error)
{
	struct bq_blob tables = { 0 };
	int err = q->parse ? q->parse(q, n, words, config, &tables, error)
			   : bq_options_parse(q, n, words, config, error);

	free(tables.data);
	return err;
}

static void answer(int n, char *words[])
{
	const struct bqdisc_qdisc *q = n > 1 ? bq_builtin_find(words[1]) : NULL;
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)] = { 0 };
	struct bq_error error = { .dev = words[0] };
	const char *comma = "";
	struct bq_dev link;
	int err;

	if (!q)
		exit(1);
	err = bq_dev_find(words[0], &link, &error);
	if (!err)
		err = parse(q, n - 2, words + 2, config, &error);
	if (!err && q->complete)
		err = q->complete(config, &link.device, &error);
	printf("{");
	if (err)
		printf("\"error\":\"%s\"", error.text);
	else
		bq_options_each(q, config, print_value, &comma);
	printf("}\n");
}

int main(void)
{
	char line[1024], *words[MAX_WORDS];

	while (fgets(line, sizeof(line), stdin))
		answer(cut(line, words), words);
	return 0;
}
