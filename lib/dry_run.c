// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attachment/kinds.h"
#include "attachment/egress_program.h"
#include "attachment/orphan.h"
#include "dry_run.h"

/* Bytes of a step. A filter with many keys is long. */
#define TEXT_MAX 4096

__attribute__((format(printf, 3, 4))) static void tell(const struct bq_dry_run *plan, bool command,
						       const char *fmt, ...)
{
	char line[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	plan->to->step(line, command, plan->to->arg);
}

struct bq_dry_run bq_dry_run_for(const struct bqdisc_dry_run *to, const char *dev)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789._-@";
	struct bq_dry_run plan = { .to = to };
	size_t len = 0;

	if (!dev[strspn(dev, harmless)]) {
		snprintf(plan.dev, sizeof(plan.dev), "%s", dev);
		return plan;
	}
	plan.dev[len++] = '\'';
	for (; *dev && len < sizeof(plan.dev) - 5; dev++)
		len += (size_t)snprintf(plan.dev + len, sizeof(plan.dev) - len,
					*dev == '\'' ? "'\\''" : "%c", *dev);
	plan.dev[len] = '\'';
	return plan;
}

/* --- options as text --- */

struct words {
	char text[1024];
	size_t len;
};

static void add_set_option(const struct bqdisc_value *v, void *arg)
{
	struct words *w = arg;
	char option[512];
	int n;

	if (!v->is_set || v->none)
		return;
	n = snprintf(w->text + w->len, sizeof(w->text) - w->len, "%s%s", w->len ? " " : "",
		     bqdisc_value__format(v, option, sizeof(option)));
	if (n > 0 && w->len + (size_t)n < sizeof(w->text))
		w->len += (size_t)n;
}

static struct words write_options(const struct bqdisc_qdisc *q, const void *config)
{
	struct words w = { .len = 0 };

	bq_options_each(q, config, add_set_option, &w);
	return w;
}

/* --- attach --- */

static const char *write_place(uint32_t parent, char text[24])
{
	if (parent == TC_H_ROOT)
		snprintf(text, 24, "root");
	else
		snprintf(text, 24, "parent %x:%x", parent >> 16, TC_H_MIN(parent));
	return text;
}

static void tell_create(const struct bq_dry_run *plan, const char *verb, uint32_t parent,
			uint32_t handle, const char *kind, const struct words *options)
{
	char point[24];

	tell(plan, true, "tc qdisc %s dev %s %s handle %x: %s%s%s", verb, plan->dev,
	     write_place(parent, point), handle >> 16, kind,
	     options && options->len ? " # and what tc has no words for: " : "",
	     options ? options->text : "");
}

/*
 * Print the registration of the kind. A kind that the user registers with 'bqdisc load' stays after
 * its last qdisc, until 'bqdisc unload'.
 */
static void tell_registration(const struct bq_dry_run *plan, const struct bqdisc_qdisc *q)
{
	if (bq_qdisc_is_user(q))
		tell(plan, false, "register the kind %s, as 'bqdisc load' does: %s", q->kind,
		     q->object);
	else
		tell(plan, true, "bqdisc load %s # registers the kind %s", q->name, q->kind);
}

static void tell_egress(const struct bq_dry_run *plan, const struct bqdisc_qdisc *q,
			const void *config)
{
	if (!bq_egress_is_needed(q, config))
		return;
	tell(plan, false, "put the program %s on the tcx egress hook of %s, before all others",
	     q->egress, plan->dev);
	if (bq_egress_needs_segments(q, config))
		tell(plan, true, "ip link set dev %s gso_max_segs 1", plan->dev);
}

static void tell_preparation(const struct bq_dry_run *plan, struct bq_catalog *catalog,
			     const struct bq_install *in)
{
	char name[96];

	if (!bq_catalog_loaded(catalog, in->q))
		tell_registration(plan, in->q);
	tell(plan, false, "prepare %u of %s", in->queues ? in->queues : 1, in->q->name);
	tell_egress(plan, in->q, in->config);
	if (in->previous && in->previous->n_steps)
		tell(plan, false, "record what detach puts back: %s",
		     bq_snapshot_describe(in->previous, 0, name, sizeof(name)));
	else if (in->previous)
		tell(plan, false, "record that detach brings the default back");
}

int bq_dry_run_install(const struct bq_dry_run *plan, struct bq_catalog *catalog,
		       const struct bq_install *in, struct bq_error *error)
{
	const char *verb = in->over_default ? "add" : "replace";
	struct words options = write_options(in->q, in->config);
	struct bq_layout l;
	int err = bq_install_plan_layout(in, &l, error);
	size_t i;

	if (err)
		return err;
	tell_preparation(plan, catalog, in);
	if (l.with_mq)
		tell_create(plan, verb, l.v[0].parent, l.mq, "mq", NULL);
	for (i = l.with_mq; i < l.n; i++)
		tell_create(plan, l.mq ? "replace" : verb, l.v[i].parent, l.v[i].handle,
			    in->q->kind, &options);
	return 1;
}

/* --- change --- */

int bq_dry_run_apply(const struct bq_dry_run *plan, const struct bq_attachment *attachment,
		     const void *config, const struct bq_blob *tables, bq_merge_fn merge,
		     const struct bq_dev_params *dev, struct bq_error *error)
{
	const struct bqdisc_qdisc *q = attachment->kind->q;
	void *wanted = malloc(q->config_size);
	struct words options;
	int ret;

	if (!wanted)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	ret = bq_attachment_differs(attachment, config, tables, merge, dev, wanted, error);
	if (ret > 0) {
		options = write_options(q, wanted);
		tell(plan, false, "change %s of %s, live, to: %s", q->name, plan->dev,
		     options.len ? options.text : "its defaults");
	}
	free(wanted);
	return ret;
}

/* --- detach --- */

void bq_plan_remove(const struct bq_dry_run *plan, const struct bq_tc_qdisc *orphan)
{
	char kind[BQ_TC_KIND_MAX];

	if (orphan->parent == TC_H_ROOT) {
		tell(plan, true, "tc qdisc delete dev %s root", plan->dev);
		return;
	}
	bq_orphan_successor(kind);
	tell(plan, true, "tc qdisc replace dev %s parent %x:%x %s", plan->dev, orphan->parent >> 16,
	     TC_H_MIN(orphan->parent), kind);
}

static void tell_step(const struct bq_snapshot *replay, size_t step, void *arg)
{
	const struct bq_dry_run *plan = arg;
	char text[TEXT_MAX];

	if (bq_snapshot_command(replay, step, plan->dev, text, sizeof(text)))
		tell(plan, true, "%s", text);
	else
		tell(plan, false, "%s, as it was recorded",
		     bq_snapshot_describe(replay, step, text, sizeof(text)));
}

/*
 * Print the removal of the egress program. The sweep does it when the qdisc is gone; until then the
 * program is only switched off.
 */
static void tell_parting(const struct bq_dry_run *plan, const struct bq_attachment *attachment)
{
	uint64_t key = attachment->n ? attachment->v[0]->egress : 0;
	uint32_t was;

	if (!key)
		return;
	tell(plan, false, "take the program %s off the tcx egress hook of %s",
	     attachment->kind->q->egress, plan->dev);
	was = bq_egress_segments(key);
	if (was > 1)
		tell(plan, true, "ip link set dev %s gso_max_segs %u", plan->dev, was);
}

int bq_dry_run_restore(const struct bq_dry_run *plan, const struct bq_undo *undo,
		       const struct bq_attach_point *point, const struct bq_attachment *attachment,
		       struct bq_error *error)
{
	int n = bq_restore_each_step(undo->fd, point, !attachment, tell_step, (void *)plan, error);

	if (n < 0)
		return n;
	if (!n)
		tell(plan, true, "tc qdisc delete dev %s root", plan->dev);
	if (attachment)
		tell_parting(plan, attachment);
	tell(plan, false, "forget the record");
	return 1;
}
