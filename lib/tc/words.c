// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tc/words.h"

bool bq_grow(void **v, size_t *room, size_t n, size_t size)
{
	size_t more = *room ? 2 * *room : 8;
	char *grown;

	if (n < *room)
		return true;
	grown = realloc(*v, more * size);
	if (!grown)
		return false;
	memset(grown + *room * size, 0, (more - *room) * size);
	*v = grown;
	*room = more;
	return true;
}

/* Append WORD, which is malloc()ed, or NULL. */
static void add(struct bq_words *w, char *word)
{
	size_t room = (size_t)w->room;

	if (word && bq_grow((void **)&w->v, &room, (size_t)w->n, sizeof(*w->v))) {
		w->v[w->n++] = word;
		w->room = (int)room;
		return;
	}
	free(word);
	w->failed = true;
}

bool bq_word_is(const char *word, const char *other)
{
	return word && !strcmp(word, other);
}

bool bq_word_is_any(const char *word, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

void bq_words_add(struct bq_words *w, const char *fmt, ...)
{
	char *word;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&word, fmt, ap) < 0)
		word = NULL;
	va_end(ap);
	add(w, word);
}

void bq_words_copy(struct bq_words *w, int n, char *const words[])
{
	int i;

	for (i = 0; i < n; i++)
		add(w, strdup(words[i]));
}

void bq_words_remove(struct bq_words *w, int at, int n)
{
	int i;

	for (i = at; i < at + n; i++)
		free(w->v[i]);
	memmove(w->v + at, w->v + at + n, (size_t)(w->n - at - n) * sizeof(*w->v));
	w->n -= n;
}

void bq_words_free(struct bq_words *w)
{
	int i;

	for (i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct bq_words){ 0 };
}

int bq_words_find(int n, char *const words[], const char *word)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(words[i], word))
			return i;
	return -1;
}

/* Insert behind the problems of earlier lines and of this one. */
static void insert(struct bq_problems *p, int line, char *text)
{
	size_t at = p->n;

	for (; at && p->v[at - 1].line > line; at--)
		p->v[at] = p->v[at - 1];
	p->v[at] = (struct bq_problem){ line, text };
	p->n++;
}

bool bq_problem(struct bq_problems *p, int line, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (text && bq_grow((void **)&p->v, &p->room, p->n, sizeof(*p->v))) {
		insert(p, line, text);
		return false;
	}
	free(text);
	p->failed = true;
	return false;
}

void bq_problems_free(struct bq_problems *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->v[i].text);
	free(p->v);
	*p = (struct bq_problems){ 0 };
}
