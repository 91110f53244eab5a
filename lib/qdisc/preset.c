// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Presets of the user's file, and the built-in ones of the file `presets` beside this one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/preset.h"
#include "qdisc/qdisc.h"

#define BUILTIN_NAME "built-in presets"

/* Generated from the file: builtin_presets[]. */
#include "presets.h"

/* Read the user's file. A file that does not exist has no lines. */
static int read_own(struct bq_wordfile *file, struct bq_error *error)
{
	const char *named = getenv(BQ_PRESETS_VARIABLE);
	int err = bq_wordfile_read(named && *named ? named : BQ_PRESETS_FILE, file, error);

	return err == -ENOENT ? 0 : err;
}

static int read_builtin(struct bq_wordfile *file, struct bq_error *error)
{
	return bq_wordfile_parse(BUILTIN_NAME, builtin_presets, file, error);
}

/* Return the line after the preset that begins with LINE. */
static const struct bq_wordfile_line *end_of(const struct bq_wordfile *file,
					     const struct bq_wordfile_line *line)
{
	do
		line++;
	while (line < file->lines + file->n_lines && line->indented);
	return line;
}

static const char *name_of(const struct bq_wordfile *file, const struct bq_wordfile_line *line)
{
	return file->words[line->first];
}

/* --- one preset --- */

static int fail_unknown(const char *name, const struct bq_wordfile *file, struct bq_error *error)
{
	const char **names = calloc((size_t)file->n_lines, sizeof(*names)), *nearest;
	const struct bq_wordfile_line *line = file->lines;
	size_t n = 0;

	if (!names)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "%s", strerror(ENOMEM));
	for (; line < file->lines + file->n_lines; line = end_of(file, line))
		names[n++] = name_of(file, line);
	nearest = bqdisc_word__nearest(name, names, n);
	free(names);
	return bq_fail_word(error, name,
			    "preset: unknown preset '%s'%s%s%s; 'bqdisc help netem' lists them",
			    name, nearest ? "; the nearest is '" : "", nearest ? nearest : "",
			    nearest ? "'" : "");
}

static int fail_twice(const struct bq_preset_words *found, const struct bq_wordfile_line *again,
		      int number, struct bq_error *error)
{
	const char *name = name_of(&found->file, again);

	bq_fail_word(error, name, "'%s' is also in line %d; remove one", name, number);
	return bq_wordfile_locate(&found->file, again, -EINVAL, error);
}

/* Find NAME in FOUND->FILE. Return 1 if found, 0 if not, -errno on failure. */
static int find(const char *name, struct bq_preset_words *found, struct bq_error *error)
{
	const struct bq_wordfile *file = &found->file;
	const struct bq_wordfile_line *line, *end, *first = NULL;

	for (line = file->lines; line < file->lines + file->n_lines; line = end) {
		end = end_of(file, line);
		if (strcmp(name_of(file, line), name))
			continue;
		if (first)
			return fail_twice(found, line, first->number, error);
		first = line;
		found->line = end - 1;
		found->words = file->words + first->first + 1;
		found->n = found->line->first + found->line->n - first->first - 1;
	}
	return first != NULL;
}

/* Return 1 if found, 0 if not, -errno on failure. FOUND is valid if the result is 1. */
static int find_own(const char *name, struct bq_preset_words *found, struct bq_error *error)
{
	int ret = read_own(&found->file, error);

	if (!ret)
		ret = find(name, found, error);
	if (ret <= 0)
		bq_preset_free(found);
	return ret;
}

static int find_builtin(const char *name, struct bq_preset_words *found, struct bq_error *error)
{
	int ret = read_builtin(&found->file, error);

	if (!ret)
		ret = find(name, found, error);
	if (!ret)
		ret = fail_unknown(name, &found->file, error);
	if (ret < 0)
		bq_preset_free(found);
	found->line = NULL;
	return ret < 0 ? ret : 0;
}

int bq_preset_find(const char *name, struct bq_preset_words *found, struct bq_error *error)
{
	int ret;

	*found = (struct bq_preset_words){ 0 };
	ret = find_own(name, found, error);
	if (ret)
		return ret < 0 ? ret : 0;
	return find_builtin(name, found, error);
}

void bq_preset_free(struct bq_preset_words *found)
{
	bq_wordfile_free(&found->file);
	*found = (struct bq_preset_words){ 0 };
}

/* --- list of presets --- */

struct list {
	const struct bq_wordfile *file;
	bqdisc_preset_fn fn;
	void *arg;
};

/* Emit the options of LINE, a part of the preset that begins with FIRST. */
static void emit_part(const struct list *list, const struct bq_wordfile_line *first,
		      const struct bq_wordfile_line *line, bool is_first)
{
	char words[1024] = "", source[128];
	const char *name = name_of(list->file, first);
	struct bqdisc_preset_info part = { name, first->comment, words, source, is_first };
	size_t len = 0;
	int i;

	for (i = line == first; i < line->n && len < sizeof(words); i++)
		len += (size_t)snprintf(words + len, sizeof(words) - len, "%s%s", len ? " " : "",
					list->file->words[line->first + i]);
	snprintf(source, sizeof(source), "%s, line %d", list->file->name, line->number);
	if (!first->comment)
		part.summary = "your own";
	if (line != first && line->comment)
		part.source = line->comment;
	list->fn(&part, list->arg);
}

/* Emit the preset that begins with FIRST. A line with nothing but its name is no part of it. */
static void emit_preset(const struct list *list, const struct bq_wordfile_line *first)
{
	const struct bq_wordfile_line *end = end_of(list->file, first), *line = first;
	bool is_first = true;

	if (first->n == 1 && end > first + 1)
		line++;
	for (; line < end; line++) {
		emit_part(list, first, line, is_first);
		is_first = false;
	}
}

static int emit_all(int (*read)(struct bq_wordfile *file, struct bq_error *error),
		    bqdisc_preset_fn fn, void *arg, struct bq_error *error)
{
	const struct bq_wordfile_line *line;
	struct bq_wordfile file;
	const struct list list = { &file, fn, arg };
	int err = read(&file, error);

	if (err)
		return err;
	for (line = file.lines; line < file.lines + file.n_lines; line = end_of(&file, line))
		emit_preset(&list, line);
	bq_wordfile_free(&file);
	return 0;
}

int bq_presets_each(bqdisc_preset_fn fn, void *arg, struct bq_error *error)
{
	int err = emit_all(read_builtin, fn, arg, error);

	return err ? err : emit_all(read_own, fn, arg, error);
}
