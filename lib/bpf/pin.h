/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pins of state that outlives a process, in /sys/fs/bpf/bqdisc, and the lock over them.
 *
 *   bqdisc/               mode 0700; the lock is a flock on this directory
 *   bqdisc/undo           undo records: the previous qdisc of each attach point
 *   bqdisc/saved_default  the previous value of net.core.default_qdisc
 *   bqdisc/KIND/          a registered kind: link, instances, slots; its egress program, once a
 *                         device has needed it; marks kept and default
 *   bqdisc/@KIND/         kind of a user object: also ops and object
 *   bqdisc/@KIND~N/       a superseded kind, whose name another object has taken
 *   bqdisc/KIND-new/      a kind that is being loaded; the rename to KIND is the last step
 *   bqdisc/hooks/egress_KEY/  link of an egress program to a device; offload, an earlier setting
 */
#ifndef BQ_BPF_PIN_H
#define BQ_BPF_PIN_H

#include "util/error.h"

#define BQ_PIN_ROOT "/sys/fs/bpf"
#define BQ_PIN_DIR BQ_PIN_ROOT "/bqdisc"
#define BQ_PIN_PATH_MAX 64
#define BQ_PIN_NAME_MAX 40

/* Names in the pin directory, as they were when it was read. An empty name is to be skipped. */
struct bq_pins {
	char (*names)[BQ_PIN_NAME_MAX];
	size_t n;
};

/*
 * Read the names that begin with PREFIX, "" or a directory with its slash; none if there is no
 * directory. Return 0 or -errno. The caller frees PINS.
 */
int bq_pins_read(struct bq_pins *pins, const char *prefix);
void bq_pins_free(struct bq_pins *pins);

/* Return true if a bpf filesystem is mounted at BQ_PIN_ROOT. */
bool bq_pin_has_bpffs(void);

/*
 * Error if the directory does not exist, and so bqdisc has no state. No other failure returns it.
 */
#define BQ_PIN_NONE ESTALE

/*
 * Take the lock; wait while another process holds it. CREATE creates the directory. Without CREATE,
 * return -BQ_PIN_NONE, without a message, if there is no directory. Rename every complete KIND-new
 * of an interrupted command to KIND, and remove incomplete ones. Set PINS to the names that are
 * left. Return the lock for bq_pin_unlock(), or -errno.
 */
int bq_pin_lock(bool create, struct bq_pins *pins, struct bq_error *error);
/* Release the lock, and remove the directory if it is empty. */
void bq_pin_unlock(int lock);

/* Write the path of a kind's directory into BUF. Return BUF. */
const char *bq_pin_kind(const char *kind, char buf[BQ_PIN_PATH_MAX]);

/*
 * Create the directory KIND-new, after removing one of an interrupted command. Write its path into
 * BUF. Return 0 or -errno.
 */
int bq_pin_begin(const char *kind, char buf[BQ_PIN_PATH_MAX], struct bq_error *error);
/* Rename the directory of a kind. Return 0, -EEXIST if TO exists, or another -errno. */
int bq_pin_rename(const char *from, const char *to);
/* Rename KIND-new to KIND. Return 0 or -errno. */
int bq_pin_commit(const char *kind, struct bq_error *error);
/* Remove KIND-new with its contents. This unregisters the kind if its link is pinned there. */
void bq_pin_abort(const char *kind);
/* Remove KIND, which unregisters it. Existing qdiscs continue to work. */
void bq_pin_remove(const char *kind);

/* Remove the pin of the link of a kind or of an egress program. The link is detached on return. */
void bq_pin_unregister(const char *link_path);

/* Return true if init sees the directory of KIND but this process does not. */
bool bq_pin_out_of_sight(const char *kind);

#endif
