// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parser of hfq's words: options of the instance, and classes with theirs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/hfq_parts.h"
#include "qdisc/match_words.h"
#include "qdisc/option.h"
#include "qdisc/tables.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/+-"

struct parsed {
	struct hfq_class_config config;
	struct bq_match match;
	bool matched, deleted, written;
};

/* All classes of the configuration, those of the former one first. */
struct parser {
	struct parsed *v;
	uint32_t n, former;
	struct bq_error *error;
};

static bool is_word(int n, char *const words[], const char *word)
{
	return n && !strcmp(words[0], word);
}

/* Return the number of WORDS before the next `class` or, if MATCHES, `match`. */
static int count_to(int n, char *const words[], bool matches)
{
	int i = 0;

	while (i < n && strcmp(words[i], "class") && !(matches && !strcmp(words[i], "match")))
		i++;
	return i;
}

/* Return the class NAME, or NULL. */
static struct parsed *find_class(const struct parser *p, const char *name)
{
	uint32_t i;

	for (i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].config.name, name))
			return &p->v[i];
	return NULL;
}

/* Return the class NAME, a new one if there is none, or NULL if there are too many. */
static struct parsed *take_class(struct parser *p, const char *name)
{
	struct parsed *c = find_class(p, name);

	if (c)
		return c;
	if (p->n == HFQ_CLASSES) {
		bq_fail_word(p->error, name, "hfq class %s: too many classes; use at most %u", name,
			     HFQ_CLASSES);
		return NULL;
	}
	strcpy(p->v[p->n].config.name, name);
	return &p->v[p->n++];
}

static int check_name(const char *name, struct bq_error *error)
{
	size_t len = strlen(name);

	/* Nothing that a shell or a configuration file takes apart, as show prints commands. */
	if (!len || len >= HFQ_NAME || strspn(name, NAME_CHARACTERS) != len)
		return bq_fail_word(error, name,
				    "hfq class: '%s' is no name of a class; use 1 to %d letters, "
				    "digits, or characters of '._:/+-'",
				    name, HFQ_NAME - 1);
	if (!strcmp(name, "class") || !strcmp(name, "match"))
		return bq_fail_word(error, name, "hfq class: '%s' is a keyword; use another name",
				    name);
	return 0;
}

/* Parse the options and the match of one class, and merge them into C. */
static int parse_class(struct parser *p, struct parsed *c, int n, char *const words[])
{
	struct hfq_class_config config = { 0 };
	struct bq_match match;
	bool matched = false;
	int i, used, err;

	for (i = 0; i < n; i += used) {
		used = count_to(n - i, words + i, true);
		err = bq_options_parse(&bq_hfq_class_rows, used, words + i, &config, p->error);
		if (err)
			return err;
		if (i + used == n)
			continue;
		if (matched)
			return bq_fail_word(p->error, words[i + used],
					    "hfq class %s: match given twice; give it once",
					    c->config.name);
		err = bq_match_parse(n - i - used - 1, words + i + used + 1, &match, p->error);
		if (err < 0)
			return err;
		matched = true;
		used += 1 + err;
	}
	memcpy(config.name, c->config.name, sizeof(config.name));
	bq_options_merge(&bq_hfq_class_rows, &config, &c->config);
	if (!bq_option_is_set(&config, HFQ_WEIGHT))
		config.weight = 1;
	c->config = config;
	if (matched)
		c->match = match;
	c->matched |= matched;
	return 0;
}

/* Delete a class of the former configuration. */
static int delete_class(struct parser *p, struct parsed *c)
{
	c->deleted = true;
	if (c < p->v + p->former)
		return 0;
	return bq_fail_word(p->error, c->config.name, "hfq class %s: no such class to delete",
			    c->config.name);
}

static int parse_classes(struct parser *p, int n, char *const words[])
{
	struct parsed *c;
	int i, used, err;

	for (i = 0; i < n; i += used) {
		if (n - i < 2)
			return bq_fail_word(p->error, words[i],
					    "hfq class: missing name; usage: class NAME [OPTIONS]");
		err = check_name(words[i + 1], p->error);
		if (err)
			return err;
		c = take_class(p, words[i + 1]);
		if (!c)
			return -EINVAL;
		used = 2 + count_to(n - i - 2, words + i + 2, false);
		if (used == 3 && is_word(1, words + i + 2, "delete"))
			err = delete_class(p, c);
		else
			err = parse_class(p, c, used - 2, words + i + 2);
		if (err)
			return err;
	}
	return 0;
}

static void read_former(struct parser *p, const struct bq_blob *tables)
{
	const void *data;
	uint32_t size;

	while (p->n < HFQ_CLASSES && (data = bq_tables_get(tables, p->n + 1, HFQ_CLASS, &size))) {
		memcpy(&p->v[p->n].config, data, sizeof(p->v->config));
		data = bq_tables_get(tables, p->n + 1, HFQ_MATCH, &size);
		if (data)
			memcpy(&p->v[p->n].match, data, sizeof(p->v->match));
		p->v[p->n++].matched = data != NULL;
	}
	p->former = p->n;
}

/* Write the class after those above it. A parent without a place before it is refused later. */
static int put_class(const struct parser *p, struct bq_blob *tables, uint32_t *n, struct parsed *c)
{
	struct parsed *parent;
	int err = 0;

	if (c->deleted || c->written)
		return 0;
	c->written = true;
	parent = find_class(p, c->config.parent);
	if (parent)
		err = put_class(p, tables, n, parent);
	if (!err)
		err = bq_tables_put(tables, ++*n, HFQ_CLASS, &c->config, sizeof(c->config));
	if (!err && c->matched)
		err = bq_tables_put(tables, *n, HFQ_MATCH, &c->match, sizeof(c->match));
	return err;
}

/* Write the classes to new TABLES. Set *N to their number. */
static int write_classes(const struct parser *p, struct bq_blob *tables, uint32_t *n)
{
	uint32_t i;
	int err = 0;

	*n = 0;
	for (i = 0; !err && i < p->n; i++)
		err = put_class(p, tables, n, &p->v[i]);
	return err;
}

/* Parse all words into CONFIG and new TABLES. */
static int parse_all(struct parser *p, const struct bqdisc_qdisc *q, int n, char *const words[],
		     struct hfq_config *config, struct bq_blob *tables)
{
	int used = count_to(n, words, false);
	int err = bq_hfq_parse_options(q, used, words, config, p->error);
	struct bq_hfq_classes classes;

	if (!err)
		err = parse_classes(p, n - used, words + used);
	if (!err)
		err = write_classes(p, tables, &config->classes);
	if (!err)
		err = bq_hfq_read(config, tables, &classes, p->error);
	if (!err) {
		config->rates = classes.v[0].rates;
		free(classes.v);
	}
	return err;
}

int bq_hfq_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		 struct bq_blob *tables, struct bq_error *error)
{
	struct parser p = { .v = calloc(HFQ_CLASSES, sizeof(*p.v)), .error = error };
	bool whole = is_word(n, words, "hfq");
	struct bq_blob new = { 0 };
	int err = -ENOMEM;

	if (p.v && !whole)
		read_former(&p, tables);
	if (p.v)
		err = parse_all(&p, q, n - whole, words + whole, config, &new);
	free(p.v);
	if (err) {
		free(new.data);
		return err == -ENOMEM ? bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "%s",
						strerror(ENOMEM))
				      : err;
	}
	free(tables->data);
	*tables = new;
	return 0;
}
