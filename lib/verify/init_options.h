/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Check that the .init programs of a loaded object do not use the pointer to their options. */
#ifndef BQ_VERIFY_INIT_OPTIONS_H
#define BQ_VERIFY_INIT_OPTIONS_H

#include "util/error.h"
#include "verify/findings.h"

struct bpf_object;

/*
 * Report each source line of the loaded .init programs of OBJ that reads or compares the pointer.
 * Return 0, also with findings, or -errno if a program cannot be analysed.
 */
int bq_init_options_check(struct bq_findings *findings, const struct bpf_object *obj,
			  struct bq_error *error);

#endif
