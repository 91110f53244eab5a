/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks of an opened object that need no load: its operations and the names of its qdiscs. */
#ifndef BQ_VERIFY_OBJECT_CHECK_H
#define BQ_VERIFY_OBJECT_CHECK_H

#include "verify/findings.h"

struct bpf_object;

/*
 * Report missing operations and invalid names, and pass each valid name to opts->kind. Return the
 * number of qdiscs in OBJ.
 */
int bq_object_check(struct bq_findings *findings, const struct bpf_object *obj);

/* Report names that a qdisc of the kernel or of another program has. */
void bq_object_check_names_taken(struct bq_findings *findings, const struct bpf_object *obj);

#endif
