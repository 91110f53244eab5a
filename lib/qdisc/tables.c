// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/tables.h"

/* Return the section at an offset in the tables. */
static const struct bq_tlv *section_at(const struct bq_blob *tables, uint32_t at)
{
	return (const struct bq_tlv *)((const char *)tables->data + at);
}

/* Return the offset of the section, or where to insert it. */
static uint32_t find(const struct bq_blob *tables, uint32_t rule, uint32_t use)
{
	const struct bq_tlv *s;
	uint32_t at = 0;

	for (; at < tables->size; at += (uint32_t)BQ_TLV_BYTES(s->size)) {
		s = section_at(tables, at);
		if (s->rule > rule || (s->rule == rule && s->use >= use))
			break;
	}
	return at;
}

/* Return the bytes of the section at AT if it is the one of RULE and USE, else 0. */
static uint32_t bytes_at(const struct bq_blob *tables, uint32_t at, uint32_t rule, uint32_t use)
{
	const struct bq_tlv *s = section_at(tables, at);

	if (at == tables->size || s->rule != rule || s->use != use)
		return 0;
	return (uint32_t)BQ_TLV_BYTES(s->size);
}

int bq_tables_put(struct bq_blob *tables, uint32_t rule, uint32_t use, const void *data,
		  uint32_t size)
{
	struct bq_tlv section = { .rule = rule, .use = use, .size = size };
	uint32_t at = find(tables, rule, use), was = bytes_at(tables, at, rule, use);
	uint32_t is = size ? (uint32_t)BQ_TLV_BYTES(size) : 0, rest = tables->size - at - was;
	char *grown;

	if (!was && !is)
		return 0;
	grown = calloc(1, (size_t)at + is + rest + 1);
	if (!grown)
		return -ENOMEM;
	if (tables->size) {
		memcpy(grown, tables->data, at);
		memcpy(grown + at + is, (const char *)tables->data + at + was, rest);
	}
	if (is) {
		memcpy(grown + at, &section, sizeof(section));
		memcpy(grown + at + sizeof(section), data, size);
	}
	free(tables->data);
	tables->data = grown;
	tables->size = at + is + rest;
	return 0;
}

const void *bq_tables_get(const struct bq_blob *tables, uint32_t rule, uint32_t use, uint32_t *size)
{
	uint32_t at = find(tables, rule, use);

	if (!bytes_at(tables, at, rule, use))
		return NULL;
	*size = section_at(tables, at)->size;
	return section_at(tables, at) + 1;
}
