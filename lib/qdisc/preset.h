/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Known links by name: what netem's options are for them, and where each number is from. */
#ifndef BQ_QDISC_PRESET_H
#define BQ_QDISC_PRESET_H

#include "util/wordfile.h"

#define BQ_PRESETS_FILE "/etc/bqdisc/presets"
#define BQ_PRESETS_VARIABLE "BQDISC_PRESETS" /* names another file */

/* Words of a preset, and who says so. */
struct bq_preset_part {
	const char *words;
	const char *source;
};

#define BQ_PRESET_PARTS 4

/* One direction of a link. */
struct bq_preset {
	const char *name;
	const char *summary;
	struct bq_preset_part parts[BQ_PRESET_PARTS]; /* up to one without words */
};

/* The built-in ones, up to one without a name. */
extern const struct bq_preset bq_presets[];

/* Words of a preset that was found; and, if it is a user's, the file that they are in. */
struct bq_preset_words {
	int n;
	char **words;
	char *copy; /* of the words of a built-in one */
	struct bq_wordfile file;
	const struct bq_wordfile_line *line; /* NULL: it is built in */
};

/*
 * Finds the preset NAME: a user's own before a built-in one. A line of the user's file is a name
 * and options. To be freed on success.
 */
int bq_preset_find(const char *name, struct bq_preset_words *found, struct bq_error *error);
void bq_preset_free(struct bq_preset_words *found);

/* The user's file: what the environment names, or BQ_PRESETS_FILE. */
const char *bq_presets_file(void);

/*
 * Call FN for each part of each preset, built in and of the user's file. Return 0, or -errno when
 * that file cannot be read.
 */
int bq_presets_each(bqdisc_preset_fn fn, void *arg, struct bq_error *error);

#endif
