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

#include "fixup.h"
#include "replay.h"

/* The kernel dumps no message of more than 32 KB; our mending adds a table at most. */
#define MAX_REQUEST 65536

/* --- what the kernel tells of a device --- */

struct messages {
	uint32_t ifindex;
	size_t n;
	struct nlmsghdr **v;
};

static struct tcmsg *tcm_of(const struct nlmsghdr *nlh)
{
	return mnl_nlmsg_get_payload(nlh);
}

static struct nlattr *attr_of(const struct nlmsghdr *nlh, unsigned int type)
{
	return bq_attr_find(tcm_of(nlh) + 1, mnl_nlmsg_get_payload_len(nlh) - sizeof(struct tcmsg),
			    type);
}

static const char *kind_of(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr = attr_of(nlh, TCA_KIND);

	return attr ? mnl_attr_get_str(attr) : "";
}

static int keep(const struct nlmsghdr *nlh, void *arg)
{
	struct messages *messages = arg;
	struct nlmsghdr **v, *copy;

	if ((uint32_t)tcm_of(nlh)->tcm_ifindex != messages->ifindex)
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
	struct bq_replay *replay;
	struct bq_report *rep;
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
		snprintf(lost + len, BQ_REPLAY_LOST_MAX - len, "%s%s", len ? ", " : "", what);
}

static void append(struct capture *c, const struct nlmsghdr *request)
{
	struct bq_replay *replay = c->replay;
	size_t len = NLMSG_ALIGN(request->nlmsg_len);
	uint8_t *bytes;

	if (c->err)
		return;
	bytes = realloc(replay->bytes, replay->len + len);
	if (!bytes) {
		c->err = bq_fail(c->rep, BQDISC_FAULT_REFUSED, ENOMEM, "out of memory");
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
	const struct nlattr *attr = attr_of(told, type);

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
	*tcm = *tcm_of(told);
	/* Of a filter these are priority and protocol, of others what the kernel counts. */
	if (told->nlmsg_type != RTM_NEWTFILTER)
		tcm->tcm_info = 0;
	copy_attr(request, told, TCA_KIND);
	return request;
}

static struct bq_fixup end_request(struct nlmsghdr *request, const struct nlmsghdr *told)
{
	struct bq_fixup fixup = { .request = request };

	if (attr_of(told, TCA_OPTIONS)) {
		fixup.options = mnl_nlmsg_get_payload_tail(request);
		copy_attr(request, told, TCA_OPTIONS);
	}
	return fixup;
}

/* --- filters --- */

static bool same_priority(const struct nlmsghdr *a, const struct nlmsghdr *b)
{
	const struct nlattr *chain_a = attr_of(a, TCA_CHAIN), *chain_b = attr_of(b, TCA_CHAIN);

	return tcm_of(a)->tcm_info == tcm_of(b)->tcm_info && !strcmp(kind_of(a), kind_of(b)) &&
	       (chain_a ? mnl_attr_get_u32(chain_a) : 0) ==
		       (chain_b ? mnl_attr_get_u32(chain_b) : 0);
}

static void put_filter(struct capture *c, const struct nlmsghdr *told)
{
	struct nlmsghdr *request = begin_request(c, told);
	struct bq_fixup fixup;

	copy_attr(request, told, TCA_CHAIN);
	fixup = end_request(request, told);
	if (bq_fixup_filter(kind_of(told), &fixup))
		append(c, request);
	else
		lose(c, "%s", fixup.lost);
}

/* Each priority is told by a head without a handle first, which fw alone can be made of. */
static bool is_head(const struct messages *filters, size_t i)
{
	const struct nlmsghdr *nlh = filters->v[i];

	if (tcm_of(nlh)->tcm_handle)
		return false;
	return strcmp(kind_of(nlh), "fw") ||
	       (i + 1 < filters->n && same_priority(nlh, filters->v[i + 1]));
}

static bool is_u32(const struct nlmsghdr *nlh)
{
	return !strcmp(kind_of(nlh), "u32");
}

/* The kernel numbers the table that each priority begins with: 800:, 801: and so on. */
#define FIRST_ROOT 0x800u
#define ROOT_HANDLE(n) ((FIRST_ROOT + (n)) << 20)

static bool is_table(const struct nlmsghdr *nlh)
{
	uint32_t handle = tcm_of(nlh)->tcm_handle;

	return handle && !TC_U32_HASH(handle) && !TC_U32_NODE(handle);
}

/* The priority whose automatic table is the Nth, by the message of that table. */
static const struct nlmsghdr *find_root(const struct messages *filters, uint32_t n)
{
	size_t i;

	for (i = 0; i < filters->n; i++)
		if (is_u32(filters->v[i]) && tcm_of(filters->v[i])->tcm_handle == ROOT_HANDLE(n))
			return filters->v[i];
	return NULL;
}

static size_t put_u32(struct capture *c, const struct messages *filters,
		      const struct nlmsghdr *root, bool tables)
{
	size_t i, n = 0;

	for (i = 0; i < filters->n; i++) {
		const struct nlmsghdr *nlh = filters->v[i];

		if (!tcm_of(nlh)->tcm_handle || !same_priority(nlh, root) ||
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
		n += is_u32(filters->v[i]) && tcm_of(filters->v[i])->tcm_handle;
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
		c->err = bq_tc_dump(RTM_GETTFILTER, c->ifindex, parent, keep, &filters, c->rep);
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
		const struct tcmsg *tcm = tcm_of(told);
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
		      const struct bq_replay_kind *row)
{
	struct nlmsghdr *request = begin_request(c, told);
	const struct nlattr *stab = attr_of(told, TCA_STAB);
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

static bool hangs_below(const struct tcmsg *tcm, uint32_t handle)
{
	return tcm->tcm_handle && tcm->tcm_parent != TC_H_ROOT && tcm->tcm_parent != TC_H_INGRESS &&
	       TC_H_MAJ(tcm->tcm_parent) == handle;
}

static void put_tree(struct capture *c, const struct nlmsghdr *told)
{
	const struct bq_replay_kind *row = bq_replay_kind(kind_of(told));
	uint32_t handle = tcm_of(told)->tcm_handle;
	size_t i;

	if (!row) {
		lose(c, "%s %x:, a kind it does not know", kind_of(told), handle >> 16);
		return;
	}
	put_qdisc(c, told, row);
	if (row->has_classes)
		put_classes(c, handle, TC_H_ROOT);
	for (i = 0; i < c->qdiscs.n; i++)
		if (hangs_below(tcm_of(c->qdiscs.v[i]), handle))
			put_tree(c, c->qdiscs.v[i]);
}

/* Filters name classes, of any qdisc of the tree: they come when all of it is there. */
static void put_filters_of_all(struct capture *c)
{
	const struct bq_replay tree = *c->replay;
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
		tcm = tcm_of(c->qdiscs.v[i]);
		if (tcm->tcm_parent != top->parent || tcm->tcm_handle != top->handle)
			continue;
		put_tree(c, c->qdiscs.v[i]);
		put_filters_of_all(c);
		return;
	}
	c->err = bq_fail(c->rep, BQDISC_FAULT_REFUSED, EAGAIN,
			 "the qdisc was replaced while it was read: try again");
}

int bq_replay_capture(const struct bq_tc_qdisc *top, struct bq_replay *replay,
		      struct bq_report *rep)
{
	struct capture *c = calloc(1, sizeof(*c));
	int err;

	memset(replay, 0, sizeof(*replay));
	if (!c)
		return bq_fail(rep, BQDISC_FAULT_REFUSED, ENOMEM, "out of memory");
	c->replay = replay;
	c->rep = rep;
	c->ifindex = c->qdiscs.ifindex = c->classes.ifindex = top->ifindex;
	if (!top->handle) {
		put_default(c, top);
		goto out;
	}
	c->err = bq_tc_dump(RTM_GETQDISC, c->ifindex, 0, keep, &c->qdiscs, rep);
	if (!c->err)
		c->err = bq_tc_dump(RTM_GETTCLASS, c->ifindex, 0, keep, &c->classes, rep);
	if (!c->err)
		put_top(c, top);
out:
	err = c->err;
	free_messages(&c->qdiscs);
	free_messages(&c->classes);
	free(c);
	return err;
}

void bq_replay_free(struct bq_replay *replay)
{
	free(replay->bytes);
	memset(replay, 0, sizeof(*replay));
}

/* --- sending it --- */

/* NULL: there is no such step, or what we are given is no replay. */
static struct nlmsghdr *nth(const struct bq_replay *replay, size_t step)
{
	struct nlmsghdr *nlh = (void *)replay->bytes;
	int left = (int)replay->len;

	while (mnl_nlmsg_ok(nlh, left) && step--)
		nlh = mnl_nlmsg_next(nlh, &left);
	return mnl_nlmsg_ok(nlh, left) && nlh->nlmsg_len >= mnl_nlmsg_size(sizeof(struct tcmsg))
		       ? nlh
		       : NULL;
}

const char *bq_replay_describe(const struct bq_replay *replay, size_t step, char *buf, size_t size)
{
	const struct nlmsghdr *nlh = nth(replay, step);
	const struct tcmsg *tcm;

	*buf = '\0';
	if (!nlh)
		return buf;
	tcm = tcm_of(nlh);
	if (nlh->nlmsg_type == RTM_NEWTFILTER)
		snprintf(buf, size, "the filter %s %x of %x:%x", kind_of(nlh), tcm->tcm_handle,
			 tcm->tcm_parent >> 16, TC_H_MIN(tcm->tcm_parent));
	else if (nlh->nlmsg_type == RTM_NEWTCLASS)
		snprintf(buf, size, "the class %s %x:%x", kind_of(nlh), tcm->tcm_handle >> 16,
			 TC_H_MIN(tcm->tcm_handle));
	else
		snprintf(buf, size, "the qdisc %s %x:", kind_of(nlh), tcm->tcm_handle >> 16);
	return buf;
}

/*
 * A default that is put back under mq has a handle of its own, where the kernel's had none. By it
 * we know it again: no more than the kernel's own will it be in the way of a later attach. Below
 * what the kernel gives out itself, above what people choose.
 */
#define DEFAULT_HANDLE(parent) ((0x7000u | ((parent)&0xfff)) << 16)

/* Kinds that are wholly told by their name, and those whose options are one limit. */
static bool write_kind(const struct nlmsghdr *nlh, char *buf, size_t size)
{
	static const char *const plain[] = { "mq", "noqueue", "pfifo_fast" };
	const struct nlattr *options = attr_of(nlh, TCA_OPTIONS);
	const char *kind = kind_of(nlh);
	bool is_fifo = !strcmp(kind, "pfifo") || !strcmp(kind, "bfifo") ||
		       !strcmp(kind, "pfifo_head_drop");
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (!strcmp(kind, plain[i]))
			options = NULL;
	snprintf(buf, size, "%s", kind);
	if (!options)
		return !attr_of(nlh, TCA_STAB);
	if (!is_fifo || mnl_attr_get_payload_len(options) != sizeof(struct tc_fifo_qopt))
		return false;
	snprintf(buf, size, "%s limit %u", kind,
		 ((const struct tc_fifo_qopt *)mnl_attr_get_payload(options))->limit);
	return !attr_of(nlh, TCA_STAB);
}

bool bq_replay_command(const struct bq_replay *replay, size_t step, const char *dev, char *buf,
		       size_t size)
{
	const struct nlmsghdr *nlh = nth(replay, step);
	char kind[64], place[24] = "root";
	const struct tcmsg *tcm;
	uint32_t handle;

	if (!nlh || nlh->nlmsg_type != RTM_NEWQDISC || !write_kind(nlh, kind, sizeof(kind)))
		return false;
	tcm = tcm_of(nlh);
	if (tcm->tcm_parent != TC_H_ROOT)
		snprintf(place, sizeof(place), "parent %x:%x", tcm->tcm_parent >> 16,
			 TC_H_MIN(tcm->tcm_parent));
	handle = tcm->tcm_handle ? tcm->tcm_handle : DEFAULT_HANDLE(tcm->tcm_parent);
	snprintf(buf, size, "tc qdisc %s dev %s %s handle %x: %s", step ? "add" : "replace", dev,
		 place, handle >> 16, kind);
	return true;
}

bool bq_replay_makes(const struct bq_replay *replay, const struct bq_tc_qdisc *qdisc)
{
	const struct nlmsghdr *nlh = nth(replay, 0);

	return nlh && !strcmp(kind_of(nlh), qdisc->kind) && qdisc->handle &&
	       (!tcm_of(nlh)->tcm_handle || tcm_of(nlh)->tcm_handle == qdisc->handle);
}

bool bq_replay_uses(const struct bq_replay *replay, uint32_t handle)
{
	struct nlmsghdr *nlh = (void *)replay->bytes;
	int left = (int)replay->len;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		if (nlh->nlmsg_type == RTM_NEWQDISC && tcm_of(nlh)->tcm_handle == handle)
			return true;
	return false;
}

bool bq_replay_is_default(const struct bq_tc_qdisc *qdisc)
{
	return !qdisc->handle || (TC_H_MIN(qdisc->parent) && qdisc->parent != TC_H_ROOT &&
				  qdisc->handle == DEFAULT_HANDLE(qdisc->parent));
}

static int give_handle(struct tcmsg *tcm, struct bq_report *rep)
{
	uint32_t ifindex = (uint32_t)tcm->tcm_ifindex;

	tcm->tcm_handle = DEFAULT_HANDLE(tcm->tcm_parent);
	if (!bq_tc_handle_is_taken(ifindex, tcm->tcm_handle))
		return 0;
	return bq_tc_free_handles(ifindex, NULL, NULL, &tcm->tcm_handle, 1, rep);
}

int bq_replay_send(struct bq_replay *replay, size_t step, bool again, struct bq_report *rep)
{
	struct nlmsghdr *nlh = nth(replay, step);
	char name[96], what[128];
	struct tcmsg *tcm;
	int err = 0;

	if (!nlh)
		return bq_fail(rep, BQDISC_FAULT_REFUSED, EPROTO, "the record is damaged");
	snprintf(what, sizeof(what), "the kernel refused %s",
		 bq_replay_describe(replay, step, name, sizeof(name)));
	tcm = tcm_of(nlh);
	if (nlh->nlmsg_type == RTM_NEWQDISC && !tcm->tcm_handle)
		err = give_handle(tcm, rep);
	if (!err)
		err = bq_tc_send(nlh, what, rep);
	return again && err == -EEXIST ? 0 : err;
}
