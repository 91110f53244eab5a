// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads trace files line by line, as they may be long. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/trace_file.h"
#include "util/unit.h"

#define MAX_LINE 256
#define MAX_WORDS 5
#define BLANKS " \t\r\n"

/* State of reading a file. */
struct reader {
	const char *name;
	FILE *file;
	unsigned long line;
	char text[MAX_LINE]; /* the line, split into words */
	char *words[MAX_WORDS];
	int n;
	/* Header of the trace, as read so far. */
	struct bq_trace head;
	char *entries;
	size_t size, room; /* bytes */
	uint64_t last;     /* time of the last entry, ns */
	bool ended;        /* the line with only a TIME was read */
	struct bq_error *error;
};

/* Put the position of WORD, or of the line if WORD is NULL, before the message. Return ERR. */
static int at(const struct reader *r, const char *word, int err)
{
	size_t column = word ? (size_t)(word - r->text) + 1 : 1;

	bq_fail_place(r->error, "%s:%lu:%zu: ", r->name, r->line, column);
	return err;
}

static int fail(const struct reader *r, const char *word, const char *what)
{
	return at(r, word,
		  word ? bq_fail_word(r->error, word, "'%s' %s", word, what)
		       : bq_fail_word(r->error, NULL, "%s", what));
}

/* --- lines and words --- */

static void cut_words(struct reader *r)
{
	char *rest = r->text;

	r->text[strcspn(r->text, "#")] = '\0';
	for (r->n = 0; r->n < MAX_WORDS; r->n++) {
		rest += strspn(rest, BLANKS);
		if (!*rest)
			return;
		r->words[r->n] = rest;
		rest += strcspn(rest, BLANKS);
		if (*rest)
			*rest++ = '\0';
	}
}

/* Read up to the next line with words. Return 1, or 0 at the end of the file. */
static int next_line(struct reader *r)
{
	size_t len;

	do {
		if (!fgets(r->text, sizeof(r->text), r->file))
			return ferror(r->file) ? fail(r, NULL, strerror(errno)) : 0;
		r->line++;
		len = strlen(r->text);
		if (!len)
			return fail(r, NULL, "the line begins with a 0 byte; give a trace file");
		if (len == sizeof(r->text) - 1 && r->text[len - 1] != '\n')
			return fail(r, NULL, "the line is too long; give a trace file");
		cut_words(r);
	} while (!r->n);
	return 1;
}

/* --- entries --- */

static int add_entry(struct reader *r, const void *entry, size_t size)
{
	void *more;

	if (r->head.count == BQ_TRACE_MAX)
		return fail(r, NULL, "too many entries; use at most 1000000");
	if (r->size + size > r->room) {
		r->room = r->room ? r->room * 2 : 4096;
		more = realloc(r->entries, r->room);
		if (!more)
			return fail(r, NULL, strerror(ENOMEM));
		r->entries = more;
	}
	memcpy(r->entries + r->size, entry, size);
	r->size += size;
	r->head.count++;
	return 0;
}

static int read_value(const struct reader *r, int n, enum bqdisc_unit unit, __u64 *value)
{
	uint64_t parsed = 0;
	enum bq_parse parse = bq_unit_parse(unit, r->words[n], &parsed);

	*value = parsed;
	return parse == BQ_PARSE_OK ? 0 : fail(r, r->words[n], bq_parse_strerror(parse));
}

static int add_opportunity(struct reader *r)
{
	uint32_t entry;
	__u64 ms;
	int err;

	if (r->n != 1)
		return fail(r, r->words[1], "is a second value; use one number per line");
	err = read_value(r, 0, BQDISC_UNIT_COUNT, &ms);
	if (err)
		return err;
	if (ms > UINT32_MAX)
		return fail(r, r->words[0], "is too late; use at most 4294967295 ms");
	if (ms * BQ_NS_PER_MS < r->last)
		return fail(r, r->words[0], "is earlier than the line before; sort the times");
	r->last = ms * BQ_NS_PER_MS;
	entry = (uint32_t)ms;
	return add_entry(r, &entry, sizeof(entry));
}

static int read_rate(const struct reader *r, __u64 *rate)
{
	int err;

	*rate = BQ_TRACE_UNLIMITED;
	if (!strcmp(r->words[1], "-"))
		return 0;
	err = read_value(r, 1, BQDISC_UNIT_RATE, rate);
	if (!err && *rate && *rate < 8)
		err = fail(r, r->words[1], bq_parse_strerror(BQ_PARSE_TOO_SMALL));
	*rate /= 8;
	return err;
}

static int read_loss(const struct reader *r, uint32_t *loss)
{
	uint64_t value;

	if (!strchr(r->words[3], '%'))
		return fail(r, r->words[3], "is not a percentage; use one such as 0.1%");
	if (bq_unit_parse(BQDISC_UNIT_PERCENT, r->words[3], &value) != BQ_PARSE_OK ||
	    value > UINT32_MAX)
		return fail(r, r->words[3], "is not a percentage of 0% to 100%");
	*loss = (uint32_t)value;
	return 0;
}

static int read_row(const struct reader *r, struct bq_trace_row *row)
{
	int err = read_rate(r, &row->rate);

	if (!err)
		err = read_value(r, 2, BQDISC_UNIT_TIME, &row->delay);
	if (!err && row->delay > BQ_TRACE_MAX_TIME)
		err = fail(r, r->words[2], "is too long; use at most 1000 hours");
	return err ? err : read_loss(r, &row->loss);
}

static int add_row(struct reader *r)
{
	struct bq_trace_row row = { 0 };
	int err;

	if (r->ended)
		return fail(r, r->words[0], "follows the line that ends the trace; remove it");
	err = read_value(r, 0, BQDISC_UNIT_TIME, &row.time);
	if (err)
		return err;
	if (row.time > BQ_TRACE_MAX_TIME)
		return fail(r, r->words[0], "is too late; use at most 1000 hours");
	if (!r->head.count && row.time)
		return fail(r, r->words[0], "is not 0; begin the trace at 0");
	if (r->head.count && row.time <= r->last)
		return fail(r, r->words[0],
			    "is not later than the line before; use increasing times");
	r->last = row.time;
	r->ended = r->n == 1;
	if (r->ended)
		return 0;
	if (r->n != 4)
		return fail(r, r->words[0],
			    "begins a line of another form; use TIME RATE DELAY LOSS");
	err = read_row(r, &row);
	return err ? err : add_entry(r, &row, sizeof(row));
}

/* Choose the format by the first line. */
static int add_line(struct reader *r)
{
	if (!r->head.count)
		r->head.kind = r->n == 1 ? BQ_TRACE_OPPORTUNITIES : BQ_TRACE_ROWS;
	return r->head.kind == BQ_TRACE_ROWS ? add_row(r) : add_opportunity(r);
}

/* --- end of the file --- */

/* FNV-1a hash by Fowler, Noll and Vo, 64 bits. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (; n; n--)
		hash = (hash ^ *p++) * UINT64_C(0x100000001b3);
	return hash;
}

static int finish_trace(struct reader *r, bool loop)
{
	bool rows = r->head.kind == BQ_TRACE_ROWS;

	if (!r->head.count)
		return fail(r, NULL, "the trace is empty; add a line");
	if (loop && rows && !r->ended)
		return fail(r, NULL,
			    "the trace repeats, but has no end; add a last line with a TIME only, "
			    "or once");
	if (loop && !r->last)
		return fail(r, NULL,
			    "the trace repeats, but lasts 0 ms; add a later line, or once");
	r->head.period = loop ? r->last : 0;
	r->head.hash = hash_bytes(UINT64_C(0xcbf29ce484222325), r->entries, r->size);
	r->head.hash = hash_bytes(r->head.hash, &r->head.period, sizeof(r->head.period));
	r->head.hash |= !r->head.hash;
	return 0;
}

static int make_blob(const struct reader *r, struct bq_blob *blob)
{
	size_t size = sizeof(r->head) + r->size;

	blob->data = malloc(size);
	if (!blob->data)
		return fail(r, NULL, strerror(ENOMEM));
	memcpy(blob->data, &r->head, sizeof(r->head));
	memcpy((char *)blob->data + sizeof(r->head), r->entries, r->size);
	blob->size = (uint32_t)size;
	return 0;
}

int bq_trace_read(const char *file, bool loop, struct bq_blob *blob, struct bq_error *error)
{
	struct reader r = { .name = file, .error = error, .file = fopen(file, "re") };
	int err;

	*blob = (struct bq_blob){ 0 };
	if (!r.file)
		return bq_fail_word(error, file, "trace: cannot read '%s': %s", file,
				    strerror(errno));
	while ((err = next_line(&r)) > 0) {
		err = add_line(&r);
		if (err)
			break;
	}
	if (!err)
		err = finish_trace(&r, loop);
	if (!err)
		err = make_blob(&r, blob);
	free(r.entries);
	fclose(r.file);
	return err;
}
