/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options and rules of an instance, as they are typed. */
#ifndef OPTION_WORDS_H
#define OPTION_WORDS_H

#include "cmd.h"

/* Print the options that were set and the rules to OUT, each word after a blank. */
void option_words_print(const struct bqdisc_instance *inst, FILE *out);
/* Return the qdisc and those words: "netem delay 20ms". Aborts if memory is out. Free it. */
char *option_words(const struct bqdisc_instance *inst);
/* Print the words of attach that follow the device: the qdisc, its options and flags. */
void attach_words_print(const struct bqdisc_instance *inst, FILE *out);

#endif
