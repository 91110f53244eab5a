/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rules: options for some packets, other options for others. On the command line
 *
 *   OPTIONS [match ...] [rule OPTIONS [match ...]]...     or     rules FILE, a rule a line
 *
 * and in the annex a section for each: the options of all rules but the first, whose options are
 * the config struct's, and the matches of all. A qdisc that has rules says so in its descriptor.
 */
#ifndef BQ_QDISC_RULE_H
#define BQ_QDISC_RULE_H

#include <bqdisc/match.h>

#include "qdisc/qdisc.h"

/* What a qdisc has to say about its rules. */
struct bq_rules {
	uint32_t max;
	size_t size; /* bytes of what a rule's options are kept in: what CONFIG begins with */
	uint32_t options, match; /* uses of their sections */
	size_t stats_offset;     /* in the instance: an array of stats, one for each rule */
	size_t stats_size;
	const struct bq_counter *counters; /* of such stats */
	size_t n_counters;
	/* Fills in what follows from the options of rule N, and puts its tables into ANNEX. */
	int (*complete)(void *config, uint32_t n, struct bq_blob *tables, struct bq_error *error);
};

/*
 * Parses all WORDS: those of the first rule into CONFIG, the rest into ANNEX. Without a word about
 * rules those that the annex has stay; with one they are replaced.
 */
int bq_rules_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		   struct bq_blob *tables, struct bq_error *error);

/* How many rules there are: one at least. */
uint32_t bq_rules_count(const struct bqdisc_qdisc *q, const struct bq_blob *tables);
/* The options of rule N, 1 or more. */
const void *bq_rules_options(const struct bqdisc_qdisc *q, const struct bq_blob *tables,
			     uint32_t n);
/* The match of rule N, or NULL: it is for every packet. */
const struct bq_match *bq_rules_match(const struct bqdisc_qdisc *q, const struct bq_blob *tables,
				      uint32_t n);

#endif
