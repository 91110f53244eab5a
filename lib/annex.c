// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "annex.h"

/* A section as it lies in an annex. */
static const struct bq_section *section_at(const struct bq_blob *annex, uint32_t at)
{
	return (const struct bq_section *)((const char *)annex->data + at);
}

/* Where the section is, or would be put, of the annex. */
static uint32_t find(const struct bq_blob *annex, uint32_t rule, uint32_t use)
{
	const struct bq_section *s;
	uint32_t at = 0;

	for (; at < annex->size; at += (uint32_t)BQ_SECTION_BYTES(s->size)) {
		s = section_at(annex, at);
		if (s->rule > rule || (s->rule == rule && s->use >= use))
			break;
	}
	return at;
}

/* Bytes of the section there if it is the one, or 0. */
static uint32_t bytes_at(const struct bq_blob *annex, uint32_t at, uint32_t rule, uint32_t use)
{
	const struct bq_section *s = section_at(annex, at);

	if (at == annex->size || s->rule != rule || s->use != use)
		return 0;
	return (uint32_t)BQ_SECTION_BYTES(s->size);
}

int bq_annex_put(struct bq_blob *annex, uint32_t rule, uint32_t use, const void *data,
		 uint32_t size)
{
	struct bq_section section = { .rule = rule, .use = use, .size = size };
	uint32_t at = find(annex, rule, use), was = bytes_at(annex, at, rule, use);
	uint32_t is = size ? (uint32_t)BQ_SECTION_BYTES(size) : 0, rest = annex->size - at - was;
	char *grown;

	if (!was && !is)
		return 0;
	grown = calloc(1, (size_t)at + is + rest + 1);
	if (!grown)
		return -ENOMEM;
	if (annex->size) {
		memcpy(grown, annex->data, at);
		memcpy(grown + at + is, (const char *)annex->data + at + was, rest);
	}
	if (is) {
		memcpy(grown + at, &section, sizeof(section));
		memcpy(grown + at + sizeof(section), data, size);
	}
	free(annex->data);
	annex->data = grown;
	annex->size = at + is + rest;
	return 0;
}

const void *bq_annex_get(const struct bq_blob *annex, uint32_t rule, uint32_t use, uint32_t *size)
{
	uint32_t at = find(annex, rule, use);

	if (!bytes_at(annex, at, rule, use))
		return NULL;
	*size = section_at(annex, at)->size;
	return section_at(annex, at) + 1;
}
