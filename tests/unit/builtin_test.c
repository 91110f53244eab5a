// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/builtin.c and lib/qdisc: every descriptor keeps the promises that the walkers rely on. */
#include <bqdisc/instance.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpf/table_size.h"
#include "isolate.h"
#include "suites.h"
#include "user/catalog.h"

#define MAX_GIVEN 64 /* bits of config.given */

#define EACH_QDISC(q) for (q = bq_builtin_next(NULL); q; q = bq_builtin_next(q))

static bool is_made_of(const char *text, const char *extra)
{
	const char *c;

	for (c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(extra, *c))
			return false;
	return c > text;
}

/* JSON keys, words of the command line: what a shell and jq take without quotes. */
static bool is_word(const char *text)
{
	return is_made_of(text, "_") && islower((unsigned char)*text) && !strpbrk(text, "A-Z");
}

/* One line for a table: says something, does not end like a sentence. */
static bool is_phrase(const char *text)
{
	size_t len = strlen(text);

	return len && text[len - 1] != '.' && text[len - 1] != ' ' && !strpbrk(text, "\n\t");
}

static bool ends_in_unit(const char *key, enum bqdisc_unit unit)
{
	const char *tail = bqdisc_unit__name(unit);
	size_t len = strlen(key), n = strlen(tail);

	if (unit == BQDISC_UNIT_COUNT || unit == BQDISC_UNIT_FLAG || unit == BQDISC_UNIT_NAME ||
	    unit == BQDISC_UNIT_CHOICE)
		return true;
	return len > n + 1 && key[len - n - 1] == '_' && !strcmp(key + len - n, tail);
}

START_TEST(registry_has_qdiscs)
{
	ck_assert_ptr_nonnull(bq_builtin_next(NULL));
}
END_TEST

START_TEST(registry_names)
{
	const struct bqdisc_qdisc *q;

	EACH_QDISC(q) {
		ck_assert_msg(is_word(q->name), "%s is no word", q->name);
		ck_assert_msg(strlen(q->kind) <= 15, "%s is too long for the kernel", q->kind);
		ck_assert_msg(is_made_of(q->kind, "_."), "%s: libbpf refuses it", q->kind);
		ck_assert_msg(!strncmp(q->kind, "bq_", 3), "%s could be someone else's", q->kind);
		ck_assert_msg(*q->object && *q->ops, "%s has no program", q->name);
		ck_assert_msg(is_phrase(q->summary), "summary of %s", q->name);
		ck_assert_msg(strlen(q->description) > 40, "description of %s", q->name);
		ck_assert_msg(q->slots != NULL, "%s does not know its slots", q->name);
	}
}
END_TEST

START_TEST(registry_names_are_unique)
{
	const struct bqdisc_qdisc *q, *other;

	EACH_QDISC(q) {
		EACH_QDISC(other) {
			ck_assert_msg(q == other || strcmp(q->name, other->name), "two are %s",
				      q->name);
			ck_assert_msg(q == other || strcmp(q->kind, other->kind), "two are %s",
				      q->kind);
		}
	}
}
END_TEST

START_TEST(registry_finds)
{
	struct bq_catalog catalog = { 0 };
	const struct bqdisc_qdisc *q;

	EACH_QDISC(q) {
		ck_assert_ptr_eq(bq_catalog_find(&catalog, q->name), q);
		ck_assert_ptr_eq(bq_catalog_find_kind(&catalog, q->kind), q);
		ck_assert_str_eq(bq_catalog_nearest(&catalog, q->name), q->name);
	}
	ck_assert_ptr_null(bq_catalog_find(&catalog, "nosuch"));
	ck_assert_ptr_null(bq_catalog_find(&catalog, ""));
	ck_assert_ptr_null(bq_catalog_find_kind(&catalog, "pfifo_fast"));
	ck_assert_str_eq(bq_catalog_nearest(&catalog, "pfiffo"), "pfifo");
	ck_assert_ptr_null(bq_catalog_nearest(&catalog, "completely_else"));
	bq_catalog_free(&catalog);
}
END_TEST

/* A built-in qdisc has two names in the kernel, and one on the command line. */
START_TEST(registry_native_names)
{
	struct bq_catalog catalog = { 0 };
	const struct bqdisc_qdisc *q, *native;

	EACH_QDISC(q) {
		native = bq_catalog_as(&catalog, q, q->name, NULL);
		ck_assert_ptr_nonnull(native);
		ck_assert_ptr_eq(bq_catalog_native(&catalog, q), native);
		ck_assert_ptr_eq(bq_catalog_as(&catalog, q, q->kind, NULL), q);
		ck_assert_ptr_null(bq_catalog_as(&catalog, q, "nosuch", NULL));
		ck_assert_str_eq(native->kind, q->name);
		ck_assert(bq_qdisc_is_native(native) && !bq_qdisc_is_native(q));
		ck_assert(bq_qdisc_same(native, q));
		ck_assert_ptr_eq(bq_catalog_find(&catalog, q->name), q);
		ck_assert_ptr_null(bq_catalog_find_kind(&catalog, q->name));
	}
	bq_catalog_free(&catalog);
}
END_TEST

/* The machine that runs the tests may have qdiscs loaded: none of them may get into the tests. */
START_TEST(registry_is_isolated)
{
	struct bq_catalog catalog = { 0 };
	const struct bqdisc_qdisc *q = NULL;

	ck_assert_ptr_null(opendir("/sys/fs/bpf"));
	ck_assert_int_eq(errno, ENOENT);
	isolate_hidden = 0;
	while ((q = bq_catalog_next(&catalog, q)))
		ck_assert_msg(!bq_qdisc_is_user(q), "%s is of this machine", q->name);
	bq_catalog_free(&catalog);
	ck_assert_uint_gt(isolate_hidden, 0);
}
END_TEST

/* struct bq_instance, two banks of config, defaults, stats: in this order, not overlapping. */
START_TEST(registry_layout)
{
	const struct bqdisc_qdisc *q;

	EACH_QDISC(q) {
		ck_assert_uint_ge(q->config_offset, sizeof(struct bq_instance));
		ck_assert_uint_ge(q->stats_offset, q->config_offset + 3 * q->config_size);
		ck_assert_uint_ge(q->instance_size, q->stats_offset);
		ck_assert_uint_ge(q->config_size, sizeof(uint64_t)); /* given */
		ck_assert_uint_eq(q->config_offset % 8, 0);
		ck_assert_uint_eq(q->config_size % 8, 0);
		ck_assert_uint_eq(q->stats_offset % 8, 0);
	}
}
END_TEST

static void check_option(const struct bqdisc_qdisc *q, const struct bq_option *row)
{
	bool named = row->unit == BQDISC_UNIT_NAME, is_signed = row->unit == BQDISC_UNIT_SIGNED;
	uint64_t widest = row->size == 4 ? UINT32_MAX : UINT64_MAX;

	ck_assert_msg(is_word(row->name), "%s: %s is no word", q->name, row->name);
	ck_assert_msg(is_word(row->key), "%s: %s is no key", q->name, row->key);
	ck_assert_msg(!strncmp(row->key, row->name, strlen(row->name)), "%s: key %s of %s", q->name,
		      row->key, row->name);
	ck_assert_msg(ends_in_unit(row->key, row->unit), "%s: %s does not name its unit", q->name,
		      row->key);
	ck_assert_msg(row->words[0] || is_made_of(row->metavar, "_-"), "%s %s: metavar", q->name,
		      row->name);
	ck_assert_msg(!row->words[0] || (is_word(row->words[0]) && is_word(row->words[1])),
		      "%s %s: its words", q->name, row->name);
	ck_assert_msg(is_phrase(row->default_value), "%s %s: default", q->name, row->name);
	ck_assert_msg(is_phrase(row->help), "%s %s: help", q->name, row->name);
	ck_assert_msg(!row->form || is_word(row->form), "%s %s: form", q->name, row->name);
	ck_assert_msg(!row->alias || is_word(row->alias), "%s %s: alias", q->name, row->name);
	ck_assert_msg(is_signed ? (int64_t)row->min <= (int64_t)row->max : row->min <= row->max,
		      "%s %s: empty range", q->name, row->name);
	ck_assert_msg(row->max <= widest, "%s %s: max does not fit", q->name, row->name);
	ck_assert_msg(named || row->size == 4 || row->size == 8, "%s %s: size", q->name, row->name);
	ck_assert_msg(named || row->offset % row->size == 0, "%s %s: alignment", q->name,
		      row->name);
	ck_assert_msg(!named || row->max == row->size - 1, "%s %s: longest name", q->name,
		      row->name);
	ck_assert_msg(row->offset >= sizeof(uint64_t), "%s %s lies on `given`", q->name, row->name);
	ck_assert_msg(row->offset + row->size * bq_option_count(row) <= q->config_size,
		      "%s %s: outside", q->name, row->name);
}

START_TEST(registry_options)
{
	const struct bqdisc_qdisc *q;
	size_t i;

	EACH_QDISC(q) {
		ck_assert_uint_le(q->n_options, MAX_GIVEN);
		ck_assert(!q->n_options || !q->options[0].follows);
		for (i = 0; i < q->n_options; i++)
			check_option(q, &q->options[i]);
	}
}
END_TEST

START_TEST(registry_options_do_not_collide)
{
	const struct bqdisc_qdisc *q;
	size_t i, j;

	EACH_QDISC(q) {
		for (i = 0; i < q->n_options; i++) {
			for (j = 0; j < i; j++) {
				const struct bq_option *a = &q->options[i], *b = &q->options[j];

				/* Options with the same name must differ in their form. */
				ck_assert_msg(strcmp(a->name, b->name) ||
						      (!a->follows && !b->follows &&
						       strcmp(a->form ? a->form : "",
							      b->form ? b->form : "")),
					      "%s: two are %s", q->name, a->name);
				ck_assert_str_ne(a->key, b->key);
				ck_assert_msg(a->offset >= b->offset + b->size ||
						      b->offset >= a->offset + a->size,
					      "%s: %s lies on %s", q->name, a->name, b->name);
			}
		}
	}
}
END_TEST

START_TEST(registry_counters)
{
	const struct bqdisc_qdisc *q;
	size_t i, j;

	EACH_QDISC(q) {
		for (i = 0; i < q->n_counters; i++) {
			const struct bq_counter *row = &q->counters[i];

			ck_assert_msg(is_word(row->key), "%s: %s is no key", q->name, row->key);
			ck_assert_msg(is_phrase(row->help), "%s %s: help", q->name, row->key);
			ck_assert_uint_eq(row->offset % 8, 0);
			ck_assert_uint_le(q->stats_offset + row->offset + 8, q->instance_size);
			for (j = 0; j < i; j++)
				ck_assert_uint_ne(row->offset, q->counters[j].offset);
		}
	}
}
END_TEST

struct keys {
	const char *seen[256];
	size_t n;
};

static void add_key(const struct bqdisc_value *v, void *arg)
{
	struct keys *keys = arg;
	size_t i;

	ck_assert_uint_lt(keys->n, N(keys->seen));
	for (i = 0; i < keys->n; i++)
		ck_assert_str_ne(v->key, keys->seen[i]);
	keys->seen[keys->n++] = v->key;
}

/* The core's counters and a qdisc's own share one JSON object. */
START_TEST(registry_counter_keys_are_unique)
{
	const struct bqdisc_qdisc *q;
	struct keys core = { .n = 0 };

	bqdisc_qdisc__each_counter(NULL, add_key, &core);
	ck_assert_uint_gt(core.n, 0);
	EACH_QDISC(q) {
		struct keys keys = { .n = 0 };

		bqdisc_qdisc__each_counter(q, add_key, &keys);
		ck_assert_uint_eq(keys.n, core.n + q->n_counters);
	}
}
END_TEST

static void check_info(const struct bqdisc_option_info *info, void *arg)
{
	const struct bq_option **row = arg;

	ck_assert_str_eq(info->name, (*row)->name);
	ck_assert_str_eq(info->metavar, (*row)->metavar);
	ck_assert_str_eq(info->help, (*row)->help);
	ck_assert_str_eq(info->default_value, (*row)->default_value);
	ck_assert_uint_eq(info->min, (*row)->min);
	ck_assert_uint_eq(info->max, (*row)->max);
	ck_assert_int_eq(info->unit, (*row)->unit);
	++*row;
}

START_TEST(registry_public_view)
{
	const struct bqdisc_qdisc *q;
	const struct bq_option *row;

	EACH_QDISC(q) {
		row = q->options;
		bqdisc_qdisc__each_option(q, check_info, &row);
		ck_assert_uint_eq((size_t)(row - q->options), q->n_options);
		ck_assert_str_eq(bqdisc_qdisc__name(q), q->name);
		ck_assert_str_eq(bqdisc_qdisc__kind(q), q->kind);
		ck_assert_str_eq(bqdisc_qdisc__summary(q), q->summary);
		ck_assert_str_eq(bqdisc_qdisc__description(q), q->description);
	}
}
END_TEST

/* For any device and any legal value: at least one slot, and less memory than a machine has. */
START_TEST(registry_slots)
{
	static const struct bq_dev_params devices[] = { { 0, 0 },
							{ 1500, 1000 },
							{ UINT32_MAX, UINT32_MAX } };
	const struct bqdisc_qdisc *q;
	size_t d, i;

	EACH_QDISC(q) {
		for (d = 0; d < N(devices); d++) {
			for (i = 0; i <= 2 * q->n_options; i++) {
				uint64_t config[128] = { 0 };

				if (i < 2 * q->n_options) {
					const struct bq_option *row = &q->options[i / 2];
					uint64_t value = i % 2 ? row->max : row->min;

					config[0] = UINT64_C(1) << i / 2;
					memcpy((char *)config + row->offset, &value,
					       row->size == 4 ? 4 : 8);
				}
				ck_assert_uint_gt(q->slots(q, config, &devices[d]), 0);
				ck_assert_uint_le(q->slots(q, config, &devices[d]), 1u << 24);
			}
		}
	}
}
END_TEST

START_TEST(registry_full_pools)
{
	const struct bqdisc_qdisc *q;

	EACH_QDISC(q)
		ck_assert_msg(bq_table_size_pool(q) == BQ_POOL_MOST, "%s: %u", q->name,
			      bq_table_size_pool(q));
}
END_TEST

Suite *builtin_suite(void)
{
	Suite *s = suite_create("registry");

	ADD_TEST(s, registry_has_qdiscs);
	ADD_TEST(s, registry_names);
	ADD_TEST(s, registry_names_are_unique);
	ADD_TEST(s, registry_finds);
	ADD_TEST(s, registry_native_names);
	ADD_TEST(s, registry_is_isolated);
	ADD_TEST(s, registry_layout);
	ADD_TEST(s, registry_options);
	ADD_TEST(s, registry_options_do_not_collide);
	ADD_TEST(s, registry_counters);
	ADD_TEST(s, registry_counter_keys_are_unique);
	ADD_TEST(s, registry_public_view);
	ADD_TEST(s, registry_slots);
	ADD_TEST(s, registry_full_pools);
	return s;
}
