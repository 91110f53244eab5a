// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* new: create a directory with the source of a working qdisc. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "new.h"
#include "output.h"

#define PLACEHOLDER "mine"
#define NAME_LONGEST 15 /* the kernel's limit */

/* Return true if the placeholder is at TEXT[AT] and not a part of another word. */
static bool is_placeholder(const char *text, size_t at)
{
	size_t n = strlen(PLACEHOLDER);

	return !strncmp(text + at, PLACEHOLDER, n) && !isalpha((unsigned char)text[at + n]) &&
	       (!at || !isalpha((unsigned char)text[at - 1]));
}

static void write_text(FILE *f, const char *text, const char *name)
{
	size_t at;

	for (at = 0; text[at]; at++) {
		if (is_placeholder(text, at)) {
			fputs(name, f);
			at += strlen(PLACEHOLDER) - 1;
		} else {
			putc(text[at], f);
		}
	}
}

static int fail_write(const char *path)
{
	usage_error("new: cannot write %s: %s", path, strerror(errno));
	return BQDISC_ERROR_USAGE;
}

static int write_file(const struct new_file *file, const char *name)
{
	char path[256] = "";
	FILE *f = fmemopen(path, sizeof(path), "w");
	bool failed;

	if (!f)
		return fail_write(name);
	fprintf(f, "%s/", name);
	write_text(f, file->name, name);
	fclose(f);
	f = fopen(path, "wx");
	if (!f)
		return fail_write(path);
	write_text(f, file->text, name);
	failed = ferror(f) || (file->executable && fchmod(fileno(f), 0755));
	return fclose(f) || failed ? fail_write(path) : 0;
}

/* The name is used for a kind, for a directory, and in identifiers of C. */
static bool is_name(const char *name)
{
	return islower((unsigned char)*name) && strlen(name) <= NAME_LONGEST &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

int new_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc *bq;
	const char *name;
	bool exists;
	size_t i;
	int err;

	if (argc != 2)
		return usage_missing("new", "NAME");
	name = argv[1];
	if (!is_name(name))
		return usage_error("new: invalid name '%s'; use 1 to %d of a-z, 0-9 and _, with a "
				   "letter first",
				   name, NAME_LONGEST);
	bq = session_open(g);
	exists = bqdisc__find_qdisc(bq, name);
	bqdisc__close(bq);
	if (exists)
		return usage_error("new: a qdisc '%s' exists; choose another name", name);
	if (mkdir(name, 0777))
		return usage_error("new: cannot create the directory %s: %s", name,
				   strerror(errno));
	for (i = 0; i < n_new_files; i++) {
		err = write_file(&new_files[i], name);
		if (err)
			return err;
	}
	if (g->json)
		output_json(json_pack("{ss ss}", "qdisc", name, "directory", name));
	else
		printf("%s: created; build it with 'make -C %s'\n", name, name);
	return 0;
}
