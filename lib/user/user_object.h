/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * User objects: qdiscs that are not built in but read from an object file. The descriptor is built
 * from the object at run time. The object is pinned beside the maps of its kind. A later command
 * can then build the same descriptor without the file (catalog.h).
 *
 * An object built with the kit has instances with options and counters. Any other object is
 * "plain": its options and counters are global variables (globals.h), which all qdiscs of a kind
 * share. Each attach therefore loads a plain object again, as a separate kind (clone.h). Such a
 * kind has one instance, which user space records.
 */
#ifndef BQ_USER_USER_OBJECT_H
#define BQ_USER_USER_OBJECT_H

#include "qdisc/qdisc.h"
#include "bpf/pin.h"

#define BQ_OPS_MAX 128
#define BQ_FILE_MAX 4096
/* Size limit in bytes. An object with all its debugging data is smaller than a mebibyte. */
#define BQ_OBJECT_MAX (16u << 20)
/* Words of the config struct: `set_mask`, and one for each of its bits. */
#define BQ_CONFIG_WORDS 65
/* Limit of slots of an instance. */
#define BQ_USER_SLOTS_MAX (1u << 20)

/* Memory of an instance besides its slots. */
struct bq_needs {
	uint32_t packets;      /* slots of an instance if no option sets the limit */
	uint32_t packet_bytes; /* bytes of the arena per slot */
	uint32_t units;        /* flows, buckets ...: number set by the qdisc */
	uint32_t unit_bytes;   /* bytes of the arena per unit */
};

struct bq_user_object {
	struct bqdisc_qdisc q; /* first member; all its pointers refer to members below */
	struct bq_user_object *next;
	char dir[BQ_PIN_NAME_MAX]; /* directory of the pins it was read from; "": from a file */
	char name[BQ_KIND_MAX];    /* name on the command line */
	char kind[BQ_KIND_MAX];    /* the name; a plain object may have a number appended */
	char ops[BQ_OPS_MAX];
	char file[BQ_FILE_MAX]; /* path that the object was read from */

	/* The following members are set by btf_descriptor.c. */
	char id[BQ_KIND_MAX];       /* kind name in the object itself */
	bool several;               /* the object contains other qdiscs too */
	struct bq_globals *globals; /* plain objects only; else NULL */
	/* Initial configuration of a plain kind. */
	uint64_t values[BQ_CONFIG_WORDS];
	const struct bq_option *limit; /* row that limits the packets of an instance */
	struct bq_needs needs;
	struct bq_option *options;
	struct bq_counter *counters;
	/* Values of instance 0 of the kind, for .init to read. */
	uint64_t min[BQ_CONFIG_WORDS], max[BQ_CONFIG_WORDS], defaults[BQ_CONFIG_WORDS];
	char **texts; /* strings that the rows point to */
	size_t n_texts;
};

/* Source of a user object. Empty strings: as the object itself says. */
struct bq_object_source {
	const char *file, *name, *kind, *ops;
};

/* Return the object that a descriptor belongs to; NULL for a built-in one. */
struct bq_user_object *bq_user_object_of(const struct bqdisc_qdisc *q);
/*
 * Build the descriptor of an object of SIZE bytes. Takes ownership of the malloc()ed BYTES, on
 * failure too. Return NULL with a message on failure.
 */
struct bq_user_object *bq_user_object_new(const struct bq_object_source *source, void *bytes,
					  size_t size, struct bq_error *error);
void bq_user_object_free(struct bq_user_object *b);

/* Return true if WORD of the command line names a file, not a qdisc. */
bool bq_user_object_is_file(const char *word);
/*
 * Read the object FILE, or FILE:NAME if it contains several qdiscs. AS overrides the name of the
 * kind; NULL: the object's own name. Return NULL with a message on failure.
 */
struct bq_user_object *bq_user_object_open(const char *file, const char *as,
					   struct bq_error *error);
/* Return true if A and B are the same qdisc of the same object under the same name. */
bool bq_user_object_same(const struct bqdisc_qdisc *a, const struct bqdisc_qdisc *b);

/* Pin the object and its names into the directory DIR. Return 0 or -errno. */
int bq_user_object_save(const struct bqdisc_qdisc *q, const char *dir, struct bq_error *error);
/*
 * Read the pinned object in the directory DIR of BQ_PIN_DIR. Return NULL, without a message, if it
 * cannot be read or is of another release.
 */
struct bq_user_object *bq_user_object_load(const char *dir);

/* Additions to loading the object, for its descriptor. */
extern const struct bq_user_ops bq_user_object_ops;
/* Limits of memory, for its descriptor: see struct bqdisc_qdisc. */
uint32_t bq_user_object_slots(const struct bqdisc_qdisc *q, const void *config,
			      const struct bq_dev_params *dev);
uint64_t bq_user_object_memory(const struct bqdisc_qdisc *q, const void *config, uint32_t slots,
			       uint32_t *units);
/* Write the defaults of all options that are not set in CONFIG. Nothing for a built-in qdisc. */
void bq_user_object_apply_defaults(const struct bqdisc_qdisc *q, void *config);

#endif
