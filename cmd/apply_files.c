// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads the files of apply: one, those of a directory, and those that they include. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply.h"
#include "memory.h"

#define BYTES_MAX (1 << 20) /* of a file */
#define DEPTH_MAX 8

static void add_problem(struct apply_config *c, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	if (c->n_problems < PROBLEMS_MAX)
		c->problems[c->n_problems] = text;
	else
		free(text);
	c->n_problems++;
}

void apply_problem(struct apply_config *c, const struct apply_place *at, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_problem(c, "%s:%d:%d: %s", at->file, at->line, at->column, text);
}

/* Report a file that was named on the command line, or that was included at AT. */
static void fail_file(struct apply_config *c, const struct apply_place *at, const char *path,
		      const char *why)
{
	if (at)
		apply_problem(c, at, "include: cannot read '%s': %s", path, why);
	else
		add_problem(c, "apply: cannot read '%s': %s", path, why);
}

int apply_enter(const struct apply_file *file)
{
	int from = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (from < 0 || !chdir(file->dir))
		return from;
	close(from); /* paths that are not found are reported */
	return -1;
}

void apply_leave(int from)
{
	if (from < 0)
		return;
	if (fchdir(from))
		abort();
	close(from);
}

/* --- one file --- */

static char *read_all(FILE *in)
{
	char *text = check_memory(malloc(BYTES_MAX + 1));
	size_t n = fread(text, 1, BYTES_MAX, in);

	if (n == BYTES_MAX || ferror(in) || memchr(text, '\0', n)) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

/* Return the directory of PATH, absolute. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir, *real;

	dir = check_memory(slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("."));
	real = realpath(dir, NULL);
	if (!real)
		return dir;
	free(dir);
	return real;
}

static void keep_problem(const struct apply_place *at, const char *text, void *arg)
{
	apply_problem(arg, at, "%s", text);
}

static void parse(struct apply_config *c, const struct apply_file *file)
{
	struct apply_reader r = {
		.at = file->text,
		.place = { file->name, 1, 1 },
		.problem = keep_problem,
		.arg = c,
	};
	struct apply_words words = { 0 };

	while (apply_read_words(&r, &words))
		apply_parse_line(c, file, &words);
	free(words.v);
}

static void read_file(struct apply_config *c, const char *path, const struct apply_place *at,
		      int depth)
{
	bool is_stdin = !strcmp(path, "-") && !at;
	FILE *in = is_stdin ? stdin : fopen(path, "re");
	char *text = in ? read_all(in) : NULL;
	struct apply_file *file;

	if (!in)
		fail_file(c, at, path, strerror(errno));
	else if (!text)
		fail_file(c, at, path, "not a text of less than 1 MiB");
	if (in && !is_stdin)
		fclose(in);
	if (!text)
		return;
	file = check_memory(malloc(sizeof(*file)));
	*file = (struct apply_file){
		.next = c->files,
		.name = check_memory(strdup(is_stdin ? "stdin" : path)),
		.dir = directory_of(is_stdin ? "." : path),
		.text = text,
		.depth = depth,
	};
	c->files = file;
	parse(c, file);
}

/* --- several files --- */

/* Read the files that PATTERN names, in the order of their names. Return false if there is none. */
static bool read_matches(struct apply_config *c, const char *pattern, const struct apply_place *at,
			 int depth)
{
	glob_t found;
	size_t i;
	int err = glob(pattern, 0, NULL, &found);

	for (i = 0; !err && i < found.gl_pathc; i++)
		read_file(c, found.gl_pathv[i], at, depth);
	if (!err)
		globfree(&found);
	return !err;
}

void apply_include(struct apply_config *c, const struct apply_file *from,
		   const struct apply_word *pattern)
{
	const char *slash = strrchr(from->name, '/');
	char path[PATH_MAX];

	if (from->depth >= DEPTH_MAX) {
		apply_problem(c, &pattern->at,
			      "include: more than %d files deep; does a file "
			      "include itself?",
			      DEPTH_MAX);
		return;
	}
	snprintf(path, sizeof(path), "%.*s%s",
		 *pattern->text == '/' || !slash ? 0 : (int)(slash - from->name) + 1, from->name,
		 pattern->text);
	if (!read_matches(c, path, &pattern->at, from->depth + 1) &&
	    !pattern->text[strcspn(pattern->text, "*?[")])
		fail_file(c, &pattern->at, path, strerror(ENOENT));
}

void apply_config_read(struct apply_config *c, const char *path)
{
	char pattern[PATH_MAX];
	struct stat st;

	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		read_file(c, path, NULL, 0);
		return;
	}
	snprintf(pattern, sizeof(pattern), "%s/*.conf", path);
	read_matches(c, pattern, NULL, 0);
}

void apply_config_free(struct apply_config *c)
{
	struct apply_file *file;
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->lines[i].argv);
		free(c->lines[i].text);
	}
	free(c->lines);
	for (i = 0; i < c->n_problems && i < PROBLEMS_MAX; i++)
		free(c->problems[i]);
	while ((file = c->files)) {
		c->files = file->next;
		free(file->name);
		free(file->dir);
		free(file->text);
		free(file);
	}
}
