/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Builds the descriptor of a user object. Options and counters are the members of its config and
 * stats structs, described by declaration tags (kit.bpf.h). The object is not trusted: sizes, names
 * and numbers are checked.
 */
#ifndef BQ_USER_BTF_DESCRIPTOR_H
#define BQ_USER_BTF_DESCRIPTOR_H

#include "user/user_object.h"

/*
 * Set all members of B that follow from its bytes. OPS selects the qdisc; if it is empty, the
 * object must contain only one. Keep B->kind if it is not empty. Return 0 or -errno.
 */
int bq_btf_describe(struct bq_user_object *b, const char *ops, struct bq_error *error);

#endif
