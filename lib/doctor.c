// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Checks all system requirements, and names the fix for each one that is not met. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "attachment/native.h"
#include "util/system.h"
#include "bpf/kernel.h"
#include "bpf/pin.h"
#include "session.h"
#include "unmanaged.h"

struct doctor {
	bqdisc_check_fn fn;
	void *arg;
	struct bq_error *error;
	int err; /* error code of the first failed requirement, whose message is in the session */
};

/* Report a requirement. If it fails, ERR and the error class apply to the result as a whole. */
static void emit(struct doctor *d, const char *name, bool ok, const char *found, const char *remedy,
		 enum bqdisc_error_class error_class, int err)
{
	struct bqdisc_check check = { name, ok, found, ok ? NULL : remedy };

	d->fn(&check, d->arg);
	if (!ok && !d->err)
		d->err = bq_fail(d->error, error_class, err, "%s: %s; %s", name, found, remedy);
}

/* Tell the machine. Another than the tested one is no failure. */
static void check_machine(struct doctor *d, const char *machine)
{
	bool tested = !strcmp(machine, "x86_64");
	char found[128];

	snprintf(found, sizeof(found), "%s with pages of %ld KiB%s", machine,
		 sysconf(_SC_PAGESIZE) / 1024, tested ? "" : ", not tested");
	emit(d, "machine", true, found, NULL, BQDISC_ERROR_NONE, 0);
}

static void check_kernel(struct doctor *d)
{
	const char *remedy = "boot a kernel that was built with it";
	struct bq_support has = bq_kernel_support();
	struct utsname u;

	uname(&u);
	emit(d, "kernel version", bq_kernel_is_new(u.release), u.release,
	     "boot Linux " BQ_FIRST_KERNEL " or newer", BQDISC_ERROR_UNSUPPORTED, ENOTSUP);
	check_machine(d, u.machine);
	emit(d, "CONFIG_DEBUG_INFO_BTF", has.btf, has.btf ? "y" : "not set", remedy,
	     BQDISC_ERROR_UNSUPPORTED, ENOTSUP);
	emit(d, "CONFIG_NET_SCH_BPF", has.qdisc_ops,
	     has.qdisc_ops ? "y, its BTF has Qdisc_ops" : "not set, its BTF has no Qdisc_ops",
	     remedy, BQDISC_ERROR_UNSUPPORTED, ENOTSUP);
}

/* Return 0 for off, 1 for on, 2 for on with traces, -1 if the file does not exist. */
static int jit_mode(void)
{
	FILE *f = fopen("/proc/sys/net/core/bpf_jit_enable", "re");
	int mode = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &mode) != 1)
		mode = -1;
	fclose(f);
	return mode;
}

struct egress_programs {
	unsigned int n;
	char bad[256]; /* the first egress program that is not active */
	enum bqdisc_egress how;
};

static int query_egress(const struct bqdisc_instance *inst, void *arg)
{
	enum bqdisc_egress how = bqdisc_instance__egress(inst);
	struct egress_programs *c = arg;

	if (how == BQDISC_EGRESS_NONE)
		return 0;
	c->n++;
	if (how == BQDISC_EGRESS_ACTIVE || *c->bad)
		return 0;
	c->how = how;
	snprintf(c->bad, sizeof(c->bad), "%s: %s, so %s", bqdisc_instance__dev(inst),
		 bqdisc_egress__name(how),
		 bqdisc_qdisc__without_egress(bqdisc_instance__qdisc(inst)));
	return 0;
}

/* Check the egress programs that qdiscs of bqdisc in this namespace use. */
static void check_egress(struct doctor *d, struct bqdisc *bq)
{
	struct egress_programs c = { 0 };
	char found[32];

	/* The checks before this one report unreadable kinds. */
	if (bqdisc__each_instance(bq, NULL, query_egress, &c))
		return;
	snprintf(found, sizeof(found), "%u, all active", c.n);
	emit(d, "egress programs", !*c.bad,
	     *c.bad ? c.bad
	     : c.n  ? found
		    : "none needed",
	     c.how == BQDISC_EGRESS_MISSING
		     ? "'bqdisc adopt' attaches it, 'bqdisc monitor --adopt' at once"
		     : "attach the qdisc again, or move the other program behind it",
	     BQDISC_ERROR_REFUSED, ENOENT);
}

/* --- native names --- */

#define NAMES_MAX_LEN 128

/* Append the native names that OWNER has to TEXT. Return true if there is one. */
static bool list_natives(struct bqdisc *bq, enum bqdisc_owner owner, char text[NAMES_MAX_LEN])
{
	const struct bqdisc_qdisc *q = NULL;
	size_t len = 0;

	while ((q = bq_builtin_next(q)))
		if (len < NAMES_MAX_LEN && !q->peer &&
		    bq_native_owner(&bq->catalog, q->name) == owner)
			len += (size_t)snprintf(text + len, NAMES_MAX_LEN - len, "%s%s",
						len ? ", " : "", q->name);
	return len;
}

/* Propose to load qdiscs that the kernel lacks. This is no requirement. */
static void check_natives(struct doctor *d, struct bqdisc *bq)
{
	char names[NAMES_MAX_LEN], found[NAMES_MAX_LEN + 64] = "in the kernel";

	if (list_natives(bq, BQDISC_OWNER_NONE, names))
		snprintf(found, sizeof(found), "no %s; 'bqdisc load --all-missing' loads bqdisc's",
			 names);
	else if (list_natives(bq, BQDISC_OWNER_BQDISC, names))
		snprintf(found, sizeof(found), "%s by bqdisc", names);
	emit(d, "tc's qdiscs", true, found, NULL, BQDISC_ERROR_NONE, 0);
}

static void check_unmanaged(const struct bq_unmanaged *qdisc, void *arg)
{
	char name[64], found[96], remedy[96];

	snprintf(name, sizeof(name), "qdisc of %s", qdisc->dev);
	snprintf(found, sizeof(found), "%s %x:, %s", qdisc->kind, qdisc->handle >> 16,
		 qdisc->lost ? "which another program put in place of bqdisc's"
			     : "of bqdisc, without a record");
	snprintf(remedy, sizeof(remedy),
		 qdisc->lost ? "'bqdisc detach %s' deletes the record of the previous qdisc"
			     : "'tc qdisc delete dev %s root' restores the default",
		 qdisc->dev);
	emit(arg, name, false, found, remedy, BQDISC_ERROR_FOREIGN, ENOENT);
}

int bqdisc__doctor(struct bqdisc *bq, bqdisc_check_fn fn, void *arg)
{
	struct doctor d = { .fn = fn, .arg = arg, .error = &bq->error };
	struct bq_error caps = { 0 };
	bool ok;

	if (bq->broken)
		return bq->broken;
	check_kernel(&d);
	ok = jit_mode() > 0;
	emit(&d, "BPF JIT", ok, ok ? "on" : "off", "sysctl net.core.bpf_jit_enable=1",
	     BQDISC_ERROR_UNSUPPORTED, ENOTSUP);
	ok = bq_pin_has_bpffs();
	emit(&d, "bpf filesystem", ok, ok ? BQ_PIN_ROOT : "none at " BQ_PIN_ROOT,
	     "mount -t bpf bpf " BQ_PIN_ROOT, BQDISC_ERROR_REFUSED, ENOENT);
	ok = !bq_system_check_caps(&caps);
	emit(&d, "capabilities", ok, ok ? "CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON" : caps.text,
	     "run as root", BQDISC_ERROR_REFUSED, EPERM);
	ok = bq_libbpf_is_new();
	emit(&d, "libbpf", ok, bq_libbpf_version(), "build with libbpf 1.5 or newer",
	     BQDISC_ERROR_UNSUPPORTED, ENOTSUP);
	/* The following checks need a system that passed the ones before. */
	if (d.err)
		return d.err;
	bq_each_unmanaged(bq, NULL, check_unmanaged, &d);
	check_egress(&d, bq);
	check_natives(&d, bq);
	return d.err;
}
