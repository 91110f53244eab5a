// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Brings devices to the state of the lines of apply. Attach changes only what differs, and its dry
 * run says what that is, so each namespace is one walk over its lines in either case.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "memory.h"
#include "option_words.h"
#include "output.h"

static void ignore_step(const char *text, bool command, void *arg)
{
	(void)text;
	(void)command;
	(void)arg;
}

/* --- items --- */

static char *copy(const char *text)
{
	return text ? check_memory(strdup(text)) : NULL;
}

struct apply_item *apply_add_item(struct apply_run *r, enum apply_action action, const char *dev,
				  const struct apply_line *line)
{
	struct apply_items *items = r->items;

	items->v = extend_array(items->v, items->n, &items->room, sizeof(*items->v));
	items->v[items->n] = (struct apply_item){
		.action = action,
		.netns = r->netns,
		.dev = copy(dev),
		.parent = line ? line->opts.parent : BQDISC_PARENT_ROOT,
		.after = line ? copy(line->text) : NULL,
		.line = line,
	};
	return &items->v[items->n++];
}

/* Keep the message of the session with the item. */
void apply_set_error(const struct apply_run *r, struct apply_item *item)
{
	item->action = APPLY_UNCHANGED;
	item->error = copy(bqdisc__message(r->bq));
	if (!r->items->status)
		r->items->status = session_status(r->bq);
}

/* --- qdiscs that there are --- */

static int add_present(const struct bqdisc_instance *inst, void *arg)
{
	struct apply_run *r = arg;
	struct apply_present *p;
	size_t size;
	FILE *out;

	if (!bqdisc_instance__is_attached(inst))
		return 0;
	r->present = extend_array(r->present, r->n_present, &r->room, sizeof(*p));
	p = &r->present[r->n_present++];
	*p = (struct apply_present){
		.dev = copy(bqdisc_instance__dev(inst)),
		.q = bqdisc_instance__qdisc(inst),
		.ifindex = bqdisc_instance__ifindex(inst),
		.parent = bqdisc_instance__parent(inst),
	};
	out = check_memory(open_memstream(&p->text, &size));
	attach_words_print(inst, out);
	if (fclose(out))
		abort();
	return 0;
}

/* --- detach --- */

static bool is_wanted(const struct apply_run *r, const struct apply_present *p)
{
	const struct apply_target *t;
	size_t i;

	for (t = r->state.targets; t < r->state.targets + r->state.n_targets; t++)
		if (t->dev->d.ifindex == p->ifindex && t->line->opts.parent == p->parent)
			return true;
	for (i = 0; i < r->state.n; i++)
		if (r->state.devs[i].d.ifindex == p->ifindex)
			return r->state.devs[i].untouched;
	return true; /* a device that is new */
}

static void prune(struct apply_run *r)
{
	struct bqdisc_detach_opts opts = { .sz = sizeof(opts), .dry_run = r->dry_run };
	const struct apply_present *p;
	struct apply_item *item;

	for (p = r->present; p < r->present + r->n_present; p++) {
		if (is_wanted(r, p))
			continue;
		opts.parent = p->parent;
		item = apply_add_item(r, APPLY_DETACHED, p->dev, NULL);
		item->parent = p->parent;
		item->before = copy(p->text);
		if (bqdisc__detach(r->bq, p->dev, &opts) < 0)
			apply_set_error(r, item);
	}
}

/* --- the default and kinds --- */

static void load(struct apply_run *r, const struct apply_line *line)
{
	const struct bqdisc_load_opts opts = {
		.sz = sizeof(opts),
		.as = line->opts.as,
		.force = line->force,
		.dry_run = r->dry_run,
	};
	struct apply_item *item = apply_add_item(r, APPLY_LOADED, NULL, line);
	int ret, from = apply_enter(line->file);

	ret = bqdisc__load(r->bq, line->argv[1], &opts, NULL);
	apply_leave(from);
	if (ret < 0)
		apply_set_error(r, item);
	else if (!ret)
		item->action = APPLY_UNCHANGED;
}

static void set_default(struct apply_run *r, const struct apply_line *line)
{
	struct apply_item *item = apply_add_item(r, APPLY_SET_DEFAULT, NULL, line);
	struct bqdisc_default def;
	int ret = bqdisc__default(r->bq, &def);

	if (ret < 0) {
		apply_set_error(r, item);
		return;
	}
	item->before = copy(def.kind);
	ret = !def.qdisc || strcmp(bqdisc_qdisc__name(def.qdisc), line->argv[1]);
	if (ret && !r->dry_run)
		ret = bqdisc__set_default(r->bq, line->argv[1]);
	if (ret < 0)
		apply_set_error(r, item);
	else if (!ret)
		item->action = APPLY_UNCHANGED;
}

/* Act on kinds first, then on the default, which is one of them. */
static void run_kinds(struct apply_run *r)
{
	const struct apply_line *line, *def = NULL;

	for (line = r->c->lines; line < r->c->lines + r->c->n; line++) {
		if (line->verb == APPLY_LOAD)
			load(r, line);
		if (line->verb == APPLY_DEFAULT)
			def = line;
	}
	if (def)
		set_default(r, def);
}

/* --- network namespaces --- */

/* Report the devices that lines name but that do not exist. */
static void add_absent(struct apply_run *r)
{
	const struct apply_line *line;
	char *words, *rest, *word;

	for (line = r->c->lines; line < r->c->lines + r->c->n; line++) {
		if (line->verb != APPLY_ATTACH || !line->selector.names || r->opts->dev ||
		    (line->netns ? !r->netns || strcmp(line->netns, r->netns) : r->netns != NULL))
			continue;
		words = rest = copy(line->selector.names);
		if (!apply_is_absent(&r->state, words))
			rest = NULL;
		while ((word = strsep(&rest, ",")))
			if (apply_is_plain(word) && apply_is_absent(&r->state, word))
				apply_add_item(r, APPLY_ABSENT, word, line);
		free(words);
	}
}

static void end_namespace(struct apply_run *r)
{
	size_t i;

	for (i = 0; i < r->n_present; i++) {
		free(r->present[i].dev);
		free(r->present[i].text);
	}
	free(r->present);
	apply_state_free(&r->state);
	bqdisc__close(r->bq);
}

/* Act in the namespace that lines call NETNS, and that PATH leads to; NULL: the current one. */
static void run_namespace(struct apply_run *r, const char *netns, const char *path,
			  const struct globals *g)
{
	const struct apply_line *line;
	struct globals there = *g;
	int err;

	there.netns = path;
	r->netns = netns;
	r->bq = session_open(&there);
	r->state = (struct apply_state){ 0 };
	r->present = NULL;
	r->n_present = r->room = 0;
	if (!netns && !r->opts->dev && !r->opts->enforce)
		run_kinds(r);
	err = apply_match(&r->state, r->bq, r->c, netns, r->opts->dev);
	if (!err)
		err = bqdisc__each_instance(r->bq, NULL, add_present, r);
	if (err)
		apply_set_error(r, apply_add_item(r, APPLY_UNCHANGED, NULL, NULL));
	if (!err && r->opts->prune)
		prune(r);
	for (line = r->c->lines; !err && line < r->c->lines + r->c->n; line++)
		if (line->verb == APPLY_ATTACH && (line->enforce || !r->opts->enforce))
			apply_attach_line(r, line);
	if (!err)
		add_absent(r);
	end_namespace(r);
}

/* Return true if an earlier line acts in the namespace of LINE too. */
static bool is_repeated(const struct apply_config *c, const struct apply_line *line)
{
	const struct apply_line *before = c->lines;

	while (before < line && (!before->netns || strcmp(before->netns, line->netns)))
		before++;
	return before < line;
}

static bool is_there(const char *netns)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", strchr(netns, '/') ? "" : "/run/netns/", netns);
	return !access(path, F_OK);
}

void apply_run(const struct apply_config *c, const struct apply_opts *opts, const struct globals *g,
	       struct apply_items *items)
{
	const struct bqdisc_dry_run dry_run = { .step = ignore_step };
	struct apply_run r = {
		.c = c,
		.opts = opts,
		.dry_run = opts->dry_run ? &dry_run : NULL,
		.items = items,
	};
	const struct apply_line *line;

	run_namespace(&r, NULL, g->netns, g);
	if (opts->dev || opts->enforce)
		return;
	for (line = c->lines; line < c->lines + c->n; line++) {
		if (!line->netns || is_repeated(c, line))
			continue;
		r.netns = line->netns;
		if (is_there(line->netns))
			run_namespace(&r, line->netns, line->netns, g);
		else
			apply_add_item(&r, APPLY_ABSENT, NULL, line);
	}
}
