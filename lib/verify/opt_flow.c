// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Forward data flow over the instructions. Compute the state before each instruction until no state
 * changes. Call of subprograms are followed, to the depth that the verifier allows.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "verify/opt_flow.h"
#include "verify/opt_state.h"

/* Older system headers lack these. */
#ifndef BPF_PSEUDO_FUNC
#define BPF_PSEUDO_FUNC 4
#endif
#ifndef BPF_JCOND
#define BPF_JCOND 0xe0
#endif

/* Limit of analysed instructions. The .init programs of bqdisc need some thousands. */
#define EFFORT_MAX 4000000
/* Offset of .init's second argument in the context of a struct_ops program, in bytes. */
#define OPT_OFFSET 8

struct analysis {
	const struct bpf_insn *insns;
	size_t n;
	enum bq_opt_use *uses;
	long effort; /* instructions analysed so far */
	int err;     /* first error; ends the analysis */
};

static void record_use(struct analysis *c, size_t at, enum bq_opt_use use)
{
	if (c->uses[at] == BQ_OPT_NONE)
		c->uses[at] = use;
}

static void load(struct analysis *c, struct bq_opt_state *s, size_t at)
{
	const struct bpf_insn *i = &c->insns[at];
	struct bq_opt_value from = s->reg[i->src_reg], to = { 0 };

	if (from.may & BQ_OPT_PTR_OPT)
		record_use(c, at, BQ_OPT_READ);
	if ((from.may & BQ_OPT_PTR_CTX) && (from.moved || from.off + i->off == OPT_OFFSET))
		to.may |= BQ_OPT_PTR_OPT;
	if (from.may & BQ_OPT_PTR_STACK)
		to.may |= bq_opt_load_slot(s, from, i->off);
	to.moved = to.may & (BQ_OPT_PTR_STACK | BQ_OPT_PTR_FUNC | BQ_OPT_PTR_CTX);
	s->reg[i->dst_reg] = to;
}

static void store(struct analysis *c, struct bq_opt_state *s, size_t at)
{
	const struct bpf_insn *i = &c->insns[at];
	struct bq_opt_value to = s->reg[i->dst_reg];
	uint8_t may = BPF_CLASS(i->code) == BPF_STX ? s->reg[i->src_reg].may : 0;

	if (to.may & BQ_OPT_PTR_OPT)
		record_use(c, at, BQ_OPT_READ);
	if (to.may & BQ_OPT_PTR_STACK)
		bq_opt_store_slot(s, to, i->off, may, BPF_SIZE(i->code) == BPF_DW);
}

/* An offset beyond any frame is unknown, so that it cannot overflow. */
static void add_constant(struct bq_opt_value *to, int64_t n)
{
	n += to->off;
	to->moved |= n > INT16_MAX || n < INT16_MIN;
	to->off = to->moved ? 0 : (int32_t)n;
}

static void compute(struct analysis *c, struct bq_opt_state *s, size_t at)
{
	const struct bpf_insn *i = &c->insns[at];
	struct bq_opt_value *to = &s->reg[i->dst_reg];
	struct bq_opt_value from = { 0 };

	if (BPF_SRC(i->code) == BPF_X)
		from = s->reg[i->src_reg];
	if (BPF_CLASS(i->code) == BPF_ALU && BPF_OP(i->code) != BPF_MOV)
		from = *to = (struct bq_opt_value){ 0 };
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
		*to = bq_opt_join_values(*to, from);
		to->moved = true;
		break;
	default: /* the result is a number */
		*to = (struct bq_opt_value){ 0 };
	}
}

static void load_constant(struct analysis *c, struct bq_opt_state *s, size_t at)
{
	const struct bpf_insn *i = &c->insns[at];
	struct bq_opt_value to = { 0 };

	if (i->src_reg == BPF_PSEUDO_FUNC) {
		to.may = BQ_OPT_PTR_FUNC;
		to.off = (int32_t)at + 1 + i->imm;
	}
	s->reg[i->dst_reg] = to;
}

static bool is_conditional(const struct bpf_insn *i)
{
	uint8_t op = BPF_OP(i->code);

	return op != BPF_JA && op != BPF_CALL && op != BPF_EXIT && op != BPF_JCOND;
}

static void compare(struct analysis *c, const struct bq_opt_state *s, size_t at)
{
	const struct bpf_insn *i = &c->insns[at];

	if ((s->reg[i->dst_reg].may & BQ_OPT_PTR_OPT) ||
	    (BPF_SRC(i->code) == BPF_X && (s->reg[i->src_reg].may & BQ_OPT_PTR_OPT)))
		record_use(c, at, BQ_OPT_COMPARED);
}

static void analyse_function(struct analysis *c, size_t start, const struct bq_opt_state *entry,
			     int depth, struct bq_opt_state *end);

/* Return true if a function called in S can access the pointer. Most cannot. */
static bool can_access_opt(const struct bq_opt_state *s)
{
	uint8_t may = 0, slots = bq_opt_all_slots(s);
	size_t i;

	for (i = 1; i <= 5; i++)
		may |= s->reg[i].may;
	return (may & (BQ_OPT_PTR_OPT | BQ_OPT_PTR_CTX)) ||
	       ((may & BQ_OPT_PTR_STACK) && (slots & (BQ_OPT_PTR_OPT | BQ_OPT_PTR_CTX)));
}

/* A helper passes its arguments to its callback. Any of them may become any argument. */
static void call_callback(struct analysis *c, struct bq_opt_state *s,
			  const struct bq_opt_value *func, int depth)
{
	struct bq_opt_state entry = *s, end = { 0 };
	struct bq_opt_value args = { 0 };
	size_t i;

	for (i = 1; i <= 5; i++)
		if (!(s->reg[i].may & BQ_OPT_PTR_FUNC))
			args = bq_opt_join_values(args, s->reg[i]);
	for (i = 1; i <= 5; i++)
		entry.reg[i] = args;
	analyse_function(c, (size_t)func->off, &entry, depth + 1, &end);
	if (end.reached)
		bq_opt_join_slots(s, &end);
}

static void call(struct analysis *c, struct bq_opt_state *s, size_t at, int depth)
{
	const struct bpf_insn *i = &c->insns[at];
	struct bq_opt_state end = { 0 };
	struct bq_opt_value result = { 0 };
	bool follow = can_access_opt(s);
	size_t r;

	if (follow && i->src_reg == BPF_PSEUDO_CALL) {
		analyse_function(c, at + 1 + (size_t)(int64_t)i->imm, s, depth + 1, &end);
		s->reached = end.reached;
		memcpy(s->slot, end.slot, sizeof(s->slot));
		result = end.reg[0];
	} else if (follow) {
		for (r = 1; r <= 5; r++)
			if ((s->reg[r].may & BQ_OPT_PTR_FUNC) && !s->reg[r].moved)
				call_callback(c, s, &s->reg[r], depth);
	}
	memset(s->reg, 0, 6 * sizeof(s->reg[0]));
	s->reg[0] = result;
}

/* Apply instruction AT to S. */
static void apply_insn(struct analysis *c, struct bq_opt_state *s, size_t at, int depth)
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

/* Write the successors of instruction AT into TO. Return their number. */
static size_t successors(const struct analysis *c, size_t at, size_t to[2])
{
	const struct bpf_insn *i = &c->insns[at];
	bool is_jump = BPF_CLASS(i->code) == BPF_JMP || BPF_CLASS(i->code) == BPF_JMP32;
	int64_t distance = i->code == (BPF_JMP32 | BPF_JA) ? i->imm : i->off;
	size_t n = 0;

	if (is_jump && BPF_OP(i->code) == BPF_EXIT)
		return 0;
	if (!is_jump || BPF_OP(i->code) != BPF_JA)
		to[n++] = at + (i->code == (BPF_LD | BPF_DW | BPF_IMM) ? 2 : 1);
	if (is_jump && BPF_OP(i->code) != BPF_CALL)
		to[n++] = at + 1 + (size_t)distance;
	return n;
}

static bool is_exit(const struct bpf_insn *i)
{
	return i->code == (BPF_JMP | BPF_EXIT);
}

/* Join the state after AT into the states of its successors. Mark those that changed in PENDING. */
static void propagate(struct analysis *c, struct bq_opt_state *states, bool *pending, size_t at,
		      int depth, struct bq_opt_state *end)
{
	struct bq_opt_state s = states[at];
	size_t i, n, to[2];

	apply_insn(c, &s, at, depth);
	if (!s.reached)
		return;
	if (is_exit(&c->insns[at]))
		bq_opt_join_states(end, &s);
	n = successors(c, at, to);
	for (i = 0; i < n; i++)
		if (to[i] < c->n && bq_opt_join_states(&states[to[i]], &s))
			pending[to[i]] = true;
}

/* Analyse the function at START, entered in state ENTRY. Join the states at its exits into END. */
static void analyse_function(struct analysis *c, size_t start, const struct bq_opt_state *entry,
			     int depth, struct bq_opt_state *end)
{
	struct bq_opt_state *states;
	bool *pending, more = true;
	size_t at;

	if (depth >= BQ_OPT_FRAMES || start >= c->n || c->err)
		return;
	states = calloc(c->n, sizeof(*states));
	pending = calloc(c->n, sizeof(*pending));
	if (!states || !pending) {
		c->err = -ENOMEM;
		goto out;
	}
	states[start] = *entry;
	states[start].reached = true;
	states[start].reg[10] =
		(struct bq_opt_value){ .may = BQ_OPT_PTR_STACK, .frame = (uint8_t)depth };
	pending[start] = true;
	while (more && !c->err) {
		more = false;
		for (at = start; at < c->n; at++) {
			if (!pending[at])
				continue;
			pending[at] = false;
			more = true;
			if (c->effort++ > EFFORT_MAX)
				c->err = -E2BIG;
			propagate(c, states, pending, at, depth, end);
		}
	}
out:
	free(states);
	free(pending);
}

int bq_opt_check(const struct bpf_insn *insns, size_t n, enum bq_opt_use *uses)
{
	struct analysis c = { .insns = insns, .n = n, .uses = uses };
	struct bq_opt_state entry = { .reached = true }, end = { 0 };
	int used = 0;
	size_t i;

	memset(uses, 0, n * sizeof(*uses));
	entry.reg[1].may = BQ_OPT_PTR_CTX;
	analyse_function(&c, 0, &entry, 0, &end);
	if (c.err)
		return c.err;
	for (i = 0; i < n; i++)
		used += uses[i] != BQ_OPT_NONE;
	return used;
}
