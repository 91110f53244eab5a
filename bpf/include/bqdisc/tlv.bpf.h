/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Search for a TLV of a configuration (tlv.h) in BPF.
 *
 * Guarantees: the search ends, and stays inside TLVs that bqdisc wrote. Cost: 10 instructions for
 * each TLV before it.
 */
#ifndef BQDISC_TLV_BPF_H
#define BQDISC_TLV_BPF_H

#include <bqdisc/tlv.h>
#include <bqdisc/memory.bpf.h>

/* Return the value of the TLV for USE of RULE in BANK, with its bytes in *SIZE; 0: none. */
static __always_inline bq_ref bq_tlv_find(const struct bq_instance *id, u32 bank, u32 rule, u32 use,
					  u32 *size)
{
	bq_ref at = id->tables[bank & 1].ref, end = at + id->tables[bank & 1].size;

	*size = 0;
	while (at < end && can_loop) {
		struct bq_tlv __arena *section = bq_at(struct bq_tlv, at);

		if (section->rule == rule && section->use == use) {
			*size = section->size;
			return at + sizeof(*section);
		}
		at += BQ_TLV_BYTES(section->size);
	}
	return 0;
}

#endif
