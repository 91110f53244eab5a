// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/follower.h"

/* Bytes of a buffer: 3,600 messages. */
#define RING_BYTES (1u << 18)

/* A kind's buffer. */
struct ring {
	struct ring *next;
	struct bq_follower *follower;
	const struct bq_kind *kind;
	int fd, map; /* the buffer, and the map `followers` */
};

struct bq_follower {
	uint32_t key;
	bq_follower_fn fn;
	void *arg;
	struct ring *all;
	struct ring_buffer *reader; /* of all; NULL: there is none yet */
	int ret;                    /* of the callback */
};

struct bq_follower *bq_follower_new(bq_follower_fn fn, void *arg)
{
	struct bq_follower *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->fn = fn;
	f->arg = arg;
	/* Any other number serves if there is no randomness. */
	if (getrandom(&f->key, sizeof(f->key), 0) != sizeof(f->key))
		f->key = (uint32_t)getpid();
	return f;
}

uint32_t bq_follower_key(const struct bq_follower *f)
{
	return f->key;
}

static int read_message(void *arg, void *data, size_t size)
{
	struct ring *ring = arg;
	struct bq_follower *f = ring->follower;

	if (size < sizeof(struct bq_drop_event))
		return 0;
	f->ret = f->fn(ring->kind, data, f->arg);
	return f->ret ? -ECANCELED : 0;
}

/* Remove the buffers of processes that have ended: no instance has their key. */
static void remove_stale(const struct ring *ring, uint64_t now)
{
	uint32_t key, previous, *last = NULL;
	const struct bq_instance *id;

	while (!bpf_map_get_next_key(ring->map, last, &key)) {
		for (id = bq_kind_next(ring->kind, NULL); id; id = bq_kind_next(ring->kind, id))
			if (id->follower == key && id->follow_until > now)
				break;
		if (!id)
			bpf_map_delete_elem(ring->map, &key);
		previous = key;
		last = &previous;
	}
}

/* Create a buffer and put it into the map `followers` of its kind. Return 0 or -errno. */
static int open_ring(struct ring *ring, uint64_t now)
{
	char path[BQ_PIN_PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/followers", ring->kind->dir);
	ring->map = bpf_obj_get(path);
	if (ring->map < 0)
		return -errno;
	remove_stale(ring, now);
	ring->fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "drops", 0, 0, RING_BYTES, NULL);
	if (ring->fd < 0)
		return ring->fd;
	return bpf_map_update_elem(ring->map, &ring->follower->key, &ring->fd, BPF_NOEXIST);
}

static int read_ring(struct bq_follower *f, struct ring *ring)
{
	if (f->reader)
		return ring_buffer__add(f->reader, ring->fd, read_message, ring);
	f->reader = ring_buffer__new(ring->fd, read_message, ring, NULL);
	return f->reader ? 0 : -errno;
}

static void close_ring(struct ring *ring)
{
	if (ring->map >= 0)
		bpf_map_delete_elem(ring->map, &ring->follower->key);
	if (ring->fd >= 0)
		close(ring->fd);
	if (ring->map >= 0)
		close(ring->map);
	free(ring);
}

static bool has_ring(const struct bq_follower *f, const struct bq_kind *kind)
{
	const struct ring *ring;

	for (ring = f->all; ring; ring = ring->next)
		if (ring->kind == kind)
			return true;
	return false;
}

int bq_follower_add(struct bq_follower *f, const struct bq_kind *kind, uint64_t now,
		    struct bq_error *error)
{
	struct ring *ring;
	int err;

	if (has_ring(f, kind))
		return 0;
	ring = malloc(sizeof(*ring));
	if (!ring)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	*ring = (struct ring){ .follower = f, .kind = kind, .fd = -1, .map = -1 };
	err = open_ring(ring, now);
	if (!err)
		err = read_ring(f, ring);
	if (err) {
		close_ring(ring);
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot follow the drops of %s: %s", kind->q->name, strerror(-err));
	}
	ring->next = f->all;
	f->all = ring;
	return 0;
}

int bq_follower_read(struct bq_follower *f, int ms)
{
	int err = ring_buffer__poll(f->reader, ms);

	if (err == -ECANCELED)
		return f->ret;
	return err < 0 && err != -EINTR ? err : 0;
}

void bq_follower_free(struct bq_follower *f)
{
	struct ring *ring;

	ring_buffer__free(f->reader);
	while ((ring = f->all)) {
		f->all = ring->next;
		close_ring(ring);
	}
	free(f);
}
