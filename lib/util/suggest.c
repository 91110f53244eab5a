// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Search for the word with the smallest edit distance, for suggestions in messages. */
#include <string.h>

#include "bqdisc.h"

#define WORD_MAX 32

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Return the Levenshtein distance, or SIZE_MAX if a word is longer than WORD_MAX. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], la = strlen(a), lb = strlen(b), i, j, diagonal, above;

	if (la > WORD_MAX || lb > WORD_MAX)
		return SIZE_MAX;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			above = row[j];
			row[j] =
				least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}

const char *bqdisc_word__nearest(const char *word, const char *const *candidates, size_t size)
{
	/* Allow one wrong letter, and one more for every three letters. */
	size_t best = strlen(word) / 3 + 1, i, d;
	const char *nearest = NULL;

	for (i = 0; i < size; i++) {
		d = distance(word, candidates[i]);
		if (d > best || (nearest && d == best))
			continue;
		best = d;
		nearest = candidates[i];
	}
	return nearest;
}
