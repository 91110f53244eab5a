// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attaches what the lines of apply say, to all devices of a line at once. */
#include <errno.h>
#include <string.h>

#include "apply.h"
#include "memory.h"

/* They are in the order of the devices' indices. */
static const struct apply_present *find_present(const struct apply_run *r, uint32_t ifindex,
						uint32_t parent)
{
	size_t low = 0, high = r->n_present, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (r->present[middle].ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < r->n_present && r->present[low].ifindex == ifindex; low++)
		if (r->present[low].parent == parent)
			return &r->present[low];
	return NULL;
}

/* Return the name of the line's qdisc; "": it cannot be read any more. */
static const char *name_qdisc(const struct apply_run *r)
{
	const struct bqdisc_qdisc *q;

	if (r->line->opts.as)
		return r->line->opts.as;
	q = bqdisc__qdisc(r->bq, r->line->argv[1]);
	return q ? bqdisc_qdisc__name(q) : "";
}

static void add_result(struct apply_run *r, struct apply_target *t, int result)
{
	const struct apply_present *p = find_present(r, t->dev->d.ifindex, t->line->opts.parent);
	struct apply_item *item = apply_add_item(r, APPLY_UNCHANGED, t->dev->d.name, t->line);

	t->done = true;
	item->before = p ? check_memory(strdup(p->text)) : NULL;
	if (result == -ENODEV)
		item->action = APPLY_ABSENT; /* it has gone meanwhile */
	else if (result < 0)
		apply_set_error(r, item);
	else if (result)
		item->action = p && !strcmp(bqdisc_qdisc__name(p->q), r->qdisc) ? APPLY_CHANGED
										: APPLY_ATTACHED;
}

/* Results come in the order of the targets, unless a device has gone. */
static struct apply_target *find_target(struct apply_run *r, const char *dev)
{
	struct apply_target *t;
	size_t i;

	for (i = 0; i < r->state.n_targets; i++) {
		t = &r->state.targets[(r->at + i) % r->state.n_targets];
		if (t->line != r->line || t->done || strcmp(t->dev->d.name, dev))
			continue;
		r->at += i + 1;
		return t;
	}
	return NULL;
}

static void done(const char *dev, int result, void *arg)
{
	struct apply_run *r = arg;
	struct apply_target *t = find_target(r, dev);

	if (t)
		add_result(r, t, result);
}

static int attach(struct apply_run *r, const char *devs)
{
	const struct bqdisc_report report = { .done = done, .arg = r };
	struct bqdisc_attach_opts opts = r->line->opts;

	opts.force |= r->line->enforce;
	opts.dry_run = r->dry_run;
	opts.report = &report;
	return bqdisc__attach(r->bq, devs, r->line->n, r->line->argv + 1, &opts);
}

/* Write the names of the line's devices that can be in a list. Return it; NULL: none. */
static char *list_devices(const struct apply_run *r)
{
	const struct apply_target *t;
	char *list = NULL;
	size_t size, n = 0;
	FILE *out = check_memory(open_memstream(&list, &size));

	for (t = r->state.targets; t < r->state.targets + r->state.n_targets; t++)
		if (t->line == r->line && apply_is_plain(t->dev->d.name))
			fprintf(out, "%s%s", n++ ? "," : "", t->dev->d.name);
	if (fclose(out))
		abort();
	if (n)
		return list;
	free(list);
	return NULL;
}

/* Attach to all devices of the line at once, then to those alone that the call did not report. */
void apply_attach_line(struct apply_run *r, const struct apply_line *line)
{
	struct apply_target *t;
	int ret, from = apply_enter(line->file);
	char *list;

	r->line = line;
	r->at = 0;
	r->qdisc = name_qdisc(r);
	list = list_devices(r);
	if (list)
		attach(r, list);
	free(list);
	for (t = r->state.targets; t < r->state.targets + r->state.n_targets; t++) {
		if (t->line != line || t->done)
			continue;
		ret = attach(r, t->dev->d.name);
		if (!t->done)
			add_result(r, t, ret);
	}
	apply_leave(from);
}
