/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bpf filesystem as a place for what must live as long as a qdisc. */
#ifndef BQ_BPF_BPFFS_H
#define BQ_BPF_BPFFS_H

#include "util/error.h"

/*
 * Fails unless the bpf filesystem is init's as well: pins on another one are lost with the mount
 * namespace, while qdiscs stay. Returns 0 or -errno.
 */
int bq_bpffs_check_lasting(struct bq_error *error);

#endif
