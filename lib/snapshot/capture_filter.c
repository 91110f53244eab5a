// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Capture of filters. The kernel dumps them per qdisc. */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"
#include "snapshot/capture_filter.h"

static bool same_priority(const struct nlmsghdr *a, const struct nlmsghdr *b)
{
	const struct nlattr *chain_a = bq_message_attr(a, TCA_CHAIN),
			    *chain_b = bq_message_attr(b, TCA_CHAIN);

	return bq_message_tcm(a)->tcm_info == bq_message_tcm(b)->tcm_info &&
	       !strcmp(bq_message_kind(a), bq_message_kind(b)) &&
	       (chain_a ? mnl_attr_get_u32(chain_a) : 0) ==
		       (chain_b ? mnl_attr_get_u32(chain_b) : 0);
}

static void put_filter(struct bq_capture *c, const struct nlmsghdr *nlh)
{
	struct nlmsghdr *request = bq_capture_begin_request(c, nlh);
	struct bq_fixup fixup;

	bq_capture_copy_attr(request, nlh, TCA_CHAIN);
	fixup = bq_capture_end_request(request, nlh);
	if (bq_fixup_filter(bq_message_kind(nlh), &fixup))
		bq_capture_append(c, request);
	else
		bq_capture_note_lost(c, "%s", fixup.lost);
}

/*
 * The dump of each priority begins with a message without a handle. It creates no filter, except
 * for a fw filter without marks.
 */
static bool is_head(const struct bq_dump *filters, size_t i)
{
	const struct nlmsghdr *nlh = filters->v[i];

	if (bq_message_tcm(nlh)->tcm_handle)
		return false;
	return strcmp(bq_message_kind(nlh), "fw") ||
	       (i + 1 < filters->n && same_priority(nlh, filters->v[i + 1]));
}

static bool is_u32(const struct nlmsghdr *nlh)
{
	return !strcmp(bq_message_kind(nlh), "u32");
}

/* The kernel numbers the root table of each priority: 800:, 801: and so on. */
#define FIRST_ROOT 0x800u
#define ROOT_HANDLE(n) ((FIRST_ROOT + (n)) << 20)

static bool is_table(const struct nlmsghdr *nlh)
{
	uint32_t handle = bq_message_tcm(nlh)->tcm_handle;

	return handle && !TC_U32_HASH(handle) && !TC_U32_NODE(handle);
}

/* Return the message of the Nth root table, or NULL. */
static const struct nlmsghdr *find_root(const struct bq_dump *filters, uint32_t n)
{
	size_t i;

	for (i = 0; i < filters->n; i++)
		if (is_u32(filters->v[i]) &&
		    bq_message_tcm(filters->v[i])->tcm_handle == ROOT_HANDLE(n))
			return filters->v[i];
	return NULL;
}

/* Put the tables, or the other filters, of the priority of ROOT. Return their number. */
static size_t put_u32(struct bq_capture *c, const struct bq_dump *filters,
		      const struct nlmsghdr *root, bool tables)
{
	size_t i, n = 0;

	for (i = 0; i < filters->n; i++) {
		const struct nlmsghdr *nlh = filters->v[i];

		if (!bq_message_tcm(nlh)->tcm_handle || !same_priority(nlh, root) ||
		    is_table(nlh) != tables)
			continue;
		n++;
		if (nlh != root)
			put_filter(c, nlh);
	}
	return n;
}

/* Create filters in the order of the root tables, so that the kernel gives the same numbers. */
static void put_all_u32(struct bq_capture *c, const struct bq_dump *filters)
{
	const struct nlmsghdr *root;
	size_t i, n = 0, put = 0;
	uint32_t next;

	for (i = 0; i < filters->n; i++)
		n += is_u32(filters->v[i]) && bq_message_tcm(filters->v[i])->tcm_handle;
	for (next = 0; (root = find_root(filters, next)); next++) {
		put += put_u32(c, filters, root, true);
		put += put_u32(c, filters, root, false);
	}
	if (put < n)
		bq_capture_note_lost(
			c, "u32 filters whose tables are not numbered 800:, 801: and so on");
}

static void put_filters(struct bq_capture *c, uint32_t parent)
{
	struct bq_dump filters = { .ifindex = c->ifindex };
	size_t i;

	if (!c->err)
		c->err = bq_tc_dump(RTM_GETTFILTER, c->ifindex, parent, bq_dump_add, &filters,
				    c->error);
	/* The kernel ends the dump with this error at a fw filter without marks. */
	if (c->err == -EMSGSIZE) {
		c->err = 0;
		bq_capture_note_lost(c, "filters of %x: that the kernel does not dump",
				     parent >> 16);
	}
	for (i = 0; !c->err && i < filters.n; i++)
		if (!is_u32(filters.v[i]) && !is_head(&filters, i))
			put_filter(c, filters.v[i]);
	if (!c->err)
		put_all_u32(c, &filters);
	bq_dump_free(&filters);
}

void bq_capture_filters(struct bq_capture *c)
{
	const size_t len = c->snapshot->len; /* the filters are appended behind */
	size_t at = 0;

	while (at < len && !c->err) {
		struct nlmsghdr nlh;
		struct tcmsg tcm;

		memcpy(&nlh, c->snapshot->bytes + at, sizeof(nlh));
		memcpy(&tcm, c->snapshot->bytes + at + NLMSG_HDRLEN, sizeof(tcm));
		put_filters(c, tcm.tcm_handle);
		at += NLMSG_ALIGN(nlh.nlmsg_len);
	}
}
