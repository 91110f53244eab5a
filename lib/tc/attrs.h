/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options as the netlink attributes of the in-tree qdiscs, which .init of a kind reads. */
#ifndef BQ_TC_ATTRS_H
#define BQ_TC_ATTRS_H

#include "qdisc/qdisc.h"

#define BQ_ATTRS_MAX 61440 /* bytes, with the headers: the length of an attribute has 16 bits */

/* The payload of TCA_OPTIONS. */
struct bq_attrs {
	size_t len; /* bytes; 0: no options */
	_Alignas(8) unsigned char data[BQ_ATTRS_MAX];
	bool failed; /* it is too small */
};

/*
 * Write the complete CONFIG of Q with its TABLES into ATTRS. Return 0, or -EINVAL for an option
 * that has no attribute, and for a value that does not fit into it.
 */
int bq_attrs_write(const struct bqdisc_qdisc *q, const void *config, const struct bq_blob *tables,
		   struct bq_attrs *attrs, struct bq_error *error);

/* --- for this folder --- */

/* Append SIZE bytes of DATA without a header. */
void bq_attrs_raw(struct bq_attrs *a, const void *data, size_t size);
void bq_attrs_put(struct bq_attrs *a, uint16_t type, const void *data, size_t size);
void bq_attrs_u32(struct bq_attrs *a, uint16_t type, uint32_t value);
void bq_attrs_u64(struct bq_attrs *a, uint16_t type, uint64_t value);
/* Report that the option of row N has no attribute. Return -EINVAL. */
int bq_attrs_fail(const struct bqdisc_qdisc *q, size_t n, const char *why, struct bq_error *error);

int bq_attrs_fq(const struct bqdisc_qdisc *q, const void *config, const struct bq_blob *tables,
		struct bq_attrs *attrs, struct bq_error *error);
int bq_attrs_fq_codel(const struct bqdisc_qdisc *q, const void *config,
		      const struct bq_blob *tables, struct bq_attrs *attrs, struct bq_error *error);
int bq_attrs_netem(const struct bqdisc_qdisc *q, const void *config, const struct bq_blob *tables,
		   struct bq_attrs *attrs, struct bq_error *error);
int bq_attrs_tbf(const struct bqdisc_qdisc *q, const void *config, const struct bq_blob *tables,
		 struct bq_attrs *attrs, struct bq_error *error);

#endif
