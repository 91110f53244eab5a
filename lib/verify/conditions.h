/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Conditions of rules: distinguish the causes of one message by the instructions before it. */
#ifndef BQ_VERIFY_CONDITIONS_H
#define BQ_VERIFY_CONDITIONS_H

#include "verify/log.h"
#include "verify/pattern.h"

/* Message that is being compared with the rules, and the facts found on the way. */
struct bq_log_match {
	const struct bq_log *log; /* NULL: the message is libbpf's and has no log */
	const char *op;           /* operation that the program implements; NULL: none */
	char captured[BQ_CAPTURES_MAX][BQ_CAPTURE_SIZE];
	const struct bq_log_step *release; /* call that took the packet; NULL: not found */
	const struct bq_log_step *origin;  /* call that returned the reference; NULL: not found */
	char callee[BQ_CAPTURE_SIZE];      /* function called at the last step; empty: none */
};

/*
 * Conditions on "Unreleased reference id=* alloc_insn=*". The instruction that created the
 * reference loaded enqueue's argument, called bpf_kptr_xchg(), or called any function. Set
 * MATCH->origin.
 */
bool bq_cond_leaks_argument(struct bq_log_match *match);
bool bq_cond_leaks_xchg(struct bq_log_match *match);
bool bq_cond_leaks_call(struct bq_log_match *match);

bool bq_cond_in_dequeue(struct bq_log_match *match);

/*
 * Return true if a register held a packet that a call took before the last step, and set
 * MATCH->release to that call. The register is the captured one, or the argument 1 or 2.
 */
bool bq_cond_reg_was_packet(struct bq_log_match *match);
bool bq_cond_arg1_was_packet(struct bq_log_match *match);
bool bq_cond_arg2_was_packet(struct bq_log_match *match);

/* Return true if a call took enqueue's packet, and set MATCH->release to that call. */
bool bq_cond_argument_released(struct bq_log_match *match);

/* Return true if the last step calls a function that libbpf could not resolve. */
bool bq_cond_calls_unknown(struct bq_log_match *match);

/* Return true if the captured function is listed in replacements.c. */
bool bq_cond_has_replacement(struct bq_log_match *match);

#endif
