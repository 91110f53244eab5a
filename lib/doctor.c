// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Can this machine do it; if not, what to change. Every requirement is looked at. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "machine.h"
#include "object.h"
#include "pin.h"
#include "session.h"
#include "stray.h"

struct doctor {
	bqdisc_check_fn fn;
	void *arg;
	struct bq_report *rep;
	int err; /* of the first requirement that is not met; its message stands in the report */
};

/* Hands a requirement over. FAULT and ERR are what it means for the whole when it is not met. */
static void tell(struct doctor *d, const char *name, bool ok, const char *found, const char *remedy,
		 enum bqdisc_fault fault, int err)
{
	struct bqdisc_check check = { name, ok, found, ok ? NULL : remedy };

	d->fn(&check, d->arg);
	if (!ok && !d->err)
		d->err = bq_fail(d->rep, fault, err, "%s: %s; %s", name, found, remedy);
}

static void check_kernel(struct doctor *d)
{
	const char *remedy = "boot a kernel that was built with it";
	struct bq_support has = bq_object_support();
	struct utsname u;

	uname(&u);
	tell(d, "kernel version", bq_machine_kernel_is_new(u.release), u.release,
	     "boot Linux 6.16 or newer", BQDISC_FAULT_UNSUPPORTED, ENOTSUP);
	tell(d, "CONFIG_DEBUG_INFO_BTF", has.btf, has.btf ? "y" : "not set", remedy,
	     BQDISC_FAULT_UNSUPPORTED, ENOTSUP);
	tell(d, "CONFIG_NET_SCH_BPF", has.qdisc_ops,
	     has.qdisc_ops ? "y, its BTF has Qdisc_ops" : "not set, its BTF has no Qdisc_ops",
	     remedy, BQDISC_FAULT_UNSUPPORTED, ENOTSUP);
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

struct companions {
	unsigned int n;
	char bad[128]; /* the first that does not do its work */
};

static int look_at_companion(const struct bqdisc_instance *inst, void *arg)
{
	enum bqdisc_companion how = bqdisc_instance__companion(inst);
	struct companions *c = arg;

	if (how == BQDISC_COMPANION_NONE)
		return 0;
	c->n++;
	if (how != BQDISC_COMPANION_FIRST && !*c->bad)
		snprintf(c->bad, sizeof(c->bad), "%s: %s", bqdisc_instance__dev(inst),
			 bqdisc_companion__name(how));
	return 0;
}

/* The programs on egress hooks that some of our qdiscs in this namespace work with. */
static void check_companions(struct doctor *d, struct bqdisc *bq)
{
	struct companions c = { 0 };
	char found[32];

	/* What cannot be read is told by the checks before. */
	if (bqdisc__each_instance(bq, NULL, look_at_companion, &c))
		return;
	snprintf(found, sizeof(found), "%u, all at work", c.n);
	tell(d, "companions", !*c.bad,
	     *c.bad ? c.bad
	     : c.n  ? found
		    : "none needed",
	     "attach again, or take the program away that is before it", BQDISC_FAULT_REFUSED,
	     ENOENT);
}

static void check_stray(const struct bq_stray *stray, void *arg)
{
	char name[64], found[96], remedy[96];

	snprintf(name, sizeof(name), "qdisc of %s", stray->dev);
	snprintf(found, sizeof(found), "%s %x:, %s", stray->kind, stray->handle >> 16,
		 stray->lost ? "in the place of bqdisc's, which is lost"
			     : "without a record of it");
	snprintf(remedy, sizeof(remedy),
		 stray->lost ? "'bqdisc detach %s' forgets what was there before"
			     : "'tc qdisc delete dev %s root' brings the default",
		 stray->dev);
	tell(arg, name, false, found, remedy, BQDISC_FAULT_FOREIGN, ENOENT);
}

int bqdisc__doctor(struct bqdisc *bq, bqdisc_check_fn fn, void *arg)
{
	struct doctor d = { .fn = fn, .arg = arg, .rep = &bq->rep };
	struct bq_report caps = { 0 };
	bool ok;

	if (bq->broken)
		return bq->broken;
	check_kernel(&d);
	ok = jit_mode() > 0;
	tell(&d, "BPF JIT", ok, ok ? "on" : "off", "sysctl net.core.bpf_jit_enable=1",
	     BQDISC_FAULT_UNSUPPORTED, ENOTSUP);
	ok = bq_pin_has_bpffs();
	tell(&d, "bpf filesystem", ok, ok ? BQ_PIN_ROOT : "none at " BQ_PIN_ROOT,
	     "mount -t bpf bpf " BQ_PIN_ROOT, BQDISC_FAULT_REFUSED, ENOENT);
	ok = !bq_machine_check_caps(&caps);
	tell(&d, "capabilities", ok, ok ? "CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON" : caps.text,
	     "run as root", BQDISC_FAULT_REFUSED, EPERM);
	ok = bq_object_libbpf_is_new();
	tell(&d, "libbpf", ok, bq_object_libbpf_version(), "build with libbpf 1.5 or newer",
	     BQDISC_FAULT_UNSUPPORTED, ENOTSUP);
	/* Of a machine that can do it at all. */
	if (d.err)
		return d.err;
	bq_each_stray(bq, NULL, check_stray, &d);
	check_companions(&d, bq);
	return d.err;
}
