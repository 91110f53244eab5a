// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/kernel.h"

struct bq_support bq_kernel_support(void)
{
	struct bq_support s = { 0 };
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return s;
	s.btf = true;
	s.qdisc_ops =
		btf__find_by_name_kind(btf, "bpf_struct_ops_Qdisc_ops", BTF_KIND_STRUCT) > 0 &&
		btf__find_by_name_kind(btf, "bpf_qdisc_skb_drop", BTF_KIND_FUNC) > 0;
	btf__free(btf);
	return s;
}

const char *bq_libbpf_version(void)
{
	static char text[32];

	snprintf(text, sizeof(text), "%u.%u", libbpf_major_version(), libbpf_minor_version());
	return text;
}

bool bq_libbpf_is_new(void)
{
	return libbpf_major_version() > 1 || libbpf_minor_version() >= 5;
}

/* Return the version of a release as a number that grows with it; 0: unknown. */
static unsigned int version_of(const char *release)
{
	unsigned int major = 0, minor = 0;

	sscanf(release, "%u.%u", &major, &minor);
	return major << 16 | minor;
}

bool bq_kernel_is_new(const char *release)
{
	return version_of(release) >= version_of(BQ_FIRST_KERNEL);
}

int bq_kernel_check(struct bq_error *error)
{
	struct bq_support has = bq_kernel_support();
	struct utsname u;

	if (has.qdisc_ops)
		return 0;
	uname(&u);
	if (!bq_kernel_is_new(u.release))
		return bq_fail(error, BQDISC_ERROR_UNSUPPORTED, ENOTSUP,
			       "Linux %s has no BPF qdiscs; use " BQ_FIRST_KERNEL " or newer",
			       u.release);
	if (!has.btf)
		return bq_fail(error, BQDISC_ERROR_UNSUPPORTED, ENOTSUP,
			       "Linux %s has no BTF; use a kernel with "
			       "CONFIG_DEBUG_INFO_BTF",
			       u.release);
	return bq_fail(error, BQDISC_ERROR_UNSUPPORTED, ENOTSUP,
		       "Linux %s was built without CONFIG_NET_SCH_BPF; use a kernel that has it",
		       u.release);
}
