/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Common parts of attach, change and detach. */
#ifndef BQ_COMMAND_H
#define BQ_COMMAND_H

#include "attachment/attachment.h"
#include "attachment/change.h"
#include "attachment/steps.h"
#include "session.h"

/* State of one attach, change or detach. */
struct bq_command {
	struct bqdisc *bq;
	struct bq_error *error;
	int n; /* number of words */
	char *const *words;
	bool force;
	struct bq_dev dev;
	struct bq_attach_point point;
	struct bq_tc_qdisc was; /* the current qdisc */
	struct bq_pinned pinned;
	struct bq_printer printer; /* output of --dry-run */
	int expired; /* number of qdiscs that the command detached because they had expired */
};

/*
 * Copy the caller's options USER_OPTS to OPTS, of SIZE bytes. Every command begins with this.
 * Return 0 or -errno.
 */
int bq_command_begin(const struct bq_command *c, void *opts, size_t size, const void *user_opts);
/* Find the device and set the attach point; PARENT 0: the root. Return 0 or -errno. */
int bq_command_find_point(struct bq_command *c, const char *dev, uint32_t parent);
/*
 * Run WORK under the lock, after a sweep. CREATE creates the pin directory. Without CREATE and
 * without pins there is no qdisc of bqdisc, so WORK runs without the lock. Return as WORK does.
 */
int bq_command_run(struct bq_command *c, bool create, int (*work)(struct bq_command *c));

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
/* Parse words of options of Q into CONFIG and TABLES. Return 0 or -errno. */
int bq_command_parse(const struct bq_command *c, const struct bqdisc_qdisc *q, int n,
		     char *const words[], void *config, struct bq_blob *tables);
/*
 * Change the options of an attachment, as bq_change_prepare() describes, with at most MEMORY bytes
 * for all instances, and the expiry time unless EXPIRES_NS is NULL. Return as bq_steps_perform().
 */
int bq_command_change(struct bq_command *c, const struct bq_attachment *attachment,
		      const void *config, const struct bq_blob *tables, bq_merge_fn merge,
		      uint64_t memory, const uint64_t *expires_ns);
/* Print STEPS with --dry-run, else execute them. Return 1, 0 or -errno as bq_steps_perform(). */
int bq_command_perform(struct bq_command *c, const struct bq_steps *steps);

#endif
