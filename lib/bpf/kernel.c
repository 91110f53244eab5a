// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/btf.h>

#include <bpf/libbpf.h>

#include "bpf/kernel.h"

/* --- BTF of the kernel --- */

/* Read LEN bytes at AT into a new buffer. Return NULL on failure. */
static char *read_at(int fd, size_t at, size_t len)
{
	char *bytes = malloc(len);
	size_t done = 0;
	ssize_t n = 1;

	while (bytes && done < len && n > 0) {
		n = pread(fd, bytes + done, len - done, (off_t)(at + done));
		done += n > 0 ? (size_t)n : 0;
	}
	if (done == len)
		return bytes;
	free(bytes);
	return NULL;
}

/*
 * Return the names in the kernel's BTF and their LEN in bytes, or NULL. libbpf would parse all
 * types, which takes longer than many a command.
 */
static char *read_names(size_t *len)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct btf_header head;
	char *names = NULL;

	if (fd < 0)
		return NULL;
	if (pread(fd, &head, sizeof(head), 0) == sizeof(head) && head.magic == BTF_MAGIC) {
		*len = head.str_len;
		names = read_at(fd, head.hdr_len + head.str_off, head.str_len);
	}
	close(fd);
	return names;
}

/* Names are strings one after the other, and the first is empty. */
static bool has_name(const char *names, size_t len, const char *name)
{
	char pattern[64] = "";
	size_t n = strlen(name);

	memcpy(pattern + 1, name, n);
	return memmem(names, len, pattern, n + 2);
}

struct bq_support bq_kernel_support(void)
{
	struct bq_support s = { 0 };
	size_t len;
	char *names = read_names(&len);

	s.btf = names;
	s.qdisc_ops = names && has_name(names, len, "bpf_struct_ops_Qdisc_ops") &&
		      has_name(names, len, "bpf_qdisc_skb_drop");
	free(names);
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
