// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Conditions of rules. Each reads the parsed log only. */
#include <stdlib.h>
#include <string.h>

#include "verify/conditions.h"
#include "verify/log_packet.h"
#include "verify/replacements.h"

/* Find the instruction that created the leaked reference, and the NAME of its callee. */
static void find_origin(struct bq_log_match *match, char *name, size_t size)
{
	match->origin = match->log ? bq_log_step_at(match->log, atoi(match->captured[1])) : NULL;
	name[0] = '\0';
	if (match->origin)
		bq_log_callee(match->origin, name, size);
}

/* The kernel acquires enqueue's packet before the first instruction, without a call. */
bool bq_cond_leaks_argument(struct bq_log_match *match)
{
	char name[BQ_CAPTURE_SIZE];

	find_origin(match, name, sizeof(name));
	return !name[0] && match->op && !strcmp(match->op, "enqueue");
}

bool bq_cond_leaks_xchg(struct bq_log_match *match)
{
	char name[BQ_CAPTURE_SIZE];

	find_origin(match, name, sizeof(name));
	return !strcmp(name, "bpf_kptr_xchg");
}

bool bq_cond_leaks_call(struct bq_log_match *match)
{
	char name[BQ_CAPTURE_SIZE];

	find_origin(match, name, sizeof(name));
	return name[0];
}

bool bq_cond_in_dequeue(struct bq_log_match *match)
{
	return match->op && !strcmp(match->op, "dequeue");
}

static bool was_packet(struct bq_log_match *match, int reg)
{
	return match->log && bq_log_was_packet(match->log, reg, &match->release) && match->release;
}

bool bq_cond_reg_was_packet(struct bq_log_match *match)
{
	return was_packet(match, atoi(match->captured[0]));
}

bool bq_cond_arg1_was_packet(struct bq_log_match *match)
{
	return was_packet(match, 1);
}

bool bq_cond_arg2_was_packet(struct bq_log_match *match)
{
	return was_packet(match, 2);
}

bool bq_cond_argument_released(struct bq_log_match *match)
{
	match->release = match->log ? bq_log_argument_release(match->log) : NULL;
	return match->release;
}

/* libbpf replaces a call that it cannot resolve with one of a helper that does not exist. */
bool bq_cond_calls_unknown(struct bq_log_match *match)
{
	const struct bq_log_step *last = match->log ? bq_log_last_step(match->log) : NULL;
	char name[BQ_CAPTURE_SIZE];

	return last && bq_log_callee(last, name, sizeof(name)) && !strcmp(name, "unknown");
}

bool bq_cond_has_replacement(struct bq_log_match *match)
{
	return bq_replacement(match->captured[0]);
}
