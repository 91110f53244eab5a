// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads the types of global variables from an object's BTF and builds rows for them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "user/globals.h"
#include "util/unit.h"

#define CHOICES_MAX 64 /* an enum with more values is taken as an integer */
#define NESTED_MAX 8   /* structs inside of structs that are looked into */
#define NAME_MAX_BYTES 63

/* Resolved type of a variable. */
struct scalar {
	const char *name;
	const struct btf_type *type; /* int, enum or enum64 */
	const char *initial;         /* address of its initial value */
	struct bq_global at;
	bool is_static, is_volatile, is_bool;
};

/* --- memory of the descriptor --- */

static void *own(struct bq_user_object *b, void *memory)
{
	char **texts = memory ? realloc(b->texts, (b->n_texts + 1) * sizeof(*texts)) : NULL;

	if (!texts) {
		free(memory);
		return NULL;
	}
	b->texts = texts;
	texts[b->n_texts++] = memory;
	return memory;
}

/* --- types --- */

static bool is_of(const char *section, const char *base)
{
	size_t len = strlen(base);

	return !strncmp(section, base, len) && (!section[len] || section[len] == '.');
}

/* Resolve typedefs and qualifiers. */
static const struct btf_type *skip_modifiers(const struct btf *btf, uint32_t id, bool *is_volatile)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t))) {
		*is_volatile |= btf_is_volatile(t);
		t = btf__type_by_id(btf, t->type);
	}
	return t;
}

/*
 * Return true if the kernel may own contents of that type: locks, lists, timers, kptrs. A map with
 * such a member cannot be mapped. Updating its value frees what the member holds.
 */
static bool is_special(const struct btf *btf, uint32_t id, int depth)
{
	bool unused = false;
	const struct btf_type *t = skip_modifiers(btf, id, &unused);
	const char *name;
	uint32_t i;

	if (!t || depth > NESTED_MAX)
		return true;
	/* A kptr is a pointer to a type with a tag. */
	if (btf_is_ptr(t)) {
		t = btf__type_by_id(btf, t->type);
		return t && btf_is_type_tag(t);
	}
	if (btf_is_array(t))
		return is_special(btf, btf_array(t)->type, depth + 1);
	if (!btf_is_composite(t))
		return false;
	name = btf__name_by_offset(btf, t->name_off);
	if (name && !strncmp(name, "bpf_", 4))
		return true;
	for (i = 0; i < btf_vlen(t); i++)
		if (is_special(btf, btf_members(t)[i].type, depth + 1))
			return true;
	return false;
}

static bool section_is_special(const struct btf *btf, const struct btf_type *sec)
{
	uint32_t i;

	for (i = 0; i < btf_vlen(sec); i++)
		if (is_special(btf, btf__type_by_id(btf, btf_var_secinfos(sec)[i].type)->type, 0))
			return true;
	return false;
}

/* Return true if variable N of the section is a number, and describe it. */
static bool read_scalar(const struct btf *btf, const struct btf_var_secinfo *info, const char *data,
			size_t size, struct scalar *s)
{
	const struct btf_type *var = btf__type_by_id(btf, info->type), *t;

	if (!var || !btf_is_var(var))
		return false;
	s->name = btf__name_by_offset(btf, var->name_off);
	s->is_static = btf_var(var)->linkage == BTF_VAR_STATIC;
	t = skip_modifiers(btf, var->type, &s->is_volatile);
	if (!t || !s->name || !*s->name || strlen(s->name) > NAME_MAX_BYTES ||
	    !(btf_is_int(t) || btf_is_any_enum(t)) || t->size > sizeof(uint64_t) || !t->size ||
	    t->size & (t->size - 1) || (btf_is_any_enum(t) && !btf_vlen(t)) ||
	    info->offset > size || t->size > size - info->offset || info->offset % t->size)
		return false;
	s->type = t;
	s->initial = data + info->offset;
	s->at.offset = info->offset;
	s->at.size = t->size;
	s->is_bool = btf_is_int(t) && btf_int_encoding(t) & BTF_INT_BOOL;
	s->at.is_signed = btf_is_int(t) ? btf_int_encoding(t) & (BTF_INT_SIGNED | BTF_INT_CHAR)
					: btf_kflag(t);
	return true;
}

static uint64_t scalar_value(const struct scalar *s)
{
	return bq_global_get(&s->at, s->initial - s->at.offset);
}

/* --- rows --- */

static bool has_option(const struct bq_user_object *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->q.n_options; i++)
		if (!strcmp(b->options[i].name, name))
			return true;
	return false;
}

/* Collect the values of an enum by name, and the list of names. */
static int read_choices(const struct bq_btf_view *v, const struct btf_type *t,
			struct bq_option *row)
{
	uint32_t i, n = btf_vlen(t);
	struct bq_choice *choices = own(v->b, calloc(n + 1, sizeof(*choices)));
	const char **names = choices ? own(v->b, calloc(n + 1, sizeof(*names))) : NULL;

	if (!names)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		bool wide = btf_is_enum64(t);
		uint32_t name = wide ? btf_enum64(t)[i].name_off : btf_enum(t)[i].name_off;

		choices[i].name =
			bq_btf_copy_text(v->b, btf__name_by_offset(v->btf, name), NAME_MAX_BYTES);
		if (!choices[i].name)
			return -ENOMEM;
		names[i] = choices[i].name;
		choices[i].value = wide           ? btf_enum64_value(&btf_enum64(t)[i])
				   : btf_kflag(t) ? (uint64_t)(int64_t)btf_enum(t)[i].val
						  : (uint32_t)btf_enum(t)[i].val;
	}
	row->unit = BQDISC_UNIT_CHOICE;
	row->metavar = "NAME";
	row->choices = choices;
	row->names = names;
	return 0;
}

static void set_bool(struct bq_option *row)
{
	static const struct bq_choice choices[] = {
		{ "false", 0 }, { "true", 1 }, { "no", 0 }, { "yes", 1 },
		{ "off", 0 },   { "on", 1 },   { NULL, 0 },
	};
	static const char *const names[] = { "false", "true", NULL };

	row->unit = BQDISC_UNIT_BOOL;
	row->metavar = "BOOL";
	row->choices = choices;
	row->names = names;
	row->max = 1;
}

static void set_range(struct bq_option *row, const struct bq_global *at)
{
	unsigned int bits = at->size * 8;

	row->unit = at->is_signed ? BQDISC_UNIT_INTEGER : BQDISC_UNIT_COUNT;
	row->metavar = "NUMBER";
	row->max = at->is_signed ? UINT64_MAX >> (65 - bits) : UINT64_MAX >> (64 - bits);
	row->min = at->is_signed ? ~row->max : 0;
}

/* Write the default in command-line syntax. */
static const char *format_default(struct bq_user_object *b, const struct bq_option *row,
				  uint64_t value)
{
	const char *name = bq_choice_name(row, value);
	char text[32];

	if (!name)
		name = bqdisc_unit__format(row->choices ? BQDISC_UNIT_INTEGER : row->unit, value,
					   text, sizeof(text));
	return bq_btf_copy_text(b, name, NAME_MAX_BYTES);
}

static const char *describe_type(struct bq_user_object *b, const struct scalar *s, const char *more)
{
	char text[96];

	if (s->is_bool || btf_is_any_enum(s->type))
		snprintf(text, sizeof(text), "%s variable of the object%s",
			 s->is_bool ? "bool" : "enum", more);
	else
		snprintf(text, sizeof(text), "%s %u-bit variable of the object%s",
			 s->at.is_signed ? "signed" : "unsigned", s->at.size * 8, more);
	return bq_btf_copy_text(b, text, sizeof(text));
}

static int add_option(const struct bq_btf_view *v, const struct scalar *s, bool live)
{
	struct bq_user_object *b = v->b;
	struct bq_option *row = &b->options[b->q.n_options];
	size_t word = b->q.n_options + 1;
	int err = 0;

	if (b->q.n_options == BQ_GLOBAL_OPTIONS_MAX || has_option(b, s->name))
		return 0;
	set_range(row, &s->at);
	if (s->is_bool)
		set_bool(row);
	else if (btf_is_any_enum(s->type) && btf_vlen(s->type) <= CHOICES_MAX)
		err = read_choices(v, s->type, row);
	b->defaults[word] = scalar_value(s);
	row->name = row->key = bq_btf_copy_text(b, s->name, NAME_MAX_BYTES);
	row->default_value = format_default(b, row, b->defaults[word]);
	row->help = describe_type(b, s, live ? "" : ", constant once it is attached");
	row->offset = word * sizeof(uint64_t);
	row->size = sizeof(uint64_t);
	if (err || !row->name || !row->default_value || !row->help)
		return -ENOMEM;
	b->globals->options[b->q.n_options++] = s->at;
	return 0;
}

struct clash {
	const char *key;
	bool found;
};

static void compare_key(const struct bqdisc_value *counter, void *arg)
{
	struct clash *clash = arg;

	clash->found |= !strcmp(counter->key, clash->key);
}

/* Return a key that neither the core nor another variable uses; `drops` becomes bss_drops. */
static const char *free_key(struct bq_user_object *b, const char *name)
{
	char key[NAME_MAX_BYTES + 8];
	struct clash clash = { .key = name };

	bqdisc_qdisc__each_counter(&b->q, compare_key, &clash);
	if (!clash.found)
		return bq_btf_copy_text(b, name, NAME_MAX_BYTES);
	snprintf(key, sizeof(key), "bss_%.*s", NAME_MAX_BYTES, name);
	clash = (struct clash){ .key = key };
	bqdisc_qdisc__each_counter(&b->q, compare_key, &clash);
	return clash.found ? NULL : bq_btf_copy_text(b, key, sizeof(key));
}

static void add_counter(const struct bq_btf_view *v, const struct scalar *s)
{
	struct bq_user_object *b = v->b;
	struct bq_counter *row = &b->counters[b->q.n_counters];

	if (b->q.n_counters == BQ_GLOBAL_COUNTERS_MAX)
		return;
	row->key = free_key(b, s->name);
	row->help = describe_type(b, s, "");
	if (!row->key || !row->help)
		return;
	row->group = "variables";
	row->metric = BQDISC_METRIC_UNKNOWN;
	row->unit = s->at.is_signed ? BQDISC_UNIT_INTEGER : BQDISC_UNIT_COUNT;
	row->offset = b->q.n_counters * sizeof(uint64_t);
	b->globals->counters[b->q.n_counters++] = s->at;
	b->globals->sections[s->at.section].counts = true;
}

/* --- sections --- */

/*
 * Add a variable. Skip constants that are not volatile and static variables that no function
 * writes: the compiler folds them, so programs would not see a change. A variable beside a lock or
 * a list is state, so it becomes a counter.
 */
static int add_variable(const struct bq_btf_view *v, const char *section, bool special,
			const struct scalar *s)
{
	bool live = is_of(section, ".data");

	if (is_of(section, ".bss") || (live && special))
		add_counter(v, s);
	else if (s->is_volatile || (live && !s->is_static))
		return add_option(v, s, live);
	return 0;
}

static int read_section(const struct bq_btf_view *v, const struct bpf_map *map,
			const struct btf_type *sec, const char *name)
{
	struct bq_globals *g = v->b->globals;
	uint32_t i, n = g->n_sections;
	size_t size = 0;
	const char *data = bpf_map__initial_value((struct bpf_map *)map, &size);
	bool special = section_is_special(v->btf, sec);
	int err = 0;

	if (!data || n == BQ_GLOBAL_SECTIONS_MAX || strlen(name) >= sizeof(g->sections[n].name))
		return 0;
	snprintf(g->sections[n].name, sizeof(g->sections[n].name), "%s", name);
	g->sections[n].live = is_of(name, ".data") && !special;
	g->n_sections++;
	for (i = 0; !err && i < btf_vlen(sec); i++) {
		struct scalar s = { .at.section = n };

		if (read_scalar(v->btf, &btf_var_secinfos(sec)[i], data, size, &s))
			err = add_variable(v, name, special, &s);
	}
	return err;
}

static int read_sections(const struct bq_btf_view *v)
{
	const struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, v->obj) {
		const struct btf_type *sec =
			btf__type_by_id(v->btf, bpf_map__btf_value_type_id(map));
		const char *name = sec ? btf__name_by_offset(v->btf, sec->name_off) : NULL;

		if (!bpf_map__is_internal(map) || !name || !btf_is_datasec(sec))
			continue;
		if (is_of(name, ".rodata") || is_of(name, ".data") || is_of(name, ".bss"))
			err = read_section(v, map, sec, name);
		if (err)
			return err;
	}
	return 0;
}

int bq_globals_describe(const struct bq_btf_view *v)
{
	struct bq_user_object *b = v->b;
	struct bqdisc_qdisc *q = &b->q;
	int err;

	b->globals = calloc(1, sizeof(*b->globals));
	b->options = calloc(BQ_GLOBAL_OPTIONS_MAX + 1, sizeof(*b->options));
	b->counters = calloc(BQ_GLOBAL_COUNTERS_MAX + 1, sizeof(*b->counters));
	if (!b->globals || !b->options || !b->counters)
		return -ENOMEM;
	q->options = b->options;
	q->counters = b->counters;
	err = read_sections(v);
	q->config_offset = sizeof(struct bq_instance);
	if (q->n_options)
		q->config_size = (q->n_options + 1) * sizeof(uint64_t);
	q->instance_size = q->config_offset + 3 * q->config_size;
	memcpy(b->values, b->defaults, sizeof(b->values));
	return err;
}
