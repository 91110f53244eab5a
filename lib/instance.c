// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Attach and detach: joins the other rooms and owns the rollback. Order: what was typed, then what
 * the machine can do, then the lock, then what nobody sees (load, prepare, record), and last the
 * one netlink request that touches traffic.
 */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

#include "brought.h"
#include "link.h"
#include "machine.h"
#include "pin.h"
#include "session.h"
#include "table.h"

#define MAX_CONFIG 2048 /* bytes; a config struct is far smaller */

/* One attach or detach on its way. */
struct job {
	struct bqdisc *bq;
	struct bq_report *rep;
	const struct bqdisc_qdisc *q;
	struct bq_link link;
	struct bq_place place;
	int n; /* of the words that were typed */
	char *const *words;
	bool force;
	struct bq_tc_qdisc was; /* what is there now */
	uint64_t config[MAX_CONFIG / sizeof(uint64_t)];
	struct bq_blob annex; /* of the configuration */
};

/* Reads the caller's opts: the first that every command does. */
static int begin(const struct job *job, void *opts, size_t size, const void *user_opts)
{
	return job->bq->broken ? job->bq->broken : bq_opts_copy(opts, size, user_opts, job->rep);
}

static int parse_options(struct job *job, const struct bqdisc_qdisc *q, int n, char *const words[])
{
	if (q->parse)
		return q->parse(q, n, words, job->config, &job->annex, job->rep);
	return bq_options_parse(q, n, words, job->config, job->rep);
}

static int fail_no_qdisc(const char *word, struct bq_report *rep)
{
	const char *nearest = bqdisc_qdisc__nearest(word);

	if (nearest)
		return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL,
			       "there is no qdisc '%s'; did you mean '%s'?", word, nearest);
	return bq_fail(rep, BQDISC_FAULT_USAGE, EINVAL,
		       "there is no qdisc '%s'; 'bqdisc list' names them", word);
}

/* The qdisc that WORD names, or that the file WORD brings, to be registered as AS. */
static int find_qdisc(struct job *job, const char *word, const char *as)
{
	if (!bq_brought_is_file(word) && as)
		return bq_fail(job->rep, BQDISC_FAULT_USAGE, EINVAL,
			       "--as names the qdisc of an object file, and '%s' is none", word);
	if (bq_brought_is_file(word))
		job->q = bq_brought_open(word, as, job->rep);
	else
		job->q = bqdisc_qdisc__find(word);
	if (job->q)
		return 0;
	return bq_brought_is_file(word) ? -EINVAL : fail_no_qdisc(word, job->rep);
}

static int complete(struct job *job, const struct bqdisc_qdisc *q)
{
	return q->complete ? q->complete(job->config, &job->link.device, job->rep) : 0;
}

static int parse_words(struct job *job, const char *as)
{
	int err;

	if (job->n < 1)
		return bq_fail(job->rep, BQDISC_FAULT_USAGE, EINVAL,
			       "which qdisc? 'bqdisc list' names them");
	err = find_qdisc(job, job->words[0], as);
	if (!err)
		err = parse_options(job, job->q, job->n - 1, job->words + 1);
	if (!err && job->q->brought)
		bq_brought_fill(job->q, job->config);
	return err ? err : complete(job, job->q);
}

static int find_place(struct job *job, const char *dev, uint32_t parent)
{
	int err = bq_link_find(dev, &job->link, job->rep);

	job->place.net_cookie = job->bq->net_cookie;
	job->place.ifindex = job->link.ifindex;
	job->place.parent = parent ? parent : TC_H_ROOT;
	return err ? err : bq_machine_check_caps(job->rep);
}

/* The instance at the job's place if what is there is ours. KIND is left open then. */
static struct bq_instance *find_ours(struct job *job, struct bq_kind *kind)
{
	struct bq_instance *id;

	return bq_table_find_kind(kind, job->was.kind, &job->place, job->was.handle, &id, job->rep)
		       ? NULL
		       : id;
}

/* A default is replaced without asking, ours too; anything else only by force. */
static int judge_foreign(struct job *job, const struct bq_replay *undo)
{
	if (!job->was.handle)
		return 0;
	if (!job->force && bq_undo_is_pending(&job->place, &job->was))
		return bq_fail(
			job->rep, BQDISC_FAULT_FOREIGN, EBUSY,
			"a detach of %s was interrupted, and half of what was there is back: "
			"'bqdisc detach %s' finishes it",
			job->link.name, job->link.name);
	if (!job->force)
		return bq_fail(job->rep, BQDISC_FAULT_FOREIGN, EBUSY,
			       "%s has a qdisc that someone else configured: %s %x:; --force "
			       "replaces it%s%s",
			       job->link.name, job->was.kind, job->was.handle >> 16,
			       *undo->lost ? ", but detach cannot put back "
					   : ", and detach puts it back",
			       undo->lost);
	if (*undo->lost)
		bq_warn(job->rep, "%s: detach will not put back %s", job->link.name, undo->lost);
	return 0;
}

/* Our TCA_OPTIONS: who the instance is, and its configuration. */
static void write_options(const struct job *job, const struct bq_kind *kind, uint32_t index,
			  struct bq_tc_qdisc *wanted)
{
	struct bq_hello hello = {
		.magic = BQ_MAGIC,
		.layout = BQ_LAYOUT,
		.index = index,
		.size = (uint32_t)(sizeof(hello) + job->q->config_size),
		.token = bq_kind_instance(kind, index)->token,
	};

	memcpy(wanted->options, &hello, sizeof(hello));
	memcpy(wanted->options + sizeof(hello), job->config, job->q->config_size);
	wanted->options_len = hello.size;
}

/* The kernel took a qdisc of our name that is not ours: what was there before us comes back. */
static int fail_impostor(const struct job *job)
{
	struct bq_report undo = { .warn = job->rep->warn };
	int err = bq_undo_restore(&job->place, &undo);

	return bq_fail(job->rep, BQDISC_FAULT_REFUSED, EPROTO,
		       "%s was created, but not by our program: unregister whatever took the name "
		       "('bpftool struct_ops list' shows it)%s%.512s",
		       job->q->kind, err ? "; putting back what was there failed: " : "",
		       err ? undo.text : "");
}

static int create(const struct job *job, const struct bq_kind *kind, uint32_t index,
		  enum bq_tc_mode mode)
{
	struct bq_tc_qdisc wanted = {
		.ifindex = job->place.ifindex,
		.parent = job->place.parent,
	};
	int err = bq_undo_free_handle(&job->place, &wanted.handle, job->rep);

	if (err)
		return err;
	strncpy(wanted.kind, job->q->kind, sizeof(wanted.kind) - 1);
	if (bq_brought_is_plain(job->q))
		bq_table_announce(kind, index, &job->place, wanted.handle);
	else
		write_options(job, kind, index, &wanted);
	err = bq_tc_create(&wanted, mode, job->rep);
	if (!err && bq_brought_is_plain(job->q))
		bq_table_confirm(kind, index);
	if (err || bq_kind_instance(kind, index)->state == BQ_LIVE)
		return err;
	return fail_impostor(job);
}

/* Puts a new instance of the job's qdisc in place. UNDO: what to record; NULL: it is already. */
static int put_in_place(struct job *job, const struct bq_replay *undo)
{
	enum bq_tc_mode mode = job->was.handle ? BQ_TC_REPLACE : BQ_TC_ADD;
	struct bq_kind kind;
	int err, index;

	err = bq_table_load(&kind, job->q, job->rep);
	if (err)
		return err;
	index = bq_table_prepare(&kind, job->config, &job->annex,
				 bq_qdisc_slots(job->q, job->config, &job->link.device), job->rep);
	if (index < 0) {
		err = index;
		goto out_kind;
	}
	if (undo)
		err = bq_undo_record(&job->place, undo, job->rep);
	if (err)
		goto out_instance;
	err = create(job, &kind, (uint32_t)index, mode);
	if (!err) {
		err = 1;
		goto out_kind;
	}
	if (undo)
		bq_undo_forget(&job->place);
out_instance:
	bq_table_discard(&kind, (uint32_t)index);
out_kind:
	bq_kind_close(&kind);
	return err;
}

static bool same_blob(const struct bq_blob *a, const struct bq_blob *b)
{
	return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

/* Brings an instance to the job's configuration, live; WAS is its annex. 0: it was so already. */
static int bring_to(struct job *job, const struct bq_kind *kind, struct bq_instance *id,
		    const struct bq_blob *was)
{
	int err;

	if (bq_options_same(kind->q, job->config, bq_kind_config(kind, id)) &&
	    same_blob(&job->annex, was))
		return 0;
	err = bq_table_change(kind, id, job->config, &job->annex,
			      bq_qdisc_slots(kind->q, job->config, &job->link.device), job->rep);
	return err ? err : 1;
}

static int attach_over_ours(struct job *job, const struct bq_kind *kind, struct bq_instance *id)
{
	struct bq_blob was;
	int ret;

	if (kind->q != job->q)
		return put_in_place(job, NULL);
	ret = bq_kind_read_annex(kind, id, &was, job->rep);
	if (ret)
		return ret;
	bq_options_fill(job->q, job->config, bq_kind_defaults(kind, id));
	ret = complete(job, job->q);
	if (!ret)
		ret = bring_to(job, kind, id, &was);
	free(was.data);
	return ret;
}

static int attach_over_foreign(struct job *job)
{
	struct bq_replay undo;
	int ret = bq_replay_capture(&job->was, &undo, job->rep);

	if (!ret)
		ret = judge_foreign(job, &undo);
	if (!ret)
		ret = put_in_place(job, &undo);
	bq_replay_free(&undo);
	return ret;
}

static int attach_locked(struct job *job)
{
	struct bq_instance *id;
	struct bq_kind kind;
	int ret;

	ret = bq_tc_get(job->place.ifindex, job->place.parent, &job->was, job->rep);
	if (!ret)
		ret = complete(job, job->q); /* the device is known now */
	if (ret)
		return ret;
	if (job->q->brought)
		job->q = bq_brought_settle(job->q);
	id = find_ours(job, &kind);
	if (!id)
		return attach_over_foreign(job);
	ret = attach_over_ours(job, &kind, id);
	bq_kind_close(&kind);
	return ret;
}

/* The options are checked once more here: which qdisc they are for is known only now. */
static int change_ours(struct job *job, const struct bq_kind *kind, struct bq_instance *id)
{
	struct bq_blob was;
	int ret = bq_kind_read_annex(kind, id, &was, job->rep);

	if (ret)
		return ret;
	ret = bq_kind_read_annex(kind, id, &job->annex, job->rep);
	if (!ret)
		ret = parse_options(job, kind->q, job->n, job->words);
	if (!ret) {
		bq_options_inherit(kind->q, job->config, bq_kind_config(kind, id));
		ret = complete(job, kind->q);
	}
	if (!ret)
		ret = bring_to(job, kind, id, &was);
	free(was.data);
	return ret;
}

static int change_locked(struct job *job)
{
	struct bq_instance *id;
	struct bq_kind kind;
	int ret;

	ret = bq_tc_get(job->place.ifindex, job->place.parent, &job->was, job->rep);
	if (ret)
		return ret;
	id = find_ours(job, &kind);
	if (!id)
		return bq_fail(job->rep, BQDISC_FAULT_FOREIGN, ENOENT,
			       "%s has no qdisc of bqdisc to change: attach one", job->link.name);
	ret = change_ours(job, &kind, id);
	bq_kind_close(&kind);
	return ret;
}

/* Not ours: most often that is all. A kind of ours without its pins is told from that. */
static int judge_orphan(struct job *job)
{
	const struct bq_tc_qdisc *was = &job->was;
	const struct bqdisc_qdisc *q = bq_registry_find_kind(was->kind);
	struct bq_kind kind;
	int err;

	if (!q)
		return 0;
	err = bq_table_open(&kind, q, job->rep);
	if (err && err != -ENOENT)
		return err;
	bq_kind_close(&kind);
	/* To delete a child of mq would stop its queue. */
	return bq_fail(job->rep, BQDISC_FAULT_FOREIGN, ENOENT,
		       "%s has %s %x:, but %s has no record of it: %s it with tc", job->link.name,
		       was->kind, was->handle >> 16, BQ_PIN_DIR,
		       was->parent == TC_H_ROOT ? "delete" : "replace");
}

static int detach_locked(struct job *job)
{
	struct bq_kind kind;
	int err;

	err = bq_tc_get(job->place.ifindex, job->place.parent, &job->was, job->rep);
	if (err)
		return err;
	if (find_ours(job, &kind)) {
		bq_kind_close(&kind);
		err = bq_undo_restore(&job->place, job->rep);
	} else if (bq_undo_is_pending(&job->place, &job->was)) {
		err = bq_undo_resume(&job->place, job->rep);
	} else {
		return judge_orphan(job);
	}
	return err ? err : 1;
}

/* --- the commands --- */

/*
 * Runs WORK under the lock, after what ended qdiscs and killed runs left was swept up. CREATE:
 * there may be no pins yet; without it WORK finds nothing of ours then, and needs no lock.
 */
static int run_locked(struct job *job, bool create, int (*work)(struct job *job))
{
	int ret, lock = bq_pin_lock(create, job->rep);

	if (lock == -BQ_PIN_NONE)
		return work(job);
	if (lock < 0)
		return lock;
	bq_table_sweep();
	ret = work(job);
	bq_table_sweep();
	bq_pin_unlock(lock);
	return ret;
}

int bqdisc__attach(struct bqdisc *bq, const char *dev, int n, char *const words[],
		   const struct bqdisc_attach_opts *user_opts)
{
	struct job job = { .bq = bq, .rep = &bq->rep, .n = n, .words = words };
	struct bqdisc_attach_opts opts = { 0 };
	int err = begin(&job, &opts, sizeof(opts), user_opts);

	job.force = opts.force;
	if (!err)
		err = parse_words(&job, opts.as);
	if (!err)
		err = find_place(&job, dev, opts.parent);
	/* A kind that is loaded has answered the question. */
	if (!err && !bq_table_is_loaded(job.q))
		err = bq_machine_check_kernel(job.rep);
	if (!err)
		err = run_locked(&job, true, attach_locked);
	free(job.annex.data);
	return err;
}

int bqdisc__change(struct bqdisc *bq, const char *dev, int n, char *const words[],
		   const struct bqdisc_change_opts *user_opts)
{
	struct job job = { .bq = bq, .rep = &bq->rep, .n = n, .words = words };
	struct bqdisc_change_opts opts = { 0 };
	int err = begin(&job, &opts, sizeof(opts), user_opts);

	if (!err)
		err = find_place(&job, dev, opts.parent);
	if (!err)
		err = run_locked(&job, false, change_locked);
	free(job.annex.data);
	return err;
}

int bqdisc__detach(struct bqdisc *bq, const char *dev, const struct bqdisc_detach_opts *user_opts)
{
	struct job job = { .bq = bq, .rep = &bq->rep };
	struct bqdisc_detach_opts opts = { 0 };
	int err = begin(&job, &opts, sizeof(opts), user_opts);

	if (!err)
		err = find_place(&job, dev, opts.parent);
	return err ? err : run_locked(&job, false, detach_locked);
}
