// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "metrics_family.h"
#include "output.h"

/* Start behind the last family found, because instances have their counters in the same order. */
static struct family *find(struct families *all, const char *name)
{
	size_t i, n;

	for (i = 1; i <= all->n; i++) {
		n = (all->last + i) % all->n;
		if (strcmp(all->v[n]->name, name) != 0)
			continue;
		all->last = n;
		return all->v[n];
	}
	return NULL;
}

/* Add a family. It has memory of its own, because its stream keeps addresses in it. */
static struct family *add(struct families *all, const char *name, enum metric_type type,
			  const char *help)
{
	struct family *f = check_memory(calloc(1, sizeof(*f)));

	f->name = check_memory(strdup(name));
	f->help = help;
	f->type = type;
	f->samples = check_memory(open_memstream(&f->buffer, &f->size));
	all->v = check_memory(reallocarray(all->v, all->n + 1, sizeof(struct family *)));
	all->last = all->n;
	all->v[all->n++] = f;
	return f;
}

struct family *families_get(struct families *all, const char *name, const char *suffix,
			    enum metric_type type, const char *help)
{
	struct family *f = find(all, name);
	char *other;

	if (!f)
		return add(all, name, type, help);
	if (f->type == type)
		return f;
	check_memory(asprintf(&other, "%s_%s", name, suffix) < 0 ? NULL : other);
	f = families_get(all, other, suffix, type, help);
	free(other);
	return f;
}

/* Write TEXT as the formats want it. A byte that is not UTF-8 would invalidate all the text. */
static void write_escaped(FILE *out, const char *text, bool quotes)
{
	json_t *string = json_string(text); /* NULL: not UTF-8 */
	const char *c;

	for (c = text; *c; c++)
		if (*c == '\n')
			fputs("\\n", out);
		else if (*c == '\\' || (*c == '"' && quotes))
			fprintf(out, "\\%c", *c);
		else
			fputc(!string && *c & 0x80 ? '?' : *c, out);
	json_decref(string);
}

void family_write_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, ",%s=\"", name);
	write_escaped(out, value, true);
	fputc('"', out);
}

void family_add(struct family *f, const char *labels, const char *more, const char *value)
{
	const char *first = *labels ? labels : more;

	fprintf(f->samples, "%s%s{%s%s} %s\n", f->name, f->type == METRIC_COUNTER ? "_total" : "",
		first + 1, *labels ? more : "", value);
}

/* In OpenMetrics the name of a family of counters lacks the _total of its samples. */
static void write_family(const struct family *f, enum metrics_format format, FILE *out)
{
	static const char *const types[] = { "counter", "gauge", "unknown", "histogram" };
	bool open = format == METRICS_OPENMETRICS;
	const char *total = f->type == METRIC_COUNTER && !open ? "_total" : "";
	const char *type = f->type == METRIC_UNKNOWN && !open ? "untyped" : types[f->type];

	fprintf(out, "# HELP %s%s ", f->name, total);
	write_escaped(out, f->help, open);
	fprintf(out, "\n# TYPE %s%s %s\n", f->name, total, type);
	fflush(f->samples);
	fwrite(f->buffer, 1, f->size, out);
}

void families_write(const struct families *all, enum metrics_format format, FILE *out)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		write_family(all->v[i], format, out);
	if (format == METRICS_OPENMETRICS)
		fputs("# EOF\n", out);
}

void families_free(struct families *all)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		fclose(all->v[i]->samples);
		free(all->v[i]->buffer);
		free(all->v[i]->name);
		free(all->v[i]);
	}
	free(all->v);
}
