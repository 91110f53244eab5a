// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* User objects in pinned maps, from which later commands build the same descriptor. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/map.h"
#include "bpf/pin.h"
#include "user/user_object.h"

/* Header of the pinned map. The object's bytes and its name follow. */
struct record {
	uint64_t size; /* of the object */
	char kind[BQ_KIND_MAX];
	char ops[BQ_OPS_MAX];
	char file[BQ_FILE_MAX];
};

int bq_user_object_save(const struct bqdisc_qdisc *q, const char *dir, struct bq_error *error)
{
	const struct bq_user_object *b = bq_user_object_of(q);
	size_t size = sizeof(struct record) + q->image.size + sizeof(b->name);
	struct record *record = calloc(1, size);
	char path[BQ_PIN_PATH_MAX + 8];
	int err;

	if (!record)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	record->size = q->image.size;
	memcpy(record->kind, b->kind, sizeof(record->kind));
	memcpy(record->ops, b->ops, sizeof(record->ops));
	memcpy(record->file, b->file, sizeof(record->file));
	memcpy(record + 1, q->image.bytes, q->image.size);
	memcpy((char *)(record + 1) + q->image.size, b->name, sizeof(b->name));
	snprintf(path, sizeof(path), "%s/object", dir);
	err = bq_blob_save(path, record, size, error);
	free(record);
	return err;
}

/* Read the name. Other releases recorded none and used that of the kind. */
static void read_name(const struct record *record, size_t size, char name[BQ_KIND_MAX])
{
	*name = '\0';
	if (size - sizeof(*record) - record->size < BQ_KIND_MAX)
		return;
	memcpy(name, (const char *)(record + 1) + record->size, BQ_KIND_MAX);
	name[BQ_KIND_MAX - 1] = '\0';
}

static struct bq_user_object *make(const struct record *record, const char *name)
{
	void *bytes = malloc(record->size);
	const struct bq_object_source source = {
		.file = record->file,
		.name = name,
		.kind = record->kind,
		.ops = record->ops,
	};

	if (!bytes)
		return NULL;
	memcpy(bytes, record + 1, record->size);
	return bq_user_object_new(&source, bytes, record->size, NULL);
}

struct bq_user_object *bq_user_object_load(const char *dir)
{
	char path[BQ_PIN_PATH_MAX], blob[BQ_PIN_PATH_MAX + 8], name[BQ_KIND_MAX];
	struct bq_user_object *b = NULL;
	struct record *record;
	size_t size;

	snprintf(blob, sizeof(blob), "%s/object", bq_pin_kind(dir, path));
	if (bq_blob_load(blob, (void **)&record, &size))
		return NULL;
	if (size > sizeof(*record) && record->size <= size - sizeof(*record)) {
		record->kind[sizeof(record->kind) - 1] = '\0';
		record->ops[sizeof(record->ops) - 1] = '\0';
		record->file[sizeof(record->file) - 1] = '\0';
		read_name(record, size, name);
		b = make(record, name);
	}
	free(record);
	if (b)
		snprintf(b->dir, sizeof(b->dir), "%s", dir);
	return b;
}
