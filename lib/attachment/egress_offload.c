// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/system.h"
#include "netlink/link.h"
#include "netlink/qdisc.h"
#include "bpf/map.h"
#include "bpf/pin.h"
#include "attachment/egress_link.h"
#include "attachment/egress_offload.h"

/* Name of the pinned record of gso_max_segs, which exists while that is 1. */
#define RECORD "offload"

struct record {
	uint64_t net_cookie;
	uint32_t ifindex;
	uint32_t segments; /* earlier value of gso_max_segs */
};

static int open_record(const char *name, bool create, struct bq_error *error)
{
	static const struct bq_store store = {
		.name = "bqdisc_" RECORD,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(struct record),
		.max_entries = 1,
	};
	char dir[BQ_PIN_PATH_MAX], path[BQ_PIN_PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s/" RECORD, bq_pin_kind(name, dir));
	return bq_store_open(path, &store, create, error);
}

static void unlink_record(const char *name)
{
	char dir[BQ_PIN_PATH_MAX], path[BQ_PIN_PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s/" RECORD, bq_pin_kind(name, dir));
	unlink(path);
}

static int read_record(const char *name, struct record *record)
{
	int err, fd = open_record(name, false, NULL);
	uint32_t zero = 0;

	if (fd < 0)
		return fd;
	err = bq_store_get(fd, &zero, record);
	close(fd);
	return err;
}

/*
 * Return the value that another NAME has recorded for the device, or 0. There is one while a qdisc
 * replaces another and both need 1.
 */
static uint32_t recorded_elsewhere(const char *name, uint32_t ifindex)
{
	struct bq_pins pins = { 0 };
	struct record record = { 0 };
	uint32_t was = 0;
	uint64_t here;
	size_t i;

	if (bq_system_net_cookie(&here, NULL))
		return 0;
	bq_pins_read(&pins, BQ_EGRESS_DIR);
	for (i = 0; !was && i < pins.n; i++)
		if (strcmp(pins.names[i], name) != 0 && !read_record(pins.names[i], &record) &&
		    record.net_cookie == here && record.ifindex == ifindex)
			was = record.segments;
	bq_pins_free(&pins);
	return was;
}

/*
 * Record the present value before changing it. Keep an existing record: it is from an interrupted
 * command, which may have changed the value already.
 */
static int record_segments(int fd, uint32_t ifindex, uint32_t was, struct bq_error *error)
{
	struct record record = { 0 };
	uint32_t zero = 0;
	int err;

	if (!bq_store_get(fd, &zero, &record))
		return 0;
	record.ifindex = ifindex;
	record.segments = was;
	err = bq_system_net_cookie(&record.net_cookie, error);
	return err ? err : bq_store_put(fd, &zero, &record, error);
}

int bq_offload_disable(const char *name, uint32_t ifindex, struct bq_error *error)
{
	uint32_t was;
	int err, fd;

	if (bq_dev_gso_max_segs(ifindex, &was))
		return 0;
	if (was == 1)
		was = recorded_elsewhere(name, ifindex);
	if (!was)
		return 0;
	fd = open_record(name, true, error);
	if (fd < 0)
		return fd;
	err = record_segments(fd, ifindex, was, error);
	close(fd);
	return err ? err : bq_tc_set_segments(ifindex, 1, error);
}

bool bq_offload_restore(const char *name)
{
	struct record record = { 0 };
	uint64_t here = 0;
	int err = read_record(name, &record);

	if (!err && (bq_system_net_cookie(&here, NULL) || here != record.net_cookie))
		return false;
	if (!err && !recorded_elsewhere(name, record.ifindex))
		bq_tc_set_segments(record.ifindex, record.segments, NULL);
	unlink_record(name);
	return true;
}

uint32_t bq_offload_recorded(const char *name)
{
	struct record record = { 0 };

	return read_record(name, &record) ? 0 : record.segments;
}
