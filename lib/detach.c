// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Implements detach, and sweep. */
#include <errno.h>
#include <linux/pkt_sched.h>

#include "attachment/egress.h"
#include "attachment/orphan.h"
#include "command.h"
#include "util/system.h"

/* --- a qdisc of bqdisc --- */

struct detach {
	struct bq_command *c;
	const struct bq_attachment *attachment; /* NULL: an interrupted restore is resumed */
};

static void print_recorded(const struct bq_snapshot *snapshot, size_t step, void *arg)
{
	struct bq_printer *p = arg;
	char text[2048];

	if (bq_snapshot_command(snapshot, step, p->dev, text, sizeof(text)))
		bq_print(p, true, "%s", text);
	else
		bq_print(p, false, "%s, as it was recorded",
			 bq_snapshot_describe(snapshot, step, text, sizeof(text)));
}

static void print_restore(struct bq_printer *p, void *arg)
{
	const struct detach *d = arg;

	if (!bq_restore_each_step(d->c->pinned->undo.fd, &d->c->point, !d->attachment,
				  print_recorded, p, NULL))
		bq_print(p, true, "tc qdisc delete dev %s root", p->dev);
	bq_print(p, false, "delete the undo record");
}

static int run_restore(void *arg, struct bq_error *error)
{
	const struct detach *d = arg;
	int err = bq_undo_restore(&d->c->pinned->undo, &d->c->point, error);

	return err ? err : 1;
}

static const struct bq_step restore = { print_restore, run_restore, NULL };

static void print_egress(struct bq_printer *p, void *arg)
{
	const struct bq_attachment *at = ((const struct detach *)arg)->attachment;

	bq_print_egress_removal(p, at->kind->q, at->v[0]->egress);
}

static int run_egress(void *arg, struct bq_error *error)
{
	const struct bq_attachment *at = ((const struct detach *)arg)->attachment;

	(void)error;
	bq_egress_detach(at->v, at->n);
	return 1;
}

static const struct bq_step egress = { print_egress, run_egress, NULL };

/* --- a qdisc without pins, or without a record --- */

static void print_orphan(struct bq_printer *p, const struct bq_tc_qdisc *orphan)
{
	char kind[BQ_TC_KIND_MAX];

	if (orphan->parent == TC_H_ROOT) {
		bq_print(p, true, "tc qdisc delete dev %s root", p->dev);
		return;
	}
	bq_orphan_successor(kind);
	bq_print(p, true, "tc qdisc replace dev %s parent %x:%x %s", p->dev, orphan->parent >> 16,
		 TC_H_MIN(orphan->parent), kind);
}

static void print_next_orphan(const struct bq_tc_qdisc *orphan, void *arg)
{
	print_orphan(arg, orphan);
}

static void print_orphans(struct bq_printer *p, void *arg)
{
	struct bq_command *c = arg;
	struct bq_tc_qdisc first;

	bq_orphan_each(&c->bq->catalog, &c->point, &c->was, c->dev.queues, true, &first,
		       print_next_orphan, p);
}

static int run_orphans(void *arg, struct bq_error *error)
{
	struct bq_command *c = arg;

	return bq_orphan_remove(&c->bq->catalog, &c->point, &c->was, c->dev.queues, error);
}

static const struct bq_step orphans = { print_orphans, run_orphans, NULL };

static void print_unrecorded(struct bq_printer *p, void *arg)
{
	print_orphan(p, &((struct bq_command *)arg)->was);
}

static int run_unrecorded(void *arg, struct bq_error *error)
{
	int err = bq_orphan_remove_one(&((struct bq_command *)arg)->was, error);

	return err ? err : 1;
}

static const struct bq_step unrecorded = { print_unrecorded, run_unrecorded, NULL };

static int detach_attachment(struct bq_command *c, const struct bq_attachment *attachment)
{
	struct bq_steps steps = { .n = 0 };
	struct detach d = { c, attachment };
	int n, err = bq_command_check_queues(c, attachment, "--force deletes it with the rest");

	if (err)
		return err;
	n = bq_restore_each_step(c->pinned->undo.fd, &c->point, false, NULL, NULL, c->error);
	/* There is no undo record for a class of mq. */
	if (n < 0 && !(n == -ENOENT && c->batch->force && c->point.parent != TC_H_ROOT))
		return n;
	if (n < 0)
		bq_steps_add(&steps, &unrecorded, c);
	else
		bq_steps_add(&steps, &restore, &d);
	if (attachment->n && attachment->v[0]->egress)
		bq_steps_add(&steps, &egress, &d);
	return bq_steps_perform(&steps, &c->printer, c->error);
}

static int detach_orphans(struct bq_command *c)
{
	struct bq_steps steps = { .n = 0 };
	struct bq_tc_qdisc first;
	struct bq_instance *id;
	struct bq_loaded *loaded;
	int err;

	if (!bq_orphan_each(&c->bq->catalog, &c->point, &c->was, c->dev.queues, c->batch->force,
			    &first, NULL, NULL))
		return 0;
	if (c->batch->force) {
		bq_steps_add(&steps, &orphans, c);
		return bq_steps_perform(&steps, &c->printer, c->error);
	}
	/* Opening a kind of another release reports an error of its own. */
	err = bq_instances_find_kind(&c->bq->catalog, first.kind, &c->point, first.handle, &loaded,
				     &id, c->error);
	if (err != -ENOENT)
		return err;
	return bq_fail(c->error, BQDISC_ERROR_FOREIGN, ENOENT,
		       "%s: has %s %x:, but %s has no record of it; 'bqdisc detach %s --force' "
		       "removes it",
		       c->dev.name, first.kind, first.handle >> 16, BQ_PIN_DIR, c->dev.name);
}

/* --- the command --- */

/* Resume an interrupted restore. Return 1 if there was one, 0 if not, -errno on failure. */
static int resume(struct bq_command *c)
{
	struct detach d = { c, NULL };
	int done;

	if (c->printer.to) {
		if (bq_undo_is_interrupted(&c->pinned->undo, &c->point, &c->was))
			print_restore(&c->printer, &d);
		return c->printer.printed;
	}
	done = bq_undo_resume(&c->pinned->undo, &c->point, &c->was, c->error);
	if (done == BQ_DO_NOTE_LOST)
		bq_warn(c->error,
			"%s: the attached qdisc was lost; %s %x: of another program stays",
			c->dev.name, c->was.kind, c->was.handle >> 16);
	return done < 0 ? done : done == BQ_DO_RESUME;
}

static int detach_locked(struct bq_command *c)
{
	struct bq_attachment attachment;
	int ret = bq_command_find_attachment(c, &attachment);

	if (ret < 0)
		return ret;
	if (ret)
		return detach_attachment(c, &attachment);
	ret = resume(c);
	return ret ? ret : detach_orphans(c);
}

int bqdisc__detach(struct bqdisc *bq, const char *devs, const struct bqdisc_detach_opts *user_opts)
{
	struct bq_batch b = { .bq = bq };
	struct bqdisc_detach_opts opts = { 0 };
	int err = bq_batch_begin(&b, &opts, sizeof(opts), user_opts);

	b.dry_run = opts.dry_run;
	b.report = opts.report;
	b.force = opts.force;
	if (!err && devs)
		err = bq_batch_find(&b, devs, opts.parent, sizeof(struct bq_command));
	if (!err)
		err = bq_system_check_caps(&bq->error);
	if (!err)
		err = bq_batch_lock(&b, false);
	if (!err) {
		if (!devs)
			err = bq_batch_find_attached(&b, sizeof(struct bq_command));
		if (!err)
			err = bq_batch_run_each(&b, detach_locked);
		bq_batch_unlock(&b);
	}
	bq_batch_end(&b, NULL);
	return err;
}

int bqdisc__sweep(struct bqdisc *bq)
{
	struct bq_batch b = { .bq = bq };
	int err = bq->broken ? bq->broken : bq_system_check_caps(&bq->error);

	if (!err)
		err = bq_batch_lock(&b, false);
	if (err)
		return err;
	b.pinned.thorough = true;
	bq_batch_unlock(&b);
	return b.expired;
}
