// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tc qdisc show. */
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "tc.h"
#include "tc_rows.h"

/* Return true if tc has a name for Q: the kernel's kind of a built-in qdisc is another. */
static bool is_known(const struct bqdisc_qdisc *q)
{
	return tc_format_find(bqdisc_qdisc__name(q))->kind;
}

const struct bqdisc_qdisc *tc_find_kind(struct bqdisc *bq, const char *kind)
{
	const struct bqdisc_qdisc *q = NULL;

	while ((q = bqdisc__next_qdisc(bq, q)))
		if (!strcmp(bqdisc_qdisc__kind(q), kind) ||
		    (is_known(q) && !strcmp(bqdisc_qdisc__name(q), kind)))
			return q;
	return NULL;
}

static void add_shown(struct tc_shown_list *list, const struct bqdisc_instance *inst)
{
	const struct bqdisc_qdisc *q = bqdisc_instance__qdisc(inst);
	struct tc_shown *s;

	list->v = reallocarray(list->v, list->n + 1, sizeof(*list->v));
	if (!list->v)
		abort();
	s = &list->v[list->n++];
	*s = (struct tc_shown){ .handle = bqdisc_instance__handle(inst),
				.parent = bqdisc_instance__parent(inst) };
	s->dev = strdup(bqdisc_instance__dev(inst));
	if (!s->dev)
		abort();
	snprintf(s->kernel_kind, sizeof(s->kernel_kind), "%s", bqdisc_qdisc__kind(q));
	snprintf(s->kind, sizeof(s->kind), "%s",
		 is_known(q) ? bqdisc_qdisc__name(q) : bqdisc_qdisc__kind(q));
	tc_shown_format(s, inst, list->line);
}

static int add_instance(const struct bqdisc_instance *inst, void *arg)
{
	add_shown(arg, inst);
	return 0;
}

static void free_list(struct tc_shown_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		free(list->v[i].dev);
		free(list->v[i].options);
		free(list->v[i].core);
		free(list->v[i].xstats);
	}
	free(list->v);
}

/* Print what tc prints for a qdisc without options, for tc_merge_text(). */
static void put_text(const struct tc_shown *s, bool stats, const char *dev, FILE *out)
{
	char handle[TC_ID_MAX], parent[TC_ID_MAX];
	bool root = s->parent == BQDISC_PARENT_ROOT;

	fprintf(out, "qdisc %s %s %s%s%s%s%s \n", s->kernel_kind, output_tc_id(s->handle, handle),
		dev ? "" : "dev ", dev ? "" : s->dev, dev ? "" : " ", root ? "" : "parent ",
		output_tc_id(s->parent, parent));
	if (stats)
		fprintf(out, "%s\n", s->core);
}

/* The same for tc_merge_json(). */
static void put_json(const struct tc_shown *s, bool stats, const char *dev, FILE *out)
{
	char handle[TC_ID_MAX], parent[TC_ID_MAX];
	bool root = s->parent == BQDISC_PARENT_ROOT;

	fprintf(out, "{\"kind\":\"%s\",\"handle\":\"%s\"", s->kernel_kind,
		output_tc_id(s->handle, handle));
	if (!dev)
		fprintf(out, ",\"dev\":\"%s\"", s->dev);
	if (root)
		fputs(",\"root\":true", out);
	else
		fprintf(out, ",\"parent\":\"%s\"", output_tc_id(s->parent, parent));
	fprintf(out, ",\"options\":{}%s%s}", stats ? "," : "", stats ? s->core : "");
}

/* Print the qdiscs of bqdisc without the real tc. There is no reference count. */
static void print_alone(const struct tc_shown_list *list, const char *dev)
{
	const struct tc_line *line = list->line;
	bool json = line->globals.json;
	char *text = NULL;
	size_t i, size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	fputs(json ? "[" : "", out);
	for (i = 0; i < list->n; i++) {
		fputs(json && i ? "," : "", out);
		(json ? put_json : put_text)(&list->v[i], line->stats, dev, out);
	}
	fputs(json ? "]\n" : "", out);
	fclose(out);
	(json ? tc_merge_json : tc_merge_text)(list, dev, text);
	free(text);
}

/* Return the device that the line names, or NULL. */
static const char *find_dev(const struct tc_line *line)
{
	int i;

	for (i = 0; i + 1 < line->n; i++)
		if (!strcmp(line->words[i], "dev"))
			return line->words[i + 1];
	return NULL;
}

/* Collect the qdiscs of bqdisc. Without privileges none is known, and the real tc shows all. */
static void collect(struct tc_shown_list *list, const char *dev)
{
	struct bqdisc *bq = session_open(&list->line->globals);

	if (!dev || !strpbrk(dev, ",*?[\\"))
		bqdisc__each_queue(bq, dev, add_instance, list);
	bqdisc__close(bq);
}

int tc_show(const struct tc_line *line)
{
	struct tc_shown_list list = { .line = line };
	const char *dev = find_dev(line);
	char *text = NULL;
	int status;

	collect(&list, dev);
	if (!list.n)
		return tc_exec(line);
	status = tc_capture(line->plain, &text);
	if (status < 0)
		print_alone(&list, dev);
	else if (line->globals.json)
		tc_merge_json(&list, dev, text);
	else
		tc_merge_text(&list, dev, text);
	free(text);
	free_list(&list);
	return status < 0 ? 0 : status;
}
