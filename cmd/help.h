/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HELP_H
#define HELP_H

#include "cmd.h"

/* Print the help of a qdisc as text, from its descriptor. */
void help_qdisc(const struct bqdisc_qdisc *q, const struct globals *g);

#endif
