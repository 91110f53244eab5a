/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pinned maps of data that must outlive this process: bytes, and records by key. */
#ifndef BQ_BPF_MAP_H
#define BQ_BPF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

/* Pin the map FD at PATH and close it. FD may be -errno of its creation. Return 0 or -errno. */
int bq_map_pin(int fd, const char *path);

/* Pin a copy of BYTES at PATH. Return 0 or -errno. */
int bq_blob_save(const char *path, const void *bytes, size_t size, struct bq_error *error);
/* Read all bytes into *BYTES, which the caller frees. Return 0 or -errno. */
int bq_blob_load(const char *path, void **bytes, size_t *size);

/* A map of records. */
struct bq_store {
	const char *name; /* in the kernel */
	uint32_t key_size, value_size, max_entries;
	/*
	 * A trie has no buckets, so its memory follows its contents, and finding the first key of
	 * an empty one is cheap. Each key begins with its number of bits behind that word, which
	 * is the same for all.
	 */
	bool is_trie;
};

/*
 * Open the map of records pinned at PATH; create it if CREATE. Return its descriptor, -EPROTO if
 * another release wrote it, or another -errno.
 */
int bq_store_open(const char *path, const struct bq_store *store, bool create,
		  struct bq_error *error);
int bq_store_get(int fd, const void *key, void *value);
int bq_store_put(int fd, const void *key, const void *value, struct bq_error *error);
int bq_store_delete(int fd, const void *key);
/* Copy the key after PREV (NULL: the first) into NEXT. Return 0, or -ENOENT at the end. */
int bq_store_next(int fd, const void *prev, void *next);

#endif
