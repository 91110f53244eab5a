/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loops whose end the verifier cannot see: `while (node && can_loop)`.
 *
 * Guarantees: the kernel ends such a loop after some millions of steps or a quarter of a second.
 * Works under a lock of lists and trees, too. Cost: the four instructions a step that the verifier
 * puts in its place.
 */
#ifndef BQDISC_LOOP_BPF_H
#define BQDISC_LOOP_BPF_H

#include <stdbool.h>

#ifdef __BPF_FEATURE_MAY_GOTO
#define bq_may_goto(label) asm volatile goto("may_goto %l[" #label "]" :: ::label)
#else
/* BPF_JMP | BPF_JCOND for an assembler that does not know the name. */
#define bq_may_goto(label)                                                                         \
	asm volatile goto("1: .byte 0xe5;\n.byte 0;\n.long ((%l[" #label "] - 1b - 8) / 8) & "     \
			  "0xffff;\n.short 0" :: ::label)
#endif

/* Condition of a loop whose end the verifier cannot see. The kernel bounds it. */
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
