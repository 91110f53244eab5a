/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text of words, one statement per line: rules, presets. `#` starts a comment. */
#ifndef BQ_UTIL_WORDFILE_H
#define BQ_UTIL_WORDFILE_H

#include "util/error.h"

struct bq_wordfile_line {
	int first, n; /* indices into `words` */
	int number;   /* from 1 */
	bool indented;
	const char *comment; /* text after `#`, without blanks around it; or NULL */
};

struct bq_wordfile {
	const char *name; /* of the file, for messages */
	char *buf;        /* words point into it */
	char **words;     /* of all lines */
	int n_words;
	struct bq_wordfile_line *lines; /* those that have words */
	int n_lines;
	/* First character of each line of the file, for locations in messages. */
	char **starts;
	int n_starts;
};

/*
 * Read FILE, whose name must outlive TEXT. Return 0 or -errno. -ENOENT, if there is no file, sets
 * no message.
 */
int bq_wordfile_read(const char *file, struct bq_wordfile *text, struct bq_error *error);
/* Parse a copy of CONTENT as the file NAME. Return 0 or -errno. */
int bq_wordfile_parse(const char *name, const char *content, struct bq_wordfile *text,
		      struct bq_error *error);
void bq_wordfile_free(struct bq_wordfile *text);

/*
 * Prepend the location to the message of ERROR: of its word if that is in this file, else the end
 * of LINE. Return ERR.
 */
int bq_wordfile_locate(const struct bq_wordfile *text, const struct bq_wordfile_line *line, int err,
		       struct bq_error *error);

#endif
