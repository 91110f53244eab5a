// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "snapshot/capture.h"
#include "snapshot/fixup.h"
#include "netlink/message.h"

/* The kernel dumps no message of more than 32 KB; our mending adds a table at most. */
#define MAX_REQUEST 65536

/* --- what the kernel tells of a device --- */

struct messages {
	uint32_t ifindex;
	size_t n;
	struct nlmsghdr **v;
};

static int keep(const struct nlmsghdr *nlh, void *arg)
{
	struct messages *messages = arg;
	struct nlmsghdr **v, *copy;

	if ((uint32_t)bq_message_tcm(nlh)->tcm_ifindex != messages->ifindex)
		return MNL_CB_OK;
	v = reallocarray(messages->v, messages->n + 1, sizeof(*v));
	if (!v)
		return MNL_CB_ERROR;
	messages->v = v;
	copy = malloc(nlh->nlmsg_len);
	if (!copy)
		return MNL_CB_ERROR;
	memcpy(copy, nlh, nlh->nlmsg_len);
	v[messages->n++] = copy;
	return MNL_CB_OK;
}

static void free_messages(struct messages *messages)
{
	while (messages->n)
		free(messages->v[--messages->n]);
	free(messages->v);
}

/* --- a replay in the making --- */

struct capture {
	struct bq_snapshot *replay;
	bq_bpf_kind_fn is_bpf;
	struct bq_error *error;
	uint32_t ifindex;
	struct messages qdiscs, classes;
	int err; /* the first failure; nothing is done after it */
	_Alignas(struct nlmsghdr) char request[MAX_REQUEST];
};

/* Adds to what is lost, once. */
__attribute__((format(printf, 2, 3))) static void lose(struct capture *c, const char *fmt, ...)
{
	char *lost = c->replay->lost, what[128];
	size_t len = strlen(lost);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (!strstr(lost, what))
		snprintf(lost + len, BQ_SNAPSHOT_LOST_MAX - len, "%s%s", len ? ", " : "", what);
}

static void append(struct capture *c, const struct nlmsghdr *request)
{
	struct bq_snapshot *replay = c->replay;
	size_t len = NLMSG_ALIGN(request->nlmsg_len);
	uint8_t *bytes;

	if (c->err)
		return;
	bytes = realloc(replay->bytes, replay->len + len);
	if (!bytes) {
		c->err = bq_fail(c->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
		return;
	}
	memset(bytes + replay->len, 0, len);
	memcpy(bytes + replay->len, request, request->nlmsg_len);
	replay->bytes = bytes;
	replay->len += len;
	replay->n_steps++;
}

static void copy_attr(struct nlmsghdr *request, const struct nlmsghdr *told, uint16_t type)
{
	const struct nlattr *attr = bq_message_attr(told, type);

	if (attr)
		mnl_attr_put(request, type, mnl_attr_get_payload_len(attr),
			     mnl_attr_get_payload(attr));
}

/* Only the first step finds something in its place, which it replaces. */
static struct nlmsghdr *begin_request(struct capture *c, const struct nlmsghdr *told)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(c->request);
	struct tcmsg *tcm;

	request->nlmsg_type = told->nlmsg_type;
	request->nlmsg_flags =
		NLM_F_REQUEST | NLM_F_CREATE | (c->replay->n_steps ? NLM_F_EXCL : NLM_F_REPLACE);
	tcm = mnl_nlmsg_put_extra_header(request, sizeof(*tcm));
	*tcm = *bq_message_tcm(told);
	/* Of a filter these are priority and protocol, of others what the kernel counts. */
	if (told->nlmsg_type != RTM_NEWTFILTER)
		tcm->tcm_info = 0;
	copy_attr(request, told, TCA_KIND);
	return request;
}

static struct bq_fixup end_request(struct nlmsghdr *request, const struct nlmsghdr *told)
{
	struct bq_fixup fixup = { .request = request };

	if (bq_message_attr(told, TCA_OPTIONS)) {
		fixup.options = mnl_nlmsg_get_payload_tail(request);
		copy_attr(request, told, TCA_OPTIONS);
	}
	return fixup;
}

/* --- filters --- */

static bool same_priority(const struct nlmsghdr *a, const struct nlmsghdr *b)
{
	const struct nlattr *chain_a = bq_message_attr(a, TCA_CHAIN),
			    *chain_b = bq_message_attr(b, TCA_CHAIN);

	return bq_message_tcm(a)->tcm_info == bq_message_tcm(b)->tcm_info &&
	       !strcmp(bq_message_kind(a), bq_message_kind(b)) &&
	       (chain_a ? mnl_attr_get_u32(chain_a) : 0) ==
		       (chain_b ? mnl_attr_get_u32(chain_b) : 0);
}

static void put_filter(struct capture *c, const struct nlmsghdr *told)
{
	struct nlmsghdr *request = begin_request(c, told);
	struct bq_fixup fixup;

	copy_attr(request, told, TCA_CHAIN);
	fixup = end_request(request, told);
	if (bq_fixup_filter(bq_message_kind(told), &fixup))
		append(c, request);
	else
		lose(c, "%s", fixup.lost);
}

/* Each priority is told by a head without a handle first, which fw alone can be made of. */
static bool is_head(const struct messages *filters, size_t i)
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

/* The kernel numbers the table that each priority begins with: 800:, 801: and so on. */
#define FIRST_ROOT 0x800u
#define ROOT_HANDLE(n) ((FIRST_ROOT + (n)) << 20)

static bool is_table(const struct nlmsghdr *nlh)
{
	uint32_t handle = bq_message_tcm(nlh)->tcm_handle;

	return handle && !TC_U32_HASH(handle) && !TC_U32_NODE(handle);
}

/* The priority whose automatic table is the Nth, by the message of that table. */
static const struct nlmsghdr *find_root(const struct messages *filters, uint32_t n)
{
	size_t i;

	for (i = 0; i < filters->n; i++)
		if (is_u32(filters->v[i]) &&
		    bq_message_tcm(filters->v[i])->tcm_handle == ROOT_HANDLE(n))
			return filters->v[i];
	return NULL;
}

static size_t put_u32(struct capture *c, const struct messages *filters,
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

/* In the order of the automatic tables, so that they are numbered as they were; tables first. */
static void put_all_u32(struct capture *c, const struct messages *filters)
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
		lose(c, "u32 filters whose tables are not numbered 800:, 801: and so on");
}

static void put_filters(struct capture *c, uint32_t parent)
{
	struct messages filters = { .ifindex = c->ifindex };
	size_t i;

	if (!c->err)
		c->err = bq_tc_dump(RTM_GETTFILTER, c->ifindex, parent, keep, &filters, c->error);
	/* So ends the kernel's list at a fw filter without marks. */
	if (c->err == -EMSGSIZE) {
		c->err = 0;
		lose(c, "filters of %x: that the kernel does not list", parent >> 16);
	}
	for (i = 0; !c->err && i < filters.n; i++)
		if (!is_u32(filters.v[i]) && !is_head(&filters, i))
			put_filter(c, filters.v[i]);
	if (!c->err)
		put_all_u32(c, &filters);
	free_messages(&filters);
}

/* --- classes and qdiscs --- */

/* Parents first: a class whose parent is not there would hang from the root. */
static void put_classes(struct capture *c, uint32_t handle, uint32_t parent)
{
	size_t i;

	for (i = 0; i < c->classes.n; i++) {
		const struct nlmsghdr *told = c->classes.v[i];
		const struct tcmsg *tcm = bq_message_tcm(told);
		struct nlmsghdr *request;

		if (TC_H_MAJ(tcm->tcm_handle) != handle || tcm->tcm_parent != parent)
			continue;
		/* hfsc makes the one without a minor itself. */
		if (TC_H_MIN(tcm->tcm_handle)) {
			request = begin_request(c, told);
			end_request(request, told);
			append(c, request);
		}
		put_classes(c, handle, tcm->tcm_handle);
	}
}

static void put_qdisc(struct capture *c, const struct nlmsghdr *told,
		      const struct bq_fixup_kind *row)
{
	struct nlmsghdr *request = begin_request(c, told);
	const struct nlattr *stab = bq_message_attr(told, TCA_STAB);
	struct bq_fixup fixup;

	if (stab && !bq_fixup_put_stab(request, stab))
		lose(c, "the size table of %s", row->kind);
	fixup = end_request(request, told);
	if (row->fix)
		row->fix(&fixup);
	if (fixup.lost)
		lose(c, "%s", fixup.lost);
	append(c, request);
}

/*
 * Another program's BPF qdisc tells no options, nor classes: its kind is all there is to make it
 * again, as long as that stays registered.
 */
static const struct bq_fixup_kind *find_kind(const struct capture *c, const struct nlmsghdr *told)
{
	static const struct bq_fixup_kind bpf = { .kind = "a BPF qdisc" };
	const char *kind = bq_message_kind(told);
	const struct bq_fixup_kind *row = bq_fixup_kind(kind);

	return !row && c->is_bpf && c->is_bpf(kind) && bq_tc_has_kind(kind) ? &bpf : row;
}

static bool hangs_below(const struct tcmsg *tcm, uint32_t handle)
{
	return tcm->tcm_handle && tcm->tcm_parent != TC_H_ROOT && tcm->tcm_parent != TC_H_INGRESS &&
	       TC_H_MAJ(tcm->tcm_parent) == handle;
}

static void put_tree(struct capture *c, const struct nlmsghdr *told)
{
	const struct bq_fixup_kind *row = find_kind(c, told);
	uint32_t handle = bq_message_tcm(told)->tcm_handle;
	size_t i;

	if (!row) {
		lose(c, "%s %x:, a kind it does not know", bq_message_kind(told), handle >> 16);
		return;
	}
	put_qdisc(c, told, row);
	if (row->has_classes)
		put_classes(c, handle, TC_H_ROOT);
	for (i = 0; i < c->qdiscs.n; i++)
		if (hangs_below(bq_message_tcm(c->qdiscs.v[i]), handle))
			put_tree(c, c->qdiscs.v[i]);
}

/* Filters name classes, of any qdisc of the tree: they come when all of it is there. */
static void put_filters_of_all(struct capture *c)
{
	const struct bq_snapshot tree = *c->replay;
	size_t at = 0;

	while (at < tree.len && !c->err) {
		struct nlmsghdr nlh;
		struct tcmsg tcm;

		memcpy(&nlh, c->replay->bytes + at, sizeof(nlh));
		memcpy(&tcm, c->replay->bytes + at + NLMSG_HDRLEN, sizeof(tcm));
		put_filters(c, tcm.tcm_handle);
		at += NLMSG_ALIGN(nlh.nlmsg_len);
	}
}

/* A default under mq: the kernel would leave a hole there, so it is made by its kind. */
static void put_default(struct capture *c, const struct bq_tc_qdisc *top)
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
	append(c, request);
}

static void put_top(struct capture *c, const struct bq_tc_qdisc *top)
{
	const struct tcmsg *tcm;
	size_t i;

	for (i = 0; i < c->qdiscs.n; i++) {
		tcm = bq_message_tcm(c->qdiscs.v[i]);
		if (tcm->tcm_parent != top->parent || tcm->tcm_handle != top->handle)
			continue;
		put_tree(c, c->qdiscs.v[i]);
		put_filters_of_all(c);
		return;
	}
	c->err = bq_fail(c->error, BQDISC_ERROR_REFUSED, EAGAIN,
			 "the qdisc was replaced while it was read; try again");
}

int bq_snapshot_capture(const struct bq_tc_qdisc *top, bq_bpf_kind_fn is_bpf,
			struct bq_snapshot *replay, struct bq_error *error)
{
	struct capture *c = calloc(1, sizeof(*c));
	int err;

	memset(replay, 0, sizeof(*replay));
	if (!c)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	c->replay = replay;
	c->is_bpf = is_bpf;
	c->error = error;
	c->ifindex = c->qdiscs.ifindex = c->classes.ifindex = top->ifindex;
	if (!top->handle) {
		put_default(c, top);
		goto out;
	}
	c->err = bq_tc_dump(RTM_GETQDISC, c->ifindex, 0, keep, &c->qdiscs, error);
	if (!c->err)
		c->err = bq_tc_dump(RTM_GETTCLASS, c->ifindex, 0, keep, &c->classes, error);
	if (!c->err)
		put_top(c, top);
out:
	err = c->err;
	free_messages(&c->qdiscs);
	free_messages(&c->classes);
	free(c);
	return err;
}
