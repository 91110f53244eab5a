/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file of words, a statement a line: rules, presets. What follows a `#` is a comment. */
#ifndef BQ_UTIL_WORDFILE_H
#define BQ_UTIL_WORDFILE_H

#include "util/error.h"

struct bq_wordfile_line {
	int first, n; /* of the words */
	int number;   /* from 1 */
};

struct bq_wordfile {
	const char *name; /* of the file */
	char *buf;        /* words point into it */
	char **words;     /* of all lines */
	int n_words;
	struct bq_wordfile_line *lines; /* those that have words */
	int n_lines;
	/* The first letter of each line of the file, for telling places. */
	char **starts;
	int n_starts;
};

/* Reads FILE, of which NAME is kept. -ENOENT without a report: there is none. */
int bq_wordfile_read(const char *file, struct bq_wordfile *text, struct bq_error *error);
void bq_wordfile_free(struct bq_wordfile *text);

/*
 * Puts the place before the report of a failure: that of its word, if it is one of this file, else
 * the end of LINE. Returns ERR.
 */
int bq_wordfile_locate(const struct bq_wordfile *text, const struct bq_wordfile_line *line, int err,
		       struct bq_error *error);

#endif
