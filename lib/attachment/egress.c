// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "attachment/egress.h"
#include "attachment/instances.h"

bool bq_egress_is_complete(struct bq_instance *const v[], size_t n, uint32_t ifindex)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (v[i]->egress != v[0]->egress)
			return false;
	return bq_egress_is_attached(v[0]->egress, ifindex);
}

int bq_egress_attach(const struct bq_kind *kind, struct bq_instance *const v[], size_t n,
		     uint32_t ifindex, const void *config, struct bq_error *error)
{
	uint64_t key = bq_instances_new_cookie();
	size_t i;
	int err;

	if (!bq_egress_is_needed(kind->q, config))
		return 0;
	if (bq_egress_is_complete(v, n, ifindex))
		return bq_egress_offload_disable(kind->q, config, v[0]->egress, ifindex, error);
	bq_egress_detach(v, n);
	for (i = 0; i < n; i++) {
		bq_kind_check(kind, v[i]);
		v[i]->egress_pin = key;
	}
	err = bq_egress_add(kind, ifindex, key, error);
	if (err)
		return err;
	err = bq_egress_offload_disable(kind->q, config, key, ifindex, error);
	if (err)
		bq_egress_remove(key);
	for (i = 0; !err && i < n; i++)
		bq_egress_switch(v[i], key);
	return err ? err : 1;
}

void bq_egress_detach(struct bq_instance *const v[], size_t n)
{
	uint64_t key;
	size_t i;

	for (i = 0; i < n; i++) {
		key = v[i]->egress_pin;
		bq_egress_switch(v[i], 0);
		bq_egress_remove(key);
		v[i]->egress_pin = 0;
	}
}

void bq_egress_release(const struct bq_kind *kind, struct bq_instance *const v[], size_t n)
{
	const void *config = bq_kind_config(kind, v[0]);
	size_t i;

	for (i = 0; i < n; i++)
		bq_kind_check(kind, v[i]);
	if (bq_egress_is_needed(kind->q, config))
		bq_egress_offload_restore(kind->q, config, v[0]->egress);
	else
		bq_egress_detach(v, n);
}

void bq_print_segments(struct bq_printer *p, uint64_t key)
{
	uint32_t segments = bq_egress_segments(key);

	if (segments > 1)
		bq_print(p, true, "ip link set dev %s gso_max_segs %u", p->dev, segments);
}

void bq_print_egress_removal(struct bq_printer *p, const struct bqdisc_qdisc *q, uint64_t key)
{
	bq_print(p, false, "take the program %s off the tcx egress hook of %s", q->egress, p->dev);
	bq_print_segments(p, key);
}
