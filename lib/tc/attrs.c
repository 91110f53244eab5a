// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "fifo.h"
#include "tc/attrs.h"
#include "util/array.h"

void bq_attrs_raw(struct bq_attrs *a, const void *data, size_t size)
{
	size_t padded = RTA_ALIGN(size);

	if (a->failed || padded > sizeof(a->data) - a->len) {
		a->failed = true;
		return;
	}
	memset(a->data + a->len, 0, padded);
	memcpy(a->data + a->len, data, size);
	a->len += padded;
}

void bq_attrs_put(struct bq_attrs *a, uint16_t type, const void *data, size_t size)
{
	const struct rtattr header = {
		.rta_len = (unsigned short)RTA_LENGTH(size),
		.rta_type = type,
	};

	bq_attrs_raw(a, &header, sizeof(header));
	bq_attrs_raw(a, data, size);
}

void bq_attrs_u32(struct bq_attrs *a, uint16_t type, uint32_t value)
{
	bq_attrs_put(a, type, &value, sizeof(value));
}

void bq_attrs_u64(struct bq_attrs *a, uint16_t type, uint64_t value)
{
	bq_attrs_put(a, type, &value, sizeof(value));
}

int bq_attrs_fail(const struct bqdisc_qdisc *q, size_t n, const char *why, struct bq_error *error)
{
	const struct bq_option *row = &q->options[n];

	return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL, "%s %s: %s; use 'bqdisc attach'", q->name,
		       row->words[0] ? row->words[1] : row->name, why);
}

static int write_fifo(const struct bqdisc_qdisc *q, const void *config,
		      const struct bq_blob *tables, struct bq_attrs *attrs, struct bq_error *error)
{
	const struct fifo_config *c = config;

	(void)q;
	(void)tables;
	(void)error;
	if (c->set_mask & FIFO_SET_LIMIT)
		bq_attrs_raw(attrs, &c->limit, sizeof(c->limit));
	return 0;
}

int bq_attrs_write(const struct bqdisc_qdisc *q, const void *config, const struct bq_blob *tables,
		   struct bq_attrs *attrs, struct bq_error *error)
{
	static const struct {
		const char *object;
		int (*write)(const struct bqdisc_qdisc *q, const void *config,
			     const struct bq_blob *tables, struct bq_attrs *attrs,
			     struct bq_error *error);
	} formats[] = {
		{ "fifo", write_fifo },
		{ "fq", bq_attrs_fq },
		{ "fq_codel", bq_attrs_fq_codel },
		{ "netem", bq_attrs_netem },
		{ "tbf", bq_attrs_tbf },
	};
	size_t i;
	int err;

	attrs->len = 0;
	attrs->failed = false;
	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(q->object, formats[i].object))
			break;
	if (i == ARRAY_SIZE(formats))
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s: tc cannot give it options; use 'bqdisc attach'", q->name);
	err = formats[i].write(q, config, tables, attrs, error);
	if (!err && attrs->failed)
		err = bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			      "%s: the tables are too long for a request; use 'bqdisc attach'",
			      q->name);
	return err;
}
