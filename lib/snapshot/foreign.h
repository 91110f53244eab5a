/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kinds that other BPF programs have registered. */
#ifndef BQ_SNAPSHOT_FOREIGN_H
#define BQ_SNAPSHOT_FOREIGN_H

#include <stdbool.h>

/* Whether a struct Qdisc_ops of a BPF program has the id KIND. False without CAP_SYS_ADMIN. */
bool bq_foreign_is_bpf(const char *kind);

#endif
