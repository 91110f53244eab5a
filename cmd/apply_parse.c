// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parses the lines of apply, with the parsers of the command line for flags and options. */
#include <ctype.h>
#include <string.h>

#include "apply.h"
#include "memory.h"

/* A line that is parsed. */
struct parser {
	struct apply_config *c;
	const struct apply_words *words;
	size_t i; /* the next word */
	struct apply_line line;
};

static const char *const keywords[] = { "netns", "include", "default", "load" };

static bool is_keyword(const struct apply_word *word, const char *keyword)
{
	return !word->quoted && !strcmp(word->text, keyword);
}

/* Return the next word, or NULL at the end of the line. */
static const struct apply_word *next_word(const struct parser *p)
{
	return p->i < p->words->n ? &p->words->v[p->i] : NULL;
}

/* Return the place of the next word, or of the end of the line. */
static const struct apply_place *next_place(const struct parser *p)
{
	const struct apply_word *word = next_word(p);

	return word ? &word->at : &p->words->end;
}

static bool fail_missing(const struct parser *p, const char *what)
{
	apply_problem(p->c, next_place(p), "missing %s; see 'bqdisc help apply'", what);
	return false;
}

static bool at_end(const struct parser *p)
{
	const struct apply_word *word = next_word(p);

	if (word)
		apply_problem(p->c, &word->at, "unexpected word '%s'; leave it out", word->text);
	return !word;
}

/* --- selectors --- */

/* Split NAME=PATTERN. Return the length of NAME; 0: no selector. */
static size_t selector_length(const struct apply_word *word)
{
	size_t len = 0;

	while (islower((unsigned char)word->text[len]))
		len++;
	return !word->quoted && word->text[len] && strchr("=<>", word->text[len]) ? len : 0;
}

static bool parse_speed(const struct parser *p, const struct apply_word *word, const char *text,
			struct apply_selector *s)
{
	bool equal = text[strspn(text, "<>")] == '=';

	s->compare = equal ? APPLY_EQUAL : APPLY_LESS;
	if (*text == '<')
		s->compare = equal ? APPLY_LESS_EQUAL : APPLY_LESS;
	if (*text == '>')
		s->compare = equal ? APPLY_MORE_EQUAL : APPLY_MORE;
	text += 1 + (equal && *text != '=');
	if (bqdisc_unit__parse(BQDISC_UNIT_RATE, text, &s->speed) && s->speed)
		return true;
	apply_problem(p->c, &word->at, "speed: invalid value '%s'; give a rate, such as 10gbit",
		      text);
	return false;
}

static bool parse_selector(struct parser *p, const struct apply_word *word, size_t len)
{
	static const char *const names[] = { "driver", "kind", "mac", "speed" };
	struct apply_selector *s = &p->line.selector;
	const char **const patterns[] = { &s->driver, &s->kind, &s->mac };
	char name[16];
	size_t i;

	snprintf(name, sizeof(name), "%.*s", (int)len, word->text);
	if (!strcmp(name, "speed"))
		return parse_speed(p, word, word->text + len, s);
	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		if (strcmp(name, names[i]) || word->text[len] != '=')
			continue;
		*patterns[i] = word->text + len + 1;
		return true;
	}
	apply_problem(p->c, &word->at,
		      "unknown selector '%s'; give driver=, kind=, mac= or speed=, or quote the "
		      "word",
		      word->text);
	return false;
}

/* Parse the devices: names, and further properties. */
static bool parse_selectors(struct parser *p)
{
	const struct apply_word *word = next_word(p);
	size_t len;

	if (!word)
		return fail_missing(p, "DEVICES");
	if (!selector_length(word)) {
		p->line.selector.names = word->text;
		p->i++;
	}
	while ((word = next_word(p)) && (len = selector_length(word))) {
		if (!parse_selector(p, word, len))
			return false;
		p->i++;
	}
	return true;
}

/* --- qdiscs --- */

/* Keep the words of the line, to print them. */
static void keep_text(struct parser *p)
{
	size_t size, i;
	FILE *out = check_memory(open_memstream(&p->line.text, &size));

	for (i = p->i; i < p->words->n; i++)
		fprintf(out, "%s%s", i > p->i ? " " : "", p->words->v[i].text);
	if (fclose(out))
		abort();
}

/* Report a problem of the word TEXT of the line; NULL: of its qdisc. */
static bool fail_word(const struct parser *p, const char *text, const char *problem)
{
	size_t i;

	for (i = p->i; i < p->words->n; i++)
		if (p->words->v[i].text == text)
			break;
	apply_problem(p->c, i < p->words->n ? &p->words->v[i].at : next_place(p), "%s", problem);
	return false;
}

/* Take the flags from the words that are left. */
static bool parse_flags(struct parser *p, const struct flag *flags, size_t n)
{
	static char command[] = "apply";
	struct apply_line *line = &p->line;
	struct flags_error error;
	size_t i;
	int argc = 1;

	keep_text(p);
	line->argv = check_memory(calloc(p->words->n - p->i + 2, sizeof(*line->argv)));
	line->argv[0] = command;
	for (i = p->i; i < p->words->n; i++)
		line->argv[argc++] = p->words->v[i].text;
	argc = flags_parse(argc, line->argv, flags, n, &error);
	if (argc < 0)
		return fail_word(p, error.word, error.text);
	line->n = argc - 1;
	return true;
}

/* Check the qdisc and its options, whose paths are relative to the file. */
static bool check_attach(const struct parser *p)
{
	const struct apply_line *line = &p->line;
	struct bqdisc *bq = p->c->bq;
	int at, err, from = apply_enter(line->file);

	err = bqdisc__check(bq, line->n, line->argv + 1, &line->opts, &at);
	apply_leave(from);
	return !err || fail_word(p, line->n ? line->argv[1 + at] : NULL, bqdisc__message(bq));
}

static bool parse_attach(struct parser *p)
{
	struct apply_line *line = &p->line;
	const struct flag flags[] = {
		ATTACH_FLAGS(&line->opts),
		{ .name = "--enforce", .set = &line->enforce },
	};

	line->opts = (struct bqdisc_attach_opts){
		.sz = sizeof(line->opts),
		.parent = BQDISC_PARENT_ROOT,
		.each = true,
	};
	return parse_flags(p, flags, ARRAY_SIZE(flags)) && check_attach(p);
}

static bool parse_devices(struct parser *p)
{
	const struct apply_word *word = next_word(p);

	if (word && is_keyword(word, "netns")) {
		p->i++;
		word = next_word(p);
		if (!word)
			return fail_missing(p, "name of the network namespace");
		p->line.netns = word->text;
		p->i++;
	}
	if (!parse_selectors(p))
		return false;
	word = next_word(p);
	if (!word)
		return fail_missing(p, "QDISC, or none");
	if (!is_keyword(word, "none"))
		return parse_attach(p);
	p->line.verb = APPLY_NONE;
	p->i++;
	return at_end(p);
}

/* --- lines about no device --- */

/* Parse flags and the name of a qdisc. */
static bool parse_qdisc(struct parser *p, const struct flag *flags, size_t n)
{
	const struct apply_line *line = &p->line;

	if (!parse_flags(p, flags, n))
		return false;
	if (!line->n)
		return fail_missing(p, "QDISC");
	return line->n == 1 || fail_word(p, line->argv[2], "unexpected word; leave it out");
}

static bool parse_load(struct parser *p)
{
	struct apply_line *line = &p->line;
	struct bqdisc_load_opts opts = { .sz = sizeof(opts), .dry_run = true };
	const struct flag flags[] = {
		{ .name = "--as", .parse = parse_text, .value = &line->opts.as, .wants = "a name" },
		{ .name = "--force", .set = &line->force },
	};
	int err, from;

	if (!parse_qdisc(p, flags, ARRAY_SIZE(flags)))
		return false;
	from = apply_enter(line->file);
	opts.as = line->opts.as;
	err = bqdisc__load(p->c->bq, line->argv[1], &opts, NULL);
	apply_leave(from);
	return err >= 0 || fail_word(p, line->argv[1], bqdisc__message(p->c->bq));
}

static bool parse_default(struct parser *p)
{
	return parse_qdisc(p, NULL, 0) &&
	       (bqdisc__qdisc(p->c->bq, p->line.argv[1]) ||
		fail_word(p, p->line.argv[1], bqdisc__message(p->c->bq)));
}

/* --- a line --- */

static bool parse_include(struct parser *p)
{
	const struct apply_word *pattern = next_word(p);

	if (!pattern)
		return fail_missing(p, "PATH");
	p->i++;
	if (at_end(p))
		apply_include(p->c, p->line.file, pattern);
	return false;
}

/* Return true if the line is part of the configuration. */
static bool parse(struct parser *p)
{
	static const struct {
		const char *keyword;
		enum apply_verb verb;
		bool (*parse)(struct parser *p);
	} verbs[] = {
		{ "include", APPLY_ATTACH, parse_include },
		{ "default", APPLY_DEFAULT, parse_default },
		{ "load", APPLY_LOAD, parse_load },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!is_keyword(next_word(p), verbs[i].keyword))
			continue;
		p->line.verb = verbs[i].verb;
		p->i++;
		return verbs[i].parse(p);
	}
	return parse_devices(p);
}

void apply_parse_line(struct apply_config *c, const struct apply_file *file,
		      const struct apply_words *words)
{
	struct parser p = {
		.c = c,
		.words = words,
		.line = { .file = file, .number = words->v[0].at.line },
	};

	if (!parse(&p)) {
		free(p.line.argv);
		free(p.line.text);
		return;
	}
	c->lines = extend_array(c->lines, c->n, &c->room, sizeof(*c->lines));
	c->lines[c->n++] = p.line;
}

void apply_print_name(const char *name, FILE *out)
{
	bool plain = *name, keyword = false;
	const char *c;
	size_t i;

	for (c = name; *c; c++)
		plain &= isalnum((unsigned char)*c) || strchr("._-@:", *c);
	for (i = 0; i < ARRAY_SIZE(keywords); i++)
		keyword |= !strcmp(keywords[i], name);
	if (plain && !keyword) {
		fputs(name, out);
		return;
	}
	/* Within quotes, a backslash keeps the characters of a pattern. */
	fputc('\'', out);
	for (c = name; *c; c++)
		if (*c == '\'')
			fputs("'\\''", out);
		else
			fprintf(out, "%s%c", strchr("*?[\\", *c) ? "\\" : "", *c);
	fputc('\'', out);
}
