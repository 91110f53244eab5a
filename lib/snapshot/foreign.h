/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kinds that BPF objects of other programs have registered. */
#ifndef BQ_SNAPSHOT_FOREIGN_H
#define BQ_SNAPSHOT_FOREIGN_H

#include <stdbool.h>

/*
 * Return true if a struct Qdisc_ops in a BPF map has the id KIND. Return false without
 * CAP_SYS_ADMIN, which the search needs.
 */
bool bq_foreign_is_bpf(const char *kind);

#endif
