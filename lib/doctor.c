// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Can this machine do it; if not, the one thing to change. Every requirement is looked at. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "machine.h"
#include "object.h"
#include "pin.h"
#include "session.h"

struct doctor {
	bqdisc_check_fn fn;
	void *arg;
};

static void tell(const struct doctor *d, const char *name, bool ok, const char *found,
		 const char *remedy)
{
	struct bqdisc_check check = { name, ok, found, ok ? NULL : remedy };

	d->fn(&check, d->arg);
}

/* 0 off, 1 on, 2 on with traces; -1 when there is no such file. */
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

static int check_kernel(const struct doctor *d, struct bq_report *rep)
{
	struct bq_support has = bq_object_support();
	struct bq_report why = { 0 };
	struct utsname u;
	int err = bq_machine_check_kernel(&why);
	bool old = err && strstr(why.text, "or newer");

	uname(&u);
	tell(d, "kernel version", !old, u.release, "boot Linux 6.16 or newer");
	tell(d, "CONFIG_NET_SCH_BPF", has.qdisc_ops, has.qdisc_ops ? "y" : "not set",
	     "boot a kernel that was built with it");
	tell(d, "BTF with Qdisc_ops", has.qdisc_ops,
	     has.qdisc_ops ? "found"
	     : has.btf	   ? "BTF, but no Qdisc_ops"
			   : "no BTF",
	     "boot a kernel with CONFIG_DEBUG_INFO_BTF and CONFIG_NET_SCH_BPF");
	if (err)
		bq_fail(rep, why.fault, -err, "%s", why.text);
	return err;
}

static int check_jit(const struct doctor *d, struct bq_report *rep)
{
	bool on = jit_mode() > 0;

	tell(d, "BPF JIT", on, on ? "on" : "off", "sysctl net.core.bpf_jit_enable=1");
	return on ? 0 :
		    bq_fail(rep, BQDISC_FAULT_UNSUPPORTED, ENOTSUP,
			    "the BPF JIT is off: sysctl net.core.bpf_jit_enable=1");
}

static int check_pins(const struct doctor *d, struct bq_report *rep)
{
	bool there = bq_pin_has_bpffs();

	tell(d, "bpf filesystem", there, there ? BQ_PIN_ROOT : "none at " BQ_PIN_ROOT,
	     "mount -t bpf bpf " BQ_PIN_ROOT);
	return there ? 0 :
		       bq_fail(rep, BQDISC_FAULT_REFUSED, ENOENT,
			       "no bpf filesystem at %s: mount -t bpf bpf %s", BQ_PIN_ROOT,
			       BQ_PIN_ROOT);
}

static int check_caps(const struct doctor *d, struct bq_report *rep)
{
	int err = bq_machine_check_caps(rep);

	tell(d, "capabilities", !err, err ? rep->text : "CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON",
	     "run as root");
	return err;
}

int bqdisc__doctor(struct bqdisc *bq, bqdisc_check_fn fn, void *arg)
{
	struct doctor d = { fn, arg };
	int err = bq->broken, last;

	if (err)
		return err;
	/* The most fundamental requirement is looked at last: its message is the one that stands. */
	tell(&d, "libbpf", true, bq_object_libbpf_version(), NULL);
	err = check_caps(&d, &bq->rep);
	last = check_pins(&d, &bq->rep);
	err = last ? last : err;
	last = check_jit(&d, &bq->rep);
	err = last ? last : err;
	last = check_kernel(&d, &bq->rep);
	return last ? last : err;
}
