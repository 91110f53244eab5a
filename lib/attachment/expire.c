// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/pkt_sched.h>

#include "attachment/expire.h"
#include "util/system.h"
#include "attachment/attachment.h"

static bool is_over(const struct bq_instance *id, uint64_t net_cookie)
{
	return id->state == BQ_LIVE && id->net_cookie == net_cookie && id->expires_ns &&
	       id->expires_ns <= bq_system_now();
}

/* Detach the instance only if it is still complete and at its attach point. */
static int detach(const struct bq_instance *id, struct bq_error *error)
{
	struct bq_attach_point point = {
		.net_cookie = id->net_cookie,
		.ifindex = id->ifindex,
		.parent = id->set ? TC_H_ROOT : id->parent,
	};
	struct bq_tc_qdisc was = { 0 }, stranger = { 0 };
	struct bq_attachment attachment;
	int err = bq_tc_get(point.ifindex, point.parent, &was, error);

	if (err || !bq_attachment_find(&point, &was, &attachment, error))
		return err;
	if (!bq_attachment_has_foreign_queue(&attachment, point.ifindex, (uint32_t)attachment.n + 1,
					     &stranger))
		err = bq_undo_restore(&point, error);
	bq_attachment_close(&attachment);
	return err ? err : !*stranger.kind;
}

static int expire_kind(const struct bq_kind *kind, uint64_t net_cookie, struct bq_error *error)
{
	struct bq_error failure = { .warn = error->warn };
	int ret, n = 0;
	uint32_t i, end = bq_kind_end(kind);

	/* Detaching the first instance of a set detaches the others. */
	for (i = 1; i < end; i++) {
		if (!is_over(bq_kind_instance(kind, i), net_cookie))
			continue;
		ret = detach(bq_kind_instance(kind, i), &failure);
		if (ret < 0)
			bq_warn(error, "an expired qdisc was not detached: %.400s", failure.text);
		else
			n += ret;
	}
	return n;
}

int bq_expire(uint64_t net_cookie, struct bq_error *error)
{
	struct bq_error ignored = { 0 };
	const struct bqdisc_qdisc *q;
	struct bq_kind kind;
	int n = 0;

	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q)) {
		if (bq_kinds_open(&kind, q, &ignored))
			continue;
		n += expire_kind(&kind, net_cookie, error);
		bq_kind_close(&kind);
	}
	return n;
}
