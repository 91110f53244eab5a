// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "util/lock.h"
#include "bpf/pin.h"

/* bpffs refuses names with a dot, and no kind contains a dash. */
#define NEW "-new"

bool bq_pin_has_bpffs(void)
{
	struct statfs fs;

	return !statfs(BQ_PIN_ROOT, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

/* Return true if init sees the pins but this process does not, because /sys is mounted anew. */
static bool sys_is_hidden(void)
{
	struct statfs fs;

	return !statfs("/proc/1/root" BQ_PIN_ROOT, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

static int fail_no_bpffs(struct bq_error *error)
{
	if (sys_is_hidden())
		return bq_fail(
			error, BQDISC_ERROR_REFUSED, ENOENT,
			"the bpf filesystem is not visible here, as inside 'ip netns exec'; use "
			"'bqdisc -n NETNS' from outside");
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOENT,
		       "no bpf filesystem at %s; run 'mount -t bpf bpf %s'", BQ_PIN_ROOT,
		       BQ_PIN_ROOT);
}

/* Refuse pins that another user may have created. */
static int check_owner(int fd, struct bq_error *error)
{
	struct stat st;

	if (fstat(fd, &st))
		return bq_fail(error, BQDISC_ERROR_REFUSED, errno, "cannot read %s: %s", BQ_PIN_DIR,
			       strerror(errno));
	if (st.st_uid == geteuid() && !(st.st_mode & (S_IRWXG | S_IRWXO)))
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, EPERM,
		       "%s: has owner %u and mode %03o, but must be owned by the caller with mode "
		       "700; remove it if another program made it",
		       BQ_PIN_DIR, st.st_uid, st.st_mode & 0777);
}

/*
 * Return false if the previous owner of the lock removed the directory, so that it must be created
 * again.
 */
static bool is_current(int fd)
{
	struct stat mine, there;

	return !fstat(fd, &mine) && !stat(BQ_PIN_DIR, &there) && mine.st_ino == there.st_ino;
}

static int open_and_lock(bool create, struct bq_error *error)
{
	int fd, err;

	if (create && mkdir(BQ_PIN_DIR, 0700) && errno != EEXIST)
		return bq_fail(error, BQDISC_ERROR_REFUSED, errno, "cannot make %s: %s", BQ_PIN_DIR,
			       strerror(errno));
	fd = open(BQ_PIN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -BQ_PIN_NONE;
	if (fd < 0)
		return bq_fail(error, BQDISC_ERROR_REFUSED, errno, "cannot open %s: %s", BQ_PIN_DIR,
			       strerror(errno));
	err = check_owner(fd, error);
	if (err) {
		close(fd);
		return err;
	}
	bq_lock_acquire(fd, BQ_PIN_DIR, error);
	return fd;
}

const char *bq_pin_kind(const char *kind, char buf[BQ_PIN_PATH_MAX])
{
	snprintf(buf, BQ_PIN_PATH_MAX, "%s/%s", BQ_PIN_DIR, kind);
	return buf;
}

static void new_path(const char *kind, char buf[BQ_PIN_PATH_MAX])
{
	snprintf(buf, BQ_PIN_PATH_MAX, "%s/%s" NEW, BQ_PIN_DIR, kind);
}

static void link_path(const char *dir, char buf[BQ_PIN_PATH_MAX + 8])
{
	snprintf(buf, BQ_PIN_PATH_MAX + 8, "%s/link", dir);
}

/*
 * Hold a descriptor of the link while removing its pin. Closing the last descriptor unregisters at
 * once. Removing only the pin would defer that to a worker, too late for registering the name
 * again.
 */
void bq_pin_unregister(const char *link_path)
{
	int fd = bpf_obj_get(link_path);

	unlink(link_path);
	if (fd >= 0)
		close(fd);
}

/* Remove a flat directory. The link goes first, so that no new instance can be created. */
static void remove_dir(const char *path)
{
	char link[BQ_PIN_PATH_MAX + 8];
	struct dirent *e;
	DIR *dir = opendir(path);

	if (!dir)
		return;
	link_path(path, link);
	bq_pin_unregister(link);
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	rmdir(path);
}

int bq_pin_begin(const char *kind, char buf[BQ_PIN_PATH_MAX], struct bq_error *error)
{
	new_path(kind, buf);
	remove_dir(buf);
	if (!mkdir(buf, 0700))
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, errno, "cannot make %s: %s", buf,
		       strerror(errno));
}

int bq_pin_rename(const char *from, const char *to)
{
	char old[BQ_PIN_PATH_MAX], new[BQ_PIN_PATH_MAX];

	if (!access(bq_pin_kind(to, new), F_OK))
		return -EEXIST;
	return rename(bq_pin_kind(from, old), new) ? -errno : 0;
}

int bq_pin_commit(const char *kind, struct bq_error *error)
{
	char from[BQ_PIN_PATH_MAX], to[BQ_PIN_PATH_MAX];

	new_path(kind, from);
	bq_pin_kind(kind, to);
	if (!rename(from, to))
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, errno, "cannot rename %s to %s: %s", from, to,
		       strerror(errno));
}

void bq_pin_abort(const char *kind)
{
	char path[BQ_PIN_PATH_MAX];

	new_path(kind, path);
	remove_dir(path);
}

/* Rename the directory first, so that the next command sweeps it if this one is interrupted. */
void bq_pin_remove(const char *kind)
{
	char from[BQ_PIN_PATH_MAX], to[BQ_PIN_PATH_MAX];

	bq_pin_abort(kind);
	new_path(kind, to);
	if (!rename(bq_pin_kind(kind, from), to))
		bq_pin_abort(kind);
}

static bool ends_in_new(const char *name)
{
	size_t n = strlen(name);

	return n > strlen(NEW) && !strcmp(name + n - strlen(NEW), NEW);
}

/*
 * Rename the directory of an interrupted command to its final name if it is complete. The link is
 * pinned last, so a directory with one is complete. Qdiscs of the kind may exist and need their
 * pins. Return false if there is nothing to keep.
 */
static bool adopt(const char *path)
{
	char link[BQ_PIN_PATH_MAX + 8], to[BQ_PIN_PATH_MAX];

	link_path(path, link);
	snprintf(to, sizeof(to), "%.*s", (int)(strlen(path) - strlen(NEW)), path);
	return !access(link, F_OK) && !rename(path, to);
}

/* --- names --- */

/* Double the room for names whenever their number is a power of two. */
static int make_room(struct bq_pins *pins)
{
	char(*more)[BQ_PIN_NAME_MAX];

	if (pins->n & (pins->n - 1))
		return 0;
	more = reallocarray(pins->names, pins->n ? 2 * pins->n : 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	pins->names = more;
	return 0;
}

static int add_name(struct bq_pins *pins, const char *prefix, const char *name)
{
	if (strlen(prefix) + strlen(name) >= BQ_PIN_NAME_MAX)
		return 0; /* not made by bqdisc */
	if (make_room(pins))
		return -ENOMEM;
	snprintf(pins->names[pins->n++], BQ_PIN_NAME_MAX, "%s%s", prefix, name);
	return 0;
}

int bq_pins_read(struct bq_pins *pins, const char *prefix)
{
	char path[BQ_PIN_PATH_MAX];
	DIR *dir = opendir(bq_pin_kind(prefix, path));
	struct dirent *e;
	int err = 0;

	bq_pins_free(pins);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (!err && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			err = add_name(pins, prefix, e->d_name);
	closedir(dir);
	return err;
}

void bq_pins_free(struct bq_pins *pins)
{
	free(pins->names);
	pins->names = NULL;
	pins->n = 0;
}

/* Complete or remove what interrupted commands were loading, and drop the suffix of its name. */
static void sweep_new(struct bq_pins *pins)
{
	char path[BQ_PIN_PATH_MAX];
	size_t i;

	for (i = 0; i < pins->n; i++) {
		char *name = pins->names[i];

		if (!ends_in_new(name))
			continue;
		bq_pin_kind(name, path);
		if (adopt(path)) {
			name[strlen(name) - strlen(NEW)] = '\0';
		} else {
			remove_dir(path);
			*name = '\0';
		}
	}
}

/* --- lock --- */

int bq_pin_lock(bool create, struct bq_pins *pins, struct bq_error *error)
{
	int fd, err;

	if (!bq_pin_has_bpffs())
		return fail_no_bpffs(error);
	for (;;) {
		fd = open_and_lock(create, error);
		if (fd == -BQ_PIN_NONE && create)
			continue;
		if (fd < 0)
			return fd;
		if (is_current(fd))
			break;
		close(fd);
	}
	err = bq_pins_read(pins, "");
	if (err) {
		bq_pin_unlock(fd);
		return bq_fail(error, BQDISC_ERROR_REFUSED, -err, "cannot read %s: %s", BQ_PIN_DIR,
			       strerror(-err));
	}
	sweep_new(pins);
	return fd;
}

/* Touch the directory: monitor waits for that. */
void bq_pin_unlock(int lock)
{
	futimens(lock, NULL);
	rmdir(BQ_PIN_DIR);
	close(lock);
}

bool bq_pin_out_of_sight(const char *kind)
{
	char path[BQ_PIN_PATH_MAX + 16];

	snprintf(path, sizeof(path), "/proc/1/root%s/%s/link", BQ_PIN_DIR, kind);
	return !access(path, F_OK);
}
