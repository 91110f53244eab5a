// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/tables.h"
#include "qdisc/match_words.h"
#include "qdisc/preset.h"
#include "qdisc/rule.h"

#define MAX_CONFIG 4096 /* bytes */

/* State of parsing rules. */
struct parser {
	const struct bqdisc_qdisc *q;
	void *config; /* of the first rule */
	struct bq_blob *tables;
	struct bq_error *error;
	uint32_t n;  /* number of rules parsed */
	bool closed; /* the last rule matches every packet, so none can follow */
};

/* One rule. */
struct rule {
	uint64_t config[MAX_CONFIG / sizeof(uint64_t)];
	struct bq_match match;
	bool matched;
};

/* --- presets --- */

/* Merge the options of the preset that the rule does not set itself. */
static int apply_preset(struct parser *p, const char *name, struct rule *rule)
{
	uint64_t config[MAX_CONFIG / sizeof(uint64_t)] = { 0 }, own;
	struct bq_preset_words found;
	int err = bq_preset_find(name, &found, p->error);

	if (err)
		return err;
	err = bq_options_parse(p->q, found.n, found.words, config, p->error);
	if (err && found.line)
		bq_wordfile_locate(&found.file, found.line, err, p->error);
	bq_preset_free(&found);
	if (err)
		return err;
	memcpy(&own, rule->config, sizeof(own));
	bq_options_merge(p->q, rule->config, config);
	bq_options_drop_idle(p->q, rule->config, &own);
	return 0;
}

/* --- one rule --- */

/* Return the number of WORDS before the first that is not part of an option. */
static int count_options(int n, char *const words[])
{
	int i = 0;

	while (i < n && strcmp(words[i], "match") != 0 && strcmp(words[i], "preset") != 0)
		i++;
	return i;
}

static int parse_match(struct parser *p, int n, char *const words[], struct rule *rule)
{
	int used;

	if (rule->matched)
		return bq_fail_word(p->error, words[0],
				    "%s match: given twice in a rule; give it once", p->q->name);
	used = bq_match_parse(n - 1, words + 1, &rule->match, p->error);
	rule->matched = true;
	return used < 0 ? used : 1 + used;
}

static int parse_preset(struct parser *p, int n, char *const words[], const char **preset)
{
	if (*preset)
		return bq_fail_word(p->error, words[0],
				    "%s preset: given twice in a rule; give it once", p->q->name);
	if (n < 2)
		return bq_fail_word(p->error, words[0],
				    "%s preset: missing name; 'bqdisc help %s' "
				    "lists the presets",
				    p->q->name, p->q->name);
	*preset = words[1];
	return 2;
}

/* Parse options, a match and a preset, in any order. */
static int parse_words(struct parser *p, int n, char *const words[], struct rule *rule)
{
	const char *preset = NULL;
	int i, used;

	for (i = 0; i < n; i += used) {
		if (!strcmp(words[i], "match")) {
			used = parse_match(p, n - i, words + i, rule);
		} else if (!strcmp(words[i], "preset")) {
			used = parse_preset(p, n - i, words + i, &preset);
		} else {
			used = count_options(n - i, words + i);
			if (bq_options_parse(p->q, used, words + i, rule->config, p->error))
				used = -EINVAL;
		}
		if (used < 0)
			return used;
	}
	return preset ? apply_preset(p, preset, rule) : 0;
}

/* Refuse options of the whole qdisc in other rules than the first. */
static int check_global(struct parser *p, const struct rule *rule)
{
	const struct bq_option *row;
	size_t i;

	for (i = 0; i < p->q->n_options; i++) {
		row = &p->q->options[i];
		if (bq_option_is_set(rule->config, i) && row->offset >= p->q->rules->size)
			return bq_fail_word(p->error, NULL,
					    "%s %s: applies to all rules; put it before the first "
					    "'rule'",
					    p->q->name, row->name);
	}
	return 0;
}

static int put(struct parser *p, uint32_t use, const void *data, size_t size)
{
	if (!bq_tables_put(p->tables, p->n, use, data, (uint32_t)size))
		return 0;
	return bq_fail(p->error, BQDISC_ERROR_REFUSED, ENOMEM, "%s", strerror(ENOMEM));
}

/* Remove the rules of an earlier configuration from the tables. */
static void forget_rules(struct parser *p)
{
	const struct bq_tlv *s;
	uint32_t at = 0, rule, use;

	while (at < p->tables->size) {
		s = (const struct bq_tlv *)((const char *)p->tables->data + at);
		rule = s->rule;
		use = s->use;
		if (rule || use == p->q->rules->match)
			bq_tables_put(p->tables, rule, use, NULL, 0);
		else
			at += (uint32_t)BQ_TLV_BYTES(s->size);
	}
}

static int store_rule(struct parser *p, const struct rule *rule)
{
	int err = 0;

	if (p->n)
		err = put(p, p->q->rules->options, rule->config, p->q->rules->size);
	if (!err && rule->matched)
		err = put(p, p->q->rules->match, &rule->match, sizeof(rule->match));
	return err;
}

static int check_place(struct parser *p, int n)
{
	if (p->n && !n)
		return bq_fail_word(p->error, NULL, "%s rule: empty rule; give options or a match",
				    p->q->name);
	if (p->closed)
		return bq_fail_word(p->error, NULL,
				    "%s rule: rule %u can match no packet; add a match to the rule "
				    "before it",
				    p->q->name, p->n + 1);
	if (p->n == p->q->rules->max)
		return bq_fail_word(p->error, NULL, "%s rule: too many rules; use at most %u",
				    p->q->name, p->q->rules->max);
	return 0;
}

/* Parse one rule of N words. Return 0 or -errno. */
static int parse_rule(struct parser *p, int n, char *const words[])
{
	struct rule rule = { 0 };
	int err = check_place(p, n);

	if (!err)
		err = parse_words(p, n, words, &rule);
	if (!err && p->n)
		err = check_global(p, &rule);
	if (!err)
		err = p->q->rules->complete(rule.config, p->n, p->tables, p->error);
	if (!err)
		err = store_rule(p, &rule);
	if (!p->n)
		memcpy(p->config, rule.config, p->q->config_size);
	p->closed = !rule.matched;
	p->n++;
	return err;
}

/* --- file of rules --- */

/* Parse the first line together with the N WORDS around the file's name, as one rule. */
static int parse_first(struct parser *p, int n, char *const words[], const struct bq_wordfile *text)
{
	const struct bq_wordfile_line *line = text->lines;
	char **all = calloc((size_t)(n + line->n), sizeof(*all));
	int err;

	if (!all)
		return bq_fail(p->error, BQDISC_ERROR_REFUSED, ENOMEM, "%s", strerror(ENOMEM));
	memcpy(all, words, (size_t)n * sizeof(*all));
	memcpy(all + n, text->words + line->first, (size_t)line->n * sizeof(*all));
	err = parse_rule(p, n + line->n, all);
	free(all);
	return err;
}

static int parse_lines(struct parser *p, int n, char *const words[], const struct bq_wordfile *text)
{
	const struct bq_wordfile_line *line = text->lines, *end = text->lines + text->n_lines;
	int err = parse_first(p, n, words, text);

	while (!err && ++line < end)
		err = parse_rule(p, line->n, text->words + line->first);
	return err ? bq_wordfile_locate(text, line, err, p->error) : 0;
}

static int parse_file(struct parser *p, const char *name, int n, char *const words[])
{
	struct bq_wordfile text;
	int err = bq_wordfile_read(name, &text, p->error);

	if (err == -ENOENT)
		return bq_fail_word(p->error, name, "rules: no file '%s'; check the path", name);
	if (err)
		return err;
	if (text.n_lines)
		err = parse_lines(p, n, words, &text);
	else
		err = bq_fail_word(p->error, name, "rules: '%s' has no rules; write one per line",
				   name);
	bq_wordfile_free(&text);
	return err;
}

/* --- all rules --- */

static int find_word(int n, char *const words[], const char *what)
{
	int i = 0;

	while (i < n && strcmp(words[i], what) != 0)
		i++;
	return i;
}

/* Parse the N WORDS up to the next `rule`: one rule, or a file of rules. */
static int parse_part(struct parser *p, int n, char *words[])
{
	int at = find_word(n, words, "rules");
	char *name;

	if (at == n)
		return parse_rule(p, n, words);
	if (at + 1 == n)
		return bq_fail_word(p->error, words[at],
				    "%s rules: missing FILE; usage: rules FILE", p->q->name);
	name = words[at + 1];
	memmove(words + at, words + at + 2, (size_t)(n - at - 2) * sizeof(*words));
	return parse_file(p, name, n - 2, words);
}

static int parse_parts(struct parser *p, int n, char *words[])
{
	int i, used, err = 0;

	for (i = 0; i <= n && !err; i += used + 1) {
		used = find_word(n - i, words + i, "rule");
		err = parse_part(p, used, words + i);
	}
	return err;
}

int bq_rules_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		   struct bq_blob *tables, struct bq_error *error)
{
	struct parser p = { .q = q, .config = config, .tables = tables, .error = error };
	char **copy = malloc((size_t)(n + 1) * sizeof(*copy));
	int err;

	if (!copy)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "%s", strerror(ENOMEM));
	if (n)
		memcpy(copy, words, (size_t)n * sizeof(*copy));
	if (find_word(n, words, "rule") < n || find_word(n, words, "rules") < n ||
	    find_word(n, words, "match") < n)
		forget_rules(&p);
	err = parse_parts(&p, n, copy);
	free(copy);
	return err;
}

/* --- rules in tables --- */

uint32_t bq_rules_count(const struct bqdisc_qdisc *q, const struct bq_blob *tables)
{
	uint32_t n = 1, size;

	while (bq_tables_get(tables, n, q->rules->options, &size))
		n++;
	return n;
}

const void *bq_rules_options(const struct bqdisc_qdisc *q, const struct bq_blob *tables, uint32_t n)
{
	uint32_t size;

	return bq_tables_get(tables, n, q->rules->options, &size);
}

const struct bq_match *bq_rules_match(const struct bqdisc_qdisc *q, const struct bq_blob *tables,
				      uint32_t n)
{
	uint32_t size;

	return bq_tables_get(tables, n, q->rules->match, &size);
}
