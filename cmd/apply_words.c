// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Splits a text into lines of words, as a shell does: quotes and backslashes keep blanks, a
 * backslash at the end continues the line, and # begins a comment.
 */
#include <string.h>

#include "apply.h"
#include "memory.h"

static void step(struct apply_reader *r)
{
	if (*r->at++ == '\n') {
		r->place.line++;
		r->place.column = 1;
	} else {
		r->place.column++;
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_line(struct apply_reader *r)
{
	while (*r->at && *r->at != '\n')
		step(r);
}

/* Return false at the end of the line. */
static bool find_word(struct apply_reader *r)
{
	for (;;) {
		if (is_blank(*r->at)) {
			step(r);
		} else if (r->at[0] == '\\' && r->at[1] == '\n') {
			step(r);
			step(r);
		} else {
			break;
		}
	}
	if (*r->at == '#')
		skip_line(r);
	return *r->at && *r->at != '\n';
}

/* Copy the next character of a word without its backslash, unless QUOTE keeps that. */
static char *copy_char(struct apply_reader *r, char *to, char quote, bool *quoted)
{
	bool joined = false;

	if (*r->at == '\\' && quote != '\'' && r->at[1]) {
		*quoted = true;
		step(r);
		joined = *r->at == '\n';
	}
	if (!joined)
		*to++ = *r->at;
	step(r);
	return to;
}

/*
 * Read a word, without its quotes and the character behind it, which its end may overwrite. Return
 * false if that ends the line.
 */
static bool read_word(struct apply_reader *r, struct apply_words *words)
{
	struct apply_word *word = &words->v[words->n];
	char quote = '\0', *to = r->at, last;

	*word = (struct apply_word){ .text = to, .at = r->place };
	while (*r->at && *r->at != '\n' && (quote || !is_blank(*r->at))) {
		if (quote ? *r->at == quote : *r->at == '\'' || *r->at == '"') {
			quote = quote ? '\0' : *r->at;
			word->quoted = true;
			step(r);
		} else {
			to = copy_char(r, to, quote, &word->quoted);
		}
	}
	words->end = r->place;
	words->n++;
	if (quote) {
		r->problem(&word->at, "missing end of the quote; quotes end on their line", r->arg);
		words->n = 0;
	}
	last = *r->at;
	if (last)
		step(r);
	*to = '\0';
	return last && last != '\n';
}

bool apply_read_words(struct apply_reader *r, struct apply_words *words)
{
	bool more;

	words->n = 0;
	while (*r->at && !words->n) {
		for (more = true; more && find_word(r);) {
			words->v =
				extend_array(words->v, words->n, &words->room, sizeof(*words->v));
			more = read_word(r, words);
		}
		if (more && *r->at)
			step(r);
	}
	return words->n;
}
