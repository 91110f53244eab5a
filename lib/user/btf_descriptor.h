/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes the descriptor of an object from the object: options and counters are the members of its
 * config and stats structs, with what their declaration tags say (kit.bpf.h). Nothing that an
 * object says is believed: sizes, names and numbers are checked.
 */
#ifndef BQ_USER_BTF_DESCRIPTOR_H
#define BQ_USER_BTF_DESCRIPTOR_H

#include "user/user_object.h"

/*
 * Fills in all of B that follows from its bytes, of the qdisc OPS, or of the only one when OPS is
 * empty. B->kind stays if it is not empty.
 */
int bq_btf_describe(struct bq_user_object *b, const char *ops, struct bq_error *error);

#endif
