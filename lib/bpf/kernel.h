/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Support for BPF qdiscs in the running kernel, and the version of libbpf. */
#ifndef BQ_BPF_KERNEL_H
#define BQ_BPF_KERNEL_H

#include "util/error.h"

struct bq_support {
	bool btf;       /* the kernel has BTF: CONFIG_DEBUG_INFO_BTF */
	bool qdisc_ops; /* its BTF has Qdisc_ops and the qdisc kfuncs: CONFIG_NET_SCH_BPF */
};

/* First release with BPF qdiscs. */
#define BQ_FIRST_KERNEL "6.16"

/* Read the kernel's BTF. */
struct bq_support bq_kernel_support(void);
/* Return true if RELEASE, as uname(2) reports it, is of a version with the BPF qdisc series. */
bool bq_kernel_is_new(const char *release);
/* Return 0, or -ENOTSUP with an error that names the missing feature. */
int bq_kernel_check(struct bq_error *error);

/*
 * Return true if a BPF program of any origin registered the qdisc KIND, or a qdisc of it exists.
 * Return false without CAP_SYS_ADMIN, which the search needs.
 */
bool bq_kernel_has_bpf_kind(const char *kind);

/* Return the version of libbpf, such as "1.5". */
const char *bq_libbpf_version(void);
/* Return true for libbpf 1.5 or newer: older ones cannot leave struct_ops maps out of an object. */
bool bq_libbpf_is_new(void);

#endif
