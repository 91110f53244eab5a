// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <unistd.h>

#include "attachment/saved_default.h"
#include "bpf/map.h"
#include "bpf/pin.h"

#define STORE_PATH BQ_PIN_DIR "/saved_default"

static int open_store(bool create, struct bq_error *error)
{
	static const struct bq_store store = {
		.name = "bqdisc_default",
		.key_size = sizeof(uint32_t),
		.value_size = BQ_DEFAULT_MAX,
		.max_entries = 1,
	};

	return bq_store_open(STORE_PATH, &store, create, error);
}

int bq_saved_default_read(char kind[BQ_DEFAULT_MAX])
{
	int err, fd = open_store(false, NULL);
	uint32_t key = 0;

	if (fd < 0)
		return -ENOENT;
	err = bq_store_get(fd, &key, kind);
	close(fd);
	return err ? -ENOENT : 0;
}

int bq_saved_default_record(const char kind[BQ_DEFAULT_MAX], struct bq_error *error)
{
	char recorded[BQ_DEFAULT_MAX];
	uint32_t key = 0;
	int err, fd;

	if (!bq_saved_default_read(recorded))
		return 0;
	fd = open_store(true, error);
	if (fd < 0)
		return fd;
	err = bq_store_put(fd, &key, kind, error);
	close(fd);
	return err;
}

void bq_saved_default_delete(void)
{
	unlink(STORE_PATH);
}
