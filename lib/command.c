// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "user/clone.h"

int bq_command_find_attachment(struct bq_command *c, struct bq_attachment *attachment)
{
	int err = bq_tc_get(c->point.ifindex, c->point.parent, &c->was, c->error);

	if (err || !bq_attachment_find(c->pinned, &c->point, &c->was, attachment, c->error))
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

	if (c->batch->force ||
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

int bq_command_parse_qdisc(const struct bq_command *c, const char *as,
			   const struct bqdisc_qdisc **q, void *config, struct bq_blob *tables)
{
	const struct bq_batch *b = c->batch;
	int err;

	if (b->n_words < 1)
		return bq_fail(c->error, BQDISC_ERROR_USAGE, EINVAL,
			       "attach: missing QDISC; 'bqdisc list' lists them");
	*q = bq_catalog_find_word(&c->bq->catalog, b->words[0], as, c->error);
	if (!*q)
		return -EINVAL;
	err = bq_command_parse(c, *q, b->n_words - 1, b->words + 1, config, tables);
	if (!err)
		bq_user_object_apply_defaults(*q, config);
	if (!err && (*q)->complete)
		err = (*q)->complete(config, &c->dev.device, c->error);
	return err;
}

int bq_command_check_opts(const struct bqdisc_attach_opts *opts, struct bq_error *error)
{
	if (opts->root && opts->mq)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "attach: --root and --mq exclude each other; give one");
	if ((opts->root || opts->mq) && opts->parent && opts->parent != TC_H_ROOT)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "attach: --parent excludes --root and --mq; give one");
	return 0;
}

int bq_command_check_memory(struct bq_command *c, struct bq_need *need)
{
	int err;

	need->available = c->batch->available;
	need->planned = c->batch->planned;
	err = bq_budget_check(need, c->error);
	c->batch->planned += need->new_bytes + need->load_bytes;
	return err;
}

/* --- change of options --- */

/* Copy what is used of the array, whose room is for the most queues that a device may have. */
static struct bq_attachment *copy_attachment(const struct bq_attachment *attachment)
{
	size_t size = offsetof(struct bq_attachment, v) + attachment->n * sizeof(*attachment->v);
	struct bq_attachment *copy = malloc(size);

	return copy ? memcpy(copy, attachment, size) : NULL;
}

int bq_command_plan_change(struct bq_command *c, const struct bq_attachment *attachment,
			   struct bq_options_change *o, const void *config,
			   const struct bq_blob *tables, bq_merge_fn merge, uint64_t memory,
			   const uint64_t *expires_ns)
{
	int err;

	o->attachment = copy_attachment(attachment);
	if (!o->attachment)
		return bq_fail(c->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	err = bq_change_prepare(&o->change, o->attachment, config, tables, merge, &c->dev.device,
				c->error);
	o->change.need.most = memory;
	if (!err)
		err = bq_command_check_memory(c, &o->change.need);
	if (err)
		return err;
	bq_change_plan(&o->change, &c->steps);
	if (expires_ns)
		bq_change_plan_expiry(&o->change, *expires_ns, &c->steps);
	return 0;
}

void bq_options_change_free(struct bq_options_change *o)
{
	bq_change_free(&o->change);
	free(o->attachment);
}
