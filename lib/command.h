/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Common parts of attach, change and detach, which act on one device or on several. */
#ifndef BQ_COMMAND_H
#define BQ_COMMAND_H

#include "attachment/attachment.h"
#include "attachment/change.h"
#include "attachment/steps.h"
#include "netlink/devices.h"
#include "session.h"

struct bq_batch;
struct bq_command;

typedef int (*bq_command_fn)(struct bq_command *c);

/* State of one attach, change or detach on one device. */
struct bq_command {
	struct bq_batch *batch;
	struct bqdisc *bq;
	struct bq_error *error;
	struct bq_pinned *pinned;
	struct bq_dev dev;
	struct bq_attach_point point;
	struct bq_tc_qdisc was;    /* the current qdisc */
	struct bq_printer printer; /* output of --dry-run */
	struct bq_steps steps;
	int result; /* of the steps */
};

/*
 * A command on all its devices. They share the lock, and everything of bqdisc is opened once. The
 * commands are structs that begin with struct bq_command.
 */
struct bq_batch {
	struct bqdisc *bq;
	int n_words;
	char *const *words;
	bool force;
	const struct bqdisc_dry_run *dry_run; /* NULL: the steps are executed */
	const struct bqdisc_report *report;   /* NULL: nobody wants one */
	struct bq_pinned pinned;
	int expired; /* number of qdiscs that the command detached because they had expired */

	void *commands;
	size_t n, size; /* number of commands, and bytes of each */

	/* Used by the plans of earlier devices. */
	uint64_t available;                 /* memory, read once */
	uint64_t planned;                   /* memory, in bytes */
	const struct bqdisc_qdisc *loading; /* qdisc whose kind is to be loaded; or NULL */
	unsigned int clones;                /* number of the last clone; 0: none */
	bq_command_fn plan;                 /* of bq_batch_run_alone() */
};

/* --- all devices --- */

/*
 * Copy the caller's options USER_OPTS to OPTS, of BYTES bytes. Every command begins with this.
 * Return 0 or -errno.
 */
int bq_batch_begin(const struct bq_batch *b, void *opts, size_t bytes, const void *user_opts);
/*
 * Find the devices of LIST, as bq_devs_find() does, and allocate a command of SIZE zero bytes for
 * each, with its attach point; PARENT 0: the root. Return 0 or -errno.
 */
int bq_batch_find(struct bq_batch *b, const char *list, uint32_t parent, size_t size);
/*
 * Do the same for all attach points of bqdisc in the namespace, under the lock: those with a record
 * or with a qdisc of a kind of bqdisc. Return 0 or -errno.
 */
int bq_batch_find_attached(struct bq_batch *b, size_t size);
/* Allocate a command of SIZE zero bytes for each device. Return 0 or -ENOMEM. */
int bq_batch_alloc(struct bq_batch *b, const struct bq_devs *devs, uint32_t parent, size_t size);
struct bq_command *bq_batch_at(const struct bq_batch *b, size_t i);
/* Call FN for each command until one fails. Return 0 or -errno. */
int bq_batch_each(struct bq_batch *b, bq_command_fn fn);

/*
 * Take the lock and sweep. CREATE creates the pin directory. Without CREATE and without pins there
 * is no qdisc of bqdisc, so the lock is not taken; nor with --dry-run, as that would create a
 * directory. Return 0 or -errno; only after 0 the caller unlocks.
 */
int bq_batch_lock(struct bq_batch *b, bool create);
void bq_batch_unlock(struct bq_batch *b);
/*
 * Under the lock, plan the steps of all devices with PLAN. Then print them, or execute them all: if
 * one fails, undo those of all devices. Return 1 if something was, or would be, changed, 0 if not,
 * or -errno.
 */
int bq_batch_run(struct bq_batch *b, bool create, bq_command_fn plan);
/*
 * Call WORK for each device, with the rest after a failure, and report each. Return 1 or 0, or the
 * error of the highest class.
 */
int bq_batch_run_each(struct bq_batch *b, bq_command_fn work);
/*
 * Under the lock, plan the steps of each device with PLAN, and print or execute them before those
 * of the next device. A failure undoes the steps of its own device. Return as bq_batch_run_each().
 */
int bq_batch_run_alone(struct bq_batch *b, bool create, bq_command_fn plan);
/* Free the commands, after RELEASE for each unless it is NULL. */
void bq_batch_end(struct bq_batch *b, void (*release)(struct bq_command *c));

/* --- one device --- */

/*
 * Read the current qdisc. Return 1 if it belongs to bqdisc, 0 if not, -errno on failure, also if it
 * is a queue of a set.
 */
int bq_command_find_attachment(struct bq_command *c, struct bq_attachment *attachment);
/*
 * Refuse to overwrite a per-queue qdisc that another program installed, unless --force is given.
 * THEN ends the message.
 */
int bq_command_check_queues(struct bq_command *c, const struct bq_attachment *attachment,
			    const char *then);
/* Parse N words of options of Q into CONFIG and TABLES. Return 0 or -errno. */
int bq_command_parse(const struct bq_command *c, const struct bqdisc_qdisc *q, int n,
		     char *const words[], void *config, struct bq_blob *tables);
/*
 * Find the qdisc that the first word of the batch names, as AS if that is not NULL, and parse the
 * other words as its options, with their defaults, into CONFIG and TABLES. Return 0 or -errno.
 */
int bq_command_parse_qdisc(const struct bq_command *c, const char *as,
			   const struct bqdisc_qdisc **q, void *config, struct bq_blob *tables);
/* Do the same without a device, to check the words. */
int bq_check_words(struct bq_batch *b, const char *as);
/* Check that the options of attach do not exclude each other. Return 0 or -errno. */
int bq_command_check_opts(const struct bqdisc_attach_opts *opts, struct bq_error *error);
/* Check the memory NEED of the command, besides that of earlier ones. Return 0 or -errno. */
int bq_command_check_memory(struct bq_command *c, struct bq_need *need);

/* A change of the options of an attachment. It owns a copy of that. */
struct bq_options_change {
	struct bq_attachment *attachment;
	struct bq_change change;
};

/*
 * Plan the change of the options of an attachment, as bq_change_prepare() describes, with at most
 * MEMORY bytes for all instances, and of the expiry time unless EXPIRES_NS is NULL. The caller
 * frees O in either case. Return 0 or -errno.
 */
int bq_command_plan_change(struct bq_command *c, const struct bq_attachment *attachment,
			   struct bq_options_change *o, const void *config,
			   const struct bq_blob *tables, bq_merge_fn merge, uint64_t memory,
			   const uint64_t *expires_ns);
void bq_options_change_free(struct bq_options_change *o);

#endif
