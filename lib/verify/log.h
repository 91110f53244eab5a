/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Parser of the verifier's log of a refused program. Works on text: it calls neither the kernel nor
 * libbpf.
 *
 * At log level 1 the kernel deletes the log of a path that it has accepted. The log that is left
 * describes one path, from the first instruction to the refused one.
 */
#ifndef BQ_VERIFY_LOG_H
#define BQ_VERIFY_LOG_H

#include <stdbool.h>
#include <stddef.h>

/* Source line of the instructions that follow it. The log repeats it when the path returns. */
struct bq_log_line {
	const char *file; /* without directories */
	unsigned int number;
	const char *source;
};

/* Instruction on the path. */
struct bq_log_step {
	int insn;
	const char *text;  /* "(85) call bpf_kptr_xchg#194" */
	const char *state; /* "R0=ptr_or_null_sk_buff(id=3) refs=3"; empty: not logged */
	int line;          /* index into `lines`; -1: unknown */
};

#define BQ_LOG_MESSAGES_MAX 16

struct bq_log {
	struct bq_log_step *steps;
	size_t n_steps;
	struct bq_log_line *lines;
	size_t n_lines;
	/* Messages about the last step, or about the whole program if there is no step. */
	const char *messages[BQ_LOG_MESSAGES_MAX];
	size_t n_messages;
	char *text; /* copy of the log that the other members point into */
};

/* Parse TEXT, which may be truncated or malformed. Return 0 or -ENOMEM. */
int bq_log_parse(struct bq_log *log, const char *text);
void bq_log_free(struct bq_log *log);

/* Return the source line of STEP, or NULL if it is unknown. */
const struct bq_log_line *bq_log_line_of(const struct bq_log *log, const struct bq_log_step *step);

/* Return the last step, or NULL if there is none. */
const struct bq_log_step *bq_log_last_step(const struct bq_log *log);

/* Return the last step of instruction INSN, or NULL if it is not on the path. */
const struct bq_log_step *bq_log_step_at(const struct bq_log *log, int insn);

/*
 * Copy the name of the kernel function that STEP calls into NAME. Return false, with an empty NAME,
 * if STEP is no such call or the name is longer than SIZE.
 */
bool bq_log_callee(const struct bq_log_step *step, char *name, size_t size);

#endif
