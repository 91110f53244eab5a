// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Choice of the source lines that explain the path to the user. */
#include <string.h>

#include "verify/log_path.h"
#include "util/array.h"

static bool is_branch(const struct bq_log_step *step)
{
	return strstr(step->text, ") if ") != NULL;
}

static bool is_exit(const struct bq_log_step *step)
{
	return !strncmp(step->text, "(95) exit", strlen("(95) exit"));
}

static bool same_line(const struct bq_log_line *a, const struct bq_log_line *b)
{
	return a && b && a->number == b->number && !strcmp(a->file, b->file);
}

static bool is_header(const struct bq_log_line *line)
{
	size_t len = strlen(line->file);

	return len > 2 && !strcmp(line->file + len - 2, ".h");
}

/* Return true if SOURCE may be the head of a function: it has a parenthesis and no statement. */
static bool looks_like_head(const char *source)
{
	static const char *const words[] = {
		"if", "for", "while", "switch", "return", "else", "}"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strncmp(source, words[i], strlen(words[i])))
			return false;
	return !strchr(source, ';') && strchr(source, '(');
}

/* The compiler attributes the first instructions to the head, and often the exit. */
static bool is_head(const struct bq_log *log, const struct bq_log_line *line)
{
	const struct bq_log_step *last = bq_log_last_step(log);

	return looks_like_head(line->source) &&
	       (same_line(line, bq_log_line_of(log, &log->steps[0])) ||
		(is_exit(last) && same_line(line, bq_log_line_of(log, last))));
}

/* Return the last line on the path that is no head and, unless HEADERS, in no header; or NULL. */
static const struct bq_log_line *last_line(const struct bq_log *log, bool headers)
{
	const struct bq_log_line *line;
	size_t i;

	for (i = log->n_steps; i-- > 0;) {
		line = bq_log_line_of(log, &log->steps[i]);
		if (line && !is_head(log, line) && (headers || !is_header(line)))
			return line;
	}
	return NULL;
}

const struct bq_log_line *bq_log_error_line(const struct bq_log *log)
{
	const struct bq_log_line *line = NULL;

	if (!log->n_steps)
		return NULL;
	/* The exit is the program's, not that of the inline function before it. */
	if (is_exit(bq_log_last_step(log)))
		line = last_line(log, false);
	if (!line)
		line = last_line(log, true);
	return line ? line : bq_log_line_of(log, &log->steps[0]);
}

const struct bq_log_line *bq_log_line_before_header(const struct bq_log *log)
{
	const struct bq_log_line *inner = bq_log_error_line(log);

	return inner && is_header(inner) ? last_line(log, false) : NULL;
}

/* Return the first line behind step I that differs from the step's own, or NULL. */
static const struct bq_log_line *next_line(const struct bq_log *log, size_t i)
{
	const struct bq_log_line *from = bq_log_line_of(log, &log->steps[i]), *line;

	for (i++; i < log->n_steps; i++) {
		line = bq_log_line_of(log, &log->steps[i]);
		if (line && !same_line(line, from) && !is_head(log, line))
			return line;
	}
	return NULL;
}

size_t bq_log_branches(const struct bq_log *log, struct bq_log_branch *branches, size_t size,
		       size_t *omitted)
{
	const struct bq_log_line *line, *later = NULL;
	size_t i, n = 0;

	*omitted = 0;
	for (i = log->n_steps; i-- > 0;) {
		line = bq_log_line_of(log, &log->steps[i]);
		if (!line || !is_branch(&log->steps[i]) || same_line(line, later))
			continue;
		later = line;
		if (n == size) {
			(*omitted)++;
			continue;
		}
		branches[n++] = (struct bq_log_branch){ line, next_line(log, i) };
	}
	/* The search ran backwards. */
	for (i = 0; i < n / 2; i++) {
		struct bq_log_branch b = branches[i];

		branches[i] = branches[n - 1 - i];
		branches[n - 1 - i] = b;
	}
	return n;
}
