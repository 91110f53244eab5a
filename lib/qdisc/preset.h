/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Presets: netem options of well-known links, with the source of each number. */
#ifndef BQ_QDISC_PRESET_H
#define BQ_QDISC_PRESET_H

#include "util/wordfile.h"

#define BQ_PRESETS_FILE "/etc/bqdisc/presets"
#define BQ_PRESETS_VARIABLE "BQDISC_PRESETS" /* names another file */

/* Options of a preset, and the source of their numbers. */
struct bq_preset_part {
	const char *words;
	const char *source;
};

#define BQ_PRESET_PARTS 4

/* One direction of a link. */
struct bq_preset {
	const char *name;
	const char *summary;
	struct bq_preset_part parts[BQ_PRESET_PARTS]; /* ends with a part without words */
};

/* Built-in presets, up to one without a name. */
extern const struct bq_preset bq_presets[];

/* Words of a preset; for a user's preset, also the file that contains them. */
struct bq_preset_words {
	int n;
	char **words;
	char *copy; /* copy of the words of a built-in preset */
	struct bq_wordfile file;
	const struct bq_wordfile_line *line; /* NULL: built in */
};

/*
 * Find the preset NAME, first in the user's file, then among built-in ones. A line of the user's
 * file is a name and options. Return 0 or -errno. On success the caller frees FOUND.
 */
int bq_preset_find(const char *name, struct bq_preset_words *found, struct bq_error *error);
void bq_preset_free(struct bq_preset_words *found);

/* Return the user's file: the path in the environment, or BQ_PRESETS_FILE. */
const char *bq_presets_file(void);

/*
 * Call FN for each part of each preset, built in and of the user's file. Return 0, or -errno when
 * that file cannot be read.
 */
int bq_presets_each(bqdisc_preset_fn fn, void *arg, struct bq_error *error);

#endif
