// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/pkt_sched.h>

#include "expire.h"
#include "machine.h"
#include "ours.h"

static bool is_over(const struct bq_instance *id, uint64_t net_cookie)
{
	return id->state == BQ_LIVE && id->net_cookie == net_cookie && id->until_ns &&
	       id->until_ns <= bq_machine_now();
}

/* Only what is still in its place, whole and ours. */
static int detach(const struct bq_instance *id, struct bq_report *rep)
{
	struct bq_place place = {
		.net_cookie = id->net_cookie,
		.ifindex = id->ifindex,
		.parent = id->set ? TC_H_ROOT : id->parent,
	};
	struct bq_tc_qdisc was = { 0 }, stranger = { 0 };
	struct bq_ours ours;
	int err = bq_tc_get(place.ifindex, place.parent, &was, rep);

	if (err || !bq_ours_find(&place, &was, &ours, rep))
		return err;
	if (!bq_ours_has_stranger(&ours, place.ifindex, (uint32_t)ours.n + 1, &stranger))
		err = bq_undo_restore(&place, rep);
	bq_ours_close(&ours);
	return err ? err : !*stranger.kind;
}

static int expire_kind(const struct bq_kind *kind, uint64_t net_cookie, struct bq_report *rep)
{
	struct bq_report failure = { .warn = rep->warn };
	int ret, n = 0;
	uint32_t i;

	/* The first of a set takes the others with it. */
	for (i = 1; i < BQ_INSTANCES; i++) {
		if (!is_over(bq_kind_instance(kind, i), net_cookie))
			continue;
		ret = detach(bq_kind_instance(kind, i), &failure);
		if (ret < 0)
			bq_warn(rep, "what has expired was not detached: %.400s", failure.text);
		else
			n += ret;
	}
	return n;
}

int bq_expire(uint64_t net_cookie, struct bq_report *rep)
{
	struct bq_report ignored = { 0 };
	const struct bqdisc_qdisc *q;
	struct bq_kind kind;
	int n = 0;

	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q)) {
		if (bq_table_open(&kind, q, &ignored))
			continue;
		n += expire_kind(&kind, net_cookie, rep);
		bq_kind_close(&kind);
	}
	return n;
}
