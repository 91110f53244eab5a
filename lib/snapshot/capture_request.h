/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Snapshot that is being captured, and the requests that are appended to it. */
#ifndef BQ_SNAPSHOT_CAPTURE_REQUEST_H
#define BQ_SNAPSHOT_CAPTURE_REQUEST_H

#include "snapshot/fixup.h"
#include "snapshot/snapshot.h"

/* Return true if a BPF program has registered KIND. */
typedef bool (*bq_bpf_kind_fn)(const char *kind, void *arg);

/* Bytes. The kernel dumps no message above 32 KiB; a fixup adds a table at most. */
#define BQ_CAPTURE_REQUEST_MAX 65536

struct nlmsghdr;

/* Messages that the kernel dumped about a device. */
struct bq_dump {
	uint32_t ifindex;
	size_t n;
	struct nlmsghdr **v;
};

struct bq_capture {
	struct bq_snapshot *snapshot;
	bq_bpf_kind_fn is_bpf;
	void *arg; /* of is_bpf */
	struct bq_error *error;
	uint32_t ifindex;
	struct bq_dump qdiscs, classes;
	int err; /* first error, after which nothing is appended */
	_Alignas(4) char request[BQ_CAPTURE_REQUEST_MAX]; /* aligned for struct nlmsghdr */
};

/* Copy NLH to the struct bq_dump ARG if it is about that device. Return MNL_CB_OK or _ERROR. */
int bq_dump_add(const struct nlmsghdr *nlh, void *arg);
void bq_dump_free(struct bq_dump *dump);

/* Add a text to the list of what the snapshot does not restore, unless it is listed. */
__attribute__((format(printf, 2, 3))) void bq_capture_note_lost(struct bq_capture *c,
								const char *fmt, ...);

/* Append REQUEST to the snapshot. Set c->err on failure. */
void bq_capture_append(struct bq_capture *c, const struct nlmsghdr *request);

/* Copy the attribute TYPE of NLH to REQUEST if it is there. */
void bq_capture_copy_attr(struct nlmsghdr *request, const struct nlmsghdr *nlh, uint16_t type);

/* Start a request in c->request that creates the object of the message NLH. */
struct nlmsghdr *bq_capture_begin_request(struct bq_capture *c, const struct nlmsghdr *nlh);

/* Append the options of NLH, which come last, and return the request for fixups. */
struct bq_fixup bq_capture_end_request(struct nlmsghdr *request, const struct nlmsghdr *nlh);

#endif
