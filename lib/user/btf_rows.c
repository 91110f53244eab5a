// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include <bqdisc/histogram.h>

#include "util/unit.h"
#include "user/btf_rows.h"
#include "util/array.h"

#define TAG "bqdisc:"
#define FIELDS_MAX 6     /* of a tag */
#define COUNTS_MAX 144   /* elements of one counter */
#define COUNTERS_MAX 256 /* rows */

/* A struct member of 8 bytes, or an array of them. */
struct member {
	const char *name;
	size_t offset; /* bytes */
	size_t count;  /* 0: not an array */
	char *fields[FIELDS_MAX];
};

/* --- tags --- */

char *bq_btf_copy_text(struct bq_user_object *b, const char *text, size_t len)
{
	char **texts = realloc(b->texts, (b->n_texts + 1) * sizeof(*texts)), *c;

	if (!texts)
		return NULL;
	b->texts = texts;
	texts[b->n_texts] = strndup(text, len);
	for (c = texts[b->n_texts]; c && *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return texts[b->n_texts++];
}

const char *bq_btf_tag(const struct bq_btf_view *v, uint32_t id, int component, const char *word)
{
	uint32_t i, n = btf__type_cnt(v->btf);
	size_t len = strlen(word);

	for (i = 1; i < n; i++) {
		const struct btf_type *t = btf__type_by_id(v->btf, i);
		const char *text;

		if (!btf_is_decl_tag(t) || t->type != id ||
		    btf_decl_tag(t)->component_idx != component)
			continue;
		text = btf__name_by_offset(v->btf, t->name_off);
		if (text && !strncmp(text, TAG, strlen(TAG)) &&
		    !strncmp(text + strlen(TAG), word, len) && text[strlen(TAG) + len] == '|')
			return text + strlen(TAG) + len + 1;
	}
	return NULL;
}

int bq_btf_split_tag(const struct bq_btf_view *v, const char *name, const char *text, size_t n,
		     char *fields[])
{
	char *copy = bq_btf_copy_text(v->b, text, BQ_TAG_MAX), *bar;
	size_t i;

	for (i = 0; copy; copy = bar) {
		fields[i++] = copy;
		bar = i < n ? strchr(copy, '|') : NULL;
		if (bar)
			*bar++ = '\0';
	}
	return i == n ? 0 : bq_btf_fail(v, "the tag of '%s' lacks something", name);
}

/* --- members --- */

static bool is_word_of_c(const char *name)
{
	size_t len = strlen(name);

	return len && len <= BQ_NAME_MAX_BYTES && name[0] >= 'a' && name[0] <= 'z' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static bool is_u64(const struct bq_btf_view *v, uint32_t id)
{
	int resolved = btf__resolve_type(v->btf, id);
	const struct btf_type *t =
		resolved < 0 ? NULL : btf__type_by_id(v->btf, (uint32_t)resolved);

	return t && btf_is_int(t) && t->size == 8 && !(btf_int_encoding(t) & BTF_INT_SIGNED);
}

const struct btf_array *bq_btf_array(const struct bq_btf_view *v, uint32_t id)
{
	int resolved = btf__resolve_type(v->btf, id);
	const struct btf_type *t =
		resolved < 0 ? NULL : btf__type_by_id(v->btf, (uint32_t)resolved);

	return t && btf_is_array(t) ? btf_array(t) : NULL;
}

/* Read member N of struct T, whose SIZE is in bytes. It must consist of words inside the struct. */
static int read_member(const struct bq_btf_view *v, const struct btf_type *t, uint32_t n,
		       struct member *m)
{
	const struct btf_member *bm = &btf_members(t)[n];
	const struct btf_array *array = bq_btf_array(v, bm->type);
	uint32_t bits = btf_member_bit_offset(t, n);
	const char *name = btf__name_by_offset(v->btf, bm->name_off);
	size_t words = array ? array->nelems : 1;

	*m = (struct member){ .offset = bits / 8, .count = array ? array->nelems : 0 };
	m->name = bq_btf_copy_text(v->b, name ? name : "", BQ_NAME_MAX_BYTES + 1);
	if (!m->name)
		return -ENOMEM;
	if (!is_word_of_c(m->name))
		return bq_btf_fail(v, "'%s' is no name for an option or counter", m->name);
	if (!is_u64(v, array ? array->type : bm->type) || bits % 64)
		return bq_btf_fail(v, "'%s' must be a __u64", m->name);
	if (!words || words > COUNTS_MAX || m->offset + words * 8 > t->size)
		return bq_btf_fail(v, "'%s' must have from 1 to %d elements", m->name, COUNTS_MAX);
	return 0;
}

static const struct {
	const char *word; /* name in the tag */
	const char *metavar;
} units[] = {
	[BQDISC_UNIT_COUNT] = { "COUNT", "NUMBER" },
	[BQDISC_UNIT_PACKETS] = { "PACKETS", "PACKETS" },
	[BQDISC_UNIT_BYTES] = { "BYTES", "SIZE" },
	[BQDISC_UNIT_TIME] = { "TIME", "TIME" },
	[BQDISC_UNIT_RATE] = { "RATE", "RATE" },
	[BQDISC_UNIT_FLAG] = { "FLAG", "" },
};

static int read_unit(const struct bq_btf_view *v, const struct member *m, enum bqdisc_unit *unit)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		*unit = (enum bqdisc_unit)i;
		if (units[i].word && !strcmp(units[i].word, m->fields[0]))
			return 0;
	}
	return bq_btf_fail(
		v, "the unit of '%s', '%s', is none of COUNT, PACKETS, BYTES, TIME, RATE, FLAG",
		m->name, m->fields[0]);
}

/* Return NAME with the suffix of its unit, as keys of JSON have it. */
static const char *make_key(const struct bq_btf_view *v, const char *name, enum bqdisc_unit unit)
{
	const char *suffix = bqdisc_unit__name(unit);
	size_t len = strlen(name), n = strlen(suffix);
	char key[BQ_NAME_MAX_BYTES + 32];

	if (unit == BQDISC_UNIT_COUNT || unit == BQDISC_UNIT_FLAG ||
	    (len > n && !strcmp(name + len - n, suffix)))
		return name;
	snprintf(key, sizeof(key), "%s_%s", name, suffix);
	return bq_btf_copy_text(v->b, key, sizeof(key));
}

/* --- options --- */

static int read_tag_value(const struct bq_btf_view *v, const struct member *m,
			  enum bqdisc_unit unit, const char *text, uint64_t *value)
{
	enum bq_parse parse = bq_unit_parse(unit, text, value);

	return parse == BQ_PARSE_OK
		       ? 0
		       : bq_btf_fail(v, "'%s': '%s' %s", m->name, text, bq_parse_strerror(parse));
}

/* Read a tag UNIT|MIN|MAX|DEFAULT|HELP, with numbers in command-line syntax. */
static int read_option(const struct bq_btf_view *v, const struct member *m, struct bq_option *row)
{
	size_t word = m->offset / 8;
	uint64_t *min = &v->b->min[word], *max = &v->b->max[word], *def = &v->b->defaults[word];
	char no[BQ_NAME_MAX_BYTES + 4];
	int err = read_unit(v, m, &row->unit);

	if (!err)
		err = read_tag_value(v, m, row->unit, m->fields[1], min);
	if (!err)
		err = read_tag_value(v, m, row->unit, m->fields[2], max);
	if (!err)
		err = read_tag_value(v, m, row->unit, m->fields[3], def);
	if (err)
		return err;
	if (*min > *def || *def > *max)
		return bq_btf_fail(v, "'%s': the default %s is not within %s and %s", m->name,
				   m->fields[3], m->fields[1], m->fields[2]);
	row->name = m->name;
	row->key = make_key(v, m->name, row->unit);
	row->metavar = units[row->unit].metavar;
	row->default_value = m->fields[3];
	row->help = m->fields[4];
	row->min = *min;
	row->max = *max;
	row->offset = m->offset;
	row->size = sizeof(uint64_t);
	if (row->unit != BQDISC_UNIT_FLAG)
		return 0;
	snprintf(no, sizeof(no), "no%s", m->name);
	row->words[0] = bq_btf_copy_text(v->b, no, sizeof(no));
	row->words[1] = row->name;
	row->default_value = row->words[*def != 0];
	return 0;
}

/* Refuse arrays among options, as a bit of `set_mask` stands for one value. */
static int refuse_arrays(const struct bq_btf_view *v, const struct btf_type *t)
{
	const char *name;
	uint32_t i;

	for (i = 0; i < btf_vlen(t); i++) {
		if (!bq_btf_array(v, btf_members(t)[i].type))
			continue;
		name = btf__name_by_offset(v->btf, btf_members(t)[i].name_off);
		name = bq_btf_copy_text(v->b, name ? name : "", BQ_NAME_MAX_BYTES);
		return bq_btf_fail(
			v,
			"the option '%s' cannot be an array: give each of its values a name, "
			"as %s_0",
			name ? name : "", name ? name : "");
	}
	return 0;
}

/* Read the options. Member 0 is `set_mask`; bit N of it belongs to member N. */
int bq_btf_option_rows(const struct bq_btf_view *v, uint32_t id, const struct btf_type *t)
{
	struct bq_user_object *b = v->b;
	uint32_t i, n = btf_vlen(t);
	struct member m;
	int err = refuse_arrays(v, t);

	if (err)
		return err;
	if (!n || n > BQ_CONFIG_WORDS || t->size != n * 8)
		return bq_btf_fail(
			v,
			"its config struct must be `__u64 set_mask` and at most %d options of "
			"8 bytes",
			BQ_CONFIG_WORDS - 1);
	b->options = calloc(n, sizeof(*b->options));
	if (!b->options)
		return -ENOMEM;
	err = read_member(v, t, 0, &m);
	if (!err && strcmp(m.name, "set_mask"))
		err = bq_btf_fail(v, "its config struct must begin with `__u64 set_mask`");
	b->max[0] = UINT64_MAX;
	for (i = 1; !err && i < n; i++) {
		const char *text = bq_btf_tag(v, id, (int)i, "option");

		err = read_member(v, t, i, &m);
		if (!err && !text)
			err = bq_btf_fail(v, "the option '%s' has no BQ_OPTION()", m.name);
		if (!err)
			err = bq_btf_split_tag(v, m.name, text, 5, m.fields);
		if (!err)
			err = read_option(v, &m, &b->options[i - 1]);
	}
	b->q.options = b->options;
	b->q.n_options = n - 1;
	return err;
}

/* --- counters --- */

struct clash {
	const char *key;
	bool found;
};

static void compare_key(const struct bqdisc_value *core, void *arg)
{
	struct clash *clash = arg;

	if (!strcmp(core->key, clash->key))
		clash->found = true;
}

/* Read a tag UNIT|HELP. A counter without a tag has no unit. */
static int read_counter(const struct bq_btf_view *v, const char *text, struct member *m,
			struct bq_counter *row)
{
	struct clash clash = { 0 };
	int err = 0;

	row->unit = BQDISC_UNIT_COUNT;
	row->help = "";
	row->metric = text ? BQDISC_METRIC_COUNTER : BQDISC_METRIC_UNKNOWN;
	row->offset = m->offset;
	row->count = m->count;
	if (text)
		err = bq_btf_split_tag(v, m->name, text, 2, m->fields);
	if (!err && text) {
		err = read_unit(v, m, &row->unit);
		row->help = m->fields[1];
	}
	/* Keys of packet counters have no unit, in built-in qdiscs either. */
	row->key = row->unit == BQDISC_UNIT_PACKETS ? m->name : make_key(v, m->name, row->unit);
	row->group = strncmp(row->key, "drop", strlen("drop")) ? "counters" : "drops";
	clash.key = row->key;
	bqdisc_qdisc__each_counter(NULL, compare_key, &clash);
	if (!err && clash.found)
		err = bq_btf_fail(v, "the core has a counter '%s' already: name yours otherwise",
				  row->key);
	return err;
}

/* Read a tag of a counter whose array is a histogram. */
static int read_histogram(const struct bq_btf_view *v, const char *text, struct member *m,
			  struct bq_counter *row)
{
	int err = read_counter(v, text, m, row);

	if (err)
		return err;
	row->histogram = true;
	if (row->count != (row->unit == BQDISC_UNIT_TIME ? BQ_TIMES : BQ_LENGTHS))
		return bq_btf_fail(v,
				   "the histogram '%s' must have BQ_TIMES elements of TIME, or "
				   "BQ_LENGTHS of PACKETS",
				   m->name);
	return 0;
}

static int read_counter_or_histogram(const struct bq_btf_view *v, uint32_t id, int n,
				     struct member *m, struct bq_counter *row)
{
	const char *text = bq_btf_tag(v, id, n, "histogram");

	if (text)
		return read_histogram(v, text, m, row);
	return read_counter(v, bq_btf_tag(v, id, n, "counter"), m, row);
}

int bq_btf_counter_rows(const struct bq_btf_view *v, uint32_t id, const struct btf_type *t)
{
	struct bq_user_object *b = v->b;
	uint32_t i, n = btf_vlen(t);
	struct member m;
	int err = 0;

	if (n > COUNTERS_MAX)
		return bq_btf_fail(v, "its stats struct has more than %d counters", COUNTERS_MAX);
	b->counters = calloc(n + 1, sizeof(*b->counters));
	if (!b->counters)
		return -ENOMEM;
	for (i = 0; !err && i < n; i++) {
		err = read_member(v, t, i, &m);
		if (!err)
			err = read_counter_or_histogram(v, id, (int)i, &m, &b->counters[i]);
	}
	b->q.counters = b->counters;
	b->q.n_counters = n;
	return err;
}
