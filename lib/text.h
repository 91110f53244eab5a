/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file of words, a statement a line: rules, presets. What follows a `#` is a comment. */
#ifndef BQ_TEXT_H
#define BQ_TEXT_H

#include "report.h"

struct bq_line {
	int first, n; /* of the words */
	int number;   /* from 1 */
};

struct bq_text {
	const char *name; /* of the file */
	char *buf;        /* words point into it */
	char **words;     /* of all lines */
	int n_words;
	struct bq_line *lines; /* those that have words */
	int n_lines;
	/* The first letter of each line of the file, for telling places. */
	char **starts;
	int n_starts;
};

/* Reads FILE, of which NAME is kept. -ENOENT without a report: there is none. */
int bq_text_read(const char *file, struct bq_text *text, struct bq_report *rep);
void bq_text_free(struct bq_text *text);

/*
 * Puts the place before the report of a failure: that of its word, if it is one of this file, else
 * the end of LINE. Returns ERR.
 */
int bq_text_blame(const struct bq_text *text, const struct bq_line *line, int err,
		  struct bq_report *rep);

#endif
