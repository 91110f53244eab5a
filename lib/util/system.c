// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Capabilities, network namespace, clock and default qdisc of the system. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "util/scale.h"
#include "util/system.h"
#include "util/array.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static const struct {
	int number;
	const char *name;
} needed[] = {
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN" },
	{ CAP_BPF, "CAP_BPF" },
	{ CAP_PERFMON, "CAP_PERFMON" },
};

static uint64_t effective_caps(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &head, data))
		return 0;
	return data[0].effective | (uint64_t)data[1].effective << 32;
}

int bq_system_check_caps(struct bq_error *error)
{
	uint64_t caps = effective_caps();
	char missing[64] = "";
	size_t i, n = 0;

	/* CAP_SYS_ADMIN implies CAP_BPF and CAP_PERFMON, which were split from it. */
	if (caps >> CAP_SYS_ADMIN & 1)
		caps |= UINT64_C(1) << CAP_BPF | UINT64_C(1) << CAP_PERFMON;
	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		if (caps >> needed[i].number & 1)
			continue;
		n += (size_t)snprintf(missing + n, sizeof(missing) - n, "%s%s", n ? ", " : "",
				      needed[i].name);
	}
	if (!n)
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, EPERM, "missing %s; run as root", missing);
}

int bq_system_enter_netns(const char *netns, struct bq_error *error)
{
	char path[PATH_MAX];
	int fd, err, n;

	n = snprintf(path, sizeof(path), "%s%s", strchr(netns, '/') ? "" : "/run/netns/", netns);
	if (n < 0 || (size_t)n >= sizeof(path))
		return bq_fail(
			error, BQDISC_ERROR_USAGE, ENAMETOOLONG,
			"-n: the name of the network namespace is too long; use a shorter one");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return bq_fail(error, BQDISC_ERROR_USAGE, errno,
			       "-n: no network namespace '%s': %s", netns, strerror(errno));
	err = setns(fd, CLONE_NEWNET) ? errno : 0;
	close(fd);
	if (err == EPERM)
		return bq_fail(error, BQDISC_ERROR_REFUSED, EPERM,
			       "-n: missing CAP_SYS_ADMIN; run as root");
	if (err)
		return bq_fail(error, BQDISC_ERROR_USAGE, err,
			       "-n: '%s' is not a network namespace: %s", netns, strerror(err));
	return 0;
}

int bq_system_net_cookie(uint64_t *cookie, struct bq_error *error)
{
	int err = 0, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*cookie);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &len))
		err = bq_fail(error, BQDISC_ERROR_REFUSED, errno,
			      "cannot read the network namespace cookie: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return err;
}

uint64_t bq_system_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * BQ_S + (uint64_t)t.tv_nsec;
}

#define DEFAULT_PATH "/proc/sys/net/core/default_qdisc"

/* Only the initial network namespace has the sysctl. */
static int fail_default(int err, const char *what, struct bq_error *error)
{
	if (err == ENOENT && !access("/proc/sys/net/core/somaxconn", F_OK))
		return bq_fail(error, BQDISC_ERROR_USAGE, ENOENT,
			       "net.core.default_qdisc: applies to the whole machine and is not "
			       "visible in this network namespace; run this in the initial one");
	return bq_fail(error, BQDISC_ERROR_REFUSED, err, "cannot %s net.core.default_qdisc: %s",
		       what, strerror(err));
}

int bq_system_get_default(char kind[BQ_DEFAULT_MAX], struct bq_error *error)
{
	FILE *f = fopen(DEFAULT_PATH, "re");
	int n;

	memset(kind, 0, BQ_DEFAULT_MAX);
	if (!f)
		return fail_default(errno, "read", error);
	n = fscanf(f, "%15s", kind);
	fclose(f);
	return n == 1 ? 0 : fail_default(EIO, "read", error);
}

int bq_system_set_default(const char *kind, struct bq_error *error)
{
	int err = 0, fd = open(DEFAULT_PATH, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return fail_default(errno, "write", error);
	if (write(fd, kind, strlen(kind)) < 0)
		err = errno;
	close(fd);
	return err ? fail_default(err, "write", error) : 0;
}
