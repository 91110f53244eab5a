/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Abstract state of a BPF program before an instruction: the set of pointers that each register
 * and each stack slot may hold. A set grows only, so that the analysis ends.
 */
#ifndef BQ_VERIFY_OPT_STATE_H
#define BQ_VERIFY_OPT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BQ_OPT_REGISTERS 16 /* that an instruction can name */
#define BQ_OPT_STACK_BYTES 512
#define BQ_OPT_SLOT_BYTES 8
#define BQ_OPT_SLOTS (BQ_OPT_STACK_BYTES / BQ_OPT_SLOT_BYTES)
#define BQ_OPT_FRAMES 8 /* MAX_CALL_FRAMES of the verifier */

/* Bits of the set of pointers. */
enum {
	BQ_OPT_PTR_OPT = 1 << 0,   /* second argument of .init */
	BQ_OPT_PTR_CTX = 1 << 1,   /* context of the program */
	BQ_OPT_PTR_STACK = 1 << 2, /* into a frame, at `off` unless `moved` */
	BQ_OPT_PTR_FUNC = 1 << 3,  /* subprogram at instruction `off` */
};

struct bq_opt_value {
	uint8_t may; /* BQ_OPT_PTR_* bits */
	uint8_t frame;
	bool moved; /* `frame` and `off` are unknown */
	int32_t off;
};

struct bq_opt_state {
	bool reached;
	struct bq_opt_value reg[BQ_OPT_REGISTERS];
	uint8_t slot[BQ_OPT_FRAMES][BQ_OPT_SLOTS]; /* BQ_OPT_PTR_* bits */
};

/* Return the union of A and B. */
struct bq_opt_value bq_opt_join_values(struct bq_opt_value a, struct bq_opt_value b);

/* Add B to A. Return true if A changed. */
bool bq_opt_join_states(struct bq_opt_state *a, const struct bq_opt_state *b);

/* Return the set of pointers in the slot at P + OFF, or in all slots if it is unknown. */
uint8_t bq_opt_load_slot(struct bq_opt_state *s, struct bq_opt_value p, int off);

/*
 * Store the set MAY in the slot at P + OFF, or add it to all slots if it is unknown. A store that
 * does not cover the slot, WHOLE false, adds to its set.
 */
void bq_opt_store_slot(struct bq_opt_state *s, struct bq_opt_value p, int off, uint8_t may,
		       bool whole);

/* Return the union of the sets of all slots. */
uint8_t bq_opt_all_slots(const struct bq_opt_state *s);

/* Add the slots of B to those of A. */
void bq_opt_join_slots(struct bq_opt_state *a, const struct bq_opt_state *b);

#endif
