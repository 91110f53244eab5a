/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Catalog: the qdiscs that a session knows, built in or user objects, and which of their kinds are
 * loaded. It is read from the pin directory once for each command. A kind is opened, and its
 * descriptor built, when it is first needed; it stays open until the command ends.
 *
 * If another object takes the name of a kind, the earlier kind is superseded. Its directory is
 * renamed from @KIND to @KIND~N. Its qdiscs continue to work, and the kind is removed with the last
 * of them.
 */
#ifndef BQ_USER_CATALOG_H
#define BQ_USER_CATALOG_H

#include "bpf/kind.h"
#include "bpf/pin.h"
#include "user/user_object.h"

/* A loaded kind. */
struct bq_loaded {
	struct bq_loaded *next;
	const struct bqdisc_qdisc *q; /* NULL until bq_catalog_describe() */
	char name[BQ_KIND_MAX];       /* name in the kernel */
	char dir[BQ_PIN_NAME_MAX];    /* name of the directory of its pins */
	bool superseded;              /* another object has taken the name */
	bool is_open;
	struct bq_kind kind;
};

/* Descriptor of a built-in qdisc under its native name. */
struct bq_native {
	struct bq_native *next;
	struct bqdisc_qdisc q;
};

struct bq_catalog {
	struct bq_user_object *objects; /* all that the session has read */
	struct bq_native *natives;      /* all that the session has needed */
	struct bq_loaded *loaded;       /* built-in kinds first */
	struct bq_pins pins;            /* names in the pin directory when it was read */
	bool is_current;                /* the pins were read, and no other command ran since */
	struct bpf_object *object; /* the object of object_of, opened but not loaded, or NULL */
	const struct bqdisc_qdisc *object_of;
};

/* --- the command --- */

/*
 * Take the lock of the pin directory, as bq_pin_lock() does, and read it. Return the lock for
 * bq_catalog_unlock(), or -errno.
 */
int bq_catalog_lock(struct bq_catalog *c, bool create, struct bq_error *error);
void bq_catalog_unlock(struct bq_catalog *c, int lock);
/* Close all kinds and forget them. Descriptors stay valid. The next query reads the pins again. */
void bq_catalog_clear(struct bq_catalog *c);
/* Clear the catalog and free all descriptors. */
void bq_catalog_free(struct bq_catalog *c);

/* --- loaded kinds --- */

/* Return the first loaded kind, or NULL. Its `next` leads to the others. */
struct bq_loaded *bq_catalog_first(struct bq_catalog *c);
/* Return the kind that is registered under NAME in the kernel, or NULL. */
struct bq_loaded *bq_catalog_find_loaded(struct bq_catalog *c, const char *name);
/* Return the loaded kind of Q, or NULL. Of several, it is the one that owns the name. */
struct bq_loaded *bq_catalog_loaded(struct bq_catalog *c, const struct bqdisc_qdisc *q);
/* Open the maps of a kind, unless they are open. Errors as of bq_kind_open(). */
int bq_catalog_open(struct bq_loaded *l, struct bq_error *error);
/*
 * Return true if the sweep has no instances of a built-in kind to check, and set IN_USE if some are
 * in use. This opens the usage of the kind only, and false says nothing.
 */
bool bq_catalog_is_settled(struct bq_loaded *l, bool *in_use);
/* Return false if it is known, without opening the kind, that it has no instance at POINT. */
bool bq_catalog_may_be_at(struct bq_loaded *l, const struct bq_attach_point *point);
/* Open a kind and build its descriptor, unless that was done. Errors as of bq_kind_open(). */
int bq_catalog_describe(struct bq_catalog *c, struct bq_loaded *l, struct bq_error *error);

/* Add the kind of Q, which has just been loaded into DIR. Return NULL without memory. */
struct bq_loaded *bq_catalog_add(struct bq_catalog *c, const struct bqdisc_qdisc *q,
				 const char *dir);
/* Close a kind and drop it from the catalog, after its pins were removed. */
void bq_catalog_drop(struct bq_catalog *c, struct bq_loaded *l);
/* Rename the directory of a kind. Return 0, -EEXIST, or another -errno. */
int bq_catalog_rename(struct bq_loaded *l, const char *dir);
/* Write the name of the directory of a kind that owns its name. */
void bq_catalog_dir(const struct bqdisc_qdisc *q, char dir[BQ_PIN_NAME_MAX]);

/*
 * Add an object to those of the session, or free it if the same one is there already: descriptors
 * stay valid over commands. Return the one that is kept.
 */
struct bq_user_object *bq_catalog_keep(struct bq_catalog *c, struct bq_user_object *new);

/* --- qdiscs (catalog_qdiscs.c) --- */

/*
 * Return the qdisc after PREV, or the first if PREV is NULL; NULL at the end. Built-in ones come
 * first, then loaded user objects and native names.
 */
const struct bqdisc_qdisc *bq_catalog_next(struct bq_catalog *c, const struct bqdisc_qdisc *prev);
/* Return the qdisc of that name on the command line, or NULL. */
const struct bqdisc_qdisc *bq_catalog_find(struct bq_catalog *c, const char *name);
/* Return the qdisc with that name in the kernel, or NULL. */
const struct bqdisc_qdisc *bq_catalog_find_kind(struct bq_catalog *c, const char *kind);
/* Return true if that is the name of a built-in or loaded kind. Builds no descriptor. */
bool bq_catalog_has_kind(struct bq_catalog *c, const char *kind);
/* Return the name of a qdisc that is similar to WORD, or NULL. */
const char *bq_catalog_nearest(struct bq_catalog *c, const char *word);
/*
 * Return the qdisc in the object file FILE. AS overrides its name, and may be a native name. Return
 * NULL with a message on failure.
 */
const struct bqdisc_qdisc *bq_catalog_open_file(struct bq_catalog *c, const char *file,
						const char *as, struct bq_error *error);
/*
 * Return the qdisc that WORD names, or that the object file WORD contains. AS overrides its name,
 * but not by that of a built-in qdisc. Return NULL with a message on failure.
 */
const struct bqdisc_qdisc *bq_catalog_find_word(struct bq_catalog *c, const char *word,
						const char *as, struct bq_error *error);
/*
 * Return the descriptor of the built-in Q under its native name; NULL without memory. It stays
 * valid over commands.
 */
const struct bqdisc_qdisc *bq_catalog_native(struct bq_catalog *c, const struct bqdisc_qdisc *q);
/*
 * Return the descriptor of the built-in Q under the name KIND, its own or its native one. Return
 * NULL with a message on failure.
 */
const struct bqdisc_qdisc *bq_catalog_as(struct bq_catalog *c, const struct bqdisc_qdisc *q,
					 const char *kind, struct bq_error *error);
/* Return the loaded qdisc with the same object and name as Q, else Q. */
const struct bqdisc_qdisc *bq_catalog_resolve(struct bq_catalog *c, const struct bqdisc_qdisc *q);
/*
 * Return a copy of Q with another KIND, not loaded yet, to be loaded with CONFIG. Return NULL with
 * a message on failure.
 */
const struct bqdisc_qdisc *bq_catalog_clone(struct bq_catalog *c, const struct bqdisc_qdisc *q,
					    const char *kind, const void *config,
					    struct bq_error *error);

/*
 * Return the object of Q, opened but not loaded; it stays open until it is taken or another one is
 * opened. NULL with errno on failure.
 */
struct bpf_object *bq_catalog_object(struct bq_catalog *c, const struct bqdisc_qdisc *q);
/* Return that object, which the caller must close. */
struct bpf_object *bq_catalog_take_object(struct bq_catalog *c, const struct bqdisc_qdisc *q);

#endif
