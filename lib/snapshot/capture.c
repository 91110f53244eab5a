// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Capture of a tree of qdiscs and classes from the dumps of a device. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"
#include "snapshot/capture.h"
#include "snapshot/capture_filter.h"
#include "snapshot/capture_request.h"

/* Create parents first: the kernel attaches a class without its parent to the root. */
static void put_classes(struct bq_capture *c, uint32_t handle, uint32_t parent)
{
	size_t i;

	for (i = 0; i < c->classes.n; i++) {
		const struct nlmsghdr *nlh = c->classes.v[i];
		const struct tcmsg *tcm = bq_message_tcm(nlh);
		struct nlmsghdr *request;

		if (TC_H_MAJ(tcm->tcm_handle) != handle || tcm->tcm_parent != parent)
			continue;
		/* hfsc creates the class without a minor itself. */
		if (TC_H_MIN(tcm->tcm_handle)) {
			request = bq_capture_begin_request(c, nlh);
			bq_capture_end_request(request, nlh);
			bq_capture_append(c, request);
		}
		put_classes(c, handle, tcm->tcm_handle);
	}
}

static void put_qdisc(struct bq_capture *c, const struct nlmsghdr *nlh,
		      const struct bq_fixup_kind *row)
{
	struct nlmsghdr *request = bq_capture_begin_request(c, nlh);
	const struct nlattr *stab = bq_message_attr(nlh, TCA_STAB);
	struct bq_fixup fixup;

	if (stab && !bq_fixup_put_stab(request, stab))
		bq_capture_note_lost(c, "the size table of %s", row->kind);
	fixup = bq_capture_end_request(request, nlh);
	if (row->fix)
		row->fix(&fixup);
	if (fixup.lost)
		bq_capture_note_lost(c, "%s", fixup.lost);
	bq_capture_append(c, request);
}

/*
 * Return the fixup of the kind, or NULL if the kind cannot be restored. A BPF qdisc of another
 * program dumps no options and no classes: its kind alone restores it while that is registered.
 */
static const struct bq_fixup_kind *find_kind(const struct bq_capture *c, const struct nlmsghdr *nlh)
{
	static const struct bq_fixup_kind bpf = { .kind = "a BPF qdisc" };
	const char *kind = bq_message_kind(nlh);
	const struct bq_fixup_kind *row = bq_fixup_kind(kind);

	return !row && c->is_bpf && c->is_bpf(kind, c->arg) && bq_tc_has_kind(kind) ? &bpf : row;
}

static bool is_child(const struct tcmsg *tcm, uint32_t handle)
{
	return tcm->tcm_handle && tcm->tcm_parent != TC_H_ROOT && tcm->tcm_parent != TC_H_INGRESS &&
	       TC_H_MAJ(tcm->tcm_parent) == handle;
}

static void put_tree(struct bq_capture *c, const struct nlmsghdr *nlh)
{
	const struct bq_fixup_kind *row = find_kind(c, nlh);
	uint32_t handle = bq_message_tcm(nlh)->tcm_handle;
	size_t i;

	if (!row) {
		bq_capture_note_lost(c, "%s %x: (unknown kind)", bq_message_kind(nlh),
				     handle >> 16);
		return;
	}
	put_qdisc(c, nlh, row);
	if (row->has_classes)
		put_classes(c, handle, TC_H_ROOT);
	for (i = 0; i < c->qdiscs.n; i++)
		if (is_child(bq_message_tcm(c->qdiscs.v[i]), handle))
			put_tree(c, c->qdiscs.v[i]);
}

/* Create a default qdisc below mq by its kind: the kernel creates none there after a deletion. */
static void put_default(struct bq_capture *c, const struct bq_tc_qdisc *top)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(c->request);
	struct tcmsg *tcm;

	if (top->parent == TC_H_ROOT || !*top->kind)
		return;
	request->nlmsg_type = RTM_NEWQDISC;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	tcm = mnl_nlmsg_put_extra_header(request, sizeof(*tcm));
	tcm->tcm_ifindex = (int)top->ifindex;
	tcm->tcm_parent = top->parent;
	mnl_attr_put_strz(request, TCA_KIND, top->kind);
	bq_capture_append(c, request);
}

static void put_top(struct bq_capture *c, const struct bq_tc_qdisc *top)
{
	const struct tcmsg *tcm;
	size_t i;

	for (i = 0; i < c->qdiscs.n; i++) {
		tcm = bq_message_tcm(c->qdiscs.v[i]);
		if (tcm->tcm_parent != top->parent || tcm->tcm_handle != top->handle)
			continue;
		put_tree(c, c->qdiscs.v[i]);
		bq_capture_filters(c);
		return;
	}
	c->err = bq_fail(c->error, BQDISC_ERROR_REFUSED, EAGAIN,
			 "the qdisc changed while it was read; try again");
}

int bq_snapshot_capture(const struct bq_tc_qdisc *top, bq_bpf_kind_fn is_bpf, void *arg,
			struct bq_snapshot *snapshot, struct bq_error *error)
{
	struct bq_capture *c = calloc(1, sizeof(*c));
	int err;

	memset(snapshot, 0, sizeof(*snapshot));
	if (!c)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	c->snapshot = snapshot;
	c->is_bpf = is_bpf;
	c->arg = arg;
	c->error = error;
	c->ifindex = c->qdiscs.ifindex = c->classes.ifindex = top->ifindex;
	if (!top->handle) {
		put_default(c, top);
		goto out;
	}
	c->err = bq_tc_dump(RTM_GETQDISC, c->ifindex, 0, bq_dump_add, &c->qdiscs, error);
	if (!c->err)
		c->err = bq_tc_dump(RTM_GETTCLASS, c->ifindex, 0, bq_dump_add, &c->classes, error);
	if (!c->err)
		put_top(c, top);
out:
	err = c->err;
	bq_dump_free(&c->qdiscs);
	bq_dump_free(&c->classes);
	free(c);
	return err;
}
