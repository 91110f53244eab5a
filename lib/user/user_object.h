/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * User objects: qdiscs that are not built in but read from an object file. The descriptor is built
 * from the object at run time. The object is pinned beside the maps of its kind. A later command
 * can then build the same descriptor without the file.
 *
 * An object built with the kit has instances with options and counters. Any other object is
 * "plain": its options and counters are global variables (globals.h), which all qdiscs of a kind
 * share. Each attach therefore loads a plain object again, as a separate kind (clone.h). Such a
 * kind has one instance, which user space records.
 *
 * If another object takes the name of a kind, the earlier kind is superseded. Its directory is
 * renamed from @KIND to @KIND~N. Its qdiscs continue to work, and the kind is removed with the last
 * of them.
 */
#ifndef BQ_USER_USER_OBJECT_H
#define BQ_USER_USER_OBJECT_H

#include "qdisc/qdisc.h"

#define BQ_KIND_MAX 16 /* of the kernel, with the zero at the end */
#define BQ_OPS_MAX 128
#define BQ_DIR_MAX 32
#define BQ_FILE_MAX 4096
/* Size limit in bytes. An object with all its debugging data is smaller than a mebibyte. */
#define BQ_OBJECT_MAX (16u << 20)
/* Words of the config struct: `set_mask`, and one for each of its bits. */
#define BQ_CONFIG_WORDS 65

/* Memory of an instance besides its slots. */
struct bq_needs {
	uint32_t packets;      /* slots of an instance if no option sets the limit */
	uint32_t packet_bytes; /* bytes of the arena per slot */
	uint32_t units;        /* flows, buckets ...: number set by the qdisc */
	uint32_t unit_bytes;   /* bytes of the arena per unit */
};

struct bq_user_object {
	struct bqdisc_qdisc q; /* all its pointers refer to members below */
	struct bq_user_object *next;
	bool present; /* its kind is loaded, from the directory `dir` */
	char dir[BQ_DIR_MAX];
	char name[BQ_KIND_MAX]; /* name on the command line */
	char kind[BQ_KIND_MAX]; /* the name; a plain object may have a number appended */
	char ops[BQ_OPS_MAX];
	char file[BQ_FILE_MAX]; /* path that the object was read from */
	void *bytes;            /* the object, an ELF file */
	size_t size;

	/* The following members are set by btf_descriptor.c. */
	char id[BQ_KIND_MAX]; /* kind name in the object itself */
	bool several;         /* the object contains other qdiscs too */
	bool plain;
	struct bq_globals *globals; /* plain objects only; else NULL */
	/* Initial configuration of a plain kind. */
	uint64_t values[BQ_CONFIG_WORDS];
	bool has_slots, has_memory;
	const struct bq_option *limit; /* row that limits the packets of an instance */
	struct bq_needs needs;
	struct bq_option *options;
	struct bq_counter *counters;
	/* Values of instance 0 of the kind, for .init to read. */
	uint64_t min[BQ_CONFIG_WORDS], max[BQ_CONFIG_WORDS], defaults[BQ_CONFIG_WORDS];
	char **texts; /* strings that the rows point to */
	size_t n_texts;
};

/* Return true if WORD of the command line names a file, not a qdisc. */
bool bq_user_object_is_file(const char *word);
/*
 * Read the object FILE, or FILE:NAME if it contains several qdiscs, and build its descriptor. AS
 * overrides the name of the kind; NULL: the object's own name. Return NULL with a message on
 * failure. The result lives as long as the session.
 */
const struct bqdisc_qdisc *bq_user_object_open(const char *file, const char *as,
					       struct bq_error *error);

/*
 * Return the qdisc that WORD names, or that the object file WORD contains. AS overrides its name.
 * Return NULL with a message on failure.
 */
const struct bqdisc_qdisc *bq_user_object_find(const char *word, const char *as,
					       struct bq_error *error);

/* Pin the object and the metadata of Q into the directory DIR. Return 0 or -errno. */
int bq_user_object_save(const struct bqdisc_qdisc *q, const char *dir, struct bq_error *error);
/* Update the list of loaded user objects from the pins. */
void bq_user_object_refresh(void);
/* Return the loaded user object after PREV, or the first if PREV is NULL; NULL at the end. */
const struct bqdisc_qdisc *bq_user_object_next(const struct bqdisc_qdisc *prev);
/* Return the loaded kind with the same object and name as Q, else Q. */
const struct bqdisc_qdisc *bq_user_object_resolve(const struct bqdisc_qdisc *q);
/* Return the loaded kind registered under that name and not superseded, or NULL. */
const struct bqdisc_qdisc *bq_brought_owner(const char *kind);
/* Return true if A and B are the same qdisc of the same object under the same name. */
bool bq_brought_same(const struct bqdisc_qdisc *a, const struct bqdisc_qdisc *b);
/*
 * Return a copy of Q with another KIND, not loaded yet, to be loaded with CONFIG. Return NULL with
 * a message on failure.
 */
const struct bqdisc_qdisc *bq_brought_clone(const struct bqdisc_qdisc *q, const char *kind,
					    const void *config, struct bq_error *error);
/* Free all descriptors. */
void bq_user_object_forget_all(void);

/* Return the directory of Q's pins, if it is loaded. */
const char *bq_user_object_dir(const struct bqdisc_qdisc *q);
/* Mark Q as loaded, after its new directory was created. */
void bq_user_object_set_loaded(const struct bqdisc_qdisc *q);
/* Return the loaded kind that owns Q's name and must give it up, or NULL. */
const struct bqdisc_qdisc *bq_user_object_name_owner(const struct bqdisc_qdisc *q);
/* Return true if another object owns the name of Q now. */
bool bq_user_object_is_superseded(const struct bqdisc_qdisc *q);
/* Take the name from Q. Its qdiscs continue to work. Return 0 or -errno. */
int bq_user_object_supersede(const struct bqdisc_qdisc *q, struct bq_error *error);
/* Return each name without an owner to the kind that was superseded last. */
void bq_user_object_restore_names(void);

bool bq_user_object_is_plain(const struct bqdisc_qdisc *q);
uint32_t bq_user_object_slots(const struct bqdisc_qdisc *q, const void *config);
bool bq_user_object_has_memory(const struct bqdisc_qdisc *q);
uint64_t bq_user_object_memory(const struct bqdisc_qdisc *q, uint32_t slots, uint32_t *units);
/* Write the defaults of all options that are not set in CONFIG. */
void bq_user_object_apply_defaults(const struct bqdisc_qdisc *q, void *config);

#endif
