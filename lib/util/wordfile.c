// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parser of a text of words. Words and lines are found in place, in one buffer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/wordfile.h"

#define BLANKS " \t\r"
#define MAX_BYTES (1 << 20)

/* Read the whole file and terminate it with 0. Return 0 or -errno. */
static int read_all(FILE *file, char **buf, struct bq_error *error, const char *name)
{
	size_t n;

	*buf = malloc(MAX_BYTES + 1);
	if (!*buf)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "%s", strerror(ENOMEM));
	n = fread(*buf, 1, MAX_BYTES, file);
	(*buf)[n] = '\0';
	if (ferror(file))
		return bq_fail_word(error, NULL, "cannot read '%s': %s", name, strerror(errno));
	if (n == MAX_BYTES || strlen(*buf) != n)
		return bq_fail_word(error, NULL, "'%s': not a text file of at most 1 MiB", name);
	return 0;
}

static void add_word(struct bq_wordfile *t, struct bq_wordfile_line *line, char *word)
{
	t->words[t->n_words++] = word;
	line->n++;
}

/* Cut the comment off REST, and return it without blanks around it; NULL: none. */
static const char *split_comment(char *rest)
{
	char *comment = strchr(rest, '#'), *end;

	if (!comment)
		return NULL;
	*comment++ = '\0';
	comment += strspn(comment, BLANKS);
	for (end = comment + strlen(comment); end > comment && strchr(BLANKS, end[-1]); end--)
		end[-1] = '\0';
	return *comment ? comment : NULL;
}

/* Split one line, which ends with 0, into words. */
static void split_line(struct bq_wordfile *t, char *rest)
{
	struct bq_wordfile_line line = {
		.first = t->n_words,
		.number = t->n_starts,
		.indented = strspn(rest, BLANKS) > 0,
		.comment = split_comment(rest),
	};

	while (*(rest += strspn(rest, BLANKS))) {
		add_word(t, &line, rest);
		rest += strcspn(rest, BLANKS);
		if (*rest)
			*rest++ = '\0';
	}
	if (line.n)
		t->lines[t->n_lines++] = line;
}

static void split(struct bq_wordfile *t)
{
	char *line = t->buf, *end;

	for (; line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		t->starts[t->n_starts++] = line;
		split_line(t, line);
	}
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* Allocate the arrays for the largest number of words and lines that the text can have. */
static int alloc_arrays(struct bq_wordfile *t, struct bq_error *error)
{
	size_t lines = count(t->buf, '\n') + 1;

	t->words = calloc(strlen(t->buf) / 2 + 1, sizeof(*t->words));
	t->lines = calloc(lines, sizeof(*t->lines));
	t->starts = calloc(lines, sizeof(*t->starts));
	if (t->words && t->lines && t->starts)
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "%s", strerror(ENOMEM));
}

/* Find the lines and words of a text whose buffer is filled, or free it. */
static int finish(struct bq_wordfile *text, int err, struct bq_error *error)
{
	if (!err)
		err = alloc_arrays(text, error);
	if (err)
		bq_wordfile_free(text);
	else
		split(text);
	return err;
}

int bq_wordfile_parse(const char *name, const char *content, struct bq_wordfile *text,
		      struct bq_error *error)
{
	*text = (struct bq_wordfile){ .name = name, .buf = strdup(content) };
	if (text->buf)
		return finish(text, 0, error);
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "%s", strerror(ENOMEM));
}

int bq_wordfile_read(const char *name, struct bq_wordfile *text, struct bq_error *error)
{
	FILE *file = fopen(name, "re");
	int err;

	*text = (struct bq_wordfile){ .name = name };
	if (!file && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	if (!file)
		return bq_fail_word(error, NULL, "cannot read '%s': %s", name, strerror(errno));
	err = read_all(file, &text->buf, error, name);
	fclose(file);
	return finish(text, err, error);
}

void bq_wordfile_free(struct bq_wordfile *text)
{
	free(text->buf);
	free(text->words);
	free(text->lines);
	free(text->starts);
	*text = (struct bq_wordfile){ 0 };
}

/* Return the position of WORD, or the end of LINE if WORD is not in this file. */
static const char *find_position(const struct bq_wordfile *text,
				 const struct bq_wordfile_line *line, const char *word, int *number)
{
	const char *last = text->words[line->first + line->n - 1];
	int i;

	for (i = 0; word && i < text->n_words; i++)
		if (text->words[i] == word)
			break;
	*number = line->number;
	if (!word || i == text->n_words)
		return last + strlen(last);
	for (*number = text->n_starts; text->starts[*number - 1] > word; --*number)
		;
	return word;
}

int bq_wordfile_locate(const struct bq_wordfile *text, const struct bq_wordfile_line *line, int err,
		       struct bq_error *error)
{
	const char *position;
	int number;

	if (!error)
		return err;
	position = find_position(text, line, error->word, &number);
	bq_fail_place(error, "%s:%d:%d: ", text->name, number,
		      (int)(position - text->starts[number - 1]) + 1);
	return err;
}
