// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/map.h"

int bq_map_pin(int fd, const char *path)
{
	int err = fd < 0 ? fd : bpf_obj_pin(fd, path);

	if (fd >= 0)
		close(fd);
	return err;
}

int bq_blob_save(const char *path, const void *bytes, size_t size, struct bq_error *error)
{
	int err, fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "bqdisc_object", sizeof(uint32_t),
				     (uint32_t)size, 1, NULL);
	uint32_t key = 0;

	if (fd >= 0 && bpf_map_update_elem(fd, &key, bytes, BPF_ANY)) {
		err = -errno;
		close(fd);
	} else {
		err = bq_map_pin(fd, path);
	}
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot pin %s: %s", path,
			       strerror(-err));
	return 0;
}

int bq_blob_load(const char *path, void **bytes, size_t *size)
{
	struct bpf_map_info info = { 0 };
	uint32_t key = 0, len = sizeof(info);
	int err, fd = bpf_obj_get(path);

	if (fd < 0)
		return -errno;
	*bytes = NULL;
	err = bpf_map_get_info_by_fd(fd, &info, &len);
	if (!err) {
		*size = info.value_size;
		*bytes = calloc(1, *size + 8);
		err = *bytes ? bpf_map_lookup_elem(fd, &key, *bytes) : -ENOMEM;
	}
	if (err)
		free(*bytes);
	close(fd);
	return err;
}

static bool is_store(int fd, const struct bq_store *store)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	return !bpf_map_get_info_by_fd(fd, &info, &len) && info.key_size == store->key_size &&
	       info.value_size == store->value_size;
}

static int fail_store(int fd, const char *path, struct bq_error *error)
{
	close(fd);
	return bq_fail(error, BQDISC_ERROR_REFUSED, EPROTO,
		       "%s: written by another release of bqdisc; use that release", path);
}

int bq_store_open(const char *path, const struct bq_store *store, bool create,
		  struct bq_error *error)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	int err, fd = bpf_obj_get(path);

	if (fd >= 0)
		return is_store(fd, store) ? fd : fail_store(fd, path, error);
	if (errno != ENOENT || !create)
		return -errno;
	fd = bpf_map_create(store->is_trie ? BPF_MAP_TYPE_LPM_TRIE : BPF_MAP_TYPE_HASH, store->name,
			    store->key_size, store->value_size, store->max_entries, &opts);
	if (fd < 0)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -fd, "cannot make the map '%s': %s",
			       store->name, strerror(-fd));
	err = bpf_obj_pin(fd, path);
	if (!err)
		return fd;
	close(fd);
	return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot pin %s: %s", path,
		       strerror(-err));
}

int bq_store_get(int fd, const void *key, void *value)
{
	return bpf_map_lookup_elem(fd, key, value);
}

int bq_store_put(int fd, const void *key, const void *value, struct bq_error *error)
{
	int err = bpf_map_update_elem(fd, key, value, BPF_ANY);

	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot record what was on the device: %s", strerror(-err));
	return 0;
}

int bq_store_delete(int fd, const void *key)
{
	return bpf_map_delete_elem(fd, key);
}

int bq_store_next(int fd, const void *prev, void *next)
{
	return bpf_map_get_next_key(fd, prev, next);
}
