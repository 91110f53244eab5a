// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "attachment/egress_link.h"
#include "bpf/pin.h"

/* Value from linux/bpf.h, which lacks it on older systems. */
#define TCX_EGRESS ((enum bpf_attach_type)47)
#define BEFORE_ALL (1U << 3) /* BPF_F_BEFORE, and before nothing in particular */
#define MAX_ON_HOOK 64       /* programs; BPF_MPROG_MAX */
#define GOING_MS 1000        /* time for the kernel to remove a link without pins */

/* Programs on a hook, in order. */
struct hook {
	uint32_t n;
	uint32_t progs[MAX_ON_HOOK], links[MAX_ON_HOOK]; /* their ids */
};

/* Members of struct bpf_link_info that are used. An older linux/bpf.h lacks links of this hook. */
union link_info {
	struct bpf_link_info all;
	struct {
		uint32_t type, id, prog_id, reserved;
		uint32_t ifindex;
	} tcx;
};

static void query_hook(uint32_t ifindex, struct hook *hook)
{
	LIBBPF_OPTS(bpf_prog_query_opts, opts, .prog_ids = hook->progs, .link_ids = hook->links,
		    .count = MAX_ON_HOOK);

	if (!bpf_prog_query_opts((int)ifindex, TCX_EGRESS, &opts))
		hook->n = opts.count < MAX_ON_HOOK ? opts.count : MAX_ON_HOOK;
}

int bq_egress_link_place(uint32_t ifindex, uint32_t id)
{
	struct hook hook = { 0 };
	uint32_t i;

	query_hook(ifindex, &hook);
	for (i = 0; i < hook.n; i++)
		if (hook.links[i] == id)
			return (int)i;
	return -1;
}

static int open_link(const char *name)
{
	char dir[BQ_PIN_PATH_MAX], path[BQ_PIN_PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s/link", bq_pin_kind(name, dir));
	return bpf_obj_get(path);
}

static int query(int fd, struct bq_egress_link *link)
{
	union link_info info = { 0 };
	uint32_t len = sizeof(info);
	int err = bpf_link_get_info_by_fd(fd, &info.all, &len);

	link->id = info.tcx.id;
	link->ifindex = info.tcx.ifindex;
	return err;
}

int bq_egress_link_query(const char *name, struct bq_egress_link *link)
{
	int err, fd = open_link(name);

	if (fd < 0)
		return -errno;
	err = query(fd, link);
	close(fd);
	return err;
}

/* --- attach --- */

/* Return the id of the link of PROG to the device, or 0. */
static uint32_t link_on_hook(int prog, uint32_t ifindex)
{
	struct bpf_prog_info info = { 0 };
	uint32_t i, len = sizeof(info);
	struct hook hook = { 0 };

	if (bpf_prog_get_info_by_fd(prog, &info, &len))
		return 0;
	query_hook(ifindex, &hook);
	for (i = 0; i < hook.n; i++)
		if (hook.progs[i] == info.id)
			return hook.links[i];
	return 0;
}

/* Return a descriptor of the pinned link ID, or -EEXIST if no pin is left. */
static int open_by_id(uint32_t id)
{
	struct bq_egress_link link;
	struct bq_pins pins = { 0 };
	int fd = -1;
	size_t i;

	bq_pins_read(&pins, BQ_EGRESS_DIR);
	for (i = 0; fd < 0 && i < pins.n; i++) {
		fd = open_link(pins.names[i]);
		if (fd >= 0 && (query(fd, &link) || link.id != id)) {
			close(fd);
			fd = -1;
		}
	}
	bq_pins_free(&pins);
	return fd < 0 ? -EEXIST : fd;
}

/*
 * Return a descriptor of a link of PROG to the device. The kernel accepts a program once on a hook,
 * so use the link that the qdisc to be replaced has. A link that lost its last pin disappears soon,
 * for example that of a command that was killed.
 */
static int get_link(int prog, uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = BEFORE_ALL);
	int ms, fd = bpf_link_create(prog, (int)ifindex, TCX_EGRESS, &opts);

	for (ms = 0; fd == -EEXIST && ms < GOING_MS; ms++) {
		fd = open_by_id(link_on_hook(prog, ifindex));
		if (fd >= 0)
			break;
		usleep(1000);
		fd = bpf_link_create(prog, (int)ifindex, TCX_EGRESS, &opts);
	}
	return fd;
}

int bq_egress_link_pin(int prog, uint32_t ifindex, const char *dir)
{
	char path[BQ_PIN_PATH_MAX + 8];
	int err, fd = get_link(prog, ifindex);

	if (fd < 0)
		return fd;
	snprintf(path, sizeof(path), "%s/link", dir);
	err = bpf_obj_pin(fd, path) ? -errno : 0;
	close(fd);
	return err;
}
