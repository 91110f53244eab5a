// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A record is a head and the replay cut into chunks, each a value of the map. The head is written
 * last and deleted first: chunks without one are the leavings of a killed run.
 */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "object.h"
#include "pin.h"
#include "undo.h"

#define STORE_PATH BQ_PIN_DIR "/undo"
#define CHUNK 1024
/* Of all records. The map's memory grows with what is in it, but for 16 bytes each of these. */
#define MAX_VALUES 16384

struct key {
	struct bq_place place;
	uint32_t number; /* 0: the head, then the chunks */
	uint32_t zero;
};

struct head {
	uint32_t len, n_steps;
	uint32_t done;      /* steps that are known to be done */
	uint32_t restoring; /* the first step may have been sent */
	uint32_t making;    /* ours is on its way; nobody has seen it in place yet */
	uint32_t mq;        /* handle of the mq that is ours; 0: none is */
	char lost[BQ_REPLAY_LOST_MAX];
};

union value {
	struct head head;
	uint8_t bytes[CHUNK];
};

static int open_store(bool create, struct bq_report *rep)
{
	return bq_store_open(STORE_PATH, "bqdisc_undo", sizeof(struct key), sizeof(union value),
			     MAX_VALUES, create, rep);
}

static struct key key_of(const struct bq_place *place, uint32_t number)
{
	return (struct key){ .place = *place, .number = number };
}

/* --- writing and reading a record --- */

static int put_head(int fd, const struct bq_place *place, const struct head *head,
		    struct bq_report *rep)
{
	struct key key = key_of(place, 0);
	union value value = { 0 };

	value.head = *head;
	return bq_store_put(fd, &key, &value, rep);
}

static int put_chunks(int fd, const struct bq_place *place, const struct bq_replay *replay,
		      struct bq_report *rep)
{
	struct key key = key_of(place, 1);
	size_t at, n;
	int err = 0;

	for (at = 0; !err && at < replay->len; at += CHUNK, key.number++) {
		union value value = { 0 };

		n = replay->len - at < CHUNK ? replay->len - at : CHUNK;
		memcpy(value.bytes, replay->bytes + at, n);
		err = bq_store_put(fd, &key, &value, rep);
	}
	return err;
}

static void delete_record(int fd, const struct bq_place *place)
{
	struct key key = key_of(place, 0);

	bq_store_delete(fd, &key);
	do
		key.number++;
	while (!bq_store_delete(fd, &key));
}

int bq_undo_record(const struct bq_place *place, const struct bq_replay *was, uint32_t mq,
		   struct bq_report *rep)
{
	struct head head = {
		.len = (uint32_t)was->len,
		.n_steps = (uint32_t)was->n_steps,
		.making = 1,
		.mq = mq,
	};
	int err, fd = open_store(true, rep);

	if (fd < 0)
		return fd;
	memcpy(head.lost, was->lost, sizeof(head.lost));
	delete_record(fd, place);
	err = put_chunks(fd, place, was, rep);
	if (!err)
		err = put_head(fd, place, &head, rep);
	if (err)
		delete_record(fd, place);
	close(fd);
	return err;
}

void bq_undo_forget(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	int fd = open_store(false, &ignored);

	if (fd < 0)
		return;
	delete_record(fd, place);
	close(fd);
}

static int read_head(int fd, const struct bq_place *place, struct head *head)
{
	struct key key = key_of(place, 0);
	union value value;
	int err = bq_store_get(fd, &key, &value);

	if (err)
		return err;
	*head = value.head;
	head->lost[sizeof(head->lost) - 1] = '\0';
	return 0;
}

int bq_undo_expect(const struct bq_place *place, uint32_t mq, struct bq_report *rep)
{
	struct head head = { 0 };
	int err, fd = open_store(true, rep);

	if (fd < 0)
		return fd;
	read_head(fd, place, &head);
	head.making = 1;
	head.mq = mq;
	err = put_head(fd, place, &head, rep);
	close(fd);
	return err;
}

void bq_undo_settle(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	int fd = open_store(false, &ignored);
	struct head head;

	if (fd < 0)
		return;
	if (!read_head(fd, place, &head) && head.making) {
		head.making = 0;
		put_head(fd, place, &head, &ignored);
	}
	close(fd);
}

static bool expects(int fd, const struct bq_place *place, const struct bq_tc_qdisc *now)
{
	struct head head;

	return !read_head(fd, place, &head) && head.making && head.mq && head.mq == now->handle &&
	       !strcmp(now->kind, "mq");
}

bool bq_undo_expects(const struct bq_place *place, const struct bq_tc_qdisc *now)
{
	struct bq_report ignored = { 0 };
	int fd = open_store(false, &ignored);
	bool ours;

	if (fd < 0)
		return false;
	ours = expects(fd, place, now);
	close(fd);
	return ours;
}

static int read_chunks(int fd, const struct bq_place *place, const struct head *head,
		       struct bq_replay *replay)
{
	struct key key = key_of(place, 1);
	size_t at, size = (head->len + CHUNK - 1) / CHUNK * CHUNK;
	int err = 0;

	memset(replay, 0, sizeof(*replay));
	replay->bytes = malloc(size + 1);
	if (!replay->bytes)
		return -ENOMEM;
	for (at = 0; !err && at < size; at += CHUNK, key.number++)
		err = bq_store_get(fd, &key, replay->bytes + at);
	replay->len = head->len;
	replay->n_steps = head->n_steps;
	memcpy(replay->lost, head->lost, sizeof(replay->lost));
	if (err)
		bq_replay_free(replay);
	return err;
}

/* -ENOENT: nothing is recorded of PLACE. Otherwise REPLAY is to be freed. */
static int read_record(int fd, const struct bq_place *place, struct head *head,
		       struct bq_replay *replay)
{
	int err = read_head(fd, place, head);

	return err ? err : read_chunks(fd, place, head, replay);
}

/* --- putting it back --- */

static int fail_half(const struct bq_replay *replay, size_t step, int err, struct bq_report *rep)
{
	char name[96], why[sizeof(rep->text)];

	if (!step)
		return err; /* ours is still there, and the kernel's sentence says all */
	snprintf(why, sizeof(why), "%s", rep->text);
	return bq_fail(rep, BQDISC_FAULT_REFUSED, -err,
		       "half of what was there is back: %zu of %zu parts, not %s nor what comes "
		       "after it; detach again goes on from there. %.512s",
		       step, replay->n_steps, bq_replay_describe(replay, step, name, sizeof(name)),
		       why);
}

/*
 * Does the steps that are not known to be done. The note of a step comes after it: the first one
 * may have been done by a run that was killed.
 */
static int do_steps(int fd, const struct bq_place *place, struct head *head,
		    struct bq_replay *replay, struct bq_report *rep)
{
	bool again = head->restoring;
	int err;

	head->restoring = 1;
	err = put_head(fd, place, head, rep);
	while (!err && head->done < replay->n_steps) {
		err = bq_replay_send(replay, head->done, again, rep);
		if (err)
			return fail_half(replay, head->done, err, rep);
		again = false;
		head->done++;
		/* One step is over when it is done. */
		if (replay->n_steps > 1)
			err = put_head(fd, place, head, rep);
	}
	return err;
}

static int fail_nothing_recorded(const struct bq_place *place, struct bq_report *rep)
{
	return bq_fail(rep, BQDISC_FAULT_REFUSED, ENOENT,
		       "nothing is recorded of what was at %x:%x, and to delete a "
		       "child of mq would "
		       "stop its queue: replace it with tc",
		       TC_H_MAJ(place->parent) >> 16, TC_H_MIN(place->parent));
}

/* OURS: what is at PLACE is ours; else it is what the first step made. */
static int put_back(const struct bq_place *place, bool ours, struct bq_report *rep)
{
	struct bq_replay replay = { 0 };
	int err, fd = open_store(false, rep);
	struct head head = { 0 };

	err = fd < 0 ? -ENOENT : read_record(fd, place, &head, &replay);
	if (!err && replay.n_steps) {
		/* While ours is there nothing has been put back, not even by a run before. */
		if (ours)
			head.done = head.restoring = 0;
		else if (!head.done)
			head.done = 1;
		err = do_steps(fd, place, &head, &replay, rep);
	} else if (place->parent != TC_H_ROOT) {
		err = fail_nothing_recorded(place, rep);
	} else {
		err = bq_tc_delete(place->ifindex, place->parent, rep);
	}
	if (!err && *replay.lost)
		bq_warn(rep, "not put back: %s", replay.lost);
	bq_replay_free(&replay);
	if (fd >= 0) {
		if (!err)
			delete_record(fd, place);
		close(fd);
	}
	return err;
}

bool bq_undo_has(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	int fd = open_store(false, &ignored);
	struct head head;
	bool has;

	if (fd < 0)
		return false;
	has = !read_head(fd, place, &head);
	close(fd);
	return has;
}

int bq_undo_restore(const struct bq_place *place, struct bq_report *rep)
{
	return put_back(place, true, rep);
}

int bq_undo_resume(const struct bq_place *place, struct bq_report *rep)
{
	return put_back(place, false, rep);
}

int bq_undo_each_step(const struct bq_place *place, bool ours, bq_step_fn fn, void *arg,
		      struct bq_report *rep)
{
	struct bq_replay replay = { 0 };
	int n, fd = open_store(false, rep);
	struct head head = { 0 };
	size_t step;

	if (fd >= 0) {
		read_record(fd, place, &head, &replay);
		close(fd);
	}
	for (step = ours ? 0 : head.done; step < replay.n_steps; step++)
		fn(&replay, step, arg);
	n = (int)replay.n_steps;
	bq_replay_free(&replay);
	return n || place->parent == TC_H_ROOT ? n : fail_nothing_recorded(place, rep);
}

static bool is_pending(int fd, const struct bq_place *place, const struct bq_tc_qdisc *now)
{
	struct bq_replay replay;
	struct head head;
	bool pending;

	if (read_record(fd, place, &head, &replay))
		return false;
	pending = head.restoring && bq_replay_makes(&replay, now);
	bq_replay_free(&replay);
	return pending;
}

bool bq_undo_is_pending(const struct bq_place *place, const struct bq_tc_qdisc *now)
{
	struct bq_report ignored = { 0 };
	int fd = open_store(false, &ignored);
	bool pending;

	if (fd < 0)
		return false;
	pending = is_pending(fd, place, now);
	close(fd);
	return pending;
}

static bool is_reserved(uint32_t handle, const void *replay)
{
	return bq_replay_uses(replay, handle);
}

int bq_undo_free_handles(const struct bq_place *place, uint32_t *handles, size_t n,
			 struct bq_report *rep)
{
	struct bq_replay replay = { 0 };
	int err, fd = open_store(false, rep);
	struct head head;

	if (fd >= 0) {
		read_record(fd, place, &head, &replay);
		close(fd);
	}
	err = bq_tc_free_handles(place->ifindex, is_reserved, &replay, handles, n, rep);
	bq_replay_free(&replay);
	return err;
}

/* --- sweeping up --- */

static bool is_here(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	uint64_t here;

	return !bq_machine_net_cookie(&here, &ignored) && here == place->net_cookie;
}

/* What was interrupted in another namespace is for those who are in it to judge. */
static bool still_pending(int fd, const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	struct bq_tc_qdisc now;
	struct head head;

	if (read_head(fd, place, &head) || !(head.restoring || (head.making && head.mq)))
		return false;
	if (!is_here(place))
		return true;
	return !bq_tc_get(place->ifindex, place->parent, &now, &ignored) &&
	       (is_pending(fd, place, &now) || expects(fd, place, &now));
}

/* NOW is filled in. A run that was killed on its way in or out has lost nothing. */
static bool is_lost(int fd, const struct bq_place *place, struct bq_tc_qdisc *now)
{
	struct bq_report ignored = { 0 };
	struct head head;

	if (!is_here(place) || read_head(fd, place, &head) || head.making || head.restoring ||
	    bq_tc_get(place->ifindex, place->parent, now, &ignored))
		return false;
	return *now->kind && (head.n_steps || !bq_replay_is_default(now));
}

static bool has_head(int fd, const struct key *key)
{
	struct head head;

	return !read_head(fd, &key->place, &head);
}

/* Whether the record of PLACE is of use. One that is alive has come to its place. */
static bool keep(int fd, const struct bq_place *place, bool is_alive)
{
	struct bq_tc_qdisc now = { 0 };

	if (is_alive)
		bq_undo_settle(place);
	return is_alive || still_pending(fd, place) || is_lost(fd, place, &now);
}

void bq_undo_sweep(bq_alive_fn alive, void *arg)
{
	struct bq_report ignored = { 0 };
	int fd = open_store(false, &ignored);
	bool more, empty = true;
	struct key key, next;

	if (fd < 0)
		return;
	for (more = !bq_store_next(fd, NULL, &key); more; key = next) {
		more = !bq_store_next(fd, &key, &next);
		if (key.number)
			continue;
		if (keep(fd, &key.place, alive(&key.place, arg)))
			empty = false;
		else
			bq_store_delete(fd, &key);
	}
	for (more = !bq_store_next(fd, NULL, &key); more; key = next) {
		more = !bq_store_next(fd, &key, &next);
		if (!has_head(fd, &key))
			bq_store_delete(fd, &key);
	}
	close(fd);
	if (empty)
		unlink(STORE_PATH);
}

void bq_undo_each_lost(bq_alive_fn alive, void *alive_arg, bq_lost_fn fn, void *arg)
{
	struct bq_report ignored = { 0 };
	int fd = open_store(false, &ignored);
	struct bq_tc_qdisc now = { 0 };
	struct key key, next;
	bool more;

	if (fd < 0)
		return;
	for (more = !bq_store_next(fd, NULL, &key); more; key = next) {
		more = !bq_store_next(fd, &key, &next);
		if (!key.number && is_lost(fd, &key.place, &now) && !alive(&key.place, alive_arg))
			fn(&key.place, &now, arg);
	}
	close(fd);
}

bool bq_undo_forget_lost(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	int fd = open_store(false, &ignored);
	struct bq_tc_qdisc now = { 0 };
	bool lost;

	if (fd < 0)
		return false;
	lost = is_lost(fd, place, &now);
	if (lost)
		delete_record(fd, place);
	close(fd);
	return lost;
}
