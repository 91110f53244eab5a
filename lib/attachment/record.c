// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/map.h"
#include "bpf/pin.h"
#include "attachment/record.h"

#define STORE_PATH BQ_PIN_DIR "/undo"
#define CHUNK 1024
#define MAX_VALUES (1u << 20) /* limit for all records; each has a head and chunks */

/* The keys of a point follow each other in the trie, as they differ behind the point only. */
struct key {
	uint32_t bits; /* of what follows: KEY_BITS */
	uint32_t zero;
	struct bq_attach_point point;
	uint32_t number; /* 0: the head; from 1: the chunks */
	uint32_t last_zero;
};

#define KEY_BITS (8 * (sizeof(struct key) - offsetof(struct key, zero)))

union value {
	struct bq_record head;
	uint8_t bytes[CHUNK];
};

int bq_record_open(bool create, struct bq_error *error)
{
	static const struct bq_store store = {
		.name = "bqdisc_undo",
		.key_size = sizeof(struct key),
		.value_size = sizeof(union value),
		.max_entries = MAX_VALUES,
		.is_trie = true,
	};

	return bq_store_open(STORE_PATH, &store, create, error);
}

#define KEY_OF(at, n) ((struct key){ .bits = KEY_BITS, .number = (n), .point = *(at) })

int bq_record_put_head(int fd, const struct bq_attach_point *point, const struct bq_record *head,
		       struct bq_error *error)
{
	struct key key = KEY_OF(point, 0);
	union value value = { 0 };

	value.head = *head;
	return bq_store_put(fd, &key, &value, error);
}

static int put_chunks(int fd, const struct bq_attach_point *point,
		      const struct bq_snapshot *snapshot, struct bq_error *error)
{
	struct key key = KEY_OF(point, 1);
	size_t at, n;
	int err = 0;

	for (at = 0; !err && at < snapshot->len; at += CHUNK, key.number++) {
		union value value = { 0 };

		n = snapshot->len - at < CHUNK ? snapshot->len - at : CHUNK;
		memcpy(value.bytes, snapshot->bytes + at, n);
		err = bq_store_put(fd, &key, &value, error);
	}
	return err;
}

void bq_record_delete(int fd, const struct bq_attach_point *point)
{
	struct key key = KEY_OF(point, 0);

	bq_store_delete(fd, &key);
	do
		key.number++;
	while (!bq_store_delete(fd, &key));
}

int bq_record_put(int fd, const struct bq_attach_point *point, const struct bq_record *head,
		  const struct bq_snapshot *snapshot, struct bq_error *error)
{
	int err;

	bq_record_delete(fd, point);
	err = put_chunks(fd, point, snapshot, error);
	if (!err)
		err = bq_record_put_head(fd, point, head, error);
	if (err)
		bq_record_delete(fd, point);
	return err;
}

int bq_record_get_head(int fd, const struct bq_attach_point *point, struct bq_record *head)
{
	struct key key = KEY_OF(point, 0);
	union value value;
	int err = bq_store_get(fd, &key, &value);

	if (err)
		return err;
	if (value.head.state >= BQ_UNDO_NONE)
		return -EPROTO;
	*head = value.head;
	head->lost[sizeof(head->lost) - 1] = '\0';
	return 0;
}

static int read_chunks(int fd, const struct bq_attach_point *point, const struct bq_record *head,
		       struct bq_snapshot *snapshot)
{
	struct key key = KEY_OF(point, 1);
	size_t at, size = (head->len + CHUNK - 1) / CHUNK * CHUNK;
	int err = 0;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->bytes = malloc(size + 1);
	if (!snapshot->bytes)
		return -ENOMEM;
	for (at = 0; !err && at < size; at += CHUNK, key.number++)
		err = bq_store_get(fd, &key, snapshot->bytes + at);
	snapshot->len = head->len;
	snapshot->n_steps = head->n_steps;
	memcpy(snapshot->lost, head->lost, sizeof(snapshot->lost));
	if (err)
		bq_snapshot_free(snapshot);
	return err;
}

int bq_record_get(int fd, const struct bq_attach_point *point, struct bq_record *head,
		  struct bq_snapshot *snapshot)
{
	int err = bq_record_get_head(fd, point, head);

	return err ? err : read_chunks(fd, point, head, snapshot);
}

/* --- all of them --- */

/*
 * Return the points of all keys, each once, and how many, N; or NULL. N is 0 if the map has more
 * than MOST keys. The caller frees them.
 */
static struct bq_attach_point *list_points(int fd, size_t most, size_t *n)
{
	struct bq_attach_point *points = NULL, *more;
	size_t room = 0, seen = 0;
	struct key key;
	int err;

	*n = 0;
	for (err = bq_store_next(fd, NULL, &key); !err && seen++ < most;
	     err = bq_store_next(fd, &key, &key)) {
		if (*n && !memcmp(&points[*n - 1], &key.point, sizeof(key.point)))
			continue;
		if (*n == room) {
			room = room ? 2 * room : 16;
			more = realloc(points, room * sizeof(*points));
			if (!more)
				break;
			points = more;
		}
		points[(*n)++] = key.point;
	}
	if (!err)
		*n = 0;
	return points;
}

void bq_record_each(int fd, size_t most, bq_record_fn fn, void *arg)
{
	size_t i, n;
	struct bq_attach_point *points = list_points(fd, most, &n);

	for (i = 0; i < n; i++)
		fn(&points[i], arg);
	free(points);
}

void bq_record_tidy(int fd, const struct bq_attach_point *point)
{
	struct bq_record head;

	if (bq_record_get_head(fd, point, &head) == -ENOENT)
		bq_record_delete(fd, point);
}

bool bq_record_unlink_empty(int fd)
{
	struct key key;

	return bq_store_next(fd, NULL, &key) == -ENOENT && !unlink(STORE_PATH);
}
