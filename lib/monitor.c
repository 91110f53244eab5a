// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Implements monitor: acts on the kernel's notifications about qdiscs. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "adopt.h"
#include "netlink/devices.h"
#include "netlink/events.h"
#include "session.h"
#include "util/opts.h"
#include "util/system.h"

struct monitor {
	struct bqdisc *bq;
	struct bqdisc_monitor_opts opts;
	int ret; /* of the callback, or a failure */
};

static void emit(struct monitor *m, const char *dev, uint32_t parent, int result)
{
	const struct bqdisc_monitor_event event = {
		.dev = dev,
		.parent = parent,
		.error = result < 0 ? m->bq->error.text : NULL,
	};

	if (result && !m->ret)
		m->ret = m->opts.event(&event, m->opts.arg);
}

/* Return true if the name is of a kind of bqdisc that may need an egress program. */
static bool may_need_egress(struct bq_catalog *catalog, const char *kind)
{
	struct bq_loaded *l = NULL;

	while ((l = bq_catalog_next_loaded(catalog, l)))
		if (!strcmp(l->name, kind) && l->q && l->q->egress)
			return true;
	return false;
}

/* Kinds may have been loaded since the last event, so read the pins again. */
static void handle(const struct bq_qdisc_event *event, void *arg)
{
	char dev[BQ_DEV_MAX] = "?";
	struct monitor *m = arg;
	int ret;

	bq_catalog_clear(&m->bq->catalog);
	if (m->ret || !may_need_egress(&m->bq->catalog, event->kind))
		return;
	if_indextoname(event->ifindex, dev);
	/* If the qdisc is gone, this sweeps its link. */
	ret = bq_adopt_point(m->bq, event->ifindex, event->parent);
	emit(m, dev, event->parent, ret);
}

static void report(const char *dev, int result, void *arg)
{
	emit(arg, dev, BQDISC_PARENT_ROOT, result);
}

/* Adopt what there is, at first and after notifications were lost. */
static int adopt_all(struct monitor *m)
{
	const struct bqdisc_report to = { report, m };
	const struct bqdisc_adopt_opts opts = { .sz = sizeof(opts), .report = &to };

	bqdisc__adopt(m->bq, NULL, &opts);
	return m->ret;
}

static int run(struct monitor *m, struct bq_events *events)
{
	int err;

	bq_adopt_prepare(m->bq);
	err = adopt_all(m);
	while (!err) {
		err = bq_events_read(events, handle, m, &m->bq->error);
		if (err == -ENOBUFS)
			err = adopt_all(m);
		if (!err)
			err = m->ret;
	}
	return err;
}

int bqdisc__monitor(struct bqdisc *bq, const struct bqdisc_monitor_opts *user_opts)
{
	struct monitor m = { .bq = bq };
	struct bq_events *events;
	int err = bq->broken;

	if (!err)
		err = bq_opts_copy(&m.opts, sizeof(m.opts), user_opts, &bq->error);
	if (!err)
		err = bq_system_check_caps(&bq->error);
	if (err)
		return err;
	events = bq_events_open(&bq->error);
	if (!events)
		return -EIO;
	err = run(&m, events);
	bq_events_close(events);
	return err;
}
