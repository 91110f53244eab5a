// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "object.h"
#include "pin.h"
#include "undo.h"

#define STORE_PATH BQ_PIN_DIR "/undo"
#define MAX_RECORDS 4096

/* Kinds whose dumped options, sent back as they are, make the same qdisc (checked on 6.17-7.3). */
static const char *const replayable[] = { "fq", "cake", "tbf", "sfq" };

bool bq_undo_is_exact(const struct bq_tc_qdisc *was, const char **why)
{
	size_t i;

	if (!*was->kind || !was->handle)
		return true;
	*why = "its size table";
	if (was->has_stab)
		return false;
	*why = "it is too large to record";
	if (was->options_cut)
		return false;
	for (i = 0; i < sizeof(replayable) / sizeof(replayable[0]); i++)
		if (!strcmp(replayable[i], was->kind))
			return true;
	*why = "its options, classes and filters";
	return false;
}

static int open_store(bool create, struct bq_report *rep)
{
	return bq_store_open(STORE_PATH, "bqdisc_undo", sizeof(struct bq_place),
			     sizeof(struct bq_tc_qdisc), MAX_RECORDS, create, rep);
}

/* A default has no options to record; what cannot be restored exactly becomes a default. */
static struct bq_tc_qdisc to_record(const struct bq_tc_qdisc *was)
{
	struct bq_tc_qdisc record = *was;
	const char *why;

	if (was->handle && bq_undo_is_exact(was, &why))
		return record;
	record.options_len = 0;
	record.handle = 0;
	/* The kernel makes a new default at the root; under mq it would leave a hole. */
	if (was->parent == TC_H_ROOT || (was->handle && *was->kind))
		*record.kind = '\0';
	return record;
}

int bq_undo_record(const struct bq_place *place, const struct bq_tc_qdisc *was,
		   struct bq_report *rep)
{
	struct bq_tc_qdisc record = to_record(was);
	int err, fd = open_store(true, rep);

	if (fd < 0)
		return fd;
	err = bq_store_put(fd, place, &record, rep);
	close(fd);
	return err;
}

void bq_undo_forget(const struct bq_place *place)
{
	struct bq_report ignored = { 0 };
	int fd = open_store(false, &ignored);

	if (fd < 0)
		return;
	bq_store_delete(fd, place);
	close(fd);
}

static int read_record(const struct bq_place *place, struct bq_tc_qdisc *record)
{
	struct bq_report ignored = { 0 };
	int err, fd = open_store(false, &ignored);

	if (fd < 0)
		return -ENOENT;
	err = bq_store_get(fd, place, record);
	close(fd);
	return err;
}

int bq_undo_restore(const struct bq_place *place, struct bq_report *rep)
{
	struct bq_tc_qdisc record = { 0 };
	int err = read_record(place, &record);

	if (!err && *record.kind)
		return bq_tc_create(&record, BQ_TC_REPLACE, rep);
	if (place->parent != TC_H_ROOT)
		return bq_fail(rep, BQDISC_FAULT_REFUSED, ENOENT,
			       "nothing is recorded of what was at %x:%x, and to delete a child of "
			       "mq would stop its queue: replace it with tc",
			       TC_H_MAJ(place->parent) >> 16, TC_H_MIN(place->parent));
	return bq_tc_delete(place->ifindex, place->parent, rep);
}

void bq_undo_sweep(bool (*alive)(const struct bq_place *place, void *arg), void *arg)
{
	struct bq_report ignored = { 0 };
	struct bq_place place, next;
	int fd = open_store(false, &ignored);
	bool more, empty = true;

	if (fd < 0)
		return;
	more = !bq_store_next(fd, NULL, &place);
	while (more) {
		more = !bq_store_next(fd, &place, &next);
		if (alive(&place, arg))
			empty = false;
		else
			bq_store_delete(fd, &place);
		place = next;
	}
	close(fd);
	if (empty)
		unlink(STORE_PATH);
}
