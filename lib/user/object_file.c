// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads object files and keeps what is derived from them. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/user_object.h"
#include "user/btf_descriptor.h"

/* --- allocation --- */

struct bq_user_object *bq_user_object_of(const struct bqdisc_qdisc *q)
{
	return bq_qdisc_is_user(q) ? (struct bq_user_object *)q : NULL;
}

void bq_user_object_free(struct bq_user_object *b)
{
	size_t i;

	for (i = 0; i < b->n_texts; i++)
		free(b->texts[i]);
	free(b->texts);
	free(b->options);
	free(b->counters);
	free(b->globals);
	free((void *)b->q.image.bytes);
	free(b);
}

struct bq_user_object *bq_user_object_new(const struct bq_object_source *source, void *bytes,
					  size_t size, struct bq_error *error)
{
	struct bq_user_object *b = calloc(1, sizeof(*b));

	if (!b) {
		free(bytes);
		bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
		return NULL;
	}
	b->q.image = (struct bq_image){ bytes, size };
	snprintf(b->file, sizeof(b->file), "%s", source->file);
	snprintf(b->name, sizeof(b->name), "%s", source->name);
	snprintf(b->kind, sizeof(b->kind), "%s", source->kind);
	if (!bq_btf_describe(b, source->ops, error))
		return b;
	bq_user_object_free(b);
	return NULL;
}

bool bq_user_object_same(const struct bqdisc_qdisc *a, const struct bqdisc_qdisc *b)
{
	return a->image.bytes && b->image.bytes && !strcmp(a->name, b->name) &&
	       !strcmp(a->ops, b->ops) && a->image.size == b->image.size &&
	       !memcmp(a->image.bytes, b->image.bytes, a->image.size);
}

/* --- object files --- */

bool bq_user_object_is_file(const char *word)
{
	size_t len = strlen(word);

	return strchr(word, '/') || strstr(word, ".o:") ||
	       (len > 2 && !strcmp(word + len - 2, ".o"));
}

static int fail_read(const char *file, int err, struct bq_error *error)
{
	return bq_fail(error, BQDISC_ERROR_USAGE, err, "%s: cannot read: %s", file, strerror(err));
}

/* Read the whole open file of SIZE bytes into *BYTES. */
static int read_all(int fd, size_t size, void **bytes)
{
	size_t done = 0;
	ssize_t n;

	*bytes = malloc(size);
	if (!*bytes)
		return -ENOMEM;
	while (done < size) {
		n = read(fd, (char *)*bytes + done, size - done);
		if (n <= 0) {
			free(*bytes);
			return n ? -errno : -EIO;
		}
		done += (size_t)n;
	}
	return 0;
}

static int read_file(const char *file, void **bytes, size_t *size, struct bq_error *error)
{
	int err, fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		err = fail_read(file, errno, error);
	} else if (!S_ISREG(st.st_mode) || st.st_size < 1 || st.st_size > BQ_OBJECT_MAX) {
		err = bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			      "%s: not a BPF object; its size must be 1 byte to %u MiB", file,
			      BQ_OBJECT_MAX >> 20);
	} else {
		*size = (size_t)st.st_size;
		err = read_all(fd, *size, bytes);
		if (err)
			fail_read(file, -err, error);
	}
	if (fd >= 0)
		close(fd);
	return err;
}

/* Split FILE.o:NAME and return NAME. An existing file with a colon in its name is not split. */
static const char *split_name(char *file)
{
	char *colon = strrchr(file, ':');

	if (!colon || !access(file, F_OK) || strchr(colon, '/'))
		return "";
	*colon = '\0';
	return colon + 1;
}

struct bq_user_object *bq_user_object_open(const char *word, const char *as, struct bq_error *error)
{
	char file[BQ_FILE_MAX], path[PATH_MAX];
	struct bq_object_source source = { .name = "", .kind = as ? as : "" };
	size_t size = 0;
	void *bytes = NULL;

	if (as && (!*as || strlen(as) >= BQ_KIND_MAX)) {
		bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			"--as: invalid name '%s'; use 1 to %d characters", as, BQ_KIND_MAX - 1);
		return NULL;
	}
	snprintf(file, sizeof(file), "%s", word);
	source.ops = split_name(file);
	if (read_file(file, &bytes, &size, error))
		return NULL;
	source.file = realpath(file, path) ? path : file;
	return bq_user_object_new(&source, bytes, size, error);
}

/* Return true if the object's file still has the same contents. */
static bool is_on_disk(const struct bq_user_object *b)
{
	void *bytes;
	size_t size;
	bool same;

	if (read_file(b->file, &bytes, &size, NULL))
		return false;
	same = size == b->q.image.size && !memcmp(bytes, b->q.image.bytes, size);
	free(bytes);
	return same;
}

char *bqdisc_qdisc__words(const struct bqdisc_qdisc *q, char *buf, size_t size)
{
	const struct bq_user_object *b = bq_user_object_of(q);
	size_t len = 0;
	const char *c;

	if (!b || *b->file != '/' || !is_on_disk(b)) {
		snprintf(buf, size, "%s", q->name);
		return buf;
	}
	/* A backslash quotes any character for a shell. */
	for (c = b->file; *c && len + 2 < size; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("/._-+@,", *c))
			buf[len++] = '\\';
		buf[len++] = *c;
	}
	snprintf(buf + len, size - len, "%s%s%s%s", b->several ? ":" : "", b->several ? b->ops : "",
		 strcmp(b->name, b->id) ? " --as " : "", strcmp(b->name, b->id) ? b->name : "");
	return buf;
}
