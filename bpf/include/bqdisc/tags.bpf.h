/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Description of a qdisc for user space: options, counters and needs. The tags are stored in the
 * object's type information (BTF) and cost no instruction and no memory.
 *
 *   struct foo_config {
 *           __u64 set_mask;       first; bit n says that the nth option below was named
 *           __u64 limit BQ_OPTION(PACKETS, "1", "100000", "1000", "most packets to hold");
 *   };
 *
 * Every option is one __u64, no array. Its minimum, maximum and default are strings as typed on the
 * command line: "10ms", "1mbit". UNIT gives the unit and the field's content:
 *   COUNT, PACKETS  a number          TIME  nanoseconds
 *   BYTES           bytes             RATE  bits a second
 *   FLAG            0 or 1; typed as `name` or `noname`
 * An option `limit` in PACKETS sets the number of an instance's slots.
 *
 *   struct foo_stats {
 *           __u64 drops_limit BQ_COUNTER(PACKETS, "refused because the limit was reached");
 *           __u64 waited[BQ_TIMES] BQ_HISTOGRAM(TIME, "time packets waited");
 *   };
 *
 *   struct BQ_QDISC("one line", "A few sentences.") foo {
 *           struct bq_instance id;
 *           struct foo_config config[2], defaults;
 *           struct foo_stats stats;
 *           ... private state ...
 *   };
 *
 * For `bqdisc metrics` a member with BQ_COUNTER() is a number that only rises.
 *
 * Guarantees: bqdisc rejects values outside an option's range. Cost: none.
 */
#ifndef BQDISC_TAGS_BPF_H
#define BQDISC_TAGS_BPF_H

#define BQ_TAG(text) __attribute__((btf_decl_tag("bqdisc:" text)))

#define BQ_OPTION(UNIT, MIN, MAX, DEFAULT, HELP)                                                   \
	BQ_TAG("option|" #UNIT "|" MIN "|" MAX "|" DEFAULT "|" HELP)
#define BQ_COUNTER(UNIT, HELP) BQ_TAG("counter|" #UNIT "|" HELP)
/* BQ_TIMES elements of TIME or BQ_LENGTHS of PACKETS (histogram.h). */
#define BQ_HISTOGRAM(UNIT, HELP) BQ_TAG("histogram|" #UNIT "|" HELP)
/*
 * In-tree counterpart for comparisons, in tc's words: `struct BQ_QDISC(...) BQ_COUNTERPART("fq")
 * foo`.
 */
#define BQ_COUNTERPART(WORDS) BQ_TAG("peer|" WORDS)
#define BQ_QDISC(SUMMARY, DESCRIPTION) BQ_TAG("qdisc|" SUMMARY "|" DESCRIPTION)

/*
 * Member of the instance struct of a kind with plain memory (memory.bpf.h): its memory needs.
 * PACKET_BYTES are needed for each packet that an instance can hold, plus UNITS times UNIT_BYTES.
 * PACKETS is the number of packets if no option `limit` in PACKETS sets it; or 0.
 */
#define BQ_NEEDS(PACKETS, PACKET_BYTES, UNITS, UNIT_BYTES)                                         \
	struct {                                                                                   \
		int (*packets)[PACKETS];                                                           \
		int (*packet_bytes)[PACKET_BYTES];                                                 \
		int (*units)[UNITS];                                                               \
		int (*unit_bytes)[UNIT_BYTES];                                                     \
	} * needs

#define bq_need(q, what) (sizeof(*(q)->needs->what) / sizeof(int))

#endif
