// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Search in the struct_ops maps of the system, with the layout that the kernel's BTF gives. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "bpf/kernel.h"
#include "netlink/qdisc.h"

/* Location of the id of a qdisc in the value of a struct_ops map. */
struct layout {
	uint32_t type; /* BTF id of the value, in the kernel's BTF */
	size_t id;     /* offset in the value, in bytes */
};

/* Add the offset of member NAME of struct T, in bytes. Return false if there is none. */
static bool add_offset(const struct btf *btf, int t, const char *name, size_t *offset)
{
	const struct btf_type *type = t > 0 ? btf__type_by_id(btf, (uint32_t)t) : NULL;
	uint32_t i;

	for (i = 0; type && i < btf_vlen(type); i++) {
		if (strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), name))
			continue;
		*offset += btf_member_bit_offset(type, i) / 8;
		return true;
	}
	return false;
}

static bool find_layout(struct layout *l)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int value, ops;
	bool found;

	*l = (struct layout){ 0 };
	if (!btf)
		return false;
	value = btf__find_by_name_kind(btf, "bpf_struct_ops_Qdisc_ops", BTF_KIND_STRUCT);
	ops = btf__find_by_name_kind(btf, "Qdisc_ops", BTF_KIND_STRUCT);
	found = add_offset(btf, value, "data", &l->id) && add_offset(btf, ops, "id", &l->id);
	if (found)
		l->type = (uint32_t)value;
	btf__free(btf);
	return found;
}

static bool has_id(int fd, const struct layout *l, const char *kind)
{
	struct bpf_map_info info = { 0 };
	uint32_t key = 0, len = sizeof(info);
	char *value;
	bool has;

	if (bpf_map_get_info_by_fd(fd, &info, &len) || info.type != BPF_MAP_TYPE_STRUCT_OPS ||
	    info.btf_vmlinux_value_type_id != l->type || info.value_size < l->id + BQ_TC_KIND_MAX)
		return false;
	value = calloc(1, info.value_size);
	has = value && !bpf_map_lookup_elem(fd, &key, value) &&
	      !strncmp(value + l->id, kind, BQ_TC_KIND_MAX);
	free(value);
	return has;
}

bool bq_kernel_has_bpf_kind(const char *kind)
{
	struct layout layout;
	bool found = false;
	uint32_t id = 0;
	int fd;

	if (!find_layout(&layout))
		return false;
	while (!found && !bpf_map_get_next_id(id, &id)) {
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			continue;
		found = has_id(fd, &layout, kind);
		close(fd);
	}
	return found;
}
