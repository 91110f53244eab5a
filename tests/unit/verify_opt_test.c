// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/verify/opt_flow.c: uses of the options pointer by .init programs. */
#include <errno.h>
#include <linux/bpf.h>

#include "suites.h"
#include "verify/opt_flow.h"

#define INSN(CODE, DST, SRC, OFF, IMM)                                                             \
	{                                                                                          \
		.code = (CODE), .dst_reg = (DST), .src_reg = (SRC), .off = (OFF), .imm = (IMM),    \
	}
#define MOVE(DST, SRC) INSN(BPF_ALU64 | BPF_MOV | BPF_X, DST, SRC, 0, 0)
#define SET(DST, N) INSN(BPF_ALU64 | BPF_MOV | BPF_K, DST, 0, 0, N)
#define ADD(DST, N) INSN(BPF_ALU64 | BPF_ADD | BPF_K, DST, 0, 0, N)
#define LOAD(DST, SRC, OFF) INSN(BPF_LDX | BPF_MEM | BPF_DW, DST, SRC, OFF, 0)
#define LOAD16(DST, SRC, OFF) INSN(BPF_LDX | BPF_MEM | BPF_H, DST, SRC, OFF, 0)
#define STORE(DST, OFF, SRC) INSN(BPF_STX | BPF_MEM | BPF_DW, DST, SRC, OFF, 0)
#define IF_ZERO(DST, OFF) INSN(BPF_JMP | BPF_JEQ | BPF_K, DST, 0, OFF, 0)
#define GOTO(OFF) INSN(BPF_JMP | BPF_JA, 0, 0, OFF, 0)
#define HELPER(N) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, N)
#define CALL(OFF) INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, OFF)
#define FUNCTION(DST, OFF) INSN(BPF_LD | BPF_IMM | BPF_DW, DST, BPF_PSEUDO_FUNC, 0, OFF)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
/* r1 is the context; opt is its second word. */
#define LOAD_OPT(DST) LOAD(DST, 1, 8)

#define MAX 32

/* Expect USE of the pointer in instruction AT only. AT is -1 if nothing uses it. */
static void check(const struct bpf_insn *program, size_t n, int at, enum bq_opt_use use)
{
	enum bq_opt_use uses[MAX];
	size_t i;

	ck_assert_int_eq(bq_opt_check(program, n, uses), at >= 0);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(uses[i], (int)i == at ? use : BQ_OPT_NONE);
}

#define CHECK(AT, USE, ...)                                                                        \
	do {                                                                                       \
		const struct bpf_insn program[] = { __VA_ARGS__ };                                 \
		check(program, N(program), AT, USE);                                               \
	} while (0)

START_TEST(verify_opt_untouched)
{
	CHECK(-1, 0, SET(0, 0), EXIT());
	/* sch is the first word; reads through it are allowed. */
	CHECK(-1, 0, LOAD(2, 1, 0), LOAD(0, 2, 16), IF_ZERO(2, 0), EXIT());
	/* bpf_probe_read_kernel(stack, 4, opt) */
	CHECK(-1, 0, LOAD_OPT(3), MOVE(1, 10), ADD(1, -8), SET(2, 4), HELPER(113), IF_ZERO(0, 0),
	      EXIT());
	CHECK(-1, 0, LOAD_OPT(3), ADD(3, 4), SET(2, 4), HELPER(113), EXIT());
}
END_TEST

START_TEST(verify_opt_read)
{
	CHECK(1, BQ_OPT_READ, LOAD_OPT(2), LOAD16(0, 2, 0), EXIT());
	CHECK(3, BQ_OPT_READ, LOAD_OPT(2), MOVE(6, 2), ADD(6, 4), LOAD16(0, 6, 0), EXIT());
	CHECK(2, BQ_OPT_READ, MOVE(6, 1), LOAD(2, 6, 8), STORE(2, 0, 6), EXIT());
	/* The context pointer may be moved too. */
	CHECK(2, BQ_OPT_READ, ADD(1, 8), LOAD(2, 1, 0), LOAD16(0, 2, 0), EXIT());
}
END_TEST

START_TEST(verify_opt_compared)
{
	CHECK(1, BQ_OPT_COMPARED, LOAD_OPT(2), IF_ZERO(2, 1), SET(0, 1), EXIT());
}
END_TEST

START_TEST(verify_opt_over_the_stack)
{
	CHECK(4, BQ_OPT_READ, LOAD_OPT(2), STORE(10, -16, 2), SET(2, 0), LOAD(3, 10, -16),
	      LOAD16(0, 3, 0), EXIT());
	/* Another slot, and a slot that was overwritten, do not hold the pointer. */
	CHECK(-1, 0, LOAD_OPT(2), STORE(10, -16, 2), LOAD(3, 10, -24), LOAD16(0, 3, 0), EXIT());
	CHECK(-1, 0, LOAD_OPT(2), STORE(10, -16, 2), LOAD(4, 1, 0), STORE(10, -16, 4),
	      LOAD(3, 10, -16), LOAD16(0, 3, 0), EXIT());
}
END_TEST

/* On one path r6 is opt, on the other the qdisc. */
START_TEST(verify_opt_on_one_path)
{
	CHECK(5, BQ_OPT_READ, LOAD(2, 1, 0), MOVE(6, 2), LOAD16(3, 2, 0), IF_ZERO(3, 1),
	      LOAD_OPT(6), LOAD16(0, 6, 0), EXIT());
	/* In a loop the pointer arrives in the second iteration only. */
	CHECK(2, BQ_OPT_READ, LOAD(6, 1, 0), MOVE(7, 6), LOAD16(0, 7, 0), LOAD_OPT(2), MOVE(7, 2),
	      IF_ZERO(0, -4), EXIT());
}
END_TEST

START_TEST(verify_opt_in_subprograms)
{
	/* f(opt) { return opt->nla_len; } */
	CHECK(3, BQ_OPT_READ, LOAD_OPT(1), CALL(1), EXIT(), LOAD16(0, 1, 0), EXIT());
	/* f(&opt) { return (*opt)->nla_len; } */
	CHECK(7, BQ_OPT_READ, LOAD_OPT(2), STORE(10, -8, 2), MOVE(1, 10), ADD(1, -8), CALL(1),
	      EXIT(), LOAD(2, 1, 0), LOAD16(0, 2, 0), EXIT());
	/* f(opt) { return opt; } */
	CHECK(2, BQ_OPT_READ, LOAD_OPT(1), CALL(2), LOAD16(0, 0, 0), EXIT(), MOVE(0, 1), EXIT());
	/* bpf_loop(n, f, &opt, 0) */
	CHECK(10, BQ_OPT_READ, LOAD_OPT(2), STORE(10, -8, 2), SET(1, 3), FUNCTION(2, 5), SET(0, 0),
	      MOVE(3, 10), ADD(3, -8), HELPER(181), EXIT(), LOAD(3, 2, 0), LOAD16(0, 3, 0), EXIT());
}
END_TEST

/* The kernel refuses programs that recurse or jump out of bounds; the analysis must end. */
START_TEST(verify_opt_ends)
{
	CHECK(-1, 0, CALL(-1), EXIT());
	CHECK(-1, 0, GOTO(-1), EXIT());
	CHECK(-1, 0, GOTO(1000), EXIT());
	CHECK(-1, 0, CALL(1000), EXIT());
	CHECK(-1, 0, ADD(10, 0x7fffffff), ADD(10, 0x7fffffff), STORE(10, 0x7fff, 1), GOTO(-3));
}
END_TEST

START_TEST(verify_opt_survives_anything)
{
	struct bpf_insn program[MAX];
	enum bq_opt_use uses[MAX];
	size_t i, round;

	for (round = 0; round < 500; round++) {
		for (i = 0; i < MAX; i++) {
			program[i] = (struct bpf_insn)INSN((__u8)random_u64(), 0, 0,
							   (__s16)random_below(20) - 10,
							   (__s32)random_magnitude());
			program[i].dst_reg = random_below(16) & 15;
			program[i].src_reg = random_below(16) & 15;
		}
		bq_opt_check(program, MAX, uses);
	}
}
END_TEST

Suite *verify_opt_suite(void)
{
	Suite *s = suite_create("verify_opt");

	ADD_TEST(s, verify_opt_untouched);
	ADD_TEST(s, verify_opt_read);
	ADD_TEST(s, verify_opt_compared);
	ADD_TEST(s, verify_opt_over_the_stack);
	ADD_TEST(s, verify_opt_on_one_path);
	ADD_TEST(s, verify_opt_in_subprograms);
	ADD_TEST(s, verify_opt_ends);
	ADD_TEST(s, verify_opt_survives_anything);
	return s;
}
