/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The room of libmnl: asks the kernel to change qdiscs, and keeps its own sentence (extack) when
 * it refuses. Also reads a qdisc's options as they are, for replay.
 */
#ifndef BQ_TC_H
#define BQ_TC_H

#include "report.h"

#define BQ_TC_KIND_MAX 16
/* More than any in-tree qdisc dumps: cake's options are some 200 bytes. */
#define BQ_TC_OPTIONS_MAX 2048

struct bq_tc_qdisc {
	uint32_t ifindex;
	uint32_t handle; /* 0: made by the kernel by default */
	uint32_t parent;
	uint32_t options_len;
	char kind[BQ_TC_KIND_MAX];
	bool has_stab;    /* a size table, which the kernel does not dump */
	bool options_cut; /* longer than we keep */
	uint8_t options[BQ_TC_OPTIONS_MAX];
};

/* Reads the qdisc at PARENT of the device. 0 with an empty kind: there is none. */
int bq_tc_get(uint32_t ifindex, uint32_t parent, struct bq_tc_qdisc *qdisc, struct bq_report *rep);

enum bq_tc_mode {
	BQ_TC_ADD,     /* only where a default qdisc is */
	BQ_TC_REPLACE, /* whatever is there, even a qdisc of the same kind */
};

/* Creates QDISC and puts it in place. Handle 0: one that is free on the device. */
int bq_tc_create(const struct bq_tc_qdisc *qdisc, enum bq_tc_mode mode, struct bq_report *rep);

/* Takes the qdisc at PARENT away; at the root the kernel puts the default there. */
int bq_tc_delete(uint32_t ifindex, uint32_t parent, struct bq_report *rep);

#endif
