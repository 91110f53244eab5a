// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "netlink/message.h"
#include "snapshot/tc_format.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

void bq_tc_print(struct bq_tc_line *w, const char *fmt, ...)
{
	size_t blank = w->len ? 1 : 0;
	va_list ap;
	int n;

	if (w->unsaid || w->len + blank >= w->size) {
		w->unsaid = true;
		return;
	}
	w->text[w->len] = ' ';
	va_start(ap, fmt);
	n = vsnprintf(w->text + w->len + blank, w->size - w->len - blank, fmt, ap);
	va_end(ap);
	if (n < 0 || w->len + blank + (size_t)n >= w->size)
		w->unsaid = true;
	else
		w->len += blank + (size_t)n;
}

/* --- units --- */

/* tc reads numbers as doubles, which are exact up to here. */
#define EXACT_MAX (1ULL << 53)

void bq_tc_print_rate(struct bq_tc_line *w, const char *word, uint64_t bytes_per_s)
{
	static const struct {
		uint64_t bits;
		const char *name;
	} units[] = { { 1000000000, "gbit" }, { 1000000, "mbit" }, { 1000, "kbit" }, { 1, "bit" } };
	size_t i = 0;

	if (bytes_per_s > EXACT_MAX / 8) {
		w->unsaid = true;
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

/* The line is for a shell: what it might take for more than a word is not said. */
void bq_tc_print_text(struct bq_tc_line *w, const char *word, const char *text)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789._-";

	if (!*text || text[strspn(text, harmless)])
		w->unsaid = true;
	bq_tc_print(w, "%s %s", word, text);
}

void bq_tc_print_classid(struct bq_tc_line *w, const char *word, uint32_t classid)
{
	bq_tc_print(w, "%s %x:%x", word, classid >> 16, classid & 0xffff);
}

/* --- bursts --- */

#define TICK_NS 64
#define TICKS_PER_US (1000.0 / TICK_NS)

typedef uint64_t (*ticks_fn)(uint64_t rate, uint64_t size);

static uint64_t ticks_of_whole_us(uint64_t rate, uint64_t size)
{
	return (uint64_t)((double)(uint64_t)(1e6 * ((double)size / (double)rate)) * TICKS_PER_US);
}

static uint64_t ticks_rounded_up(uint64_t rate, uint64_t size)
{
	return (uint64_t)ceil(1e6 * ((double)size / (double)rate) * TICKS_PER_US);
}

/* As the kernel multiplies and shifts instead of dividing. */
static uint64_t ticks_of_kernel(uint64_t rate, uint64_t size)
{
	uint64_t factor = 1000000000, mult;
	unsigned int shift = 0;

	for (;;) {
		mult = factor / rate;
		if (mult & (1ULL << 31) || factor & (1ULL << 63))
			break;
		factor <<= 1;
		shift++;
	}
	return (size * (uint32_t)mult >> shift) / TICK_NS;
}

/* The smallest size near GUESS that TICKS_OF turns into TICKS, or 0. */
static uint64_t find_size(ticks_fn ticks_of, uint64_t rate, uint32_t ticks, double guess)
{
	uint64_t size = guess > 3 ? (uint64_t)guess - 2 : 1;
	unsigned int i;

	if (guess >= UINT32_MAX)
		return 0;
	for (i = 0; i < 5; i++)
		if (ticks_of(rate, size + i) == ticks)
			return size + i;
	return 0;
}

uint64_t bq_tc_burst_of_ticks(uint64_t bytes_per_s, uint32_t ticks)
{
	double rate = (double)bytes_per_s;
	uint64_t size;

	if (!bytes_per_s)
		return 0;
	size = find_size(ticks_of_whole_us, bytes_per_s, ticks,
			 ceil(ticks / TICKS_PER_US) * rate / 1e6);
	if (!size)
		size = find_size(ticks_rounded_up, bytes_per_s, ticks,
				 ticks / TICKS_PER_US * rate / 1e6);
	return size;
}

uint64_t bq_tc_burst_of_kernel(uint64_t bytes_per_s, uint32_t ticks)
{
	if (!bytes_per_s)
		return 0;
	return find_size(ticks_of_kernel, bytes_per_s, ticks,
			 (double)ticks * TICK_NS * (double)bytes_per_s / 1e9);
}

/* --- addresses --- */

/* Bits of a mask that is a prefix; -1: it is none. */
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

/* The mask of a row's value: of as many bytes as it, or NULL if none is told. */
static const uint8_t *mask_of(struct bq_tc_line *w, const struct bq_tc_row *row,
			      const struct nlattr *options)
{
	const struct nlattr *mask = row->mask ? bq_attr_find_in(options, row->mask) : NULL;

	if (mask && mnl_attr_get_payload_len(mask) != row->bytes)
		w->unsaid = true;
	return mask && !w->unsaid ? mnl_attr_get_payload(mask) : NULL;
}

static void say_ip(struct bq_tc_line *w, const struct bq_tc_row *row, const void *value,
		   const uint8_t *mask)
{
	int bits = mask ? prefix_of(mask, row->bytes) : row->bytes * 8;
	char text[INET6_ADDRSTRLEN];

	if (bits < 0 || !inet_ntop(row->bytes == 4 ? AF_INET : AF_INET6, value, text, sizeof(text)))
		w->unsaid = true;
	else
		bq_tc_print(w, "%s %s/%d", row->word, text, bits);
}

static void say_mac(struct bq_tc_line *w, const struct bq_tc_row *row, const uint8_t *v,
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

static void say_port(struct bq_tc_line *w, const struct bq_tc_row *row, const uint8_t *v,
		     const uint8_t *mask)
{
	if (mask && prefix_of(mask, 2) != 16)
		w->unsaid = true;
	bq_tc_print(w, "%s %u", row->word, v[0] << 8 | v[1]);
}

/* --- rows --- */

static uint64_t read_number(const void *value, size_t bytes)
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

static void say_name(struct bq_tc_line *w, const struct bq_tc_row *row, uint64_t v)
{
	if (v >= row->n_names || !row->names[v])
		w->unsaid = true;
	else if (*row->names[v])
		bq_tc_print(w, "%s", row->names[v]);
}

static void say_number(struct bq_tc_line *w, const struct bq_tc_row *row, uint64_t v)
{
	if (row->silent && v == row->usual)
		return;
	switch (row->form) {
	case BQ_FORM_COUNT:
		bq_tc_print(w, "%s %" PRIu64, row->word, v);
		break;
	case BQ_FORM_SIGNED:
		bq_tc_print(w, "%s %" PRId32, row->word, (int32_t)v);
		break;
	case BQ_FORM_HEX:
		bq_tc_print(w, "%s 0x%" PRIx64, row->word, v);
		break;
	case BQ_FORM_CLASSID:
		bq_tc_print_classid(w, row->word, (uint32_t)v);
		break;
	case BQ_FORM_RATE:
		bq_tc_print_rate(w, row->word, v);
		break;
	case BQ_FORM_US:
		bq_tc_print_us(w, row->word, v);
		break;
	case BQ_FORM_NS:
		bq_tc_print(w, "%s %" PRIu64 "ns", row->word, v);
		break;
	case BQ_FORM_LOG2:
		if (v > 31)
			w->unsaid = true;
		bq_tc_print(w, "%s %" PRIu64, row->word, (uint64_t)1 << (v & 31));
		break;
	default:
		say_name(w, row, v);
	}
}

static void say_value(struct bq_tc_line *w, const struct bq_tc_row *row, const void *value,
		      const struct nlattr *options)
{
	switch (row->form) {
	case BQ_TC_FORM_CUSTOM:
		row->say(w, value, options);
		break;
	case BQ_FORM_IP:
		say_ip(w, row, value, mask_of(w, row, options));
		break;
	case BQ_FORM_MAC:
		say_mac(w, row, value, mask_of(w, row, options));
		break;
	case BQ_FORM_PORT:
		say_port(w, row, value, mask_of(w, row, options));
		break;
	default:
		say_number(w, row, read_number(value, row->bytes));
	}
}

static void say_row(struct bq_tc_line *w, const struct bq_tc_row *row, const struct nlattr *options)
{
	const struct nlattr *attr = row->attr ? bq_attr_find_in(options, row->attr) : options;
	size_t of = row->of ? row->of : row->bytes;
	const uint8_t *payload;

	if (!attr || row->form == BQ_TC_FORM_IGNORED)
		return;
	payload = mnl_attr_get_payload(attr);
	if (row->form == BQ_FORM_TEXT) {
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
			w->unsaid = true;
		else
			bq_tc_print_text(w, row->word, (const char *)payload);
	} else if (row->form == BQ_FORM_NEST) {
		row->say_nest(w, attr);
	} else if (of && mnl_attr_get_payload_len(attr) != of) {
		w->unsaid = true;
	} else {
		say_value(w, row, payload + row->at, options);
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
		say_row(w, &rows->v[i], options);
	if (!rows->v[0].attr)
		return;
	mnl_attr_for_each_nested(attr, options) if (!is_known(rows, mnl_attr_get_type(attr)))
		w->unsaid = true;
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
		w->unsaid = true;
	else if (kinds[i].rows)
		bq_tc_print_rows(w, kinds[i].rows, options);
}
