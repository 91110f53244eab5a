/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * netem's options as tc gives them to the kernel: tc sends a limit of 1000, and a change resets the
 * options of struct tc_netem_qopt that are not named, and keeps the others.
 */
#ifndef TC_NETEM_H
#define TC_NETEM_H

#include "cmd.h"

/* Words for attach and change. */
struct tc_words {
	char **v;
	int n;
};

/* Add a copy of WORD. */
void tc_words_add(struct tc_words *words, const char *word);
void tc_words_free(struct tc_words *words);

/* Add what tc sends in addition to the N words USER. */
void tc_netem_add_defaults(struct tc_words *words, int n, char *const user[]);
/* Add the options of INST that a change with the N words USER keeps. */
void tc_netem_add_kept(struct tc_words *words, const struct bqdisc_instance *inst, int n,
		       char *const user[]);

#endif
