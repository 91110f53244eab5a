/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files that `bqdisc new` writes: those of new/, packed by the Makefile. */
#ifndef NEW_H
#define NEW_H

#include <stdbool.h>
#include <stddef.h>

struct new_file {
	const char *name; /* `mine` in it, and in the text, stands for the qdisc's name */
	const char *text;
	bool executable;
};

extern const struct new_file new_files[];
extern const size_t n_new_files;

#endif
