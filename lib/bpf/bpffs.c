// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/bpffs.h"
#include "bpf/object.h"
#include "bpf/pin.h"

/* Inode of init's mount namespace, from linux/nsfs.h of 6.17 and newer. */
#define FIRST_MOUNT_NS 0xeffffff8u

static bool is_in_first_namespace(void)
{
	struct stat st;

	return !stat("/proc/self/ns/mnt", &st) && st.st_ino == FIRST_MOUNT_NS;
}

/* Return 1 if the filesystem of FD is init's, 0 if not, or -errno. */
static int lasts(int fd)
{
	struct bpf_object *obj = bq_object_open_embedded("bpffs");
	uint32_t query = (uint32_t)fd;
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &query, .ctx_size_in = sizeof(query));
	int err;

	if (!obj)
		return -errno;
	err = bpf_object__load(obj);
	if (!err)
		err = bpf_prog_test_run_opts(bpf_program__fd(bpf_object__next_program(obj, NULL)),
					     &run);
	bpf_object__close(obj);
	return err ? err : (int)run.retval;
}

int bq_bpffs_check_lasting(struct bq_error *error)
{
	int ret, fd;

	if (is_in_first_namespace())
		return 0;
	fd = open(BQ_PIN_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ret = fd < 0 ? -errno : lasts(fd);
	if (fd >= 0)
		close(fd);
	if (ret < 0)
		return bq_fail(error, BQDISC_ERROR_REFUSED, -ret,
			       "%s: cannot tell whether it is the host's: %s", BQ_PIN_ROOT,
			       strerror(-ret));
	if (ret)
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, EXDEV,
		       "%s: private to this container, so pins end with it and qdiscs do not; "
		       "mount the host's %s here, or run 'bqdisc -n NETNS' on the host",
		       BQ_PIN_ROOT, BQ_PIN_ROOT);
}
