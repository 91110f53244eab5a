// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Construction of the requests of a snapshot from the messages of a dump. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"
#include "snapshot/capture_request.h"

int bq_dump_add(const struct nlmsghdr *nlh, void *arg)
{
	struct bq_dump *dump = arg;
	struct nlmsghdr **v, *copy;

	if ((uint32_t)bq_message_tcm(nlh)->tcm_ifindex != dump->ifindex)
		return MNL_CB_OK;
	v = reallocarray(dump->v, dump->n + 1, sizeof(*v));
	if (!v)
		return MNL_CB_ERROR;
	dump->v = v;
	copy = malloc(nlh->nlmsg_len);
	if (!copy)
		return MNL_CB_ERROR;
	memcpy(copy, nlh, nlh->nlmsg_len);
	v[dump->n++] = copy;
	return MNL_CB_OK;
}

void bq_dump_free(struct bq_dump *dump)
{
	while (dump->n)
		free(dump->v[--dump->n]);
	free(dump->v);
}

void bq_capture_note_lost(struct bq_capture *c, const char *fmt, ...)
{
	char *lost = c->snapshot->lost, what[128];
	size_t len = strlen(lost);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (!strstr(lost, what))
		snprintf(lost + len, BQ_SNAPSHOT_LOST_MAX - len, "%s%s", len ? ", " : "", what);
}

void bq_capture_append(struct bq_capture *c, const struct nlmsghdr *request)
{
	struct bq_snapshot *snapshot = c->snapshot;
	size_t len = NLMSG_ALIGN(request->nlmsg_len);
	uint8_t *bytes;

	if (c->err)
		return;
	bytes = realloc(snapshot->bytes, snapshot->len + len);
	if (!bytes) {
		c->err = bq_fail(c->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
		return;
	}
	memset(bytes + snapshot->len, 0, len);
	memcpy(bytes + snapshot->len, request, request->nlmsg_len);
	snapshot->bytes = bytes;
	snapshot->len += len;
	snapshot->n_steps++;
}

void bq_capture_copy_attr(struct nlmsghdr *request, const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *attr = bq_message_attr(nlh, type);

	if (attr)
		mnl_attr_put(request, type, mnl_attr_get_payload_len(attr),
			     mnl_attr_get_payload(attr));
}

/* The first request replaces the qdisc that is attached; the others create. */
struct nlmsghdr *bq_capture_begin_request(struct bq_capture *c, const struct nlmsghdr *nlh)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(c->request);
	struct tcmsg *tcm;

	request->nlmsg_type = nlh->nlmsg_type;
	request->nlmsg_flags =
		NLM_F_REQUEST | NLM_F_CREATE | (c->snapshot->n_steps ? NLM_F_EXCL : NLM_F_REPLACE);
	tcm = mnl_nlmsg_put_extra_header(request, sizeof(*tcm));
	*tcm = *bq_message_tcm(nlh);
	/* The field holds priority and protocol of a filter, a reference count otherwise. */
	if (nlh->nlmsg_type != RTM_NEWTFILTER)
		tcm->tcm_info = 0;
	bq_capture_copy_attr(request, nlh, TCA_KIND);
	return request;
}

struct bq_fixup bq_capture_end_request(struct nlmsghdr *request, const struct nlmsghdr *nlh)
{
	struct bq_fixup fixup = { .request = request };

	if (bq_message_attr(nlh, TCA_OPTIONS)) {
		fixup.options = mnl_nlmsg_get_payload_tail(request);
		bq_capture_copy_attr(request, nlh, TCA_OPTIONS);
	}
	return fixup;
}
