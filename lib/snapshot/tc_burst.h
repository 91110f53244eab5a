/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rates and bursts of shapers. A dump has bursts as times, in ticks of 64 ns; a tc command has them
 * in bytes.
 */
#ifndef BQ_SNAPSHOT_TC_BURST_H
#define BQ_SNAPSHOT_TC_BURST_H

#include "snapshot/tc_format.h"

struct tc_ratespec;

/*
 * Return bytes that tc converts to TICKS at a rate (tc_calc_xmittime()), or 0 if there are none.
 * tc 6.1 cuts the time to microseconds, tc of 2025 and later rounds up to ticks. If both can make
 * TICKS, assume tc 6.1: it makes only every sixteenth number, so a match is no accident.
 */
uint64_t bq_tc_burst_of_ticks(uint64_t bytes_per_s, uint32_t ticks);

/* Return the bytes that the kernel converts to TICKS at a rate, or 0 if there are none. */
uint64_t bq_tc_burst_of_kernel(uint64_t bytes_per_s, uint32_t ticks);

/* Return the rate in bytes/s: of the 64-bit attribute TYPE, or of RATE if there is none. */
uint64_t bq_tc_rate64(const struct tc_ratespec *rate, const struct nlattr *options, uint16_t type);

/* Print WORD and BYTES. A burst of 0 bytes has no tc command: mark the line incomplete. */
void bq_tc_print_burst(struct bq_tc_line *w, const char *word, uint64_t bytes);

#endif
