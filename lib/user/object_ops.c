// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loads user objects, and computes the memory of their instances. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/kind.h"
#include "user/globals.h"
#include "user/user_object.h"

#define KERNEL_F_LINK (1u << 13) /* BPF_F_LINK of linux/bpf.h, which lacks it on Debian 12 */

/* --- loading --- */

/*
 * Adapt a user object. It is always registered by a link, whatever it requests. None of its maps is
 * pinned elsewhere, so that removing the kind removes everything.
 */
static void adapt(const struct bqdisc_qdisc *q, struct bpf_object *obj)
{
	struct bpf_map *map, *ops = bpf_object__find_map_by_name(obj, q->ops);

	bpf_object__for_each_map(map, obj)
		bpf_map__set_pin_path(map, NULL);
	bpf_map__set_map_flags(ops, bpf_map__map_flags(ops) | KERNEL_F_LINK);
	if (q->plain)
		bq_globals_write(obj, bq_user_object_of(q));
}

/*
 * Write the limits of the options into instance 0, which no qdisc uses. .init checks against them.
 */
static int write_ranges(struct bpf_object *obj, const struct bqdisc_qdisc *q)
{
	const struct bq_user_object *b = bq_user_object_of(q);
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "instances");
	char *value = calloc(1, q->instance_size), *config;
	uint32_t key = 0;
	int err;

	if (!value)
		return -ENOMEM;
	config = value + q->config_offset;
	memcpy(config, b->min, q->config_size);
	memcpy(config + q->config_size, b->max, q->config_size);
	memcpy(config + 2 * q->config_size, b->defaults, q->config_size);
	err = bpf_map_update_elem(bpf_map__fd(map), &key, value, BPF_ANY);
	free(value);
	return err;
}

/* Create and pin the table of a plain kind, with a mark, and the maps of its variables. */
static int pin_plain(const struct bqdisc_qdisc *q, struct bpf_object *obj, const char *dir,
		     struct bq_error *error)
{
	int err = bq_kind_create_instances(dir, q->instance_size);

	if (!err)
		err = bq_kind_mark(dir, "plain", error);
	return err < 0 ? err : bq_globals_pin(obj, bq_user_object_of(q), dir);
}

/* Pin the instances, ops and descriptor of a user object. Return 0 or -errno. */
static int pin(const struct bqdisc_qdisc *q, struct bpf_object *obj, const char *dir,
	       struct bq_error *error)
{
	int err;

	err = q->plain ? pin_plain(q, obj, dir, error) : write_ranges(obj, q);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot pin the maps of %s in %s: %s", q->name, dir, strerror(-err));
	return bq_user_object_save(q, dir, error);
}

static int read_counters(const struct bqdisc_qdisc *q, const char *dir, uint64_t *counters)
{
	return bq_globals_read(bq_user_object_of(q), dir, counters);
}

const struct bq_user_ops bq_user_object_ops = {
	.adapt = adapt,
	.pin = pin,
	.read_counters = read_counters,
};

/* --- memory of instances --- */

#define SLOTS_MIN 1024u
#define SLOTS_DEFAULT 16384u

uint32_t bq_user_object_slots(const struct bqdisc_qdisc *q, const void *config,
			      const struct bq_dev_params *dev)
{
	const struct bq_user_object *b = bq_user_object_of(q);
	uint64_t n = b->needs.packets ? b->needs.packets : SLOTS_DEFAULT;

	(void)dev;
	if (b->limit)
		n = bq_option_get(b->limit, config, 0);
	return n < SLOTS_MIN ? SLOTS_MIN : n > BQ_USER_SLOTS_MAX ? BQ_USER_SLOTS_MAX : (uint32_t)n;
}

uint64_t bq_user_object_memory(const struct bqdisc_qdisc *q, const void *config, uint32_t slots,
			       uint32_t *units)
{
	const struct bq_needs *needs = &bq_user_object_of(q)->needs;

	(void)config;
	/* All of it is populated, whatever the limit in *UNITS. */
	*units = needs->units;
	return (uint64_t)needs->packet_bytes * slots + (uint64_t)needs->unit_bytes * *units;
}

void bq_user_object_apply_defaults(const struct bqdisc_qdisc *q, void *config)
{
	const struct bq_user_object *b = bq_user_object_of(q);

	if (b && q->n_options)
		bq_options_apply_defaults(q, config, b->defaults);
}
