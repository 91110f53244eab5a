// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/pkt_sched.h>

#include "attachment/expire.h"
#include "util/system.h"
#include "attachment/attachment.h"
#include "attachment/undo.h"

static bool is_expired(const struct bq_instance *id, uint64_t net_cookie)
{
	return bq_instance_state(id) == BQ_LIVE && id->net_cookie == net_cookie && id->expires_ns &&
	       id->expires_ns <= bq_system_now();
}

/* Detach the instance only if it is still complete and at its attach point. */
static int detach(struct bq_pinned *pinned, const struct bq_instance *id, struct bq_error *error)
{
	struct bq_attach_point point = {
		.net_cookie = id->net_cookie,
		.ifindex = id->ifindex,
		.parent = id->set ? TC_H_ROOT : id->parent,
	};
	struct bq_tc_qdisc was = { 0 }, foreign = { 0 };
	struct bq_attachment attachment;
	int err = bq_tc_get(point.ifindex, point.parent, &was, error);

	if (err || !bq_attachment_find(pinned, &point, &was, &attachment, error))
		return err;
	if (!bq_attachment_has_foreign_queue(&attachment, point.ifindex, (uint32_t)attachment.n + 1,
					     &foreign))
		err = bq_undo_restore(&pinned->undo, &point, error);
	return err ? err : !*foreign.kind;
}

/* Return the earlier of two times, of which 0 is never. */
static uint64_t earlier(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/* Detaching the first instance of a set detaches the others. */
static int expire_kind(struct bq_pinned *pinned, const struct bq_kind *kind, uint64_t net_cookie,
		       struct bq_error *error)
{
	struct bq_error failure = { .warn = error->warn };
	const struct bq_instance *head = kind->table, *id = NULL;
	uint64_t next = 0;
	int ret, n = 0;

	if (!head->expires_ns || head->expires_ns > bq_system_now())
		return 0;
	while ((id = bq_kind_next(kind, id))) {
		if (!is_expired(id, net_cookie)) {
			next = earlier(next, id->expires_ns);
			continue;
		}
		ret = detach(pinned, id, &failure);
		if (ret < 0)
			bq_warn(error, "an expired qdisc was not detached: %.400s", failure.text);
		else
			n += ret;
		next = earlier(next, id->expires_ns);
	}
	bq_kind_set_expiry(kind, next);
	return n;
}

int bq_expire(struct bq_pinned *pinned, uint64_t net_cookie, struct bq_error *error)
{
	struct bq_loaded *l;
	int n = 0;

	for (l = bq_catalog_first(pinned->catalog); l; l = l->next)
		if (l->is_open)
			n += expire_kind(pinned, &l->kind, net_cookie, error);
	return n;
}
