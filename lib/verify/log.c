// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Parser of the log that kernel/bpf/log.c and verifier.c of 6.17 to 7.3 write:
 *
 *   ; if (sch->q.qlen >= 1) @ mine.bpf.c:16         source line of the instructions that follow
 *   2: (61) r2 = *(u32 *)(r2 +208)   ; R2=scalar()  instruction; register state after it
 *   3: R1=trusted_ptr_Qdisc() refs=1                register state
 *   from 3 to 15: R0=1 R10=fp0                      jump of the path
 *   Unreleased reference id=1 alloc_insn=0          message
 *   Verification failed: ...                        explanation by 7.3; ignored
 *   processed 4 insns (limit 1000000) ...           end of the log
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/log.h"
#include "util/array.h"

static bool has_prefix(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* Make room for one more element. The array doubles when its length is a power of two. */
static void *grow(void *array, size_t n, size_t size)
{
	return n & (n - 1) ? array : realloc(array, (n ? 2 * n : 1) * size);
}

/* Parse "; SOURCE @ FILE:LINE". The source may contain " @ " too. */
static int add_line(struct bq_log *log, char *text)
{
	char *at = NULL, *next, *colon;
	void *lines;

	for (next = strstr(text, " @ "); next; next = strstr(next + 1, " @ "))
		at = next;
	colon = at ? strrchr(at, ':') : NULL;
	if (!colon || !isdigit((unsigned char)colon[1]))
		return 0;
	lines = grow(log->lines, log->n_lines, sizeof(*log->lines));
	if (!lines)
		return -ENOMEM;
	log->lines = lines;
	*at = *colon = '\0';
	text += strspn(text, "; \t");
	log->lines[log->n_lines++] = (struct bq_log_line){
		.file = at + 3,
		.number = (unsigned int)strtoul(colon + 1, NULL, 10),
		.source = text < at ? text : "",
	};
	return 0;
}

static void add_message(struct bq_log *log, const char *text)
{
	if (log->n_messages < BQ_LOG_MESSAGES_MAX)
		log->messages[log->n_messages++] = text;
}

/*
 * Cut the text behind a jump: "goto pc-2 5: R1=...", or "goto pc-2 MESSAGE". Return the message, or
 * NULL if there is none.
 */
static char *cut_jump(char *text)
{
	char *jump = strstr(text, "goto pc"), *rest;

	rest = jump ? strchr(jump + strlen("goto pc"), ' ') : NULL;
	if (!rest)
		return NULL;
	*rest++ = '\0';
	rest += strspn(rest, " ");
	return isalpha((unsigned char)*rest) ? rest : NULL;
}

static int add_step(struct bq_log *log, int insn, char *text)
{
	char *state = strchr(text, ';');
	void *steps = grow(log->steps, log->n_steps, sizeof(*log->steps));
	const char *message;

	if (!steps)
		return -ENOMEM;
	log->steps = steps;
	if (state) {
		*state++ = '\0';
		state += strspn(state, " ");
	}
	message = cut_jump(text);
	log->steps[log->n_steps++] = (struct bq_log_step){
		.insn = insn,
		.text = text,
		.state = state ? state : "",
		.line = (int)log->n_lines - 1,
	};
	log->n_messages = 0;
	if (message)
		add_message(log, message);
	return 0;
}

/* Return true for a line that is no error message. */
static bool is_noise(const char *text)
{
	static const char *const noise[] = {
		"from ",
		"func '",
		"Func#",
		"Global function ",
		"caller:",
		"callee:",
		"returning ",
		"to caller at ",
		"frame",
		"propagating ",
		"mark_precise:",
		"Live regs",
		"arg#0 reference type",
		"last_idx",
		"regs=",
		"cur state:",
		"old state:",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(noise); i++)
		if (has_prefix(text, noise[i]))
			return true;
	/* Register state at the entry or exit of a function. */
	return text[0] == ' ' || (text[0] == 'R' && strchr(text, '=') && !strchr(text, ' '));
}

/* An instruction begins with its opcode, as "(85) ", or with libbpf's mark. */
static bool is_instruction(const char *text)
{
	return (text[0] == '(' && isxdigit((unsigned char)text[1]) &&
		isxdigit((unsigned char)text[2]) && text[3] == ')') ||
	       has_prefix(text, "<invalid ");
}

static int read_line(struct bq_log *log, char *text)
{
	char *after;
	long insn = strtol(text, &after, 10);

	if (text[0] == ';')
		return add_line(log, text);
	if (isdigit((unsigned char)text[0]) && after[0] == ':' && after[1] == ' ')
		return is_instruction(after + 2) ? add_step(log, (int)insn, after + 2) : 0;
	if (text[0] && !is_noise(text))
		add_message(log, text);
	return 0;
}

int bq_log_parse(struct bq_log *log, const char *text)
{
	char *line, *end;
	int err = 0;

	*log = (struct bq_log){ .text = strdup(text) };
	if (!log->text)
		return -ENOMEM;
	for (line = log->text; line && !err; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (has_prefix(line, "Verification failed:") || has_prefix(line, "processed "))
			break;
		err = read_line(log, line);
	}
	if (err)
		bq_log_free(log);
	return err;
}

void bq_log_free(struct bq_log *log)
{
	free(log->steps);
	free(log->lines);
	free(log->text);
	*log = (struct bq_log){ 0 };
}

const struct bq_log_line *bq_log_line_of(const struct bq_log *log, const struct bq_log_step *step)
{
	return step && step->line >= 0 ? &log->lines[step->line] : NULL;
}

const struct bq_log_step *bq_log_last_step(const struct bq_log *log)
{
	return log->n_steps ? &log->steps[log->n_steps - 1] : NULL;
}

const struct bq_log_step *bq_log_step_at(const struct bq_log *log, int insn)
{
	size_t i;

	for (i = log->n_steps; i-- > 0;)
		if (log->steps[i].insn == insn)
			return &log->steps[i];
	return NULL;
}

/* Parse "(85) call NAME#ID". A call of a subprogram is "call pc+N", which has no name. */
bool bq_log_callee(const struct bq_log_step *step, char *name, size_t size)
{
	const char *call = strstr(step->text, ") call ");
	size_t len;

	name[0] = '\0';
	if (!call)
		return false;
	call += strlen(") call ");
	len = strcspn(call, "#");
	if (!call[len] || len >= size)
		return false;
	memcpy(name, call, len);
	name[len] = '\0';
	return true;
}
