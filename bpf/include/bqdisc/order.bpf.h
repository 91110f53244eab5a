/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Order of memory between BPF programs and user space, on machines that reorder reads or writes.
 *
 * User space stores a word with release after what belongs to it. A program that derives the
 * address of what it reads next from that word reads both in order on every machine: so it is with
 * config banks (bq_bank()). Otherwise it loads the word with bq_load_acquire(). BPF of -mcpu=v3 has
 * no load of this kind. An atomic operation that returns the old value orders memory as well, but
 * costs as much as a lock: packets use it only after they have seen that the word differs.
 */
#ifndef BQDISC_ORDER_BPF_H
#define BQDISC_ORDER_BPF_H

#include <bqdisc/kernel.bpf.h>

#define bq_load_acquire(word) __sync_fetch_and_or(word, 0)

/*
 * Set BITS of a 64-bit word that user space loads with acquire. Compiled without use of the old
 * value, the operation would not order what was written before.
 */
#define bq_or_release(word, bits)                                                                  \
	({                                                                                         \
		u64 old = __sync_fetch_and_or(word, bits);                                         \
		barrier_var(old);                                                                  \
	})

#endif
