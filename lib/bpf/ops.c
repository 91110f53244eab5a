// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/ops.h"

static const struct btf_type *type_at(const struct bpf_object *obj, int id)
{
	return id < 0 ? NULL : btf__type_by_id(bpf_object__btf(obj), (uint32_t)id);
}

/* Return the type of the variable with MAP's name if that is a Qdisc_ops; else NULL. */
static const struct btf_type *ops_type(const struct bpf_object *obj, const struct bpf_map *map)
{
	static const char name[] = "Qdisc_ops";
	const struct btf *btf = bpf_object__btf(obj);
	const struct btf_type *type;
	const char *text;

	if (!btf || bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
		return NULL;
	type = type_at(obj, btf__find_by_name_kind(btf, bpf_map__name(map), BTF_KIND_VAR));
	type = type ? type_at(obj, (int)type->type) : NULL;
	if (!type || !btf_is_struct(type))
		return NULL;
	/* libbpf ignores the suffix after "___". */
	text = btf__name_by_offset(btf, type->name_off);
	if (strncmp(text, name, strlen(name)))
		return NULL;
	text += strlen(name);
	return !*text || !strncmp(text, "___", 3) ? type : NULL;
}

bool bq_ops_is(const struct bpf_object *obj, const struct bpf_map *map)
{
	return ops_type(obj, map);
}

void *bq_ops_member(const struct bpf_object *obj, const struct bpf_map *map, const char *name,
		    size_t *size)
{
	const struct btf *btf = bpf_object__btf(obj);
	const struct btf_type *type = ops_type(obj, map);
	char *data = bpf_map__initial_value(map, NULL);
	int i;

	for (i = 0; type && data && i < btf_vlen(type); i++) {
		const struct btf_member *m = &btf_members(type)[i];

		if (strcmp(btf__name_by_offset(btf, m->name_off), name))
			continue;
		*size = (size_t)btf__resolve_size(btf, m->type);
		return data + btf_member_bit_offset(type, (uint32_t)i) / 8;
	}
	return NULL;
}

/* Read the pointer to the program, which libbpf stores where the function pointer will be. */
struct bpf_program *bq_ops_program_of(const struct bpf_object *obj, const struct bpf_map *map,
				      const char *op)
{
	struct bpf_program *prog;
	const void *at;
	size_t size;

	at = bq_ops_member(obj, map, op, &size);
	if (!at)
		return NULL;
	memcpy(&prog, at, sizeof(prog));
	return prog;
}

const char *bq_ops_name_of(const struct bpf_object *obj, const struct bpf_program *prog)
{
	const struct btf *btf = bpf_object__btf(obj);
	const struct btf_type *type;
	struct bpf_map *map;
	int i;

	bpf_object__for_each_map(map, obj) {
		type = ops_type(obj, map);
		for (i = 0; type && i < btf_vlen(type); i++) {
			const char *name = btf__name_by_offset(btf, btf_members(type)[i].name_off);

			if (btf_is_ptr(btf__type_by_id(btf, btf_members(type)[i].type)) &&
			    bq_ops_program_of(obj, map, name) == prog)
				return name;
		}
	}
	return NULL;
}

void bq_ops_leave_out(struct bpf_object *obj, struct bpf_program *prog)
{
	struct bpf_program *none = NULL;
	struct bpf_map *map;
	const char *op;
	size_t size;

	bpf_program__set_autoload(prog, false);
	while ((op = bq_ops_name_of(obj, prog)))
		bpf_object__for_each_map(map, obj)
			if (bq_ops_is(obj, map) && bq_ops_program_of(obj, map, op) == prog)
				memcpy(bq_ops_member(obj, map, op, &size), &none, sizeof(none));
}
