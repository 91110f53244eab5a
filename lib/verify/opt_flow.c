// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A forward data flow over the instructions: for each of them what each register and each slot of
 * the stack may hold before it. Calls of subprograms are followed, as many as the verifier allows.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "verify/opt_flow.h"

/* Older headers of the system lack it. */
#ifndef BPF_PSEUDO_FUNC
#define BPF_PSEUDO_FUNC 4
#endif
#ifndef BPF_JCOND
#define BPF_JCOND 0xe0
#endif

#define REGISTERS 16 /* as many as an instruction can name */
#define SLOT 8
#define SLOTS (512 / SLOT)
#define DEPTH 8 /* of calls: MAX_CALL_FRAMES of the verifier */
/* Instructions looked at in all; our own .init programs take some thousands. */
#define EFFORT_MAX 4000000
/* Where .init's second argument lies in the context that a struct_ops program gets. */
#define OPT_OFFSET 8

/* What a value may be. */
enum {
	OPT = 1 << 0,
	CONTEXT = 1 << 1,
	STACK = 1 << 2, /* a pointer into a frame, at `off` unless `moved` */
	CODE = 1 << 3,  /* a subprogram, at `off` */
};

struct value {
	uint8_t may;
	uint8_t frame;
	bool moved; /* which frame and offset is not known */
	int32_t off;
};

struct state {
	bool reached;
	struct value reg[REGISTERS];
	uint8_t slot[DEPTH][SLOTS]; /* what lies there may be: bits as above */
};

struct check {
	const struct bpf_insn *insns;
	size_t n;
	enum bq_opt_use *uses;
	long effort;
	int err;
};

/* --- values --- */

static struct value join_values(struct value a, struct value b)
{
	if (!a.may)
		return b;
	if (!b.may)
		return a;
	a.moved |= b.moved || a.off != b.off || a.frame != b.frame;
	a.may |= b.may;
	return a;
}

/* Puts B into A as well. Whether A became more. */
static bool join_states(struct state *a, const struct state *b)
{
	struct state before = *a;
	size_t i, j;

	if (!a->reached) {
		*a = *b;
		a->reached = true;
		return true;
	}
	for (i = 0; i < REGISTERS; i++)
		a->reg[i] = join_values(a->reg[i], b->reg[i]);
	for (i = 0; i < DEPTH; i++)
		for (j = 0; j < SLOTS; j++)
			a->slot[i][j] |= b->slot[i][j];
	return memcmp(&before, a, sizeof(before)) != 0;
}

/* The slot that OFF from the pointer P lies in; NULL: it is not known, or outside. */
static uint8_t *slot_at(struct state *s, struct value p, int off)
{
	int64_t at = 512 + (int64_t)p.off + off;

	if (p.moved || at < 0 || at >= 512)
		return NULL;
	return &s->slot[p.frame][at / SLOT];
}

static uint8_t load_slot(struct state *s, struct value p, int off)
{
	const uint8_t *slot = slot_at(s, p, off);
	uint8_t may = 0;
	size_t i;

	if (slot)
		return *slot;
	for (i = 0; i < sizeof(s->slot); i++)
		may |= ((const uint8_t *)s->slot)[i];
	return may;
}

static void store_slot(struct state *s, struct value p, int off, uint8_t may, bool whole)
{
	uint8_t *slot = slot_at(s, p, off);
	size_t i;

	if (slot) {
		*slot = whole ? may : *slot | may;
		return;
	}
	for (i = 0; may && i < sizeof(s->slot); i++)
		((uint8_t *)s->slot)[i] |= may;
}

/* --- instructions --- */

static void note(struct check *c, size_t at, enum bq_opt_use use)
{
	if (c->uses[at] == BQ_OPT_NONE)
		c->uses[at] = use;
}

static void load(struct check *c, struct state *s, size_t at)
{
	const struct bpf_insn *i = &c->insns[at];
	struct value from = s->reg[i->src_reg], to = { 0 };

	if (from.may & OPT)
		note(c, at, BQ_OPT_READ);
	if ((from.may & CONTEXT) && (from.moved || from.off + i->off == OPT_OFFSET))
		to.may |= OPT;
	if (from.may & STACK)
		to.may |= load_slot(s, from, i->off);
	to.moved = to.may & (STACK | CODE | CONTEXT);
	s->reg[i->dst_reg] = to;
}

static void store(struct check *c, struct state *s, size_t at)
{
	const struct bpf_insn *i = &c->insns[at];
	struct value to = s->reg[i->dst_reg];
	uint8_t may = BPF_CLASS(i->code) == BPF_STX ? s->reg[i->src_reg].may : 0;

	if (to.may & OPT)
		note(c, at, BQ_OPT_READ);
	if (to.may & STACK)
		store_slot(s, to, i->off, may, BPF_SIZE(i->code) == BPF_DW);
}

/* What is far off is no part of any stack. */
static void add_constant(struct value *to, int64_t n)
{
	n += to->off;
	to->moved |= n > INT16_MAX || n < INT16_MIN;
	to->off = to->moved ? 0 : (int32_t)n;
}

static void compute(struct check *c, struct state *s, size_t at)
{
	const struct bpf_insn *i = &c->insns[at];
	struct value *to = &s->reg[i->dst_reg];
	struct value from = { 0 };

	if (BPF_SRC(i->code) == BPF_X)
		from = s->reg[i->src_reg];
	if (BPF_CLASS(i->code) == BPF_ALU && BPF_OP(i->code) != BPF_MOV)
		from = *to = (struct value){ 0 };
	switch (BPF_OP(i->code)) {
	case BPF_MOV:
		*to = from;
		break;
	case BPF_ADD:
	case BPF_SUB:
		if (BPF_SRC(i->code) == BPF_K) {
			add_constant(to, BPF_OP(i->code) == BPF_ADD ? i->imm : -(int64_t)i->imm);
			break;
		}
		*to = join_values(*to, from);
		to->moved = true;
		break;
	default: /* of a pointer only a number is left */
		*to = (struct value){ 0 };
	}
}

static void load_constant(struct check *c, struct state *s, size_t at)
{
	const struct bpf_insn *i = &c->insns[at];
	struct value to = { 0 };

	if (i->src_reg == BPF_PSEUDO_FUNC) {
		to.may = CODE;
		to.off = (int32_t)at + 1 + i->imm;
	}
	s->reg[i->dst_reg] = to;
}

static bool is_conditional(const struct bpf_insn *i)
{
	uint8_t op = BPF_OP(i->code);

	return op != BPF_JA && op != BPF_CALL && op != BPF_EXIT && op != BPF_JCOND;
}

static void compare(struct check *c, const struct state *s, size_t at)
{
	const struct bpf_insn *i = &c->insns[at];

	if ((s->reg[i->dst_reg].may & OPT) ||
	    (BPF_SRC(i->code) == BPF_X && (s->reg[i->src_reg].may & OPT)))
		note(c, at, BQ_OPT_COMPARED);
}

/* --- functions --- */

static void run(struct check *c, size_t start, const struct state *entry, int depth,
		struct state *end);

/* Whether a function that is called in S can come to the pointer at all. Most cannot. */
static bool can_reach(const struct state *s)
{
	uint8_t may = 0, lies = 0;
	size_t i;

	for (i = 1; i <= 5; i++)
		may |= s->reg[i].may;
	for (i = 0; i < sizeof(s->slot); i++)
		lies |= ((const uint8_t *)s->slot)[i];
	return (may & (OPT | CONTEXT)) || ((may & STACK) && (lies & (OPT | CONTEXT)));
}

/* A helper that takes a function calls it with what it was given: which where matters not. */
static void call_back(struct check *c, struct state *s, const struct value *code, int depth)
{
	struct state entry = *s, end = { 0 };
	struct value set_mask = { 0 };
	size_t i;

	for (i = 1; i <= 5; i++)
		if (!(s->reg[i].may & CODE))
			set_mask = join_values(set_mask, s->reg[i]);
	for (i = 1; i <= 5; i++)
		entry.reg[i] = set_mask;
	run(c, (size_t)code->off, &entry, depth + 1, &end);
	for (i = 0; end.reached && i < sizeof(s->slot); i++)
		((uint8_t *)s->slot)[i] |= ((uint8_t *)end.slot)[i];
}

static void call(struct check *c, struct state *s, size_t at, int depth)
{
	const struct bpf_insn *i = &c->insns[at];
	struct state end = { 0 };
	struct value result = { 0 };
	bool follow = can_reach(s);
	size_t r;

	if (follow && i->src_reg == BPF_PSEUDO_CALL) {
		run(c, at + 1 + (size_t)(int64_t)i->imm, s, depth + 1, &end);
		s->reached = end.reached;
		memcpy(s->slot, end.slot, sizeof(s->slot));
		result = end.reg[0];
	} else if (follow) {
		for (r = 1; r <= 5; r++)
			if ((s->reg[r].may & CODE) && !s->reg[r].moved)
				call_back(c, s, &s->reg[r], depth);
	}
	memset(s->reg, 0, 6 * sizeof(s->reg[0]));
	s->reg[0] = result;
}

/* What instruction AT makes of S. */
static void step(struct check *c, struct state *s, size_t at, int depth)
{
	const struct bpf_insn *i = &c->insns[at];

	switch (BPF_CLASS(i->code)) {
	case BPF_LDX:
		load(c, s, at);
		break;
	case BPF_ST:
	case BPF_STX:
		store(c, s, at);
		break;
	case BPF_ALU:
	case BPF_ALU64:
		compute(c, s, at);
		break;
	case BPF_LD:
		load_constant(c, s, at);
		break;
	default:
		if (BPF_OP(i->code) == BPF_CALL)
			call(c, s, at, depth);
		else if (is_conditional(i))
			compare(c, s, at);
	}
}

/* Where the program may go after AT: into TO, of 2; how many. */
static size_t ways(const struct check *c, size_t at, size_t to[2])
{
	const struct bpf_insn *i = &c->insns[at];
	bool jumps = BPF_CLASS(i->code) == BPF_JMP || BPF_CLASS(i->code) == BPF_JMP32;
	int64_t away = i->code == (BPF_JMP32 | BPF_JA) ? i->imm : i->off;
	size_t n = 0;

	if (jumps && BPF_OP(i->code) == BPF_EXIT)
		return 0;
	if (!jumps || BPF_OP(i->code) != BPF_JA)
		to[n++] = at + (i->code == (BPF_LD | BPF_DW | BPF_IMM) ? 2 : 1);
	if (jumps && BPF_OP(i->code) != BPF_CALL)
		to[n++] = at + 1 + (size_t)away;
	return n;
}

static bool is_exit(const struct bpf_insn *i)
{
	return i->code == (BPF_JMP | BPF_EXIT);
}

/* Joins the state after AT into those of the ways from there; AGAIN marks what is to be redone. */
static void flow(struct check *c, struct state *states, bool *again, size_t at, int depth,
		 struct state *end)
{
	struct state s = states[at];
	size_t i, n, to[2];

	step(c, &s, at, depth);
	if (!s.reached)
		return;
	if (is_exit(&c->insns[at]))
		join_states(end, &s);
	n = ways(c, at, to);
	for (i = 0; i < n; i++)
		if (to[i] < c->n && join_states(&states[to[i]], &s))
			again[to[i]] = true;
}

/* Runs the function at START until nothing new comes out. END: all the states it ends in. */
static void run(struct check *c, size_t start, const struct state *entry, int depth,
		struct state *end)
{
	struct state *states;
	bool *again, more = true;
	size_t at;

	if (depth >= DEPTH || start >= c->n || c->err)
		return;
	states = calloc(c->n, sizeof(*states));
	again = calloc(c->n, sizeof(*again));
	if (!states || !again) {
		c->err = -ENOMEM;
		goto out;
	}
	states[start] = *entry;
	states[start].reached = true;
	states[start].reg[10] = (struct value){ .may = STACK, .frame = (uint8_t)depth };
	again[start] = true;
	while (more && !c->err) {
		more = false;
		for (at = start; at < c->n; at++) {
			if (!again[at])
				continue;
			again[at] = false;
			more = true;
			if (c->effort++ > EFFORT_MAX)
				c->err = -E2BIG;
			flow(c, states, again, at, depth, end);
		}
	}
out:
	free(states);
	free(again);
}

int bq_opt_check(const struct bpf_insn *insns, size_t n, enum bq_opt_use *uses)
{
	struct check c = { .insns = insns, .n = n, .uses = uses };
	struct state entry = { .reached = true }, end = { 0 };
	int used = 0;
	size_t i;

	memset(uses, 0, n * sizeof(*uses));
	entry.reg[1].may = CONTEXT;
	run(&c, 0, &entry, 0, &end);
	if (c.err)
		return c.err;
	for (i = 0; i < n; i++)
		used += uses[i] != BQ_OPT_NONE;
	return used;
}
