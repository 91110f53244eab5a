/* SPDX-License-Identifier: GPL-2.0-only */
/* Record of a packet that waits in netem. */
#ifndef BQDISC_NETEM_PACKET_BPF_H
#define BQDISC_NETEM_PACKET_BPF_H

#include <bqdisc/packets.bpf.h>
#include "netem.h"

/*
 * The kit's record, with members of netem in place of those that only a skew heap or another qdisc
 * uses. A union, so that the compiler expects both views of the same memory.
 */
union netem_packet {
	struct bq_packet kit;
	struct {
		u64 time;    /* departure, CLOCK_MONOTONIC ns */
		u32 place;   /* used by the tfifo's heap or wheel */
		u32 len;     /* bytes */
		u64 arrived; /* CLOCK_MONOTONIC ns */
		bq_ref next; /* in its list, or in the tfifo's chain */
		u8 rule;
		u8 reserved;
		u8 part; /* used by bq_packets */
	};
};

#define NETEM_SAME_AS_KIT(member, of_kit)                                                          \
	_Static_assert(offsetof(union netem_packet, member) == offsetof(struct bq_packet, of_kit), \
		       "netem's record keeps " #of_kit " where the kit expects it")

NETEM_SAME_AS_KIT(time, time);
NETEM_SAME_AS_KIT(place, node.place);
NETEM_SAME_AS_KIT(next, next);
NETEM_SAME_AS_KIT(part, part);
_Static_assert(sizeof(union netem_packet) == sizeof(struct bq_packet),
	       "netem's record is no larger than the kit's, by which bq_packets counts");
_Static_assert(NETEM_RULES <= 256, "the record holds the number of any rule");

typedef union netem_packet __arena netem_packet;

static __always_inline netem_packet *netem_packet_at(bq_ref ref)
{
	return bq_at(union netem_packet, ref);
}

#endif
