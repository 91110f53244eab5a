// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <dirent.h>
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
#include "bpf/object.h"
#include "bpf/pin.h"

/* Thread-local, as sessions are used by one thread. */
static _Thread_local struct bq_user_object *all;

/* Prefix of the directory of a user object's kind. Other pins have other prefixes. */
#define OWN '@'
#define RETIRED '~'
/* Replacement for a dot, which bpffs refuses in names. No kind contains a plus. */
#define DOT '+'
#define RETIRED_MAX 1000

static struct bq_user_object *of(const struct bqdisc_qdisc *q)
{
	return q->user;
}

/* --- allocation --- */

static void free_brought(struct bq_user_object *b)
{
	size_t i;

	for (i = 0; i < b->n_texts; i++)
		free(b->texts[i]);
	free(b->texts);
	free(b->options);
	free(b->counters);
	free(b->globals);
	free(b->bytes);
	free(b);
}

void bq_user_object_forget_all(void)
{
	struct bq_user_object *b;

	while ((b = all)) {
		all = b->next;
		free_brought(b);
	}
}

/*
 * Create a descriptor that takes ownership of BYTES. If NAME or KIND is empty, the object's own is
 * used. Return NULL on failure.
 */
static struct bq_user_object *make(const char *file, const char *name, const char *kind,
				   const char *ops, void *bytes, size_t size,
				   struct bq_error *error)
{
	struct bq_user_object *b = calloc(1, sizeof(*b));

	if (!b) {
		free(bytes);
		bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
		return NULL;
	}
	b->bytes = bytes;
	b->size = size;
	snprintf(b->file, sizeof(b->file), "%s", file);
	snprintf(b->name, sizeof(b->name), "%s", name);
	snprintf(b->kind, sizeof(b->kind), "%s", kind);
	if (bq_btf_describe(b, ops, error)) {
		free_brought(b);
		return NULL;
	}
	b->next = all;
	all = b;
	return b;
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

const struct bqdisc_qdisc *bq_user_object_open(const char *word, const char *as,
					       struct bq_error *error)
{
	char file[BQ_FILE_MAX], path[PATH_MAX];
	struct bq_user_object *b;
	const char *ops;
	size_t size = 0;
	void *bytes = NULL;

	if (as && (!*as || strlen(as) >= BQ_KIND_MAX)) {
		bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			"--as: invalid name '%s'; use 1 to %d characters", as, BQ_KIND_MAX - 1);
		return NULL;
	}
	snprintf(file, sizeof(file), "%s", word);
	ops = split_name(file);
	if (read_file(file, &bytes, &size, error))
		return NULL;
	b = make(realpath(file, path) ? path : file, "", as ? as : "", ops, bytes, size, error);
	return b ? &b->q : NULL;
}

/* Return true if the object's file still has the same contents. */
static bool is_on_disk(const struct bq_user_object *b)
{
	struct bq_error ignored = { 0 };
	void *bytes;
	size_t size;
	bool same;

	if (read_file(b->file, &bytes, &size, &ignored))
		return false;
	same = size == b->size && !memcmp(bytes, b->bytes, size);
	free(bytes);
	return same;
}

char *bqdisc_qdisc__words(const struct bqdisc_qdisc *q, char *buf, size_t size)
{
	const struct bq_user_object *b = of(q);
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

static const struct bqdisc_qdisc *find_name(const char *word, struct bq_error *error)
{
	const struct bqdisc_qdisc *q = bqdisc_qdisc__find(word);
	const char *nearest;

	if (q)
		return q;
	nearest = bqdisc_qdisc__nearest(word);
	if (nearest)
		bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			"unknown qdisc '%s'; the nearest is '%s'", word, nearest);
	else
		bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			"unknown qdisc '%s'; 'bqdisc list' lists them", word);
	return NULL;
}

const struct bqdisc_qdisc *bq_user_object_find(const char *word, const char *as,
					       struct bq_error *error)
{
	if (bq_user_object_is_file(word))
		return bq_user_object_open(word, as, error);
	if (!as)
		return find_name(word, error);
	bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
		"--as: '%s' is not an object file; leave out --as", word);
	return NULL;
}

/* --- pinned records --- */

/* Header of the pinned map. The object's bytes and its name follow. */
struct record {
	uint64_t size; /* of the object */
	char kind[BQ_KIND_MAX];
	char ops[BQ_OPS_MAX];
	char file[BQ_FILE_MAX];
};

int bq_user_object_save(const struct bqdisc_qdisc *q, const char *dir, struct bq_error *error)
{
	const struct bq_user_object *b = of(q);
	size_t size = sizeof(struct record) + b->size + sizeof(b->name);
	struct record *record = calloc(1, size);
	char path[BQ_PIN_PATH_MAX + 8];
	int err;

	if (!record)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	record->size = b->size;
	memcpy(record->kind, b->kind, sizeof(record->kind));
	memcpy(record->ops, b->ops, sizeof(record->ops));
	memcpy(record->file, b->file, sizeof(record->file));
	memcpy(record + 1, b->bytes, b->size);
	memcpy((char *)(record + 1) + b->size, b->name, sizeof(b->name));
	snprintf(path, sizeof(path), "%s/object", dir);
	err = bq_blob_save(path, record, size, error);
	free(record);
	return err;
}

static struct bq_user_object *find_record(const char *dir, const struct record *record)
{
	struct bq_user_object *b;

	for (b = all; b; b = b->next)
		if (!strcmp(b->dir, dir) && b->size == record->size &&
		    !strcmp(b->kind, record->kind) && !strcmp(b->ops, record->ops) &&
		    !memcmp(b->bytes, record + 1, b->size))
			return b;
	return NULL;
}

static struct bq_user_object *make_from_record(const struct record *record, const char *name)
{
	/* Skip records of another release, which cannot be read. */
	struct bq_error ignored = { 0 };
	void *bytes = malloc(record->size);

	if (!bytes)
		return NULL;
	memcpy(bytes, record + 1, record->size);
	return make(record->file, name, record->kind, record->ops, bytes, record->size, &ignored);
}

/* Read the name. Other releases recorded none and used that of the kind. */
static void read_name(const struct record *record, size_t size, char name[BQ_KIND_MAX])
{
	*name = '\0';
	if (size - sizeof(*record) - record->size < BQ_KIND_MAX)
		return;
	memcpy(name, (const char *)(record + 1) + record->size, BQ_KIND_MAX);
	name[BQ_KIND_MAX - 1] = '\0';
}

static void note_present(const char *dir)
{
	char path[BQ_PIN_PATH_MAX], blob[BQ_PIN_PATH_MAX + 8], name[BQ_KIND_MAX];
	struct record *record;
	struct bq_user_object *b;
	size_t size;

	snprintf(blob, sizeof(blob), "%s/object", bq_pin_kind(dir, path));
	if (bq_blob_load(blob, (void **)&record, &size))
		return;
	if (size > sizeof(*record) && record->size <= size - sizeof(*record)) {
		record->kind[sizeof(record->kind) - 1] = '\0';
		record->ops[sizeof(record->ops) - 1] = '\0';
		record->file[sizeof(record->file) - 1] = '\0';
		read_name(record, size, name);
		b = find_record(dir, record);
		if (!b)
			b = make_from_record(record, name);
		if (b) {
			snprintf(b->dir, sizeof(b->dir), "%.*s", (int)sizeof(b->dir) - 1, dir);
			b->present = true;
		}
	}
	free(record);
}

void bq_user_object_refresh(void)
{
	DIR *dir = opendir(BQ_PIN_DIR);
	struct bq_user_object *b;
	struct dirent *e;

	for (b = all; b; b = b->next)
		b->present = false;
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] == OWN && !strchr(e->d_name, '-') &&
		    strlen(e->d_name) < sizeof(b->dir))
			note_present(e->d_name);
	if (dir)
		closedir(dir);
}

const struct bqdisc_qdisc *bq_user_object_next(const struct bqdisc_qdisc *prev)
{
	struct bq_user_object *b;

	if (!prev)
		bq_user_object_refresh();
	for (b = prev ? of(prev)->next : all; b; b = b->next)
		if (b->present)
			return &b->q;
	return NULL;
}

/* --- names --- */

static bool is_retired(const struct bq_user_object *b)
{
	return strchr(b->dir, RETIRED);
}

bool bq_user_object_is_superseded(const struct bqdisc_qdisc *q)
{
	return q->user && is_retired(of(q));
}

/* Write the directory of a kind that owns its name. */
static void name_dir(const struct bqdisc_qdisc *q, char dir[BQ_DIR_MAX])
{
	char *c;

	snprintf(dir, BQ_DIR_MAX, "%c%s", OWN, q->kind);
	for (c = dir; *c; c++)
		if (*c == '.')
			*c = DOT;
}

const char *bq_user_object_dir(const struct bqdisc_qdisc *q)
{
	static _Thread_local char dir[BQ_DIR_MAX];

	if (of(q)->present)
		return of(q)->dir;
	name_dir(q, dir);
	return dir;
}

const struct bqdisc_qdisc *bq_user_object_name_owner(const struct bqdisc_qdisc *q)
{
	struct bq_user_object *b;

	for (b = all; b; b = b->next)
		if (b != of(q) && b->present && !is_retired(b) && !strcmp(b->kind, q->kind))
			return &b->q;
	return NULL;
}

const struct bqdisc_qdisc *bq_brought_owner(const char *kind)
{
	struct bq_user_object *b;

	for (b = all; b; b = b->next)
		if (b->present && !is_retired(b) && !strcmp(b->kind, kind))
			return &b->q;
	return NULL;
}

bool bq_brought_same(const struct bqdisc_qdisc *a, const struct bqdisc_qdisc *b)
{
	return a->user && b->user && !strcmp(a->name, b->name) && !strcmp(a->ops, b->ops) &&
	       of(a)->size == of(b)->size && !memcmp(of(a)->bytes, of(b)->bytes, of(a)->size);
}

const struct bqdisc_qdisc *bq_brought_clone(const struct bqdisc_qdisc *q, const char *kind,
					    const void *config, struct bq_error *error)
{
	struct bq_user_object *b = of(q);
	void *bytes = malloc(b->size);

	if (bytes)
		memcpy(bytes, b->bytes, b->size);
	if (!bytes) {
		bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
		return NULL;
	}
	b = make(b->file, b->name, kind, b->ops, bytes, b->size, error);
	if (!b)
		return NULL;
	memcpy(b->values, config, b->q.config_size);
	return &b->q;
}

const struct bqdisc_qdisc *bq_user_object_resolve(const struct bqdisc_qdisc *q)
{
	const struct bqdisc_qdisc *rival;

	bq_user_object_refresh();
	rival = bq_user_object_name_owner(q);
	if (rival && of(rival)->size == of(q)->size && !strcmp(rival->ops, q->ops) &&
	    !memcmp(of(rival)->bytes, of(q)->bytes, of(q)->size))
		return rival;
	return q;
}

void bq_user_object_set_loaded(const struct bqdisc_qdisc *q)
{
	name_dir(q, of(q)->dir);
	of(q)->present = true;
}

int bq_user_object_supersede(const struct bqdisc_qdisc *q, struct bq_error *error)
{
	struct bq_user_object *b = of(q);
	char to[BQ_DIR_MAX], path[BQ_PIN_PATH_MAX], link[BQ_PIN_PATH_MAX + 8];
	int i, err = -EEXIST;

	for (i = 1; err == -EEXIST && i < RETIRED_MAX; i++) {
		snprintf(to, sizeof(to), "%.20s%c%d", b->dir, RETIRED, i % RETIRED_MAX);
		err = bq_pin_rename(b->dir, to);
	}
	if (err)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err,
			       "cannot rename the pins of %s: %s", b->kind, strerror(-err));
	snprintf(b->dir, sizeof(b->dir), "%s", to);
	snprintf(link, sizeof(link), "%s/link", bq_pin_kind(to, path));
	bq_object_unregister(link);
	return 0;
}

/* Return the number of a superseded kind. The last one has the highest number. */
static int number_of(const struct bq_user_object *b)
{
	return atoi(strchr(b->dir, RETIRED) + 1);
}

static struct bq_user_object *last_retired(void)
{
	struct bq_user_object *b, *last = NULL;

	for (b = all; b; b = b->next) {
		if (!b->present || !is_retired(b) || bq_user_object_name_owner(&b->q))
			continue;
		if (!last || number_of(b) > number_of(last))
			last = b;
	}
	return last;
}

void bq_user_object_restore_names(void)
{
	char dir[BQ_DIR_MAX], path[BQ_PIN_PATH_MAX];
	struct bq_user_object *b;

	/* A kind whose name is taken stays superseded, and so do those before it. */
	while ((b = last_retired())) {
		name_dir(&b->q, dir);
		if (bq_object_register_again(bq_pin_kind(b->dir, path)) ||
		    bq_pin_rename(b->dir, dir))
			return;
		snprintf(b->dir, sizeof(b->dir), "%s", dir);
	}
}

/* --- memory of instances --- */

#define SLOTS_MIN 1024u
#define SLOTS_MAX (1u << 20)
#define SLOTS_DEFAULT 16384u

bool bq_user_object_is_plain(const struct bqdisc_qdisc *q)
{
	return q->user && of(q)->plain;
}

uint32_t bq_user_object_slots(const struct bqdisc_qdisc *q, const void *config)
{
	const struct bq_user_object *b = of(q);
	uint64_t n = b->needs.packets ? b->needs.packets : SLOTS_DEFAULT;

	if (!b->has_slots)
		return 0;
	if (b->limit)
		n = bq_option_get(b->limit, config, 0);
	return n < SLOTS_MIN ? SLOTS_MIN : n > SLOTS_MAX ? SLOTS_MAX : (uint32_t)n;
}

bool bq_user_object_has_memory(const struct bqdisc_qdisc *q)
{
	return of(q)->has_memory;
}

uint64_t bq_user_object_memory(const struct bqdisc_qdisc *q, uint32_t slots, uint32_t *units)
{
	const struct bq_needs *needs = &of(q)->needs;

	/* All of it is populated, whatever the limit in *UNITS. */
	*units = needs->units;
	return (uint64_t)needs->packet_bytes * slots + (uint64_t)needs->unit_bytes * *units;
}

void bq_user_object_apply_defaults(const struct bqdisc_qdisc *q, void *config)
{
	if (q->n_options)
		bq_options_apply_defaults(q, config, of(q)->defaults);
}
