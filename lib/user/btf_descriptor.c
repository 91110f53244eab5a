// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <bqdisc/instance.h>
#include <bqdisc/memory.h>
#include <bqdisc/pool.h>

#include "user/btf_descriptor.h"
#include "user/globals.h"
#include "bpf/object.h"
#include "util/unit.h"
#include "user/btf_rows.h"

#define INSTANCE_MAX 262144 /* bytes; all instances of a kind are 1024 times that */

/* --- the instance struct --- */

/* A member of the instance struct: its type and offset. */
struct part {
	uint32_t type;
	size_t offset;
	bool found;
};

static struct part find_part(const struct bq_btf_view *v, const struct btf_type *t,
			     const char *name)
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

/* Return the struct that ID resolves to, and set *RESOLVED to its BTF id. */
static const struct btf_type *struct_of(const struct bq_btf_view *v, uint32_t id,
					uint32_t *resolved)
{
	int end = btf__resolve_type(v->btf, id);
	const struct btf_type *t = end < 0 ? NULL : btf__type_by_id(v->btf, (uint32_t)end);

	*resolved = end < 0 ? 0 : (uint32_t)end;
	return t && btf_is_struct(t) ? t : NULL;
}

static int read_config(const struct bq_btf_view *v, const struct btf_type *t)
{
	struct part banks = find_part(v, t, "config"), defaults = find_part(v, t, "defaults");
	const struct btf_array *array = banks.found ? bq_btf_array(v, banks.type) : NULL;
	uint32_t id, other;
	const struct btf_type *config =
		array && array->nelems == 2 ? struct_of(v, array->type, &id) : NULL;
	struct bqdisc_qdisc *q = &v->b->q;

	if (!config || !defaults.found || struct_of(v, defaults.type, &other) != config ||
	    defaults.offset != banks.offset + 2 * (size_t)config->size || banks.offset % 8 ||
	    defaults.offset + config->size > t->size)
		return bq_btf_fail(
			v, "its instance struct must have `config[2]` and then `defaults`, of "
			   "the same struct");
	q->config_offset = banks.offset;
	q->config_size = config->size;
	return bq_btf_option_rows(v, id, config);
}

static int read_stats(const struct bq_btf_view *v, const struct btf_type *t)
{
	struct part part = find_part(v, t, "stats");
	uint32_t id;
	const struct btf_type *stats = part.found ? struct_of(v, part.type, &id) : NULL;

	if (!stats || part.offset % 8 || part.offset + stats->size > t->size)
		return bq_btf_fail(v, "its instance struct must have a struct `stats`");
	v->b->q.stats_offset = part.offset;
	return bq_btf_counter_rows(v, id, stats);
}

/*
 * Return the number N of a pointer to an array of N, the encoding of libbpf for maps; 0: not one.
 */
static uint32_t read_need(const struct bq_btf_view *v, const struct btf_type *t, const char *name)
{
	struct part part = find_part(v, t, name);
	int id = part.found ? btf__resolve_type(v->btf, part.type) : -1;
	const struct btf_type *pointer = id < 0 ? NULL : btf__type_by_id(v->btf, (uint32_t)id);
	const struct btf_array *array =
		pointer && btf_is_ptr(pointer) ? bq_btf_array(v, pointer->type) : NULL;

	return array ? array->nelems : 0;
}

/* Limit of memory per pool instance in bytes. All of them are populated on load. */
#define POOL_MEMORY_MAX (1u << 20)
#define UNITS_MEMORY_MAX (1u << 28)

static int read_needs(const struct bq_btf_view *v, const struct btf_type *t)
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
	if (needs->packets > BQ_USER_SLOTS_MAX)
		return bq_btf_fail(v, "its instances want more than %u slots", BQ_USER_SLOTS_MAX);
	pool = (uint64_t)needs->packet_bytes * BQ_POOL_KIT_SLOTS +
	       (uint64_t)needs->unit_bytes *
		       (needs->units < BQ_POOL_UNITS ? needs->units : BQ_POOL_UNITS);
	if (pool > POOL_MEMORY_MAX || (uint64_t)needs->unit_bytes * needs->units > UNITS_MEMORY_MAX)
		return bq_btf_fail(
			v,
			"its instances want too much memory: BQ_NEEDS() of %u bytes a packet, "
			"%u times %u bytes",
			needs->packet_bytes, needs->units, needs->unit_bytes);
	v->b->q.pool_memory = pool;
	return 0;
}

/* Check that the struct ID begins with the struct bq_instance of this release. */
static int check_layout(const struct bq_btf_view *v, const struct btf_type *t, const char *layout)
{
	struct part id = find_part(v, t, "id");
	uint32_t resolved;
	const struct btf_type *head = id.found ? struct_of(v, id.type, &resolved) : NULL;
	char attachment[16];

	snprintf(attachment, sizeof(attachment), "%d", BQ_LAYOUT);
	if (strcmp(layout, attachment))
		return bq_btf_fail(
			v,
			"it was made with the kit of another release of bqdisc (layout %.8s, "
			"here %s): compile it again",
			layout, attachment);
	if (!head || id.offset || head->size != sizeof(struct bq_instance) || t->size % 8 ||
	    t->size > INSTANCE_MAX)
		return bq_btf_fail(
			v,
			"its instance struct must begin with `struct bq_instance id` and "
			"have at most %d bytes",
			INSTANCE_MAX);
	return 0;
}

/* Read the in-tree counterpart, which becomes words of a command. */
static int read_peer(const struct bq_btf_view *v, uint32_t id)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_. ";
	const char *text = bq_btf_tag(v, id, -1, "peer");

	if (!text)
		return 0;
	if (strspn(text, allowed) != strlen(text))
		return bq_btf_fail(v, "BQ_COUNTERPART() names a qdisc as tc takes it");
	v->b->q.peer = bq_btf_copy_text(v->b, text, BQ_TAG_MAX);
	return 0;
}

static int read_instance(const struct bq_btf_view *v, const struct bpf_map *map, const char *layout)
{
	struct bqdisc_qdisc *q = &v->b->q;
	char *summary[2];
	uint32_t id = 0;
	const struct btf_type *t = struct_of(v, bpf_map__btf_value_type_id(map), &id);
	const char *text;
	int err;

	if (!t || bpf_map__type(map) != BPF_MAP_TYPE_ARRAY ||
	    bpf_map__max_entries(map) != BQ_INSTANCES || bpf_map__value_size(map) != t->size)
		return bq_btf_fail(v, "its map 'instances' is not one of BQ_DEFINE_INSTANCES()");
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
	text = bq_btf_tag(v, id, -1, "qdisc");
	if (!err && text)
		err = bq_btf_split_tag(v, "BQ_QDISC", text, 2, summary);
	if (err || !text)
		return err;
	q->summary = summary[0];
	q->description = summary[1];
	return 0;
}

static bool has_map(const struct bq_btf_view *v, const char *name)
{
	return bpf_object__find_map_by_name(v->obj, name);
}

/* Return the row that limits the packets of an instance, or NULL. */
static const struct bq_option *find_limit(const struct bq_user_object *b)
{
	size_t i;

	for (i = 0; i < b->q.n_options; i++)
		if (b->options[i].unit == BQDISC_UNIT_PACKETS &&
		    !strcmp(b->options[i].name, "limit"))
			return &b->options[i];
	return NULL;
}

/* --- Qdisc_ops --- */

static bool is_qdisc(const struct bq_btf_view *v, const struct bpf_map *map)
{
	const struct btf_type *t;
	const char *name = NULL;

	if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
		return false;
	t = btf__type_by_id(v->btf, bpf_map__btf_value_type_id(map));
	if (t)
		name = btf__name_by_offset(v->btf, t->name_off);
	/* A CO-RE variant has "___" and a suffix after the name. */
	return name && !strncmp(name, "Qdisc_ops", 9) && (!name[9] || !strncmp(name + 9, "___", 3));
}

/* Return the only qdisc, or the one called NAME among several. */
static const struct bpf_map *find_ops(const struct bq_btf_view *v, const char *name)
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
	v->b->several = strchr(all + (*all == ' '), ' ');
	if (n == 1)
		return found;
	if (!*all)
		bq_btf_fail(v, "no qdisc is in it: it has no struct Qdisc_ops");
	else if (*name)
		bq_btf_fail(v, "it has no qdisc '%s'; it has%s", name, all);
	else
		bq_btf_fail(v, "it has several qdiscs,%s; give %s:NAME", all, v->b->file);
	return NULL;
}

/*
 * Check the name of the kind. A user may give an object the name of an in-tree qdisc with --as, but
 * an object must not take that of a built-in qdisc by itself.
 */
static int check_kind(const struct bq_btf_view *v, const char *kind, bool as)
{
	const struct bqdisc_qdisc *q;
	size_t len = strlen(kind);

	if (!len)
		return bq_btf_fail(v, "the qdisc has no name: give it one with --as NAME");
	if (len >= BQ_KIND_MAX)
		return bq_btf_fail(v,
				   "the name '%.32s' is too long: the kernel takes %d characters; "
				   "--as NAME gives another",
				   kind, BQ_KIND_MAX - 1);
	if (strspn(kind, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") != len)
		return bq_btf_fail(
			v,
			"the name '%s' has other characters than letters, digits, _ and .: "
			"--as NAME gives another",
			kind);
	for (q = NULL; (q = bq_builtin_next(q));)
		if ((!as && !strcmp(q->name, kind)) || !strcmp(q->kind, kind))
			return bq_btf_fail(
				v,
				"the name '%s' is that of one of bqdisc's own qdiscs: --as NAME "
				"gives another",
				kind);
	return 0;
}

static int read_kind(const struct bq_btf_view *v, const struct bpf_map *map)
{
	const struct btf_type *t = btf__type_by_id(v->btf, bpf_map__btf_value_type_id(map));
	struct part id = find_part(v, t, "id");
	const struct btf_array *array = id.found ? bq_btf_array(v, id.type) : NULL;
	size_t size = 0, room = array ? array->nelems : 0;
	const char *ops = bpf_map__initial_value((struct bpf_map *)map, &size);
	char kind[64] = "";
	bool as;

	if (!ops || !array || id.offset > size || room > size - id.offset || room > 32)
		return bq_btf_fail(v, "its struct Qdisc_ops has no `char id[16]`");
	memcpy(kind, ops + id.offset, room);
	snprintf(v->b->id, sizeof(v->b->id), "%.*s", (int)sizeof(v->b->id) - 1, kind);
	/* A name from the command line is checked too. */
	as = *v->b->kind;
	if (as)
		memcpy(kind, v->b->kind, sizeof(v->b->kind));
	if (check_kind(v, kind, as))
		return -EINVAL;
	memcpy(v->b->kind, kind, sizeof(v->b->kind));
	if (!*v->b->name)
		memcpy(v->b->name, kind, sizeof(v->b->name));
	return 0;
}

/* --- descriptor --- */

static int read_object(const struct bq_btf_view *v, const char *ops)
{
	struct bq_user_object *b = v->b;
	const struct bpf_map *map, *qdisc = find_ops(v, ops);
	int var, err = qdisc ? read_kind(v, qdisc) : -EINVAL;
	const char *layout = NULL;

	if (err)
		return err;
	snprintf(b->ops, sizeof(b->ops), "%s", bpf_map__name(qdisc));
	b->q = (struct bqdisc_qdisc){
		.name = b->name,
		.kind = b->kind,
		.object = b->file,
		.ops = b->ops,
		.summary = "user object without the kit",
		.description =
			"Its object was not made with bqdisc's kit: options and counters are its "
			"global variables. Each attach loads the object again, with variables of "
			"its own.",
		.instance_size = sizeof(struct bq_instance),
		.image = b->q.image,
		.user_ops = &bq_user_object_ops,
	};
	var = btf__find_by_name_kind(v->btf, "instances", BTF_KIND_VAR);
	map = bpf_object__find_map_by_name(v->obj, "instances");
	if (var > 0 && map)
		layout = bq_btf_tag(v, (uint32_t)var, -1, "layout");
	b->q.plain = !layout;
	if (b->q.plain && bq_globals_describe(v))
		return bq_btf_fail(v, "out of memory");
	if (b->q.plain)
		return 0;
	b->q.description = b->q.summary;
	if (has_map(v, "slots") && has_map(v, "slots_pool"))
		b->q.slots = bq_user_object_slots;
	if (has_map(v, "memory"))
		b->q.memory = bq_user_object_memory;
	err = read_instance(v, map, layout);
	if (!err)
		b->limit = find_limit(b);
	return err;
}

int bq_btf_describe(struct bq_user_object *b, const char *ops, struct bq_error *error)
{
	struct bq_btf_view v = { .b = b, .error = error };
	struct bpf_object *obj = bq_object_open_image(&b->q.image);
	int err;

	if (!obj) {
		int why = errno;
		char text[128];

		libbpf_strerror(why, text, sizeof(text));
		return bq_fail(error, BQDISC_ERROR_USAGE, why,
			       "%s: libbpf cannot read it as a BPF object: %s; -v shows why",
			       b->file, text);
	}
	v.obj = obj;
	v.btf = bpf_object__btf(obj);
	err = v.btf ? read_object(&v, ops)
		    : bq_btf_fail(&v, "it does not describe its types: compile it with -g");
	bpf_object__close(obj);
	return err;
}
