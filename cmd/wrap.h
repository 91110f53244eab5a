/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text on standard output in lines of at most 80 columns. */
#ifndef WRAP_H
#define WRAP_H

#include <stdbool.h>
#include <stddef.h>

#define WRAP_COLUMNS 80

/* A text that is being printed. Lines after the first begin with `indent` blanks. */
struct wrap {
	size_t indent;
	size_t column; /* where the next character goes, from 0 */
	bool text;     /* the current line ends in a piece */
};

/* Print PIECE unsplit, after a blank, or on a new line if the current one has no room. */
void wrap_piece(struct wrap *w, const char *piece);
/* Print the words of TEXT, each as a piece. An empty line in TEXT is printed as one. */
void wrap_words(struct wrap *w, const char *text);
/* Move to COLUMN: with blanks, or to a new line if the current one is longer. */
void wrap_to(struct wrap *w, size_t column);
/* End the line, unless it is empty. */
void wrap_end(struct wrap *w);

/* Print TEXT as lines of its own, indented by INDENT. */
void wrap_text(const char *text, size_t indent);
/* Print LEFT, indented by two blanks, and TEXT beside it from COLUMN on. */
void wrap_row(const char *left, const char *text, size_t column);

#endif
