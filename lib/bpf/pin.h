/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * /sys/fs/bpf/bqdisc: where state outlives us, and the lock over it.
 *
 *   bqdisc/             0700, ours; the lock is a flock on this directory
 *   bqdisc/undo         what was on each device before us
 *   bqdisc/former       what net.core.default_qdisc was before us
 *   bqdisc/KIND/        a registered kind: link, instances, slots; kept, default: why it stays
 *   bqdisc/@KIND/       one that was brought: ops and object besides
 *   bqdisc/@KIND~N/     one that lost its name to another object
 *   bqdisc/KIND-new/    a kind being loaded; the rename to KIND is the last step
 *   bqdisc/egress_KEY/  an egress program, as if it were a kind: link, state
 */
#ifndef BQ_BPF_PIN_H
#define BQ_BPF_PIN_H

#include "util/error.h"

#define BQ_PIN_ROOT "/sys/fs/bpf"
#define BQ_PIN_DIR BQ_PIN_ROOT "/bqdisc"
#define BQ_PIN_PATH_MAX 64

/* Whether a bpf filesystem is mounted where the pins belong. */
bool bq_pin_has_bpffs(void);

/* The directory is not there: nothing of ours is. No other failure returns it. */
#define BQ_PIN_NONE ESTALE

/*
 * Takes the lock, waiting for whoever holds it. CREATE makes the directory; without it -BQ_PIN_NONE
 * says that there is none, which is no fault. Makes every KIND-new that a killed run left KIND if
 * it is whole, or removes it. Returns the lock, to be given to bq_pin_unlock().
 */
int bq_pin_lock(bool create, struct bq_error *error);
/* Releases it, and removes the directory when nothing is left in it. */
void bq_pin_unlock(int lock);

/* Path of a kind's directory into BUF; returns BUF. */
const char *bq_pin_kind(const char *kind, char buf[BQ_PIN_PATH_MAX]);

/* A fresh directory KIND-new, emptied of what a killed run left; its path into BUF. */
int bq_pin_begin(const char *kind, char buf[BQ_PIN_PATH_MAX], struct bq_error *error);
/* Renames the directory of a kind. -EEXIST: there is one of that name. */
int bq_pin_rename(const char *from, const char *to);
/* Makes it KIND. */
int bq_pin_commit(const char *kind, struct bq_error *error);
/* Removes KIND-new and what is in it: that unregisters a kind whose link is there. */
void bq_pin_abort(const char *kind);
/* Removes KIND: unregisters it. Qdiscs that exist go on working. */
void bq_pin_remove(const char *kind);

/* Calls FN for each of them. FN may remove what it is called for. */
void bq_pin_each(void (*fn)(const char *kind, void *arg), void *arg);

/* Whether KIND's directory is where the machine's first process sees it, though not where we do. */
bool bq_pin_out_of_sight(const char *kind);

#endif
