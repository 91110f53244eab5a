/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether .init reads its options by their pointer. That is NULL when tc gives no options, though
 * the verifier believes that it never is: it deletes a test for NULL and lets a read through it
 * pass, which stops the machine. So we look for both ourselves, in the instructions. Pure.
 */
#ifndef BQ_VERIFY_OPT_FLOW_H
#define BQ_VERIFY_OPT_FLOW_H

#include <stdbool.h>
#include <stddef.h>

struct bpf_insn;

enum bq_opt_use {
	BQ_OPT_NONE,
	BQ_OPT_READ,     /* it is read or written through */
	BQ_OPT_COMPARED, /* it is compared, which the verifier deletes when it is with NULL */
};

/*
 * Looks at the program of .init, N instructions with its subprograms behind it, as libbpf hands
 * them to the kernel. Writes what each instruction does with the pointer into USES, of N.
 * On all paths: what may be the pointer on one of them is taken for it. A pointer that went through
 * a map is lost sight of; the verifier then takes it for a number that can be tested.
 * Returns how many instructions use it; -ENOMEM; -E2BIG when there are too many ways.
 */
int bq_opt_check(const struct bpf_insn *insns, size_t n, enum bq_opt_use *uses);

#endif
