// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads and writes global variables, in an object before loading and in its pinned maps. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "user/globals.h"

_Static_assert(sizeof(struct bq_instance) % sizeof(uint64_t) == 0, "config words are aligned");

/* --- one variable --- */

uint64_t bq_global_get(const struct bq_global *at, const void *section)
{
	const void *p = (const char *)section + at->offset;

	switch (at->size) {
	case 1:
		return at->is_signed ? (uint64_t)(int64_t) * (const volatile int8_t *)p
				     : *(const volatile uint8_t *)p;
	case 2:
		return at->is_signed ? (uint64_t)(int64_t) * (const volatile int16_t *)p
				     : *(const volatile uint16_t *)p;
	case 4:
		return at->is_signed ? (uint64_t)(int64_t) * (const volatile int32_t *)p
				     : *(const volatile uint32_t *)p;
	default:
		return *(const volatile uint64_t *)p;
	}
}

/* Write with one store, so that a program sees either the old or the new value. */
static void put(const struct bq_global *at, void *section, uint64_t value)
{
	void *p = (char *)section + at->offset;

	switch (at->size) {
	case 1:
		*(volatile uint8_t *)p = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)p = (uint16_t)value;
		break;
	case 4:
		*(volatile uint32_t *)p = (uint32_t)value;
		break;
	default:
		*(volatile uint64_t *)p = value;
	}
}

/* --- before loading --- */

static struct bpf_map *map_of(struct bpf_object *obj, const struct bq_user_object *b,
			      uint32_t section)
{
	return bpf_object__find_map_by_name(obj, b->globals->sections[section].name);
}

void bq_globals_write(struct bpf_object *obj, const struct bq_user_object *b)
{
	struct bpf_map *map;
	size_t i, size;
	uint32_t s;

	for (i = 0; i < b->q.n_options; i++) {
		map = map_of(obj, b, b->globals->options[i].section);
		if (map)
			put(&b->globals->options[i], bpf_map__initial_value(map, &size),
			    b->values[i + 1]);
	}
	for (s = 0; s < b->globals->n_sections; s++) {
		map = b->globals->sections[s].live ? map_of(obj, b, s) : NULL;
		if (map)
			bpf_map__set_map_flags(map, bpf_map__map_flags(map) | BPF_F_MMAPABLE);
	}
}

static const char *pin_path(const char *dir, uint32_t section, char buf[256])
{
	snprintf(buf, 256, "%s/global%u", dir, section);
	return buf;
}

int bq_globals_pin(struct bpf_object *obj, const struct bq_user_object *b, const char *dir)
{
	char path[256];
	int err = 0;
	uint32_t s;

	for (s = 0; !err && s < b->globals->n_sections; s++)
		if (b->globals->sections[s].counts || b->globals->sections[s].live)
			err = bpf_map__pin(map_of(obj, b, s), pin_path(dir, s, path));
	return err;
}

/* --- counters --- */

static int read_section(const struct bq_user_object *b, uint32_t section, const char *dir,
			uint64_t *counters)
{
	struct bpf_map_info info = { 0 };
	uint32_t key = 0, len = sizeof(info);
	const struct bq_global *at;
	char path[256], *value;
	int err, fd = bpf_obj_get(pin_path(dir, section, path));
	size_t i;

	if (fd < 0)
		return -errno;
	err = bpf_map_get_info_by_fd(fd, &info, &len);
	value = err ? NULL : calloc(1, info.value_size + sizeof(uint64_t));
	if (!err)
		err = value ? bpf_map_lookup_elem(fd, &key, value) : -ENOMEM;
	close(fd);
	for (i = 0; !err && i < b->q.n_counters; i++) {
		at = &b->globals->counters[i];
		if (at->section == section && at->offset + at->size <= info.value_size)
			counters[i] = bq_global_get(at, value);
	}
	free(value);
	return err;
}

int bq_globals_read(const struct bq_user_object *b, const char *dir, uint64_t *counters)
{
	int err = 0;
	uint32_t s;

	for (s = 0; !err && s < b->globals->n_sections; s++)
		if (b->globals->sections[s].counts)
			err = read_section(b, s, dir, counters);
	return err;
}

/* --- options --- */

static bool is_live(const struct bq_user_object *b, size_t option)
{
	return b->globals->sections[b->globals->options[option].section].live;
}

const struct bq_option *bq_globals_constant_differs(const struct bqdisc_qdisc *q, const void *a,
						    const void *b)
{
	size_t i;

	for (i = 0; i < q->n_options; i++)
		if (!is_live(bq_user_object_of(q), i) &&
		    bq_option_get(&q->options[i], a, 0) != bq_option_get(&q->options[i], b, 0))
			return &q->options[i];
	return NULL;
}

static char *bank(const struct bq_kind *kind, struct bq_instance *id, uint32_t n)
{
	return (char *)id + kind->q->config_offset + n * kind->q->config_size;
}

void bq_globals_record(const struct bq_kind *kind, struct bq_instance *id, const void *config)
{
	id->generation = 0;
	id->readers_pending = 0;
	memcpy(bank(kind, id, 0), config, kind->q->config_size);
	memcpy(bank(kind, id, 2), bq_user_object_of(kind->q)->defaults, kind->q->config_size);
}

static int write_section(const struct bqdisc_qdisc *q, uint32_t section, const void *config,
			 const char *dir)
{
	const struct bq_globals *g = bq_user_object_of(q)->globals;
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	char path[256];
	int err, fd = bpf_obj_get(pin_path(dir, section, path));
	void *value;
	size_t i;

	if (fd < 0)
		return -errno;
	err = bpf_map_get_info_by_fd(fd, &info, &len);
	value = err ? MAP_FAILED
		    : mmap(NULL, info.value_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!err && value == MAP_FAILED)
		err = -errno;
	close(fd);
	if (err)
		return err;
	for (i = 0; i < q->n_options; i++)
		if (g->options[i].section == section)
			put(&g->options[i], value, bq_option_get(&q->options[i], config, 0));
	munmap(value, info.value_size);
	return 0;
}

int bq_globals_change(const struct bq_kind *kind, struct bq_instance *id, const void *config,
		      struct bq_error *error)
{
	const struct bqdisc_qdisc *q = kind->q;
	const struct bq_globals *g = bq_user_object_of(q)->globals;
	uint32_t s, next = id->generation + 1;
	int err = 0;

	id->readers_pending = 1;
	for (s = 0; !err && s < g->n_sections; s++)
		if (g->sections[s].live)
			err = write_section(q, s, config, kind->dir);
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "%s: cannot write the variables of its object: %s", q->name,
			       strerror(-err));
	memcpy(bank(kind, id, next & 1), config, q->config_size);
	__atomic_store_n(&id->generation, next, __ATOMIC_RELEASE);
	id->readers_pending = 0;
	return 0;
}
