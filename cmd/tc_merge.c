// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Insert the options and counters of the qdiscs of bqdisc into the output of the real tc, which
 * prints the other qdiscs, and of these the name, the place and the counters of the core.
 */
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "tc.h"

/* Return the qdisc of KIND at this point of DEV; NULL: there is only one device. */
static const struct tc_shown *find_shown(const struct tc_shown_list *list, const char *dev,
					 uint32_t parent, const char *kind)
{
	const struct tc_shown *s;

	for (s = list->v; s < list->v + list->n; s++)
		if (s->parent == parent && !strcmp(s->kernel_kind, kind) &&
		    (!dev || !strcmp(s->dev, dev)))
			return s;
	return NULL;
}

/* --- text --- */

/* Copy the word behind NAME in LINE. Return false if there is none. */
static bool word_after(const char *line, const char *name, char word[TC_WORD_MAX])
{
	const char *at = strstr(line, name);

	return at && sscanf(at + strlen(name), "%63s", word) == 1;
}

bool tc_text_read(const char *line, struct tc_text *qdisc)
{
	char id[TC_WORD_MAX];
	unsigned int major;

	*qdisc = (struct tc_text){ .parent = BQDISC_PARENT_ROOT };
	if (sscanf(line, "qdisc %63s %x:", qdisc->kind, &major) != 2)
		return false;
	qdisc->handle = major << 16;
	word_after(line, " dev ", qdisc->dev);
	return !word_after(line, " parent ", id) || parse_parent(id, &qdisc->parent);
}

/*
 * Return the qdisc of bqdisc that LINE begins: "qdisc bq_fq 8001: dev eth0 root refcnt 2 ". tc
 * leaves out the device if it was asked for DEV only.
 */
static const struct tc_shown *find_line(const struct tc_shown_list *list, const char *dev,
					const char *line)
{
	struct tc_text t;

	if (!tc_text_read(line, &t))
		return NULL;
	return find_shown(list, dev ? NULL : t.dev, t.parent, t.kind);
}

/* Print the first line of a qdisc with its name and options. */
static void put_first_line(const struct tc_shown *shown, const char *line)
{
	const char *rest = strchr(line + strlen("qdisc "), ' ');

	printf("qdisc %s%s%s\n", shown->kind, rest ? rest : "", shown->options);
}

static void end_qdisc(const struct tc_shown *shown, const struct tc_line *line)
{
	if (shown && line->stats && *shown->xstats)
		puts(shown->xstats);
}

void tc_merge_text(const struct tc_shown_list *list, const char *dev, const char *text)
{
	const struct tc_shown *shown = NULL;
	char *copy = strdup(text), *rest = copy, *line;

	while (rest && *rest && (line = strsep(&rest, "\n"))) {
		if (*line && *line != ' ') {
			end_qdisc(shown, list->line);
			shown = find_line(list, dev, line);
		}
		if (shown && *line != ' ')
			put_first_line(shown, line);
		else
			puts(line);
	}
	end_qdisc(shown, list->line);
	free(copy);
}

/* --- JSON --- */

/* Return the end of the object that begins at TEXT, or NULL if it does not end. */
static const char *end_of_object(const char *text)
{
	bool quoted = false;
	int depth = 0;

	for (; *text; text++) {
		if (quoted && *text == '\\' && text[1])
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (!quoted && *text == '{')
			depth++;
		else if (!quoted && *text == '}' && !--depth)
			return text + 1;
	}
	return NULL;
}

/* Return the qdisc of bqdisc that the object describes. A foreign one may have greater numbers. */
static const struct tc_shown *find_object(const struct tc_shown_list *list, const char *dev,
					  const char *object, size_t len)
{
	json_t *all = json_loadb(object, len, 0, NULL);
	const char *kind = json_string_value(json_object_get(all, "kind"));
	const char *name = json_string_value(json_object_get(all, "dev"));
	const char *id = json_string_value(json_object_get(all, "parent"));
	const struct tc_shown *shown = NULL;
	uint32_t parent = BQDISC_PARENT_ROOT;

	if (kind && (dev || name) && (!id || parse_parent(id, &parent)))
		shown = find_shown(list, dev ? NULL : name, parent, kind);
	json_decref(all);
	return shown;
}

/* Write OBJECT with the name, the options and the counters of SHOWN. */
static void put_object(const struct tc_shown *shown, const char *object, size_t len,
		       const struct tc_line *line, FILE *out)
{
	static const char none[] = "\"options\":{}";
	const char *first = memchr(object, ',', len), *options = strstr(object, none);

	if (!first || !options || options >= object + len) {
		fwrite(object, len, 1, out);
		return;
	}
	fprintf(out, "{\"kind\":\"%s\"%.*s\"options\":{%s}", shown->kind, (int)(options - first),
		first, shown->options);
	options += strlen(none);
	fwrite(options, (size_t)(object + len - options - 1), 1, out);
	if (line->stats && *shown->xstats)
		fprintf(out, ",%s", shown->xstats);
	putc('}', out);
}

/* --- -p --- */

static void put_indent(unsigned int depth)
{
	printf("\n%*s", (int)depth * 4, "");
}

/* Print compact JSON as tc does with -p: each member of an object on a line. */
static void put_pretty(const char *json)
{
	char open[32]; /* brackets of the objects and arrays around */
	unsigned int depth = 0;
	bool quoted = false;

	for (; *json; json++) {
		char c = *json;

		if (!quoted && (c == '}' || c == ']') && depth && json[-1] != '{' &&
		    json[-1] != '[')
			c == '}' ? put_indent(depth - 1) : (void)putchar(' ');
		if (!quoted && (c == '}' || c == ']') && depth)
			depth--;
		putchar(c);
		if (quoted && c == '\\' && json[1])
			putchar(*++json);
		else if (c == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if ((c == '{' || c == '[') && depth < sizeof(open))
			open[depth++] = c;
		if (c == '[' || c == ':')
			putchar(' ');
		if ((c == '{' && json[1] != '}') || (c == ',' && depth && open[depth - 1] == '{'))
			put_indent(depth);
	}
}

void tc_merge_json(const struct tc_shown_list *list, const char *dev, const char *text)
{
	const char *at, *end;
	char *all = NULL;
	size_t size;
	FILE *out = open_memstream(&all, &size);

	if (!out)
		abort();
	for (at = text; *at; at = end) {
		const struct tc_shown *shown = NULL;

		end = *at == '{' ? end_of_object(at) : at + 1;
		if (!end)
			end = at + strlen(at);
		if (*at == '{')
			shown = find_object(list, dev, at, (size_t)(end - at));
		if (shown)
			put_object(shown, at, (size_t)(end - at), list->line, out);
		else
			fwrite(at, (size_t)(end - at), 1, out);
	}
	fclose(out);
	if (list->line->pretty)
		put_pretty(all);
	else
		fputs(all, stdout);
	free(all);
}
