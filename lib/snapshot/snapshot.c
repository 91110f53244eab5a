// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Restore of a snapshot, one request at a time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "snapshot/fixup.h"
#include "snapshot/snapshot.h"
#include "netlink/message.h"
#include "snapshot/tc_command.h"

void bq_snapshot_free(struct bq_snapshot *snapshot)
{
	free(snapshot->bytes);
	memset(snapshot, 0, sizeof(*snapshot));
}

/* Return the request of STEP, or NULL if there is none or the snapshot is malformed. */
static struct nlmsghdr *request_at(const struct bq_snapshot *snapshot, size_t step)
{
	struct nlmsghdr *nlh = (void *)snapshot->bytes;
	int left = (int)snapshot->len;

	while (mnl_nlmsg_ok(nlh, left) && step--)
		nlh = mnl_nlmsg_next(nlh, &left);
	return mnl_nlmsg_ok(nlh, left) && nlh->nlmsg_len >= mnl_nlmsg_size(sizeof(struct tcmsg))
		       ? nlh
		       : NULL;
}

const char *bq_snapshot_describe(const struct bq_snapshot *snapshot, size_t step, char *buf,
				 size_t size)
{
	const struct nlmsghdr *nlh = request_at(snapshot, step);
	const struct tcmsg *tcm;

	*buf = '\0';
	if (!nlh)
		return buf;
	tcm = bq_message_tcm(nlh);
	if (nlh->nlmsg_type == RTM_NEWTFILTER)
		snprintf(buf, size, "the filter %s %x of %x:%x", bq_message_kind(nlh),
			 tcm->tcm_handle, tcm->tcm_parent >> 16, TC_H_MIN(tcm->tcm_parent));
	else if (nlh->nlmsg_type == RTM_NEWTCLASS)
		snprintf(buf, size, "the class %s %x:%x", bq_message_kind(nlh),
			 tcm->tcm_handle >> 16, TC_H_MIN(tcm->tcm_handle));
	else
		snprintf(buf, size, "the qdisc %s %x:", bq_message_kind(nlh),
			 tcm->tcm_handle >> 16);
	return buf;
}

/*
 * Handle of a default qdisc that is restored below mq, where the kernel's had none. It marks the
 * qdisc as a default, so that a later attach replaces it without --force. The range is below the
 * handles that the kernel allocates (8001: and up), and above those that users choose.
 */
#define DEFAULT_HANDLE(parent) ((0x7000u | ((parent)&0xfff)) << 16)

bool bq_snapshot_command(const struct bq_snapshot *snapshot, size_t step, const char *dev,
			 char *buf, size_t size)
{
	const struct nlmsghdr *nlh = request_at(snapshot, step);
	const struct tcmsg *tcm = nlh ? bq_message_tcm(nlh) : NULL;

	return nlh &&
	       bq_tc_command(nlh, dev,
			     tcm->tcm_handle ? tcm->tcm_handle : DEFAULT_HANDLE(tcm->tcm_parent),
			     !step, buf, size);
}

const char *bq_snapshot_missing_kind(const struct bq_snapshot *snapshot, size_t step)
{
	const struct nlmsghdr *nlh = request_at(snapshot, step);

	if (!nlh || nlh->nlmsg_type != RTM_NEWQDISC || bq_fixup_kind(bq_message_kind(nlh)) ||
	    bq_tc_has_kind(bq_message_kind(nlh)))
		return NULL;
	return bq_message_kind(nlh);
}

bool bq_snapshot_creates(const struct bq_snapshot *snapshot, const struct bq_tc_qdisc *qdisc)
{
	const struct nlmsghdr *nlh = request_at(snapshot, 0);

	return nlh && !strcmp(bq_message_kind(nlh), qdisc->kind) && qdisc->handle &&
	       (!bq_message_tcm(nlh)->tcm_handle ||
		bq_message_tcm(nlh)->tcm_handle == qdisc->handle);
}

bool bq_snapshot_uses(const struct bq_snapshot *snapshot, uint32_t handle)
{
	struct nlmsghdr *nlh = (void *)snapshot->bytes;
	int left = (int)snapshot->len;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		if (nlh->nlmsg_type == RTM_NEWQDISC && bq_message_tcm(nlh)->tcm_handle == handle)
			return true;
	return false;
}

bool bq_is_default_qdisc(const struct bq_tc_qdisc *qdisc)
{
	return !qdisc->handle || (TC_H_MIN(qdisc->parent) && qdisc->parent != TC_H_ROOT &&
				  qdisc->handle == DEFAULT_HANDLE(qdisc->parent));
}

/* Set the handle of a restored default. Take any free one if its own is in use. */
static int set_default_handle(struct tcmsg *tcm, struct bq_error *error)
{
	uint32_t ifindex = (uint32_t)tcm->tcm_ifindex;

	tcm->tcm_handle = DEFAULT_HANDLE(tcm->tcm_parent);
	if (!bq_tc_handle_is_taken(ifindex, tcm->tcm_handle))
		return 0;
	return bq_tc_free_handles(ifindex, NULL, NULL, &tcm->tcm_handle, 1, error);
}

int bq_snapshot_send(struct bq_snapshot *snapshot, size_t step, bool repeated,
		     struct bq_error *error)
{
	struct nlmsghdr *nlh = request_at(snapshot, step);
	char name[96], what[128];
	struct tcmsg *tcm;
	int err = 0;

	if (!nlh)
		return bq_fail(error, BQDISC_ERROR_REFUSED, EPROTO,
			       "the record of the previous qdisc is damaged");
	snprintf(what, sizeof(what), "the kernel refused %s",
		 bq_snapshot_describe(snapshot, step, name, sizeof(name)));
	tcm = bq_message_tcm(nlh);
	if (nlh->nlmsg_type == RTM_NEWQDISC && !tcm->tcm_handle)
		err = set_default_handle(tcm, error);
	if (!err)
		err = bq_netlink_send(nlh, what, error);
	return repeated && err == -EEXIST ? 0 : err;
}
