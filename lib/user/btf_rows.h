/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Looks at an object's types: what declaration tags say, and the members of its structs as rows of
 * options and counters. Of btf_descriptor.c, in the room of libbpf.
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

/* An object while it is looked at. */
struct bq_btf_view {
	const struct bpf_object *obj;
	const struct btf *btf;
	struct bq_user_object *b;
	struct bq_error *error;
};

#define bq_btf_fail(v, fmt, ...)                                                                   \
	bq_fail((v)->error, BQDISC_ERROR_USAGE, EINVAL, "%s: " fmt, (v)->b->file, ##__VA_ARGS__)

/* A copy that B owns, of printable characters alone. */
char *bq_btf_copy_text(struct bq_user_object *b, const char *text, size_t len);
/*
 * The text of the tag WORD of member COMPONENT (-1: of the whole) of the type or variable ID, after
 * "bqdisc:WORD|"; NULL: there is none.
 */
const char *bq_btf_tag(const struct bq_btf_view *v, uint32_t id, int component, const char *word);
/* Splits the tag TEXT of NAME into N fields at its bars; the last one may have some in it. */
int bq_btf_split_tag(const struct bq_btf_view *v, const char *name, const char *text, size_t n,
		     char *fields[]);
/* The array that a type is in the end, or NULL. */
const struct btf_array *bq_btf_array(const struct bq_btf_view *v, uint32_t id);

/* The rows of the object's config struct T, of number ID, and of its stats struct. */
int bq_btf_option_rows(const struct bq_btf_view *v, uint32_t id, const struct btf_type *t);
int bq_btf_counter_rows(const struct bq_btf_view *v, uint32_t id, const struct btf_type *t);

#endif
