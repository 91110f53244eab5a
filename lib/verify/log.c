// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The log's form is that of kernel/bpf/log.c and verifier.c, 6.17 to 7.3:
 *
 *   ; if (sch->q.qlen >= 1) @ mine.bpf.c:16         source of the instructions that follow
 *   2: (61) r2 = *(u32 *)(r2 +208)   ; R2=scalar()  an instruction; what is known after it
 *   3: R1=trusted_ptr_Qdisc() refs=1                what is known, again
 *   from 3 to 15: R0=1 R10=fp0                      the path jumps
 *   Unreleased reference id=1 alloc_insn=0          what is wrong
 *   Verification failed: ...                        7.3: its own account, for which we care not
 *   processed 4 insns (limit 1000000) ...           the end
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/log.h"

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Room for one more in an array that doubles whenever its length is a power of two. */
static void *grow(void *array, size_t n, size_t size)
{
	return n & (n - 1) ? array : realloc(array, (n ? 2 * n : 1) * size);
}

/* "; TEXT @ FILE:LINE" */
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

static void add_said(struct bq_log *log, const char *text)
{
	if (log->n_said < BQ_LOG_SAID_MAX)
		log->said[log->n_said++] = text;
}

/* Behind a jump comes at once what it leads to: "goto pc-2 5: R1=...", or what is wrong with it. */
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
	const char *wrong;

	if (!steps)
		return -ENOMEM;
	log->steps = steps;
	if (state) {
		*state++ = '\0';
		state += strspn(state, " ");
	}
	wrong = cut_jump(text);
	log->steps[log->n_steps++] = (struct bq_log_step){
		.insn = insn,
		.text = text,
		.state = state ? state : "",
		.line = (int)log->n_lines - 1,
	};
	log->n_said = 0;
	if (wrong)
		add_said(log, wrong);
	return 0;
}

/* What the kernel says on its way, and is no fault of the program. */
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

	for (i = 0; i < sizeof(noise) / sizeof(noise[0]); i++)
		if (starts(text, noise[i]))
			return true;
	/* Registers, as they are when a function is entered or left. */
	return text[0] == ' ' || (text[0] == 'R' && strchr(text, '=') && !strchr(text, ' '));
}

/* Without its number an instruction begins with its code, as "(85) ", or as libbpf marks it. */
static bool is_instruction(const char *text)
{
	return (text[0] == '(' && isxdigit((unsigned char)text[1]) &&
		isxdigit((unsigned char)text[2]) && text[3] == ')') ||
	       starts(text, "<invalid ");
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
		add_said(log, text);
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
		if (starts(line, "Verification failed:") || starts(line, "processed "))
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

const struct bq_log_step *bq_log_step_at(const struct bq_log *log, int insn)
{
	size_t i;

	for (i = log->n_steps; i-- > 0;)
		if (log->steps[i].insn == insn)
			return &log->steps[i];
	return NULL;
}

/* "(85) call NAME#ID"; a program of the object's own is called by "pc+N". */
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

bool bq_log_is_branch(const struct bq_log_step *step)
{
	return strstr(step->text, ") if ") != NULL;
}

bool bq_log_is_exit(const struct bq_log_step *step)
{
	return starts(step->text, "(95) exit");
}

/* --- who gave the packet away --- */

/* What STATE knows of the place WHAT ("R7" or "fp-8"): its text up to the next blank, or NULL. */
static const char *known(const char *state, const char *what)
{
	size_t len = strlen(what);
	const char *at;

	for (at = state; (at = strstr(at, what)); at += len)
		if ((at == state || at[-1] == ' ') && at[len] == '=')
			return at + len + 1;
	return NULL;
}

/* What the call at step I takes from its caller, as it was known before; NULL: it takes nothing. */
static const char *taken(const struct bq_log *log, size_t i)
{
	const char *value, *argument;
	char name[64];

	if (!bq_log_callee(&log->steps[i], name, sizeof(name)))
		return NULL;
	if (!strcmp(name, "bpf_kptr_xchg"))
		argument = "R2";
	else if (!strcmp(name, "bpf_qdisc_skb_drop") || !strcmp(name, "bpf_kfree_skb"))
		argument = "R1";
	else
		return NULL;
	while (i-- > 0) {
		value = known(log->steps[i].state, argument);
		if (value) /* bpf_kptr_xchg() with NULL only hands out */
			return value[0] == '0' ? NULL : value;
	}
	return NULL;
}

/* The number of the reference that VALUE is, as "(id=3)", "(id=3,ref_obj_id=3)"; 0: none. */
static long reference(const char *value)
{
	const char *end = value + strcspn(value, " )");
	const char *id = strstr(value, "ref_obj_id=");

	if (!id || id > end)
		id = strstr(value, "id=");
	return id && id < end ? strtol(strchr(id, '=') + 1, NULL, 10) : 0;
}

/* The first call behind step I that takes the reference ID. */
static const struct bq_log_step *find_giver(const struct bq_log *log, size_t i, long id)
{
	const char *value;

	for (; i + 1 < log->n_steps; i++) {
		value = taken(log, i);
		if (value && reference(value) == id)
			return &log->steps[i];
	}
	return NULL;
}

/* Only the argument is trusted: what came out of a place is not. */
const struct bq_log_step *bq_log_argument_giver(const struct bq_log *log)
{
	const char *value;
	size_t i;

	for (i = 0; i + 1 < log->n_steps; i++) {
		value = taken(log, i);
		if (value && starts(value, "trusted_ptr_sk_buff"))
			return &log->steps[i];
	}
	return NULL;
}

static bool is_packet(const char *value)
{
	const char *name = strstr(value, "ptr_");
	size_t len = strcspn(value, " (");

	return len > 7 && name && name < value + len && !strncmp(value + len - 7, "sk_buff", 7);
}

/*
 * Where the value of WHAT ("r7", "fp-8") was before STEP: writes that into WHAT, if STEP moved it
 * there. False: STEP made it anew.
 */
static bool follow_back(const struct bq_log_step *step, char what[16])
{
	char to[8], from[8], how[4];
	int off;

	if (sscanf(step->text, "(bf) %7s = %7s", to, from) == 2 && !strcmp(to, what)) {
		snprintf(what, 16, "%s", from);
	} else if (sscanf(step->text, "(79) %7s = *(u64 *)(r10 %d)", to, &off) == 2 &&
		   !strcmp(to, what)) {
		snprintf(what, 16, "fp%d", off);
	} else if (sscanf(step->text, "(7b) *(u64 *)(r10 %d) = %7s", &off, from) == 2) {
		snprintf(to, sizeof(to), "fp%d", off);
		if (!strcmp(to, what))
			snprintf(what, 16, "%s", from);
	} else if (sscanf(step->text, "(%*[^)]) %7s %3s", to, how) == 2 && !strcmp(to, what)) {
		return strcmp(how, "=") != 0; /* "+=" moves within it */
	}
	return true;
}

bool bq_log_was_packet(const struct bq_log *log, int reg, const struct bq_log_step **giver)
{
	char what[16], name[16];
	const char *value;
	size_t i;

	*giver = NULL;
	snprintf(what, sizeof(what), "r%d", reg);
	for (i = log->n_steps; i-- > 0;) {
		const struct bq_log_step *step = &log->steps[i];

		snprintf(name, sizeof(name), "%s", what);
		if (name[0] == 'r')
			name[0] = 'R';
		value = known(step->state, name);
		if (value && is_packet(value)) {
			*giver = find_giver(log, i, reference(value));
			return true;
		}
		/* The last one was refused and moved nothing. */
		if (i + 1 < log->n_steps && !follow_back(step, what))
			return false;
	}
	return false;
}

/* --- the path --- */

static bool same_line(const struct bq_log_line *a, const struct bq_log_line *b)
{
	return a && b && a->number == b->number && !strcmp(a->file, b->file);
}

static bool is_header(const struct bq_log_line *line)
{
	size_t len = strlen(line->file);

	return len > 2 && !strcmp(line->file + len - 2, ".h");
}

/* Of a function only what has no statement on it can be the head. */
static bool looks_like_head(const char *source)
{
	static const char *const words[] = {
		"if", "for", "while", "switch", "return", "else", "}"
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (starts(source, words[i]))
			return false;
	return !strchr(source, ';') && strchr(source, '(');
}

/* To the line of its head the compiler counts how a program begins, and often how it ends. */
static bool is_head(const struct bq_log *log, const struct bq_log_line *line)
{
	const struct bq_log_step *last = &log->steps[log->n_steps - 1];

	return looks_like_head(line->source) &&
	       (same_line(line, bq_log_line_of(log, &log->steps[0])) ||
		(bq_log_is_exit(last) && same_line(line, bq_log_line_of(log, last))));
}

/* The last line on the path that is no head and, unless HEADERS, in no header. */
static const struct bq_log_line *last_line(const struct bq_log *log, bool headers)
{
	const struct bq_log_line *line;
	size_t i;

	for (i = log->n_steps; i-- > 0;) {
		line = bq_log_line_of(log, &log->steps[i]);
		if (line && !is_head(log, line) && (headers || !is_header(line)))
			return line;
	}
	return NULL;
}

const struct bq_log_line *bq_log_place(const struct bq_log *log)
{
	const struct bq_log_line *line = NULL;

	if (!log->n_steps)
		return NULL;
	/* The end belongs to the program, whatever inline function came last. */
	if (bq_log_is_exit(&log->steps[log->n_steps - 1]))
		line = last_line(log, false);
	if (!line)
		line = last_line(log, true);
	return line ? line : bq_log_line_of(log, &log->steps[0]);
}

const struct bq_log_line *bq_log_outside(const struct bq_log *log)
{
	const struct bq_log_line *inner = bq_log_place(log);

	return inner && is_header(inner) ? last_line(log, false) : NULL;
}

/* The line at which the path goes on after step I, another one than that step's own. */
static const struct bq_log_line *next_line(const struct bq_log *log, size_t i)
{
	const struct bq_log_line *from = bq_log_line_of(log, &log->steps[i]), *line;

	for (i++; i < log->n_steps; i++) {
		line = bq_log_line_of(log, &log->steps[i]);
		if (line && !same_line(line, from) && !is_head(log, line))
			return line;
	}
	return NULL;
}

size_t bq_log_branches(const struct bq_log *log, struct bq_log_branch *branches, size_t size,
		       size_t *omitted)
{
	const struct bq_log_line *line, *later = NULL;
	size_t i, n = 0;

	*omitted = 0;
	for (i = log->n_steps; i-- > 0;) {
		line = bq_log_line_of(log, &log->steps[i]);
		if (!line || !bq_log_is_branch(&log->steps[i]) || same_line(line, later))
			continue;
		later = line;
		if (n == size) {
			(*omitted)++;
			continue;
		}
		branches[n++] = (struct bq_log_branch){ line, next_line(log, i) };
	}
	/* They were found from the end. */
	for (i = 0; i < n / 2; i++) {
		struct bq_log_branch b = branches[i];

		branches[i] = branches[n - 1 - i];
		branches[n - 1 - i] = b;
	}
	return n;
}
