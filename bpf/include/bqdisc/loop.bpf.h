/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loops, and the maximum steps of each kind.
 *
 *   bpf_for(i, 0, n), bpf_repeat(n), bpf_loop(n, ...)   N up to BQ_LOOP_MAX, without a time limit
 *   bq_repeat(N)                                        N is a constant of any size
 *   while (node && can_loop)                            the end need not be known
 *
 * The kernel ends a can_loop early, even if its condition holds: after 8M steps, or from step
 * BQ_CAN_LOOP_UNTIMED on if a quarter of a second has passed. All can_loop of a function, with its
 * inlined functions, share these steps in each call. A longer can_loop must leave valid data when
 * it ends early, and a later call must find the rest. Otherwise use bpf_for(). Preemption of a
 * virtual CPU alone can take that long.
 *
 * Guarantees: every loop ends. can_loop works under a lock of lists and trees, too. Cost: can_loop
 * four instructions a step, which the verifier puts in its place; the others some 15.
 */
#ifndef BQDISC_LOOP_BPF_H
#define BQDISC_LOOP_BPF_H

#include <stdbool.h>

/*
 * BPF_MAX_LOOPS of the kernel, 6.17 to 7.3. A bpf_for() or bpf_repeat() with a larger bound takes
 * no step and reports nothing; bpf_loop() returns -E2BIG. tools/lint refuses larger constants. A
 * test reduces it.
 */
#ifndef BQ_LOOP_MAX
#define BQ_LOOP_MAX (1 << 23)
#endif

/* BPF_MAX_TIMED_LOOPS: steps of can_loop before the kernel reads the clock. */
#define BQ_CAN_LOOP_UNTIMED 0xffff

/*
 * Rounds of BQ_LOOP_MAX steps for N. The build fails if there are too many, as the rounds form a
 * loop too.
 */
#define BQ_ROUNDS(N)                                                                               \
	(((u64)(N) + BQ_LOOP_MAX - 1) / BQ_LOOP_MAX *                                              \
	 sizeof(char[(u64)(N) / BQ_LOOP_MAX < (1 << 23) ? 1 : -1]))

/*
 * Repeat the following statement N times, N being a constant, in rounds of BQ_LOOP_MAX steps.
 * `break` ends a round only, so a statement that is done must break again at once.
 */
#define bq_repeat(N)                                                                               \
	bpf_repeat(BQ_ROUNDS(N))                                                                   \
		bpf_repeat(BQ_LOOP_MAX)

#ifdef __BPF_FEATURE_MAY_GOTO
#define bq_may_goto(label) asm volatile goto("may_goto %l[" #label "]" :: ::label)
#else
/* BPF_JMP | BPF_JCOND, for an assembler that lacks the mnemonic. */
#define bq_may_goto(label)                                                                         \
	asm volatile goto("1: .byte 0xe5;\n.byte 0;\n.long ((%l[" #label "] - 1b - 8) / 8) & "     \
			  "0xffff;\n.short 0" :: ::label)
#endif

/* Condition of a loop whose bound the verifier cannot see. The kernel bounds it. */
#define can_loop                                                                                   \
	({                                                                                         \
		__label__ l_break, l_go_on;                                                        \
		bool go_on = true;                                                                 \
		bq_may_goto(l_break);                                                              \
		goto l_go_on;                                                                      \
l_break:                                                                                           \
		go_on = false;                                                                     \
l_go_on:;                                                                                          \
		go_on;                                                                             \
	})

#endif
