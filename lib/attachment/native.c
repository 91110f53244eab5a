// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "attachment/kinds.h"
#include "attachment/native.h"
#include "bpf/kernel.h"
#include "netlink/qdisc.h"
#include "util/module.h"

const char *bqdisc_owner__name(enum bqdisc_owner owner)
{
	static const char *const names[] = {
		[BQDISC_OWNER_NONE] = "none",       [BQDISC_OWNER_BQDISC] = "bqdisc",
		[BQDISC_OWNER_MODULE] = "module",   [BQDISC_OWNER_KERNEL] = "kernel",
		[BQDISC_OWNER_PROGRAM] = "program",
	};

	return names[owner];
}

/* Ask the kernel last: it would load a module. */
enum bqdisc_owner bq_native_owner(struct bq_catalog *catalog, const char *kind)
{
	const struct bq_loaded *l = bq_catalog_find_loaded(catalog, kind);

	if (l && bq_kinds_is_registered(l))
		return BQDISC_OWNER_BQDISC;
	switch (bq_module_of_qdisc(kind)) {
	case BQ_MODULE_FILE:
		return BQDISC_OWNER_MODULE;
	case BQ_MODULE_LOADED:
	case BQ_MODULE_BUILTIN:
		return BQDISC_OWNER_KERNEL;
	case BQ_MODULE_NONE:
		break;
	}
	if (!bq_tc_has_kind(kind))
		return BQDISC_OWNER_NONE;
	return bq_kernel_has_bpf_kind(kind) ? BQDISC_OWNER_PROGRAM : BQDISC_OWNER_KERNEL;
}

static int fail_in_kernel(const char *kind, struct bq_error *error)
{
	if (bq_module_of_qdisc(kind) == BQ_MODULE_LOADED)
		return bq_fail(error, BQDISC_ERROR_REFUSED, EEXIST,
			       "%s: the kernel's own module " BQ_MODULE_OF_QDISC
			       "%s is loaded; 'modprobe -r " BQ_MODULE_OF_QDISC
			       "%s' unloads it if no qdisc uses it, then use --force",
			       kind, kind, kind);
	return bq_fail(error, BQDISC_ERROR_REFUSED, EEXIST,
		       "%s: is built into this kernel, and a name has one owner; use it, or "
		       "'bqdisc attach'",
		       kind);
}

static int fail_owner(const char *kind, enum bqdisc_owner owner, struct bq_error *error)
{
	if (owner == BQDISC_OWNER_KERNEL)
		return fail_in_kernel(kind, error);
	if (owner == BQDISC_OWNER_PROGRAM)
		return bq_fail(error, BQDISC_ERROR_REFUSED, EEXIST,
			       "%s: another program has registered this qdisc kind; unregister it, "
			       "'bpftool struct_ops list' shows it",
			       kind);
	return bq_fail(error, BQDISC_ERROR_REFUSED, EEXIST,
		       "%s: this kernel has its own module " BQ_MODULE_OF_QDISC
		       "%s, which is not loaded; --force takes the name, and the module cannot be "
		       "loaded from then on",
		       kind, kind);
}

int bq_native_check(struct bq_catalog *catalog, const struct bqdisc_qdisc *q, bool force,
		    struct bq_error *error)
{
	enum bqdisc_owner owner;

	/* Registering a user object reports the other owners. */
	if (bq_qdisc_is_user(q) ? bq_module_of_qdisc(q->kind) != BQ_MODULE_FILE
				: !bq_qdisc_is_native(q))
		return 0;
	owner = bq_native_owner(catalog, q->kind);
	if (owner == BQDISC_OWNER_NONE || owner == BQDISC_OWNER_BQDISC ||
	    (owner == BQDISC_OWNER_MODULE && force))
		return 0;
	return fail_owner(q->kind, owner, error);
}
