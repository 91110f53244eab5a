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

/*
 * Return the BTF of the kind's object, in the kernel, for the kptr in the slots. Finding the BTF of
 * the loaded programs by id requires CAP_SYS_ADMIN, and any BTF with the same struct is accepted.
 */
static struct btf *load_btf(struct bq_kind *kind)
{
	struct btf *btf;

	if (!kind->object)
		kind->object = bq_object_open(kind->q);
	if (!kind->object)
		return NULL;
	btf = bpf_object__btf(kind->object);
	if (btf__fd(btf) >= 0)
		return btf;
	errno = -btf__load_into_kernel(btf);
	return errno ? NULL : btf;
}

static int create_slots(const struct btf *btf, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_INNER_MAP);

	opts.btf_fd = (uint32_t)btf__fd(btf);
	opts.btf_key_type_id = (uint32_t)btf__find_by_name_kind(btf, "unsigned int", BTF_KIND_INT);
	opts.btf_value_type_id = (uint32_t)btf__find_by_name_kind(btf, "bq_slot", BTF_KIND_STRUCT);
	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "slots_own", sizeof(uint32_t), sizeof(uint64_t),
			      n, &opts);
}

int bq_slots_alloc(struct bq_kind *kind, uint32_t key, uint32_t n, struct bq_error *error)
{
	struct btf *btf;
	int fd, err = 0;

	if (kind->slots_fd < 0)
		return 0;
	btf = load_btf(kind);
	fd = btf ? create_slots(btf, n) : -errno;
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
