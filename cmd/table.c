// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "table.h"

#define GAP 2 /* blanks between columns */

void table_add(struct table *t, const char *const *cells)
{
	char **grown = reallocarray(t->cells, (t->rows + 1) * t->columns, sizeof(*grown)), **row;
	size_t c;

	if (!grown)
		abort();
	t->cells = grown;
	row = grown + t->rows++ * t->columns;
	for (c = 0; c < t->columns; c++) {
		row[c] = strdup(cells[c]);
		if (!row[c])
			abort();
	}
}

static size_t width_of(const struct table *t, size_t column)
{
	size_t i, len, width = 0;

	for (i = 0; i < t->rows; i++) {
		len = strlen(t->cells[i * t->columns + column]);
		width = len > width ? len : width;
	}
	return width;
}

/* The last column is not padded. */
static void print_row(const struct table *t, size_t n, const struct globals *g)
{
	char *const *row = t->cells + n * t->columns;
	size_t c;

	for (c = 0; c < t->columns; c++) {
		if (n)
			fputs(row[c], stdout);
		else
			output_bold(g, row[c]);
		if (c + 1 < t->columns)
			printf("%*s", (int)(width_of(t, c) - strlen(row[c]) + GAP), "");
	}
	putchar('\n');
}

void table_print(struct table *t, const struct globals *g)
{
	size_t i;

	for (i = 0; i < t->rows; i++)
		print_row(t, i, g);
	for (i = 0; i < t->rows * t->columns; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct table){ .columns = t->columns };
}
