// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json_writer.h"
#include "memory.h"

static void put(struct json_writer *w, char c)
{
	putc_unlocked(c, w->to);
}

static void new_line(struct json_writer *w)
{
	unsigned int i;

	if (!w->indent)
		return;
	put(w, '\n');
	for (i = 0; i < w->depth; i++)
		fputs_unlocked("  ", w->to);
}

static void put_escaped(struct json_writer *w, unsigned char c)
{
	if (c == '"' || c == '\\')
		put(w, '\\');
	if (c < ' ')
		fprintf(w->to, "\\u%04x", c);
	else
		put(w, (char)c);
}

static void put_quoted(struct json_writer *w, const char *text)
{
	put(w, '"');
	for (; *text; text++)
		put_escaped(w, (unsigned char)*text);
	put(w, '"');
}

/* A key has no character that needs an escape. */
static void put_key(struct json_writer *w, const char *key)
{
	put(w, '"');
	fputs_unlocked(key, w->to);
	put(w, '"');
	put(w, ':');
	if (w->indent)
		put(w, ' ');
}

void jsonw_key(struct json_writer *w, const char *key)
{
	if (w->comma)
		put(w, ',');
	if (w->depth)
		new_line(w);
	w->comma = true;
	if (key)
		put_key(w, key);
}

void jsonw_begin(struct json_writer *w, const char *key, char bracket)
{
	jsonw_key(w, key);
	put(w, bracket);
	w->depth++;
	w->comma = false;
}

void jsonw_end(struct json_writer *w, char bracket)
{
	w->depth--;
	if (w->comma)
		new_line(w);
	put(w, bracket);
	w->comma = true;
}

/* Write the digits, most often one. printf() and fwrite() take longer. */
static void put_digits(struct json_writer *w, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	while (at < sizeof(digits))
		put(w, digits[at++]);
}

void jsonw_uint(struct json_writer *w, const char *key, uint64_t value)
{
	bool quoted = value > INT64_MAX;

	jsonw_key(w, key);
	if (quoted)
		put(w, '"');
	put_digits(w, value);
	if (quoted)
		put(w, '"');
}

void jsonw_int(struct json_writer *w, const char *key, int64_t value)
{
	jsonw_key(w, key);
	if (value < 0)
		put(w, '-');
	put_digits(w, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* As jansson does, so that a reader sees a real number: 3 is 3.0. */
void jsonw_real(struct json_writer *w, const char *key, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.15g", value);
	jsonw_key(w, key);
	fputs_unlocked(text, w->to);
	if (!strpbrk(text, ".e"))
		fputs_unlocked(".0", w->to);
}

void jsonw_bool(struct json_writer *w, const char *key, bool value)
{
	jsonw_key(w, key);
	fputs_unlocked(value ? "true" : "false", w->to);
}

void jsonw_string(struct json_writer *w, const char *key, const char *value)
{
	jsonw_key(w, key);
	if (value)
		put_quoted(w, value);
	else
		fputs_unlocked("null", w->to);
}

/* --- buffer --- */

struct json_writer *json_buffer_open(struct json_buffer *b)
{
	*b = (struct json_buffer){ .writer.indent = isatty(STDOUT_FILENO) };
	b->writer.to = check_memory(open_memstream(&b->text, &b->size));
	jsonw_begin(&b->writer, NULL, '[');
	return &b->writer;
}

void json_buffer_close(struct json_buffer *b)
{
	jsonw_end(&b->writer, ']');
	if (fclose(b->writer.to))
		abort();
}

void json_buffer_print(struct json_buffer *b, bool print)
{
	json_buffer_close(b);
	if (print) {
		fwrite(b->text, 1, b->size, stdout);
		putchar('\n');
	}
	free(b->text);
}
