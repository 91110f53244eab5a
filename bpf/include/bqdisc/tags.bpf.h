/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What user space is told of a qdisc: its options, counters and needs. All of it is written into
 * the object's type information (BTF) and costs no instruction and no memory.
 *
 *   struct foo_config {
 *           __u64 set_mask;       first; bit n says that the nth option below was named
 *           __u64 limit BQ_OPTION(PACKETS, "1", "100000", "1000", "most packets to hold");
 *   };
 *
 * Every option is one __u64, no array. Its smallest, largest and default value are written as
 * people type them: "10ms", "1mbit". UNIT says what it counts, and what the field holds:
 *   COUNT, PACKETS  a number          TIME  nanoseconds
 *   BYTES           bytes             RATE  bits a second
 *   FLAG            0 or 1; typed as `name` or `noname`
 * An option `limit` in PACKETS says how many packets an instance has slots for.
 *
 *   struct foo_stats {
 *           __u64 drops_limit BQ_COUNTER(PACKETS, "refused because the limit was reached");
 *           __u64 waited[32] BQ_COUNTER(PACKETS, "a histogram: see stats.bpf.h");
 *   };
 *
 *   struct BQ_QDISC("one line", "A few sentences.") foo {
 *           struct bq_instance id;
 *           struct foo_config config[2], defaults;
 *           struct foo_stats stats;
 *           ... private state ...
 *   };
 *
 * Guarantees: bqdisc lets no value outside of an option's range through. Cost: none.
 */
#ifndef BQDISC_TAGS_BPF_H
#define BQDISC_TAGS_BPF_H

#define BQ_TAG(text) __attribute__((btf_decl_tag("bqdisc:" text)))

#define BQ_OPTION(UNIT, MIN, MAX, DEFAULT, HELP)                                                   \
	BQ_TAG("option|" #UNIT "|" MIN "|" MAX "|" DEFAULT "|" HELP)
#define BQ_COUNTER(UNIT, HELP) BQ_TAG("counter|" #UNIT "|" HELP)
/* In-tree, to compare it with, as tc takes it: `struct BQ_QDISC(...) BQ_COUNTERPART("fq") foo`. */
#define BQ_COUNTERPART(WORDS) BQ_TAG("peer|" WORDS)
#define BQ_QDISC(SUMMARY, DESCRIPTION) BQ_TAG("qdisc|" SUMMARY "|" DESCRIPTION)

/*
 * Member of the instance struct of a kind with plain memory (memory.bpf.h): how many bytes of it an
 * instance needs for each packet that it can hold, and UNITS times UNIT_BYTES besides. PACKETS is
 * how many it can hold when no option `limit` in PACKETS says it; or 0.
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
