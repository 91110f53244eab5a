// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Change of the configuration of a live instance. It has two banks: user space fills the inactive
 * one, raises the generation, and waits until no program reads the other.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/kind.h"
#include "bpf/range.h"
#include "bpf/range_map.h"

/* Wait with a temporary map of maps, as the kind has none. */
static int wait_without_slots(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "bqdisc_wait", 4, 8, 1, NULL), outer = inner;
	uint32_t key = 0;
	int err = inner;

	if (inner >= 0) {
		opts.inner_map_fd = (uint32_t)inner;
		outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "bqdisc_wait", 4, 4, 1, &opts);
		err = outer < 0 ? outer : bpf_map_update_elem(outer, &key, &inner, BPF_ANY);
		close(inner);
	}
	if (outer >= 0)
		close(outer);
	return err;
}

/*
 * Wait until every running BPF program has ended. The kernel has no dedicated call, but an update
 * of a map of maps returns only then. Key 0 always holds the pool, so storing it again changes
 * nothing.
 */
static int wait_for_programs(const struct bq_kind *kind)
{
	uint32_t key = 0;

	return kind->slots_fd < 0
		       ? wait_without_slots()
		       : bpf_map_update_elem(kind->slots_fd, &key, &kind->pool_fd, BPF_ANY);
}

/* Wait until no program reads the inactive configuration. */
static int wait_readers(const struct bq_kind *kind, struct bq_instance *id, struct bq_error *error)
{
	int err = wait_for_programs(kind);

	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot wait for the kernel to leave the old options: %s",
			       strerror(-err));
	id->readers_pending = 0;
	return 0;
}

int bq_kind_change(struct bq_kind *kind, struct bq_instance *id, const void *config,
		   const struct bq_blob *tables, struct bq_error *error)
{
	uint32_t next = id->generation + 1;
	const struct bqdisc_qdisc *q = kind->q;
	char *bank = (char *)id + q->config_offset + (next & 1) * q->config_size;
	/* An interrupted command may have stopped while it waited. */
	int err = id->readers_pending ? wait_readers(kind, id, error) : 0;

	if (!err)
		err = bq_range_alloc_tables(kind, id, next & 1, config, tables, error);
	if (err)
		return err;
	memcpy(bank, config, q->config_size);
	id->readers_pending = 1;
	__atomic_store_n(&id->generation, next, __ATOMIC_RELEASE);
	err = wait_readers(kind, id, error);
	if (!err)
		bq_range_free(kind, &id->tables[~next & 1]);
	return err;
}
