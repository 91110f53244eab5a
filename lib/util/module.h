/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Modules of the running kernel. */
#ifndef BQ_UTIL_MODULE_H
#define BQ_UTIL_MODULE_H

/* Kernel modules are named with this prefix and the kind of their qdisc. */
#define BQ_MODULE_OF_QDISC "sch_"

enum bq_module {
	BQ_MODULE_NONE, /* the kernel has none of that name, or its list cannot be read */
	BQ_MODULE_FILE, /* it is not loaded; the kernel loads it when it is needed */
	BQ_MODULE_LOADED,
	BQ_MODULE_BUILTIN,
};

/* Find the module of the qdisc KIND. */
enum bq_module bq_module_of_qdisc(const char *kind);

#endif
