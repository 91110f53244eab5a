/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Check that the bpf filesystem is suitable for state that must live as long as a qdisc. */
#ifndef BQ_BPF_BPFFS_H
#define BQ_BPF_BPFFS_H

#include "util/error.h"

/*
 * Fail unless init uses the same bpf filesystem. Pins on another one are lost with the mount
 * namespace, while the qdiscs stay. Return 0 or -errno.
 */
int bq_bpffs_check_lasting(struct bq_error *error);

#endif
