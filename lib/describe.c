// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <bqdisc/instance.h>
#include <bqdisc/memory.h>

#include "describe.h"
#include "object.h"
#include "unit.h"

#define TAG "bqdisc:"
#define FIELDS_MAX 6        /* of a tag */
#define NAME_MAX_BYTES 32   /* of an option or counter */
#define COUNTS_MAX 64       /* elements of one counter */
#define COUNTERS_MAX 256    /* rows */
#define INSTANCE_MAX 262144 /* bytes; all instances of a kind are 1024 times that */
#define TEXT_MAX 1024       /* bytes of a tag */

/* An object while it is looked at. */
struct view {
	const struct bpf_object *obj;
	const struct btf *btf;
	struct bq_brought *b;
	struct bq_report *rep;
};

/* A member of a struct that is a word of 8 bytes, or an array of them. */
struct member {
	const char *name;
	size_t offset; /* bytes */
	size_t count;  /* 0: not an array */
	char *fields[FIELDS_MAX];
	size_t n_fields;
};

#define fail(v, fmt, ...)                                                                          \
	bq_fail((v)->rep, BQDISC_FAULT_USAGE, EINVAL, "%s: " fmt, (v)->b->file, ##__VA_ARGS__)

/* --- what is written in tags --- */

/* A copy that B owns, of printable characters alone. */
static char *keep(struct bq_brought *b, const char *text, size_t len)
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

/*
 * The text of the tag WORD of member COMPONENT (-1: of the whole) of the type or variable ID, after
 * "bqdisc:WORD|"; NULL: there is none.
 */
static const char *find_tag(const struct view *v, uint32_t id, int component, const char *word)
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

/* Splits TEXT into N fields at its bars; the last one may have some in it. */
static int split(const struct view *v, const char *text, size_t n, struct member *m)
{
	char *copy = keep(v->b, text, TEXT_MAX), *bar;

	for (m->n_fields = 0; copy; copy = bar) {
		m->fields[m->n_fields++] = copy;
		bar = m->n_fields < n ? strchr(copy, '|') : NULL;
		if (bar)
			*bar++ = '\0';
	}
	return m->n_fields == n ? 0 : fail(v, "the tag of '%s' lacks something", m->name);
}

/* --- members --- */

static bool is_word_of_c(const char *name)
{
	size_t len = strlen(name);

	return len && len <= NAME_MAX_BYTES && name[0] >= 'a' && name[0] <= 'z' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static bool is_u64(const struct view *v, uint32_t id)
{
	int resolved = btf__resolve_type(v->btf, id);
	const struct btf_type *t =
		resolved < 0 ? NULL : btf__type_by_id(v->btf, (uint32_t)resolved);

	return t && btf_is_int(t) && t->size == 8 && !(btf_int_encoding(t) & BTF_INT_SIGNED);
}

/* The array that a type is in the end, or NULL. */
static const struct btf_array *array_of(const struct view *v, uint32_t id)
{
	int resolved = btf__resolve_type(v->btf, id);
	const struct btf_type *t =
		resolved < 0 ? NULL : btf__type_by_id(v->btf, (uint32_t)resolved);

	return t && btf_is_array(t) ? btf_array(t) : NULL;
}

/* Reads member N of struct T of SIZE bytes, which must be made of words inside of it. */
static int read_member(const struct view *v, const struct btf_type *t, uint32_t n, struct member *m)
{
	const struct btf_member *bm = &btf_members(t)[n];
	const struct btf_array *array = array_of(v, bm->type);
	uint32_t bits = btf_member_bit_offset(t, n);
	const char *name = btf__name_by_offset(v->btf, bm->name_off);
	size_t words = array ? array->nelems : 1;

	*m = (struct member){ .offset = bits / 8, .count = array ? array->nelems : 0 };
	m->name = keep(v->b, name ? name : "", NAME_MAX_BYTES + 1);
	if (!m->name)
		return -ENOMEM;
	if (!is_word_of_c(m->name))
		return fail(v, "'%s' is no name for an option or counter", m->name);
	if (!is_u64(v, array ? array->type : bm->type) || bits % 64)
		return fail(v, "'%s' must be a __u64", m->name);
	if (!words || words > COUNTS_MAX || m->offset + words * 8 > t->size)
		return fail(v, "'%s' must have from 1 to %d elements", m->name, COUNTS_MAX);
	return 0;
}

static const struct {
	const char *word; /* in the tag */
	const char *metavar;
} units[] = {
	[BQDISC_UNIT_COUNT] = { "COUNT", "NUMBER" },
	[BQDISC_UNIT_PACKETS] = { "PACKETS", "PACKETS" },
	[BQDISC_UNIT_BYTES] = { "BYTES", "SIZE" },
	[BQDISC_UNIT_TIME] = { "TIME", "TIME" },
	[BQDISC_UNIT_RATE] = { "RATE", "RATE" },
	[BQDISC_UNIT_FLAG] = { "FLAG", "" },
};

static int read_unit(const struct view *v, const struct member *m, enum bqdisc_unit *unit)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		*unit = (enum bqdisc_unit)i;
		if (units[i].word && !strcmp(units[i].word, m->fields[0]))
			return 0;
	}
	return fail(v, "the unit of '%s', '%s', is none of COUNT, PACKETS, BYTES, TIME, RATE, FLAG",
		    m->name, m->fields[0]);
}

/* NAME with its unit behind it, as keys of JSON have it. */
static const char *make_key(const struct view *v, const char *name, enum bqdisc_unit unit)
{
	const char *suffix = bqdisc_unit__name(unit);
	size_t len = strlen(name), n = strlen(suffix);
	char key[NAME_MAX_BYTES + 32];

	if (unit == BQDISC_UNIT_COUNT || unit == BQDISC_UNIT_FLAG ||
	    (len > n && !strcmp(name + len - n, suffix)))
		return name;
	snprintf(key, sizeof(key), "%s_%s", name, suffix);
	return keep(v->b, key, sizeof(key));
}

/* --- options --- */

static int read_number(const struct view *v, const struct member *m, enum bqdisc_unit unit,
		       const char *text, uint64_t *value)
{
	enum bq_parse parse = bq_unit_parse(unit, text, value);

	return parse == BQ_PARSE_OK ? 0
				    : fail(v, "'%s': '%s' %s", m->name, text, bq_parse_says(parse));
}

/* UNIT|MIN|MAX|DEFAULT|HELP, the numbers in people's words. */
static int read_option(const struct view *v, const struct member *m, struct bq_option *row)
{
	size_t word = m->offset / 8;
	uint64_t *min = &v->b->min[word], *max = &v->b->max[word], *def = &v->b->defaults[word];
	char no[NAME_MAX_BYTES + 4];
	int err = read_unit(v, m, &row->unit);

	if (!err)
		err = read_number(v, m, row->unit, m->fields[1], min);
	if (!err)
		err = read_number(v, m, row->unit, m->fields[2], max);
	if (!err)
		err = read_number(v, m, row->unit, m->fields[3], def);
	if (err)
		return err;
	if (*min > *def || *def > *max)
		return fail(v, "'%s': the default %s is not within %s and %s", m->name,
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
	row->words[0] = keep(v->b, no, sizeof(no));
	row->words[1] = row->name;
	row->default_value = row->words[*def != 0];
	return 0;
}

/* A bit of `given` stands for one word: what has several cannot be told to be given. */
static int refuse_arrays(const struct view *v, const struct btf_type *t)
{
	const char *name;
	uint32_t i;

	for (i = 0; i < btf_vlen(t); i++) {
		if (!array_of(v, btf_members(t)[i].type))
			continue;
		name = btf__name_by_offset(v->btf, btf_members(t)[i].name_off);
		name = keep(v->b, name ? name : "", NAME_MAX_BYTES);
		return fail(v,
			    "the option '%s' cannot be an array: give each of its values a name, "
			    "as %s_0",
			    name ? name : "", name ? name : "");
	}
	return 0;
}

/* Member 0 is `given`; each one after it is an option, and its bit in `given` is its number. */
static int read_options(const struct view *v, uint32_t id, const struct btf_type *t)
{
	struct bq_brought *b = v->b;
	uint32_t i, n = btf_vlen(t);
	struct member m;
	int err = refuse_arrays(v, t);

	if (err)
		return err;
	if (!n || n > BQ_CONFIG_WORDS || t->size != n * 8)
		return fail(v,
			    "its config struct must be `__u64 given` and at most %d options of "
			    "8 bytes",
			    BQ_CONFIG_WORDS - 1);
	b->options = calloc(n, sizeof(*b->options));
	if (!b->options)
		return -ENOMEM;
	err = read_member(v, t, 0, &m);
	if (!err && strcmp(m.name, "given"))
		err = fail(v, "its config struct must begin with `__u64 given`");
	b->max[0] = UINT64_MAX;
	for (i = 1; !err && i < n; i++) {
		const char *text = find_tag(v, id, (int)i, "option");

		err = read_member(v, t, i, &m);
		if (!err && !text)
			err = fail(v, "the option '%s' has no BQ_OPTION()", m.name);
		if (!err)
			err = split(v, text, 5, &m);
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

/* UNIT|HELP; a counter without a tag counts something that it does not say. */
static int read_counter(const struct view *v, const char *text, struct member *m,
			struct bq_counter *row)
{
	struct clash clash = { 0 };
	int err = 0;

	row->unit = BQDISC_UNIT_COUNT;
	row->help = "";
	row->offset = m->offset;
	row->count = m->count;
	if (text)
		err = split(v, text, 2, m);
	if (!err && text) {
		err = read_unit(v, m, &row->unit);
		row->help = m->fields[1];
	}
	/* Most count packets: that is not in their keys, nor in those of our own qdiscs. */
	row->key = row->unit == BQDISC_UNIT_PACKETS ? m->name : make_key(v, m->name, row->unit);
	clash.key = row->key;
	bqdisc_qdisc__each_counter(NULL, compare_key, &clash);
	if (!err && clash.found)
		err = fail(v, "the core has a counter '%s' already: name yours otherwise",
			   row->key);
	return err;
}

static int read_counters(const struct view *v, uint32_t id, const struct btf_type *t)
{
	struct bq_brought *b = v->b;
	uint32_t i, n = btf_vlen(t);
	struct member m;
	int err = 0;

	if (n > COUNTERS_MAX)
		return fail(v, "its stats struct has more than %d counters", COUNTERS_MAX);
	b->counters = calloc(n + 1, sizeof(*b->counters));
	if (!b->counters)
		return -ENOMEM;
	for (i = 0; !err && i < n; i++) {
		err = read_member(v, t, i, &m);
		if (!err)
			err = read_counter(v, find_tag(v, id, (int)i, "counter"), &m,
					   &b->counters[i]);
	}
	b->q.counters = b->counters;
	b->q.n_counters = n;
	return err;
}

/* --- the instance struct --- */

/* A member of the instance struct by name: its type, and where it is. */
struct part {
	uint32_t type;
	size_t offset;
	bool found;
};

static struct part find_part(const struct view *v, const struct btf_type *t, const char *name)
{
	uint32_t i;

	for (i = 0; i < btf_vlen(t); i++) {
		const char *is = btf__name_by_offset(v->btf, btf_members(t)[i].name_off);

		if (is && !strcmp(is, name) && btf_member_bit_offset(t, i) % 8 == 0)
			return (struct part){ btf_members(t)[i].type,
					      btf_member_bit_offset(t, i) / 8, true };
	}
	return (struct part){ 0 };
}

/* The struct that ID is in the end; its number goes to *RESOLVED. */
static const struct btf_type *struct_of(const struct view *v, uint32_t id, uint32_t *resolved)
{
	int end = btf__resolve_type(v->btf, id);
	const struct btf_type *t = end < 0 ? NULL : btf__type_by_id(v->btf, (uint32_t)end);

	*resolved = end < 0 ? 0 : (uint32_t)end;
	return t && btf_is_struct(t) ? t : NULL;
}

static int read_config(const struct view *v, const struct btf_type *t)
{
	struct part banks = find_part(v, t, "config"), defaults = find_part(v, t, "defaults");
	const struct btf_array *array = banks.found ? array_of(v, banks.type) : NULL;
	uint32_t id, other;
	const struct btf_type *config =
		array && array->nelems == 2 ? struct_of(v, array->type, &id) : NULL;
	struct bqdisc_qdisc *q = &v->b->q;

	if (!config || !defaults.found || struct_of(v, defaults.type, &other) != config ||
	    defaults.offset != banks.offset + 2 * (size_t)config->size || banks.offset % 8 ||
	    defaults.offset + config->size > t->size)
		return fail(v, "its instance struct must have `config[2]` and then `defaults`, of "
			       "the same struct");
	q->config_offset = banks.offset;
	q->config_size = config->size;
	return read_options(v, id, config);
}

static int read_stats(const struct view *v, const struct btf_type *t)
{
	struct part part = find_part(v, t, "stats");
	uint32_t id;
	const struct btf_type *stats = part.found ? struct_of(v, part.type, &id) : NULL;

	if (!stats || part.offset % 8 || part.offset + stats->size > t->size)
		return fail(v, "its instance struct must have a struct `stats`");
	v->b->q.stats_offset = part.offset;
	return read_counters(v, id, stats);
}

/* A number N is written as a pointer to an array of N, as libbpf does it for maps. 0: it is not. */
static uint32_t read_need(const struct view *v, const struct btf_type *t, const char *name)
{
	struct part part = find_part(v, t, name);
	int id = part.found ? btf__resolve_type(v->btf, part.type) : -1;
	const struct btf_type *pointer = id < 0 ? NULL : btf__type_by_id(v->btf, (uint32_t)id);
	const struct btf_array *array =
		pointer && btf_is_ptr(pointer) ? array_of(v, pointer->type) : NULL;

	return array ? array->nelems : 0;
}

#define SLOTS_MAX (1u << 20)
/* Bytes. All instances that nobody prepared have it from the beginning. */
#define POOL_MEMORY_MAX (1u << 20)
#define UNITS_MEMORY_MAX (1u << 28)

static int read_needs(const struct view *v, const struct btf_type *t)
{
	struct bq_needs *needs = &v->b->needs;
	struct part part = find_part(v, t, "needs");
	int id = part.found ? btf__resolve_type(v->btf, part.type) : -1;
	const struct btf_type *pointer = id < 0 ? NULL : btf__type_by_id(v->btf, (uint32_t)id);
	uint32_t resolved;
	uint64_t pool;
	const struct btf_type *said =
		pointer && btf_is_ptr(pointer) ? struct_of(v, pointer->type, &resolved) : NULL;

	if (said)
		*needs = (struct bq_needs){
			.packets = read_need(v, said, "packets"),
			.packet_bytes = read_need(v, said, "packet_bytes"),
			.units = read_need(v, said, "units"),
			.unit_bytes = read_need(v, said, "unit_bytes"),
		};
	if (needs->packets > SLOTS_MAX)
		return fail(v, "its instances want more than %u slots", SLOTS_MAX);
	pool = (uint64_t)needs->packet_bytes * BQ_POOL_SLOTS +
	       (uint64_t)needs->unit_bytes *
		       (needs->units < BQ_POOL_UNITS ? needs->units : BQ_POOL_UNITS);
	if (pool > POOL_MEMORY_MAX || (uint64_t)needs->unit_bytes * needs->units > UNITS_MEMORY_MAX)
		return fail(v,
			    "its instances want too much memory: BQ_NEEDS() of %u bytes a packet, "
			    "%u times %u bytes",
			    needs->packet_bytes, needs->units, needs->unit_bytes);
	v->b->q.pool_memory = pool;
	return 0;
}

/* Whether ID at the beginning is the struct bq_instance that we know. */
static int check_layout(const struct view *v, const struct btf_type *t, const char *layout)
{
	struct part id = find_part(v, t, "id");
	uint32_t resolved;
	const struct btf_type *head = id.found ? struct_of(v, id.type, &resolved) : NULL;
	char ours[16];

	snprintf(ours, sizeof(ours), "%d", BQ_LAYOUT);
	if (strcmp(layout, ours))
		return fail(v,
			    "it was made with the kit of another release of bqdisc (layout %.8s, "
			    "here %s): compile it again",
			    layout, ours);
	if (!head || id.offset || head->size != sizeof(struct bq_instance) || t->size % 8 ||
	    t->size > INSTANCE_MAX)
		return fail(v,
			    "its instance struct must begin with `struct bq_instance id` and "
			    "have at most %d bytes",
			    INSTANCE_MAX);
	return 0;
}

/* It becomes words of a command. */
static int read_peer(const struct view *v, uint32_t id)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_. ";
	const char *text = find_tag(v, id, -1, "peer");

	if (!text)
		return 0;
	if (strspn(text, allowed) != strlen(text))
		return fail(v, "BQ_PEER() names a qdisc as tc takes it");
	v->b->q.peer = keep(v->b, text, TEXT_MAX);
	return 0;
}

static int read_instance(const struct view *v, const struct bpf_map *map, const char *layout)
{
	struct bqdisc_qdisc *q = &v->b->q;
	struct member summary = { .name = "BQ_QDISC" };
	uint32_t id = 0;
	const struct btf_type *t = struct_of(v, bpf_map__btf_value_type_id(map), &id);
	const char *text;
	int err;

	if (!t || bpf_map__type(map) != BPF_MAP_TYPE_ARRAY ||
	    bpf_map__max_entries(map) != BQ_INSTANCES || bpf_map__value_size(map) != t->size)
		return fail(v, "its map 'instances' is not one of BQ_DEFINE_INSTANCES()");
	err = check_layout(v, t, layout);
	q->instance_size = t->size;
	if (!err)
		err = read_config(v, t);
	if (!err)
		err = read_stats(v, t);
	if (!err)
		err = read_needs(v, t);
	if (!err)
		err = read_peer(v, id);
	text = find_tag(v, id, -1, "qdisc");
	if (!err && text)
		err = split(v, text, 2, &summary);
	if (err || !text)
		return err;
	q->summary = summary.fields[0];
	q->description = summary.fields[1];
	return 0;
}

static bool has_map(const struct view *v, const char *name)
{
	return bpf_object__find_map_by_name(v->obj, name);
}

/* The row whose value tells how many packets an instance holds. */
static const struct bq_option *find_limit(const struct bq_brought *b)
{
	size_t i;

	for (i = 0; i < b->q.n_options; i++)
		if (b->options[i].unit == BQDISC_UNIT_PACKETS &&
		    !strcmp(b->options[i].name, "limit"))
			return &b->options[i];
	return NULL;
}

/* --- Qdisc_ops --- */

static bool is_qdisc(const struct view *v, const struct bpf_map *map)
{
	const struct btf_type *t;
	const char *name = NULL;

	if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
		return false;
	t = btf__type_by_id(v->btf, bpf_map__btf_value_type_id(map));
	if (t)
		name = btf__name_by_offset(v->btf, t->name_off);
	/* A variant for CO-RE has ___ and a word behind the name. */
	return name && !strncmp(name, "Qdisc_ops", 9) && (!name[9] || !strncmp(name + 9, "___", 3));
}

/* Of several, the one that is called NAME; of one, this one. */
static const struct bpf_map *find_ops(const struct view *v, const char *name)
{
	const struct bpf_map *map, *found = NULL;
	char all[256] = "";
	size_t n = 0, len = 0;

	bpf_object__for_each_map(map, v->obj) {
		if (!is_qdisc(v, map))
			continue;
		if (!*name || !strcmp(bpf_map__name(map), name)) {
			found = map;
			n++;
		}
		if (len < sizeof(all))
			len += (size_t)snprintf(all + len, sizeof(all) - len, " %s",
						bpf_map__name(map));
	}
	if (n == 1)
		return found;
	if (!*all)
		fail(v, "no qdisc is in it: it has no struct Qdisc_ops");
	else if (*name)
		fail(v, "it has no qdisc '%s'; it has%s", name, all);
	else
		fail(v, "it has several qdiscs,%s: say %s:NAME", all, v->b->file);
	return NULL;
}

static int check_kind(const struct view *v, const char *kind)
{
	const struct bqdisc_qdisc *q;
	size_t len = strlen(kind);

	if (!len)
		return fail(v, "the qdisc has no name: give it one with --as NAME");
	if (len >= BQ_KIND_MAX)
		return fail(v,
			    "the name '%.32s' is too long: the kernel takes %d characters; "
			    "--as NAME gives another",
			    kind, BQ_KIND_MAX - 1);
	if (strspn(kind, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") != len)
		return fail(v,
			    "the name '%s' has other characters than letters, digits, _ and .: "
			    "--as NAME gives another",
			    kind);
	for (q = NULL; (q = bq_registry_next_built_in(q));)
		if (!strcmp(q->name, kind) || !strcmp(q->kind, kind))
			return fail(
				v,
				"the name '%s' is that of one of bqdisc's own qdiscs: --as NAME "
				"gives another",
				kind);
	return 0;
}

static int read_kind(const struct view *v, const struct bpf_map *map)
{
	const struct btf_type *t = btf__type_by_id(v->btf, bpf_map__btf_value_type_id(map));
	struct part id = find_part(v, t, "id");
	const struct btf_array *array = id.found ? array_of(v, id.type) : NULL;
	size_t size = 0, room = array ? array->nelems : 0;
	const char *ops = bpf_map__initial_value((struct bpf_map *)map, &size);
	char kind[64] = "";

	if (!ops || !array || id.offset > size || room > size - id.offset || room > 32)
		return fail(v, "its struct Qdisc_ops has no `char id[16]`");
	memcpy(kind, ops + id.offset, room);
	/* A name given on the command line is checked as well. */
	if (*v->b->kind)
		memcpy(kind, v->b->kind, sizeof(v->b->kind));
	if (check_kind(v, kind))
		return -EINVAL;
	memcpy(v->b->kind, kind, sizeof(v->b->kind));
	return 0;
}

/* --- all of it --- */

static int read_object(const struct view *v, const char *ops)
{
	struct bq_brought *b = v->b;
	const struct bpf_map *map, *qdisc = find_ops(v, ops);
	int var, err = qdisc ? read_kind(v, qdisc) : -EINVAL;
	const char *layout = NULL;

	if (err)
		return err;
	snprintf(b->ops, sizeof(b->ops), "%s", bpf_map__name(qdisc));
	b->q = (struct bqdisc_qdisc){
		.name = b->kind,
		.kind = b->kind,
		.object = b->file,
		.ops = b->ops,
		.summary = "brought by its user",
		.description = "Its object was not made with bqdisc's kit: it has no options, and "
			       "no counters but the core's.",
		.instance_size = sizeof(struct bq_instance),
		.brought = b,
	};
	var = btf__find_by_name_kind(v->btf, "instances", BTF_KIND_VAR);
	map = bpf_object__find_map_by_name(v->obj, "instances");
	if (var > 0 && map)
		layout = find_tag(v, (uint32_t)var, -1, "layout");
	b->plain = !layout;
	if (b->plain)
		return 0;
	b->q.description = b->q.summary;
	b->has_slots = has_map(v, "slots") && has_map(v, "slots_pool");
	b->has_memory = has_map(v, "memory");
	err = read_instance(v, map, layout);
	if (!err)
		b->limit = find_limit(b);
	return err;
}

int bq_describe(struct bq_brought *b, const char *ops, struct bq_report *rep)
{
	struct view v = { .b = b, .rep = rep };
	struct bpf_object *obj = bq_object_open(b->bytes, b->size);
	int err;

	if (!obj) {
		int why = errno;
		char text[128];

		libbpf_strerror(why, text, sizeof(text));
		return bq_fail(rep, BQDISC_FAULT_USAGE, why,
			       "%s: libbpf cannot read it as a BPF object: %s; -v shows why",
			       b->file, text);
	}
	v.obj = obj;
	v.btf = bpf_object__btf(obj);
	err = v.btf ? read_object(&v, ops)
		    : fail(&v, "it does not describe its types: compile it with -g");
	bpf_object__close(obj);
	return err;
}
