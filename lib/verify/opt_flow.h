/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Data flow analysis of .init's pointer to its options. The pointer is NULL when tc passes no
 * options, but the verifier assumes that it never is. The verifier removes a test for NULL, and
 * accepts a read through the pointer, which crashes the kernel. Works on instructions only: it
 * calls neither the kernel nor libbpf.
 */
#ifndef BQ_VERIFY_OPT_FLOW_H
#define BQ_VERIFY_OPT_FLOW_H

#include <stddef.h>

struct bpf_insn;

enum bq_opt_use {
	BQ_OPT_NONE,
	BQ_OPT_READ,     /* load or store through the pointer */
	BQ_OPT_COMPARED, /* comparison, which the verifier removes if it is with NULL */
};

/*
 * Analyse the .init program INSNS, N instructions with its subprograms, as libbpf passes them to
 * the kernel. Write the use of the pointer by each instruction into USES, of N elements.
 *
 * A register counts as the pointer if it is on any path. The analysis does not follow the pointer
 * through maps: the verifier treats a value from a map as a number, and keeps its tests.
 *
 * Return the number of instructions that use the pointer, -ENOMEM, or -E2BIG if the program has
 * too many paths.
 */
int bq_opt_check(const struct bpf_insn *insns, size_t n, enum bq_opt_use *uses);

#endif
