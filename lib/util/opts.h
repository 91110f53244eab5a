/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Extensible opts structs as in libbpf: the first member is the size that the caller knows. */
#ifndef BQ_UTIL_OPTS_H
#define BQ_UTIL_OPTS_H

#include "util/error.h"

/*
 * Copy the caller's opts struct FROM, of an older or a newer release, into TO of TO_SIZE bytes.
 * Members that the caller does not know are zero; so are all of them when FROM is NULL. Return 0,
 * or -E2BIG when a member that this release does not know is set.
 */
int bq_opts_copy(void *to, size_t to_size, const void *from, struct bq_error *error);

#endif
