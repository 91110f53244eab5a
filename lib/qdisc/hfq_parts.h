/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parts of hfq's descriptor that have files of their own. */
#ifndef BQ_QDISC_HFQ_PARTS_H
#define BQ_QDISC_HFQ_PARTS_H

#include "hfq.h"
#include "qdisc/qdisc.h"

/* A class of a configuration, and what follows from the others. */
struct bq_hfq_class {
	struct hfq_class_config config;
	struct bq_match match;
	bool matched;
	uint32_t parent; /* index; 0: the root */
	uint32_t depth;  /* of the root: 0 */
	bool is_inner;   /* there are classes below it */
	uint64_t rates;  /* sum of the rates of the classes below it, bytes a second */
	uint64_t rate;   /* of its own, or that sum */
};

/* The classes of a configuration, each after its parent. The first is the root. */
struct bq_hfq_classes {
	struct bq_hfq_class *v;
	uint32_t n;
	uint32_t rest; /* the default class */
};

/* A descriptor of nothing but the rows of a class's options. */
extern const struct bqdisc_qdisc bq_hfq_class_rows;

/*
 * Parse "[hfq] OPTIONS [class NAME OPTIONS [match ...]]..." and check the classes. Those named
 * change, or are new; with the word `hfq` there are no others. bqdisc_qdisc.parse of hfq.
 */
int bq_hfq_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		 struct bq_blob *tables, struct bq_error *error);

/* Names of links, up to NULL. */
extern const char *const bq_hfq_link_names[];
/* Parse the options of the instance. "link NAME" stands for overhead, mpu and linklayer. */
int bq_hfq_parse_options(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
			 struct bq_error *error);

/*
 * Read the classes of CONFIG from TABLES, and set what follows. Free them with free(classes->v).
 * Return 0, -ENOMEM, or -EINVAL if they are no tree.
 */
int bq_hfq_read(const struct hfq_config *config, const struct bq_blob *tables,
		struct bq_hfq_classes *classes, struct bq_error *error);

/* Report that the classes below NAME, "" for the root, have more than its RATE together. */
int bq_hfq_fail_rates(const char *name, uint64_t rates, uint64_t rate, struct bq_error *error);

/* bqdisc_qdisc.compile of hfq: write the tree (hfq/tree.h) of a config version. */
int bq_hfq_compile(const struct bq_instance *id, unsigned int bank, const char *memory,
		   const void *config, const struct bq_blob *tables, struct bq_arena_data *data);

/* Stats of a class as user space shows them. */
struct bq_hfq_class_values {
	struct hfq_class_stats counted;
	uint64_t tokens_bytes;  /* that it may send at once within its rate */
	uint64_t ctokens_bytes; /* that it may borrow at once, up to its ceil */
};

/* bq_rules.class_stats of hfq: zeros if there is no class N. */
void bq_hfq_stats(const struct bq_instance *id, const char *memory, uint32_t n, void *stats);

#endif
