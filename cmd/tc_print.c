// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Options and counters in tc's output, by the rows of tc_rows.c: as text, or as members of a JSON
 * object. tc has numbers up to 2^64 and its own form of them.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "instance_json.h"
#include "output.h"
#include "reading.h"
#include "tc.h"
#include "tc_rows.h"

#define VALUE_MAX 512 /* bytes of an option in command-line syntax */

/* --- values of an instance --- */

/* Return the value of ROW; zero if there is none. */
static const struct bqdisc_value *find_value(const struct reading *all, const struct tc_row *row)
{
	static const uint64_t zeros[1];
	static const struct bqdisc_value zero = { .values = zeros, .count = 1 };
	size_t i;

	for (i = 0; row->key && i < all->n; i++)
		if (!strcmp(all->v[i].key, row->key))
			return &all->v[i];
	return &zero;
}

/* --- output --- */

struct out {
	FILE *to;
	bool json, iec;
	struct json_writer w;
	bool line;          /* a row has begun the last line */
	const char *object; /* of the current rows; NULL: none */
	bool leave_out;     /* the current object is left out */
};

static void put_list(struct out *o, const struct bqdisc_value *v)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		fprintf(o->to, o->json ? "%s%" PRIu64 : "%s%" PRIu64 " ", o->json && i ? "," : "",
			v->values[i]);
}

static uint64_t round_to_power(uint64_t n)
{
	uint64_t power = 1;

	while (power < n)
		power *= 2;
	return power;
}

static void put_json_value(struct out *o, enum tc_form form, const struct bqdisc_value *v,
			   uint64_t n)
{
	switch (form) {
	case TC_NUMBER:
	case TC_SIZE:
	case TC_NS:
		fprintf(o->to, "%" PRIu64, n);
		break;
	case TC_POWER:
		fprintf(o->to, "%" PRIu64, round_to_power(n));
		break;
	case TC_SIGNED:
		fprintf(o->to, "%" PRId64, (int64_t)n);
		break;
	case TC_RATE:
		fprintf(o->to, "%" PRIu64, n / 8);
		break;
	case TC_SECONDS:
		fprintf(o->to, "%g", (double)n / 1e9);
		break;
	case TC_US:
		fprintf(o->to, "%" PRIu64, n / 1000);
		break;
	case TC_CODEL:
		fprintf(o->to, "%" PRIu64, (n & ~UINT64_C(1023)) / 1000);
		break;
	case TC_SHARE:
		fprintf(o->to, "%g", (double)n / UINT32_MAX);
		break;
	case TC_LIST:
		putc('[', o->to);
		put_list(o, v);
		putc(']', o->to);
		break;
	case TC_BOOL:
		fputs(n ? "true" : "false", o->to);
		break;
	case TC_KEYWORD:
		fputs("null", o->to);
		break;
	}
}

static void put_text_value(struct out *o, enum tc_form form, const struct bqdisc_value *v,
			   uint64_t n)
{
	char text[TC_TEXT_MAX];

	switch (form) {
	case TC_SIZE:
		fputs(tc_write_size(n, text), o->to);
		break;
	case TC_RATE:
		fputs(tc_write_rate(n, o->iec, text), o->to);
		break;
	case TC_SECONDS:
	case TC_NS:
		fputs(tc_write_time(n, 1, text), o->to);
		break;
	case TC_CODEL:
		fputs(tc_write_time(n & ~UINT64_C(1023), 1000, text), o->to);
		break;
	case TC_US:
		fputs(tc_write_time(n, 1000, text), o->to);
		break;
	case TC_SHARE:
		fprintf(o->to, "%g%%", 100. * (double)n / UINT32_MAX);
		break;
	case TC_LIST:
		put_list(o, v);
		break;
	case TC_KEYWORD:
		fputs(v->word, o->to);
		break;
	case TC_BOOL:
		break;
	default:
		put_json_value(o, form, v, n);
	}
}

/* --- rows --- */

static bool is_printed(const struct out *o, const struct tc_row *row, const struct bqdisc_value *v,
		       uint64_t n)
{
	switch (row->when) {
	case TC_NEVER:
		return false;
	case TC_GIVEN:
		return v->is_set;
	case TC_LIMITED:
		return !v->none;
	case TC_ZERO:
		return !n;
	case TC_NONZERO:
		return n;
	case TC_TEXT_NONZERO:
		return n || o->json;
	case TC_ALWAYS:
		break;
	}
	return true;
}

static void end_object(struct out *o)
{
	if (o->json && o->object && !o->leave_out)
		jsonw_end(&o->w, '}');
	o->object = NULL;
	o->leave_out = false;
}

/* Begin the object of ROW, if it has one. It is left out if the row is not PRINTED. */
static void begin_object(struct out *o, const struct tc_row *row, bool printed)
{
	end_object(o);
	if (!*row->object)
		return;
	o->object = row->object;
	o->leave_out = !printed;
	if (o->json && printed)
		jsonw_begin(&o->w, row->object, '{');
}

static void put_json(struct out *o, const struct tc_row *row, const struct bqdisc_value *v,
		     uint64_t n)
{
	if (!row->json && row->form != TC_KEYWORD)
		return;
	jsonw_key(&o->w, row->form == TC_KEYWORD ? v->word : row->json);
	put_json_value(o, row->form, v, n);
}

static void put_text(struct out *o, const struct tc_row *row, const struct bqdisc_value *v,
		     uint64_t n)
{
	if (!row->text)
		return;
	if (row->begins_line && !o->line)
		putc('\n', o->to);
	o->line |= row->begins_line;
	fputs(row->text, o->to);
	put_text_value(o, row->form, v, n);
	fputs(row->after ? row->after : "", o->to);
}

static void put_row(struct out *o, const struct tc_row *row, const struct reading *all)
{
	const struct bqdisc_value *v = find_value(all, row);
	uint64_t n = v->none || row->index >= v->count ? 0 : v->values[row->index];
	bool printed = is_printed(o, row, v, n);

	if (row->object)
		begin_object(o, row, printed);
	if (!printed || o->leave_out)
		return;
	if (o->json)
		put_json(o, row, v, n);
	else
		put_text(o, row, v, n);
}

static void put_rows(struct out *o, const struct tc_row *rows, const struct reading *all)
{
	const struct tc_row *row;

	for (row = rows; row->key || row->text; row++)
		put_row(o, row, all);
	end_object(o);
}

/* --- options that tc does not know --- */

static bool has_row(const struct tc_row *rows, const char *key)
{
	for (; rows->key || rows->text; rows++)
		if (rows->key && !strcmp(rows->key, key))
			return true;
	return false;
}

static void put_option(struct out *o, const struct bqdisc_value *v)
{
	char text[VALUE_MAX];

	if (o->json)
		jsonw_value(&o->w, v);
	else
		fprintf(o->to, " %s", bqdisc_value__format(v, text, sizeof(text)));
}

/* Print the options that were given and that the in-tree qdisc does not have, as 'show' does. */
static void put_more(struct out *o, const struct tc_row *rows, const struct reading *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->v[i].is_set && !all->v[i].none && !has_row(rows, all->v[i].key))
			put_option(o, &all->v[i]);
}

/* --- all of an instance --- */

static FILE *open_text(char **text, size_t *size)
{
	FILE *to = open_memstream(text, size);

	if (!to)
		abort();
	return to;
}

static char *format(const struct tc_row *rows, const struct reading *all, bool more,
		    const struct tc_line *line)
{
	struct out o = { .json = line->globals.json, .iec = line->iec };
	char *text = NULL;
	size_t size;

	o.to = o.w.to = open_text(&text, &size);
	put_rows(&o, rows, all);
	if (more)
		put_more(&o, rows, all);
	fclose(o.to);
	return text;
}

void tc_shown_format(struct tc_shown *shown, const struct bqdisc_instance *inst,
		     const struct tc_line *line)
{
	const char *name = bqdisc_qdisc__name(bqdisc_instance__qdisc(inst));
	const struct tc_format *f = tc_format_find(name);
	struct reading options = { 0 }, counters = { 0 };

	bqdisc_instance__each_option(inst, reading_add, &options);
	reading_take(&counters, inst);
	shown->options = format(f->options, &options, true, line);
	shown->core = format(tc_core, &counters, false, line);
	shown->xstats = format(f->xstats, &counters, false, line);
	reading_free(&options);
	reading_free(&counters);
}
