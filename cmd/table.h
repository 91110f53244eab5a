/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text in columns, with a heading. */
#ifndef TABLE_H
#define TABLE_H

#include "cmd.h"

struct table {
	size_t columns;
	size_t rows;
	char **cells; /* row by row */
};

/* Add a copy of CELLS, one per column. The first row is the heading. Aborts if memory is out. */
void table_add(struct table *t, const char *const *cells);
/* The same with the cells as arguments. */
#define TABLE_ADD(table, ...) table_add(table, (const char *const[]){ __VA_ARGS__ })

/* Print the rows, and release them. */
void table_print(struct table *t, const struct globals *g);

#endif
