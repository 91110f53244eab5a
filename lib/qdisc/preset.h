/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Presets: netem options of well-known links, from a file of the user or from the built-in one. A
 * line is a name and options; indented lines add to the preset above. A comment behind the name
 * describes the preset, one behind indented options is their source.
 */
#ifndef BQ_QDISC_PRESET_H
#define BQ_QDISC_PRESET_H

#include "util/wordfile.h"

#define BQ_PRESETS_FILE "/etc/bqdisc/presets"
#define BQ_PRESETS_VARIABLE "BQDISC_PRESETS" /* names another file */

/* Options of a preset, and the text that contains them. */
struct bq_preset_words {
	int n;
	char **words;
	struct bq_wordfile file;
	const struct bq_wordfile_line *line; /* its last line; NULL: built in */
};

/*
 * Find the preset NAME, first in the user's file, then among built-in ones. Return 0 or -errno. On
 * success the caller frees FOUND.
 */
int bq_preset_find(const char *name, struct bq_preset_words *found, struct bq_error *error);
void bq_preset_free(struct bq_preset_words *found);

/*
 * Call FN for each part of each preset, built in and of the user's file. Return 0, or -errno when
 * that file cannot be read.
 */
int bq_presets_each(bqdisc_preset_fn fn, void *arg, struct bq_error *error);

#endif
