/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The verifier's log of a program that it refused, taken apart. Pure text: no kernel, no libbpf.
 *
 * At log level 1 the kernel forgets what it wrote about a path once that path was found to be fine.
 * So what is left is one path: from the first instruction to the one that it refused.
 */
#ifndef BQ_VERIFY_LOG_H
#define BQ_VERIFY_LOG_H

#include <stdbool.h>
#include <stddef.h>

/* A line of source that the path came to. It is named again whenever the path comes back. */
struct bq_log_line {
	const char *file; /* without directories */
	unsigned int number;
	const char *source;
};

/* An instruction on the path. */
struct bq_log_step {
	int insn;
	const char *text;  /* "(85) call bpf_kptr_xchg#194" */
	const char *state; /* "R0=ptr_or_null_sk_buff(id=3) refs=3", or "" */
	int line;          /* index of its line; -1: not known */
};

#define BQ_LOG_SAID_MAX 16

struct bq_log {
	struct bq_log_step *steps;
	size_t n_steps;
	struct bq_log_line *lines;
	size_t n_lines;
	/* What the kernel said of the last step; if there is none, of the program as a whole. */
	const char *said[BQ_LOG_SAID_MAX];
	size_t n_said;
	char *text; /* what the others point into */
};

/* Takes TEXT apart. Whatever it is, it does no harm. -ENOMEM. */
int bq_log_parse(struct bq_log *log, const char *text);
void bq_log_free(struct bq_log *log);

/* The line of a step, or NULL. */
const struct bq_log_line *bq_log_line_of(const struct bq_log *log, const struct bq_log_step *step);

/* The last time that instruction INSN was on the path, or NULL. */
const struct bq_log_step *bq_log_step_at(const struct bq_log *log, int insn);

/* Copies the name of the function that STEP calls into NAME. False: it calls none by name. */
bool bq_log_callee(const struct bq_log_step *step, char *name, size_t size);
bool bq_log_is_branch(const struct bq_log_step *step);
bool bq_log_is_exit(const struct bq_log_step *step);

/*
 * Whether register REG held a packet before the last step, though it does not now. If so, GIVER is
 * the call that took the packet, or NULL when it is not to be seen.
 */
bool bq_log_was_packet(const struct bq_log *log, int reg, const struct bq_log_step **giver);

/* The call on the path that took the packet which the program got as its argument, or NULL. */
const struct bq_log_step *bq_log_argument_giver(const struct bq_log *log);

/* The line where the program goes wrong, or NULL. That of the function's head says nothing. */
const struct bq_log_line *bq_log_place(const struct bq_log *log);
/* If that line is in a header, the last one before it that is not; else NULL. */
const struct bq_log_line *bq_log_outside(const struct bq_log *log);

/* A line at which the path could have gone another way, and the one at which it went on. */
struct bq_log_branch {
	const struct bq_log_line *line;
	const struct bq_log_line *next; /* NULL: the end of the program */
};

/* Writes the last branches of the path, at most SIZE; returns how many. OMITTED: those before. */
size_t bq_log_branches(const struct bq_log *log, struct bq_log_branch *branches, size_t size,
		       size_t *omitted);

#endif
