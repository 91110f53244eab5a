// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Printers for the forms of values, and the walk over the rows of a kind. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "netlink/message.h"
#include "snapshot/tc_format.h"
#include "util/array.h"

void bq_tc_print(struct bq_tc_line *w, const char *fmt, ...)
{
	size_t blank = w->len ? 1 : 0;
	va_list ap;
	int n;

	if (w->incomplete || w->len + blank >= w->size) {
		w->incomplete = true;
		return;
	}
	w->text[w->len] = ' ';
	va_start(ap, fmt);
	n = vsnprintf(w->text + w->len + blank, w->size - w->len - blank, fmt, ap);
	va_end(ap);
	if (n < 0 || w->len + blank + (size_t)n >= w->size)
		w->incomplete = true;
	else
		w->len += blank + (size_t)n;
}

/* --- units --- */

/* tc parses numbers as doubles, which are exact up to this one. */
#define EXACT_MAX (1ULL << 53)

void bq_tc_print_rate(struct bq_tc_line *w, const char *word, uint64_t bytes_per_s)
{
	static const struct {
		uint64_t bits;
		const char *name;
	} units[] = { { 1000000000, "gbit" }, { 1000000, "mbit" }, { 1000, "kbit" }, { 1, "bit" } };
	size_t i = 0;

	if (bytes_per_s > EXACT_MAX / 8) {
		w->incomplete = true;
		return;
	}
	while ((!bytes_per_s || bytes_per_s * 8 % units[i].bits) && i < ARRAY_SIZE(units) - 1)
		i++;
	bq_tc_print(w, "%s %" PRIu64 "%s", word, bytes_per_s * 8 / units[i].bits, units[i].name);
}

void bq_tc_print_us(struct bq_tc_line *w, const char *word, uint64_t us)
{
	if (us && us % 1000 == 0)
		bq_tc_print(w, "%s %" PRIu64 "ms", word, us / 1000);
	else
		bq_tc_print(w, "%s %" PRIu64 "us", word, us);
}

void bq_tc_print_numbers(struct bq_tc_line *w, const char *word, const uint8_t *v, size_t n)
{
	size_t i;

	bq_tc_print(w, "%s", word);
	for (i = 0; i < n; i++)
		bq_tc_print(w, "%u", v[i]);
}

void bq_tc_print_bands(struct bq_tc_line *w, int bands, const uint8_t *priomap, size_t n)
{
	bq_tc_print(w, "bands %d", bands);
	bq_tc_print_numbers(w, "priomap", priomap, n);
}

/* The line is run by a shell. Refuse text that the shell would not take as one word. */
void bq_tc_print_text(struct bq_tc_line *w, const char *word, const char *text)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-";

	if (!*text || text[strspn(text, safe)])
		w->incomplete = true;
	bq_tc_print(w, "%s %s", word, text);
}

void bq_tc_print_classid(struct bq_tc_line *w, const char *word, uint32_t classid)
{
	bq_tc_print(w, "%s %x:%x", word, classid >> 16, classid & 0xffff);
}

/* --- addresses --- */

/* Return the length of a prefix mask in bits, or -1 if the mask is no prefix. */
static int prefix_of(const uint8_t *mask, size_t n)
{
	int bits = 0;
	size_t i;

	for (i = 0; i < n * 8 && mask[i / 8] & (0x80 >> i % 8); i++)
		bits++;
	for (; i < n * 8; i++)
		if (mask[i / 8] & (0x80 >> i % 8))
			return -1;
	return bits;
}

/* Return the mask of a row's value, of the same size, or NULL if the dump has none. */
static const uint8_t *mask_of(struct bq_tc_line *w, const struct bq_tc_row *row,
			      const struct nlattr *options)
{
	const struct nlattr *mask = row->mask ? bq_attr_find_in(options, row->mask) : NULL;

	if (mask && mnl_attr_get_payload_len(mask) != row->bytes)
		w->incomplete = true;
	return mask && !w->incomplete ? mnl_attr_get_payload(mask) : NULL;
}

static void print_ip(struct bq_tc_line *w, const struct bq_tc_row *row, const void *value,
		     const uint8_t *mask)
{
	int bits = mask ? prefix_of(mask, row->bytes) : row->bytes * 8;
	char text[INET6_ADDRSTRLEN];

	if (bits < 0 || !inet_ntop(row->bytes == 4 ? AF_INET : AF_INET6, value, text, sizeof(text)))
		w->incomplete = true;
	else
		bq_tc_print(w, "%s %s/%d", row->word, text, bits);
}

static void print_mac(struct bq_tc_line *w, const struct bq_tc_row *row, const uint8_t *v,
		      const uint8_t *mask)
{
	static const char fmt[] = "%02x:%02x:%02x:%02x:%02x:%02x";
	char text[18], whole[18] = "";

	snprintf(text, sizeof(text), fmt, v[0], v[1], v[2], v[3], v[4], v[5]);
	if (mask && prefix_of(mask, row->bytes) != row->bytes * 8)
		snprintf(whole, sizeof(whole), fmt, mask[0], mask[1], mask[2], mask[3], mask[4],
			 mask[5]);
	bq_tc_print(w, "%s %s%s%s", row->word, text, *whole ? "/" : "", whole);
}

static void print_port(struct bq_tc_line *w, const struct bq_tc_row *row, const uint8_t *v,
		       const uint8_t *mask)
{
	if (mask && prefix_of(mask, 2) != 16)
		w->incomplete = true;
	bq_tc_print(w, "%s %u", row->word, v[0] << 8 | v[1]);
}

/* --- rows --- */

static uint64_t read_attribute(const void *value, size_t bytes)
{
	uint64_t u64 = 0;
	uint32_t u32 = 0;
	uint16_t u16 = 0;

	switch (bytes) {
	case 8:
		memcpy(&u64, value, bytes);
		return u64;
	case 4:
		memcpy(&u32, value, bytes);
		return u32;
	case 2:
		memcpy(&u16, value, bytes);
		return u16;
	default:
		return *(const uint8_t *)value;
	}
}

static void print_name(struct bq_tc_line *w, const struct bq_tc_row *row, uint64_t v)
{
	if (v >= row->n_names || !row->names[v])
		w->incomplete = true;
	else if (*row->names[v])
		bq_tc_print(w, "%s", row->names[v]);
}

static void print_number(struct bq_tc_line *w, const struct bq_tc_row *row, uint64_t v)
{
	if (row->omit_default && v == row->default_value)
		return;
	switch (row->form) {
	case BQ_TC_FORM_COUNT:
		bq_tc_print(w, "%s %" PRIu64, row->word, v);
		break;
	case BQ_TC_FORM_SIGNED:
		bq_tc_print(w, "%s %" PRId32, row->word, (int32_t)v);
		break;
	case BQ_TC_FORM_HEX:
		bq_tc_print(w, "%s 0x%" PRIx64, row->word, v);
		break;
	case BQ_TC_FORM_CLASSID:
		bq_tc_print_classid(w, row->word, (uint32_t)v);
		break;
	case BQ_TC_FORM_RATE:
		bq_tc_print_rate(w, row->word, v);
		break;
	case BQ_TC_FORM_US:
		bq_tc_print_us(w, row->word, v);
		break;
	case BQ_TC_FORM_NS:
		bq_tc_print(w, "%s %" PRIu64 "ns", row->word, v);
		break;
	case BQ_TC_FORM_LOG2:
		if (v > 31)
			w->incomplete = true;
		bq_tc_print(w, "%s %" PRIu64, row->word, (uint64_t)1 << (v & 31));
		break;
	default:
		print_name(w, row, v);
	}
}

static void print_value(struct bq_tc_line *w, const struct bq_tc_row *row, const void *value,
			const struct nlattr *options)
{
	switch (row->form) {
	case BQ_TC_FORM_CUSTOM:
		row->print(w, value, options);
		break;
	case BQ_TC_FORM_IP:
		print_ip(w, row, value, mask_of(w, row, options));
		break;
	case BQ_TC_FORM_MAC:
		print_mac(w, row, value, mask_of(w, row, options));
		break;
	case BQ_TC_FORM_PORT:
		print_port(w, row, value, mask_of(w, row, options));
		break;
	default:
		print_number(w, row, read_attribute(value, row->bytes));
	}
}

static void print_row(struct bq_tc_line *w, const struct bq_tc_row *row,
		      const struct nlattr *options)
{
	const struct nlattr *attr = row->attr ? bq_attr_find_in(options, row->attr) : options;
	size_t of = row->of ? row->of : row->bytes;
	const uint8_t *payload;

	if (!attr || row->form == BQ_TC_FORM_IGNORED)
		return;
	payload = mnl_attr_get_payload(attr);
	if (row->form == BQ_TC_FORM_TEXT) {
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
			w->incomplete = true;
		else
			bq_tc_print_text(w, row->word, (const char *)payload);
	} else if (row->form == BQ_TC_FORM_NEST) {
		row->print_nest(w, attr);
	} else if (of && mnl_attr_get_payload_len(attr) != of) {
		w->incomplete = true;
	} else {
		print_value(w, row, payload + row->at, options);
	}
}

static bool is_known(const struct bq_tc_rows *rows, unsigned int type)
{
	const struct bq_tc_row *row;

	for (row = rows->v; row < rows->v + rows->n; row++)
		if (!row->attr || row->attr == type || (row->mask && row->mask == type))
			return true;
	return false;
}

void bq_tc_print_rows(struct bq_tc_line *w, const struct bq_tc_rows *rows,
		      const struct nlattr *options)
{
	const struct nlattr *attr;
	size_t i;

	for (i = 0; i < rows->n; i++)
		print_row(w, &rows->v[i], options);
	if (!rows->v[0].attr)
		return;
	mnl_attr_for_each_nested(attr, options) if (!is_known(rows, mnl_attr_get_type(attr)))
		w->incomplete = true;
}

void bq_tc_print_kind(struct bq_tc_line *w, const struct bq_tc_kind *kinds, size_t n,
		      const char *kind, const struct nlattr *options)
{
	size_t i;

	if (!options)
		return;
	for (i = 0; i < n; i++)
		if (!strcmp(kinds[i].kind, kind))
			break;
	if (i == n)
		w->incomplete = true;
	else if (kinds[i].rows)
		bq_tc_print_rows(w, kinds[i].rows, options);
}
