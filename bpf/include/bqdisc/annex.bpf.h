/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding a section of an annex (annex.h) in BPF.
 *
 * Guarantees: the search ends, and where the annex was written by bqdisc nothing outside of it is
 * found. Cost: 10 instructions for each section before it.
 */
#ifndef BQDISC_ANNEX_BPF_H
#define BQDISC_ANNEX_BPF_H

#include <bqdisc/annex.h>
#include <bqdisc/memory.bpf.h>

/* What lies in the section for USE of RULE of the annex of BANK, and how much in *SIZE; 0: none. */
static __always_inline bq_link bq_annex_find(const struct bq_instance *id, u32 bank, u32 rule,
					     u32 use, u32 *size)
{
	bq_link at = id->annex[bank & 1].link, end = at + id->annex[bank & 1].size;

	*size = 0;
	while (at < end && can_loop) {
		struct bq_section __arena *section = bq_at(struct bq_section, at);

		if (section->rule == rule && section->use == use) {
			*size = section->size;
			return at + sizeof(*section);
		}
		at += BQ_SECTION_BYTES(section->size);
	}
	return 0;
}

#endif
