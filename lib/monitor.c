// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Implements monitor. Whatever wakes it, it reads the state of all instances again and reports the
 * differences (monitor_state.c). Three things wake it: the kernel's notifications about qdiscs; the
 * end of a command of bqdisc, which touches the pin directory, because the kernel does not notify
 * of changed options; and the end of the lifetime of a qdisc. The default qdisc is polled.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "adopt.h"
#include "bpf/pin.h"
#include "monitor_state.h"
#include "netlink/devices.h"
#include "netlink/events.h"
#include "util/array.h"
#include "util/opts.h"

#define POLL_MS 1000
#define NS_PER_MS 1000000

struct monitor {
	struct bqdisc *bq;
	struct bqdisc_monitor_opts opts;
	struct bq_monitor_state state;
	struct bq_events *events;
	int inotify; /* watches the pin directory */
	bool stale;  /* the state may have changed */
	int ret;     /* of the callback, or a failure */
};

static const char *const event_names[] = {
	[BQDISC_EVENT_LISTENING] = "listening", [BQDISC_EVENT_ATTACHED] = "attached",
	[BQDISC_EVENT_CHANGED] = "changed",     [BQDISC_EVENT_EXPIRED] = "expired",
	[BQDISC_EVENT_DETACHED] = "detached",   [BQDISC_EVENT_LOST] = "lost",
	[BQDISC_EVENT_DEFAULT] = "default",     [BQDISC_EVENT_ADOPTED] = "adopted",
	[BQDISC_EVENT_ERROR] = "error",
};

const char *bqdisc_event__name(enum bqdisc_event type)
{
	return event_names[type];
}

static void emit(struct monitor *m, const struct bqdisc_monitor_event *event)
{
	if (!m->ret)
		m->ret = m->opts.event(event, m->opts.arg);
}

/* --- adoption --- */

static void emit_adopted(struct monitor *m, const char *dev, uint32_t parent, int result)
{
	const struct bqdisc_monitor_event event = {
		.type = result < 0 ? BQDISC_EVENT_ERROR : BQDISC_EVENT_ADOPTED,
		.dev = dev,
		.parent = parent,
		.error = result < 0 ? m->bq->error.text : NULL,
	};

	if (result)
		emit(m, &event);
}

/* Return true if the name is of a kind of bqdisc that may need an egress program. */
static bool may_need_egress(struct bq_catalog *catalog, const char *kind)
{
	struct bq_loaded *l;

	for (l = bq_catalog_first(catalog); l; l = l->next)
		if (!strcmp(l->name, kind) && l->q && l->q->egress)
			return true;
	return false;
}

/* Kinds may have been loaded since the last event, so read the pins again. */
static void adopt(struct monitor *m, const struct bq_qdisc_event *event)
{
	char dev[BQ_DEV_MAX] = "?";
	int ret;

	bq_catalog_clear(&m->bq->catalog);
	if (m->ret || !may_need_egress(&m->bq->catalog, event->kind))
		return;
	if_indextoname(event->ifindex, dev);
	/* If the qdisc is gone, this sweeps its link. */
	ret = bq_adopt_point(m->bq, event->ifindex, event->parent);
	emit_adopted(m, dev, event->parent, ret);
}

static void report(const char *dev, int result, void *arg)
{
	emit_adopted(arg, dev, BQDISC_PARENT_ROOT, result);
}

/* Adopt what there is, at first and after notifications were lost. */
static void adopt_all(struct monitor *m)
{
	const struct bqdisc_report to = { report, m };
	const struct bqdisc_adopt_opts opts = { .sz = sizeof(opts), .report = &to };

	if (m->opts.adopt)
		bqdisc__adopt(m->bq, NULL, &opts);
}

/* --- events --- */

static void handle(const struct bq_qdisc_event *event, void *arg)
{
	struct monitor *m = arg;

	m->stale = true;
	if (m->opts.adopt)
		adopt(m, event);
}

static int read_notifications(struct monitor *m)
{
	int err = bq_events_read(m->events, handle, m, &m->bq->error);

	if (err != -ENOBUFS)
		return err;
	m->stale = true;
	adopt_all(m);
	return 0;
}

/* The directory may have been removed and created again: watch the current one. */
static void watch_pins(const struct monitor *m)
{
	inotify_add_watch(m->inotify, BQ_PIN_DIR, IN_ATTRIB | IN_ONLYDIR);
}

static void read_touched(struct monitor *m)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	m->stale = read(m->inotify, buf, sizeof(buf)) > 0 || m->stale;
}

/* Return the time until the next qdisc expires, but at most until the default is polled. */
static int timeout_ms(const struct monitor *m)
{
	uint64_t now = bq_system_now(), next = m->state.next_expiry_ns;

	if (!next || next > now + (uint64_t)POLL_MS * NS_PER_MS)
		return POLL_MS;
	return next > now ? (int)((next - now) / NS_PER_MS) + 1 : 0;
}

/* Wait until something may have changed, and read all that tells of it. */
static int wait_for_change(struct monitor *m)
{
	struct pollfd fds[] = {
		{ .fd = bq_events_fd(m->events), .events = POLLIN },
		{ .fd = m->inotify, .events = POLLIN },
	};
	int err = 0, timeout = timeout_ms(m);

	while (!err && !m->ret && poll(fds, ARRAY_SIZE(fds), timeout) > 0) {
		if (fds[0].revents)
			err = read_notifications(m);
		if (fds[1].revents)
			read_touched(m);
		timeout = 0;
	}
	if (m->state.next_expiry_ns && bq_system_now() >= m->state.next_expiry_ns)
		m->stale = true;
	return err ? err : m->ret;
}

/* Warnings of the walk are about states, and here only changes count. */
static int refresh(struct monitor *m)
{
	void (*warn)(const char *line) = m->bq->error.warn;
	int ret;

	if (!m->stale)
		return bq_monitor_refresh_default(&m->state);
	m->stale = false;
	m->bq->error.warn = NULL;
	ret = bq_monitor_refresh(&m->state);
	m->bq->error.warn = warn;
	return ret;
}

/* --- the call --- */

static int begin(struct monitor *m)
{
	const struct bqdisc_monitor_event listening = { .type = BQDISC_EVENT_LISTENING };
	int ret;

	if (m->opts.adopt)
		bq_adopt_prepare(m->bq);
	adopt_all(m);
	watch_pins(m);
	m->stale = m->state.silent = true;
	ret = refresh(m);
	m->state.silent = false;
	if (!ret)
		emit(m, &listening);
	return ret ? ret : m->ret;
}

static int run(struct monitor *m)
{
	int ret = begin(m);

	while (!ret) {
		ret = wait_for_change(m);
		watch_pins(m);
		if (!ret)
			ret = refresh(m);
	}
	return ret;
}

int bqdisc__monitor(struct bqdisc *bq, const struct bqdisc_monitor_opts *user_opts)
{
	struct monitor m = { .bq = bq, .state.bq = bq };
	int err = bq->broken;

	if (!err)
		err = bq_opts_copy(&m.opts, sizeof(m.opts), user_opts, &bq->error);
	if (!err)
		err = bq_system_check_caps(&bq->error);
	if (err)
		return err;
	m.state.event = m.opts.event;
	m.state.arg = m.opts.arg;
	m.events = bq_events_open(&bq->error);
	if (!m.events)
		return -EIO;
	/* Without inotify, changes of options are seen with the next notification. */
	m.inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	err = run(&m);
	bq_monitor_free(&m.state);
	close(m.inotify);
	bq_events_close(m.events);
	return err;
}
