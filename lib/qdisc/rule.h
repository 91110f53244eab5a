/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rules: options for some packets, other options for others. On the command line
 *
 *   OPTIONS [match ...] [rule OPTIONS [match ...]]...     or     rules FILE, a rule a line
 *
 * The options of the first rule are in the config struct. The tables have sections for the options
 * of the other rules and for the matches of all. The descriptor points to struct bq_rules.
 */
#ifndef BQ_QDISC_RULE_H
#define BQ_QDISC_RULE_H

#include <bqdisc/match.h>

#include "qdisc/qdisc.h"

/* Properties of the rules of a qdisc. */
struct bq_rules {
	uint32_t max;
	size_t size;             /* bytes of a rule's options, the beginning of the config struct */
	uint32_t options, match; /* uses of their sections in the tables */
	size_t stats_offset;     /* in the instance: array of stats, one per rule */
	size_t stats_size;
	const struct bq_counter *counters; /* rows of these stats */
	size_t n_counters;
	/*
	 * The rules but the first are classes, whose options have rows of their own, and `size` is
	 * not used. NULL: all are rules.
	 */
	const struct bqdisc_qdisc *classes;
	size_t name_offset; /* of a class's name in its options */
	/* Write the stats of class N, `stats_size` bytes. MEMORY is the range of ID. */
	void (*class_stats)(const struct bq_instance *id, const char *memory, uint32_t n,
			    void *stats);
	/*
	 * Set fields that depend on other options of rule N, and add its tables to TABLES. Return 0
	 * or -errno.
	 */
	int (*complete)(void *config, uint32_t n, struct bq_blob *tables, struct bq_error *error);
};

/*
 * Parse WORDS: the first rule into CONFIG, the others into TABLES. Without a keyword of rules, the
 * rules in TABLES stay; otherwise they are replaced. Return 0 or -errno.
 */
int bq_rules_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		   struct bq_blob *tables, struct bq_error *error);

/* Return the number of rules, at least 1. */
uint32_t bq_rules_count(const struct bqdisc_qdisc *q, const struct bq_blob *tables);
/* Return the options of rule N, 1 or more. */
const void *bq_rules_options(const struct bqdisc_qdisc *q, const struct bq_blob *tables,
			     uint32_t n);
/* Return the match of rule N, or NULL if it matches every packet. */
const struct bq_match *bq_rules_match(const struct bqdisc_qdisc *q, const struct bq_blob *tables,
				      uint32_t n);

#endif
