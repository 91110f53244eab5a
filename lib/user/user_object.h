/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Qdiscs that are not built in: each comes from an object file that someone brought. Its descriptor
 * is made from the object at run time, and the object itself is pinned beside the kind's maps, so
 * that a later run, without the file, has the same descriptor again.
 *
 * An object made with our kit has instances of its own, with options and counters. Any other one is
 * "plain": its options and counters are global variables (globals.h), which all qdiscs of a kind
 * share. So each attach loads a plain object again, under a kind of its own (clone.h). Such a kind
 * has one instance, which user space records.
 *
 * When another object takes a kind's name, the kind that had it is retired: its directory is
 * renamed from @KIND to @KIND~N, its qdiscs go on, and it is removed with the last of them.
 */
#ifndef BQ_USER_USER_OBJECT_H
#define BQ_USER_USER_OBJECT_H

#include "qdisc/qdisc.h"

#define BQ_KIND_MAX 16 /* of the kernel, with the zero at the end */
#define BQ_OPS_MAX 128
#define BQ_DIR_MAX 32
#define BQ_FILE_MAX 4096
/* An object with all its debugging data has less than a mebibyte. */
#define BQ_OBJECT_MAX (16u << 20)
/* The config struct: `set_mask`, and a word for each of its bits. */
#define BQ_CONFIG_WORDS 65

/* What an instance takes besides its slots. */
struct bq_needs {
	uint32_t packets;      /* slots of an instance without an option that says it */
	uint32_t packet_bytes; /* of the arena, for each slot */
	uint32_t units;        /* flows, buckets …: as many as the qdisc says */
	uint32_t unit_bytes;   /* of the arena, for each unit */
};

struct bq_user_object {
	struct bqdisc_qdisc q; /* all pointers in it point to what is below */
	struct bq_user_object *next;
	bool present; /* its kind is loaded, in the directory `dir` */
	char dir[BQ_DIR_MAX];
	char name[BQ_KIND_MAX]; /* what people type */
	char kind[BQ_KIND_MAX]; /* the same, or, of a plain object, with a number behind it */
	char ops[BQ_OPS_MAX];
	char file[BQ_FILE_MAX]; /* where the object was read from */
	void *bytes;            /* the object, an ELF file */
	size_t size;

	/* What btf_descriptor.c finds in it. */
	char id[BQ_KIND_MAX]; /* the object's own name for its kind */
	bool several;         /* it has other qdiscs as well */
	bool plain;
	struct bq_globals *globals; /* of a plain object; else NULL */
	/* Configuration that a plain kind is loaded with. */
	uint64_t values[BQ_CONFIG_WORDS];
	bool has_slots, has_memory;
	const struct bq_option *limit; /* the row that says how many packets an instance holds */
	struct bq_needs needs;
	struct bq_option *options;
	struct bq_counter *counters;
	/* As instance 0 of the kind has them, for .init to read. */
	uint64_t min[BQ_CONFIG_WORDS], max[BQ_CONFIG_WORDS], defaults[BQ_CONFIG_WORDS];
	char **texts; /* the strings that the rows point to */
	size_t n_texts;
};

/* Whether a word of the command line names a file, not a qdisc. */
bool bq_user_object_is_file(const char *word);
/*
 * Reads the object FILE, or FILE:NAME when it has several qdiscs, and describes it. It registers as
 * AS, or when that is NULL as what the object says. The result lives as long as the session.
 */
const struct bqdisc_qdisc *bq_user_object_open(const char *file, const char *as,
					       struct bq_error *error);

/* The qdisc that WORD names, or that the file WORD brings, to be registered as AS, or NULL. */
const struct bqdisc_qdisc *bq_user_object_find(const char *word, const char *as,
					       struct bq_error *error);

/* Pins all of Q in the directory DIR. */
int bq_user_object_save(const struct bqdisc_qdisc *q, const char *dir, struct bq_error *error);
/* Looks for kinds that were brought and are loaded. */
void bq_user_object_refresh(void);
/* The first loaded one when PREV is NULL, then the next; NULL at the end. */
const struct bqdisc_qdisc *bq_user_object_next(const struct bqdisc_qdisc *prev);
/* The loaded kind that is Q's very object under Q's name; else Q. */
const struct bqdisc_qdisc *bq_user_object_resolve(const struct bqdisc_qdisc *q);
/* The loaded kind of that name in the kernel that has not been retired, or NULL. */
const struct bqdisc_qdisc *bq_brought_owner(const char *kind);
/* Whether both are the same qdisc of the same object under the same name. */
bool bq_brought_same(const struct bqdisc_qdisc *a, const struct bqdisc_qdisc *b);
/*
 * Q's object under another KIND, not loaded yet, to be loaded with CONFIG. NULL with a message
 * after a failure.
 */
const struct bqdisc_qdisc *bq_brought_clone(const struct bqdisc_qdisc *q, const char *kind,
					    const void *config, struct bq_error *error);
/* Forgets all descriptors. */
void bq_user_object_forget_all(void);

/* The directory of Q's pins, if it is loaded. */
const char *bq_user_object_dir(const struct bqdisc_qdisc *q);
/* Says that Q, of which a fresh directory was made, is loaded now. */
void bq_user_object_set_loaded(const struct bqdisc_qdisc *q);
/* The loaded kind that has Q's name, and is to give it up; or NULL. */
const struct bqdisc_qdisc *bq_user_object_name_owner(const struct bqdisc_qdisc *q);
/* Whether another one has its name now. */
bool bq_user_object_is_superseded(const struct bqdisc_qdisc *q);
/* Takes its name from Q. Its qdiscs go on. */
int bq_user_object_supersede(const struct bqdisc_qdisc *q, struct bq_error *error);
/* Gives names that nobody has any more back to the last that had them. */
void bq_user_object_restore_names(void);

bool bq_user_object_is_plain(const struct bqdisc_qdisc *q);
uint32_t bq_user_object_slots(const struct bqdisc_qdisc *q, const void *config);
bool bq_user_object_has_memory(const struct bqdisc_qdisc *q);
uint64_t bq_user_object_memory(const struct bqdisc_qdisc *q, uint32_t slots, uint32_t *units);
/* Writes the defaults of all options that CONFIG was not given. */
void bq_user_object_apply_defaults(const struct bqdisc_qdisc *q, void *config);

#endif
