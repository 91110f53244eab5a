/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads declaration tags of an object, and turns members of its structs into rows of options and
 * counters. Used by btf_descriptor.c.
 */
#ifndef BQ_USER_BTF_ROWS_H
#define BQ_USER_BTF_ROWS_H

#include "user/user_object.h"

struct bpf_object;
struct btf;
struct btf_array;
struct btf_type;

#define BQ_NAME_MAX_BYTES 32 /* of an option or counter */
#define BQ_TAG_MAX 1024      /* bytes of a tag */

/* An object while its BTF is read. */
struct bq_btf_view {
	const struct bpf_object *obj;
	const struct btf *btf;
	struct bq_user_object *b;
	struct bq_error *error;
};

#define bq_btf_fail(v, fmt, ...)                                                                   \
	bq_fail((v)->error, BQDISC_ERROR_USAGE, EINVAL, "%s: " fmt, (v)->b->file, ##__VA_ARGS__)

/* Return a copy that B owns, with printable characters only. */
char *bq_btf_copy_text(struct bq_user_object *b, const char *text, size_t len);
/*
 * Return the text after "bqdisc:WORD|" in the tag of type or variable ID, or NULL. COMPONENT is the
 * index of a member, or -1 for the type itself.
 */
const char *bq_btf_tag(const struct bq_btf_view *v, uint32_t id, int component, const char *word);
/*
 * Split the tag TEXT of NAME into N fields at '|'. The last field may contain '|'. Return 0 or
 * -errno.
 */
int bq_btf_split_tag(const struct bq_btf_view *v, const char *name, const char *text, size_t n,
		     char *fields[]);
/* Return the array type that ID resolves to, or NULL. */
const struct btf_array *bq_btf_array(const struct bq_btf_view *v, uint32_t id);

/*
 * Read the rows of the config struct T, whose BTF id is ID, or of the stats struct. Return 0 or
 * -errno.
 */
int bq_btf_option_rows(const struct bq_btf_view *v, uint32_t id, const struct btf_type *t);
int bq_btf_counter_rows(const struct bq_btf_view *v, uint32_t id, const struct btf_type *t);

#endif
