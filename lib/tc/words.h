/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists of words, and messages about lines of a script. */
#ifndef BQ_TC_WORDS_H
#define BQ_TC_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Words that are collected one by one. They are copies. */
struct bq_words {
	char **v;
	int n, room;
	bool failed; /* memory is exhausted: words are missing */
};

/* Append a word. */
__attribute__((format(printf, 2, 3))) void bq_words_add(struct bq_words *w, const char *fmt, ...);
/* Append copies of N words. */
void bq_words_copy(struct bq_words *w, int n, char *const words[]);
/* Remove the words AT to AT + N - 1. */
void bq_words_remove(struct bq_words *w, int at, int n);
void bq_words_free(struct bq_words *w);
/* Return the position of WORD, or -1. */
int bq_words_find(int n, char *const words[], const char *word);
/* Return true if WORD, which may be NULL, is OTHER. */
bool bq_word_is(const char *word, const char *other);
/* Return true if WORD is one of N constant words. */
bool bq_word_is_any(const char *word, const char *const *words, size_t n);

/*
 * Make room for element N of the array *V, which has *ROOM elements of SIZE bytes. New elements are
 * zero. Return false without memory.
 */
bool bq_grow(void **v, size_t *room, size_t n, size_t size);

/* Messages about lines of a script, in the order of the lines. */
struct bq_problems {
	struct bq_problem {
		int line; /* from 1 */
		char *text;
	} * v;
	size_t n, room;
	bool failed; /* memory is exhausted: problems are missing */
};

/* Add a problem of LINE, and return false. */
__attribute__((format(printf, 3, 4))) bool bq_problem(struct bq_problems *p, int line,
						      const char *fmt, ...);
void bq_problems_free(struct bq_problems *p);

#endif
