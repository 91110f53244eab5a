// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>

#include "attachment/expire.h"
#include "command.h"
#include "user/clone.h"
#include "util/opts.h"
#include "util/system.h"

int bq_command_begin(const struct bq_command *c, void *opts, size_t size, const void *user_opts)
{
	return c->bq->broken ? c->bq->broken : bq_opts_copy(opts, size, user_opts, c->error);
}

int bq_command_find_point(struct bq_command *c, const char *dev, uint32_t parent)
{
	int err = bq_dev_find(dev, &c->dev, c->error);

	c->point.net_cookie = c->bq->net_cookie;
	c->point.ifindex = c->dev.ifindex;
	c->point.parent = parent ? parent : TC_H_ROOT;
	return err ? err : bq_system_check_caps(c->error);
}

int bq_command_run(struct bq_command *c, bool create, int (*work)(struct bq_command *c))
{
	int ret = -BQ_PIN_NONE;

	/* Do not lock for a dry run either, as that would create a directory. */
	if (!c->printer.to)
		ret = bq_pinned_lock(&c->pinned, &c->bq->catalog, create, c->error);
	if (ret == -BQ_PIN_NONE)
		bq_pinned_open(&c->pinned, &c->bq->catalog);
	else if (ret)
		return ret;
	else
		c->expired = bq_expire(&c->pinned, c->bq->net_cookie, c->error);
	ret = work(c);
	bq_pinned_close(&c->pinned);
	return ret;
}

int bq_command_find_attachment(struct bq_command *c, struct bq_attachment *attachment)
{
	int err = bq_tc_get(c->point.ifindex, c->point.parent, &c->was, c->error);

	if (err || !bq_attachment_find(&c->pinned, &c->point, &c->was, attachment, c->error))
		return err;
	if (attachment->mq || !attachment->n || !attachment->v[0]->set)
		return 1;
	return bq_fail(c->error, BQDISC_ERROR_USAGE, EINVAL,
		       "%x:%x: is a queue of %s, and all queues are attached, changed and detached "
		       "together; leave out --parent",
		       c->point.parent >> 16, TC_H_MIN(c->point.parent), c->dev.name);
}

int bq_command_check_queues(struct bq_command *c, const struct bq_attachment *attachment,
			    const char *then)
{
	struct bq_tc_qdisc foreign = { 0 };

	if (c->force ||
	    !bq_attachment_has_foreign_queue(attachment, c->point.ifindex, c->dev.queues, &foreign))
		return 0;
	return bq_fail(c->error, BQDISC_ERROR_FOREIGN, EBUSY,
		       "%s: another program configured %s %x: on queue %x:%x; %s", c->dev.name,
		       foreign.kind, foreign.handle >> 16, foreign.parent >> 16,
		       TC_H_MIN(foreign.parent), then);
}

int bq_command_parse(const struct bq_command *c, const struct bqdisc_qdisc *q, int n,
		     char *const words[], void *config, struct bq_blob *tables)
{
	if (q->plain)
		return bq_clone_parse(q, n, words, config, c->error);
	if (q->parse)
		return q->parse(q, n, words, config, tables, c->error);
	return bq_options_parse(q, n, words, config, c->error);
}

int bq_command_change(struct bq_command *c, const struct bq_attachment *attachment,
		      const void *config, const struct bq_blob *tables, bq_merge_fn merge,
		      uint64_t memory, const uint64_t *expires_ns)
{
	struct bq_steps steps = { .n = 0 };
	struct bq_change change;
	int ret = bq_change_prepare(&change, attachment, config, tables, merge, &c->dev.device,
				    c->error);

	change.need.most = memory;
	if (!ret)
		ret = bq_budget_check(&change.need, c->error);
	if (!ret) {
		bq_change_plan(&change, &steps);
		if (expires_ns)
			bq_change_plan_expiry(&change, *expires_ns, &steps);
		ret = bq_command_perform(c, &steps);
	}
	bq_change_free(&change);
	return ret;
}

int bq_command_perform(struct bq_command *c, const struct bq_steps *steps)
{
	return bq_steps_perform(steps, &c->printer, c->error);
}
