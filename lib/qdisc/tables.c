// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/tables.h"

/*
 * Return the section of RULE and USE, or NULL if there is none. Set *AT to its offset, or to where
 * it belongs.
 */
static const struct bq_tlv *find(const struct bq_blob *tables, uint32_t rule, uint32_t use,
				 uint32_t *at)
{
	const struct bq_tlv *s;

	for (*at = 0; *at < tables->size; *at += (uint32_t)BQ_TLV_BYTES(s->size)) {
		s = (const struct bq_tlv *)((const char *)tables->data + *at);
		if (s->rule == rule && s->use == use)
			return s;
		if (s->rule > rule || (s->rule == rule && s->use > use))
			break;
	}
	return NULL;
}

int bq_tables_put(struct bq_blob *tables, uint32_t rule, uint32_t use, const void *data,
		  uint32_t size)
{
	struct bq_tlv section = { .rule = rule, .use = use, .size = size };
	uint32_t at, was, is = size ? (uint32_t)BQ_TLV_BYTES(size) : 0, rest;
	const struct bq_tlv *old = find(tables, rule, use, &at);
	char *grown;

	was = old ? (uint32_t)BQ_TLV_BYTES(old->size) : 0;
	rest = tables->size - at - was;
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
	uint32_t at;
	const struct bq_tlv *s = find(tables, rule, use, &at);

	if (!s)
		return NULL;
	*size = s->size;
	return s + 1;
}
