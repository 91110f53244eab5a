// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps of packet slots, which a kind holds in a map of maps. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/object.h"
#include "bpf/slots.h"

/* Types of a map of slots. The kernel needs them for the kptr. */
struct slot_types {
	uint32_t key, value;
	int fd; /* of the BTF */
};

/* Use the types of the pool. Finding a BTF by its id requires CAP_SYS_ADMIN. */
static int types_of_pool(const struct bq_kind *kind, struct slot_types *t)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	int err = bpf_map_get_info_by_fd(kind->pool_fd, &info, &len);

	t->key = info.btf_key_type_id;
	t->value = info.btf_value_type_id;
	t->fd = err ? err : bpf_btf_get_fd_by_id(info.btf_id);
	return t->fd < 0 ? t->fd : 0;
}

/* Load the BTF of the kind's object, as any BTF with the same struct is accepted. */
static int types_of_object(struct bq_kind *kind, struct slot_types *t)
{
	struct btf *btf;
	int err;

	if (!kind->object)
		kind->object = bq_object_open(kind->q);
	if (!kind->object)
		return -errno;
	btf = bpf_object__btf(kind->object);
	err = btf__fd(btf) < 0 ? btf__load_into_kernel(btf) : 0;
	if (err)
		return err;
	t->key = (uint32_t)btf__find_by_name_kind(btf, "unsigned int", BTF_KIND_INT);
	t->value = (uint32_t)btf__find_by_name_kind(btf, "bq_slot", BTF_KIND_STRUCT);
	t->fd = dup(btf__fd(btf));
	return t->fd < 0 ? -errno : 0;
}

static int create_slots(struct bq_kind *kind, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_INNER_MAP);
	struct slot_types types;
	int fd, err = types_of_pool(kind, &types);

	if (err)
		err = types_of_object(kind, &types);
	if (err)
		return err;
	opts.btf_fd = (uint32_t)types.fd;
	opts.btf_key_type_id = types.key;
	opts.btf_value_type_id = types.value;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "slots_own", sizeof(uint32_t), sizeof(uint64_t), n,
			    &opts);
	close(types.fd);
	return fd;
}

int bq_slots_alloc(struct bq_kind *kind, uint32_t key, uint32_t n, struct bq_error *error)
{
	int fd, err;

	if (kind->slots_fd < 0)
		return 0;
	fd = create_slots(kind, n);
	err = fd < 0 ? fd : bpf_map_update_elem(kind->slots_fd, &key, &fd, BPF_ANY);
	if (fd >= 0)
		close(fd);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot make %u slots for %s: %s",
			       n, kind->q->name, strerror(-err));
	return 0;
}

bool bq_slots_exist(const struct bq_kind *kind, uint32_t key)
{
	uint32_t id;

	return !bpf_map_lookup_elem(kind->slots_fd, &key, &id);
}

void bq_slots_free(const struct bq_kind *kind, uint32_t key)
{
	bpf_map_delete_elem(kind->slots_fd, &key);
}
