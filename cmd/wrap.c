// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "wrap.h"

static void indent_to(struct wrap *w, size_t column)
{
	printf("%*s", (int)(column - w->column), "");
	w->column = column;
}

static void begin_line(struct wrap *w)
{
	if (w->column)
		putchar('\n');
	w->column = 0;
	w->text = false;
}

void wrap_piece(struct wrap *w, const char *piece)
{
	size_t len = strlen(piece);

	if (w->text && w->column + 1 + len > WRAP_COLUMNS)
		begin_line(w);
	if (w->text)
		indent_to(w, w->column + 1);
	else if (w->column < w->indent)
		indent_to(w, w->indent);
	fputs(piece, stdout);
	w->column += len;
	w->text = true;
}

void wrap_words(struct wrap *w, const char *text)
{
	char word[256];
	size_t n;

	while (*text) {
		if (!strncmp(text, "\n\n", 2)) {
			begin_line(w);
			putchar('\n');
		}
		text += strspn(text, " \n");
		n = strcspn(text, " \n");
		if (n)
			snprintf(word, sizeof(word), "%.*s", (int)n, text);
		if (n)
			wrap_piece(w, word);
		text += n;
	}
}

void wrap_to(struct wrap *w, size_t column)
{
	if (w->column + 2 > column)
		begin_line(w);
	indent_to(w, column);
	w->text = false;
}

void wrap_end(struct wrap *w)
{
	begin_line(w);
}

void wrap_text(const char *text, size_t indent)
{
	struct wrap w = { .indent = indent };

	wrap_words(&w, text);
	wrap_end(&w);
}

void wrap_row(const char *left, const char *text, size_t column)
{
	struct wrap w = { .indent = 2 };

	wrap_piece(&w, left);
	wrap_to(&w, column);
	w.indent = column;
	wrap_words(&w, text);
	wrap_end(&w);
}
