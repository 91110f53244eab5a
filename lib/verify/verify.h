/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Load a BPF object to see whether the kernel accepts it, and explain a refusal. */
#ifndef BQ_VERIFY_VERIFY_H
#define BQ_VERIFY_VERIFY_H

#include "bqdisc.h"
#include "util/error.h"

/*
 * Load the object FILE and close it; register nothing. Pass each finding to opts->finding.
 * Return 0 if there is none, -EINVAL if there are some, other -errno on failure.
 */
int bq_verify(const char *file, const struct bqdisc_verify_opts *opts, struct bq_error *error);

#endif
