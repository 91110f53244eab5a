// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Expansion of templates of explanations. */
#include <stdio.h>
#include <string.h>

#include "verify/replacements.h"
#include "verify/template.h"

static void print_line(const struct bq_log_match *match, const struct bq_log_step *step, char *buf,
		       size_t size)
{
	const struct bq_log_line *line = match->log ? bq_log_line_of(match->log, step) : NULL;

	if (line)
		snprintf(buf, size, "%s:%u", line->file, line->number);
	else
		snprintf(buf, size, "an earlier line");
}

static void print_callee(const struct bq_log_step *step, char *buf, size_t size)
{
	if (step)
		bq_log_callee(step, buf, size);
}

/* Write the replacement of WORD. An unknown word is replaced with nothing. */
static void expand_word(const struct bq_log_match *match, const char *word, char *buf, size_t size)
{
	buf[0] = '\0';
	if (word[0] >= '1' && word[0] < '1' + BQ_CAPTURES_MAX)
		snprintf(buf, size, "%s", match->captured[word[0] - '1']);
	else if (!strcmp(word, "op"))
		snprintf(buf, size, "%s", match->op ? match->op : "the program");
	else if (!strcmp(word, "callee"))
		snprintf(buf, size, "%s", match->callee[0] ? match->callee : "a function");
	else if (!strcmp(word, "replacement"))
		snprintf(buf, size, "%s", bq_replacement(match->captured[0]));
	else if (!strcmp(word, "release"))
		print_callee(match->release, buf, size);
	else if (!strcmp(word, "origin"))
		print_callee(match->origin, buf, size);
	else if (!strcmp(word, "released_at"))
		print_line(match, match->release, buf, size);
	else if (!strcmp(word, "origin_at"))
		print_line(match, match->origin, buf, size);
}

void bq_template_expand(const char *template, const struct bq_log_match *match, char *buf,
			size_t size)
{
	char word[16];
	size_t len;

	while (*template && size > 1) {
		if (*template == '{' && sscanf(template, "{%15[^}]}", word) == 1) {
			expand_word(match, word, buf, size);
			template += strlen(word) + 2;
			len = strlen(buf);
		} else {
			*buf = *template ++;
			len = 1;
		}
		buf += len;
		size -= len;
	}
	*buf = '\0';
}
