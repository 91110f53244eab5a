// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tc qdisc add, change, replace and delete. */
#include <stdlib.h>
#include <string.h>

#include "tc.h"
#include "tc_netem.h"

/* --- the words --- */

struct request {
	const char *dev;
	uint32_t parent; /* 0: none was given */
	uint32_t handle; /* 0: none was given */
	const char *kind;
	int n; /* words behind the kind */
	char **words;
};

/* Words before the kind that the qdiscs of bqdisc do not know. tc accepts abbreviations of some. */
static bool is_for_tc(const char *word)
{
	static const char *const names[] = { "estimator", "stab", "ingress_block", "egress_block",
					     "help" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(word, names[i], strlen(word)))
			return true;
	return !strcmp(word, "clsact") || !strcmp(word, "ingress");
}

/* Parse "1:", "1" or "8001:". */
static bool parse_handle(const char *text, uint32_t *handle)
{
	char *end;
	unsigned long major = strtoul(text, &end, 16);

	*handle = (uint32_t)major << 16;
	return end != text && major && major < 1 << 16 && (!*end || !strcmp(end, ":"));
}

/* Take the words "dev", "handle" and "parent" with their values, and "root". */
static int take_word(struct request *r, int n, char *words[])
{
	if (!strcmp(words[0], "root") && !r->parent) {
		r->parent = BQDISC_PARENT_ROOT;
		return 1;
	}
	if (n < 2)
		return 0;
	if (!strcmp(words[0], "dev") && !r->dev)
		r->dev = words[1];
	else if (!strcmp(words[0], "handle") && !r->handle && parse_handle(words[1], &r->handle))
		return 2;
	else if (strcmp(words[0], "parent") || r->parent || !parse_parent(words[1], &r->parent))
		return 0;
	return 2;
}

/* Read the line. Return false if it is for the real tc. */
static bool read_request(const struct tc_line *line, struct request *r)
{
	int i, used = 0;

	*r = (struct request){ 0 };
	for (i = 0; i < line->n; i += used) {
		used = take_word(r, line->n - i, line->words + i);
		if (!used)
			break;
	}
	if (i < line->n && is_for_tc(line->words[i]))
		return false;
	if (i < line->n) {
		r->kind = line->words[i];
		r->n = line->n - i - 1;
		r->words = line->words + i + 1;
	}
	/* In bqdisc these characters make a list of devices. */
	return r->dev && (r->parent || r->handle) && !strpbrk(r->dev, ",*?[\\");
}

/* --- the present qdisc --- */

struct modify {
	const struct tc_line *line;
	struct request r;
	struct bqdisc *bq;
	const struct bqdisc_qdisc *q; /* of the request; NULL: it names none */

	/* The qdisc at this point. */
	const struct bqdisc_qdisc *present; /* NULL: none of bqdisc */
	bool same;                          /* it has the kind of the request */
	uint32_t handle;                    /* 0: none, or a default of the kernel */
	struct tc_words words;              /* the options for attach or change */
	bool keeps;                         /* the command may be a change */
};

/* Return true for the same qdisc, maybe under its native name. */
static bool is_same(const struct bqdisc_qdisc *a, const struct bqdisc_qdisc *b)
{
	return a && b && !strcmp(bqdisc_qdisc__name(a), bqdisc_qdisc__name(b));
}

static bool is_netem(const struct bqdisc_qdisc *q)
{
	return !strcmp(bqdisc_qdisc__name(q), "netem");
}

/* tc finds a qdisc by its parent, or else by its handle. */
static int note_present(const struct bqdisc_instance *inst, void *arg)
{
	struct modify *m = arg;
	uint32_t parent = bqdisc_instance__parent(inst), handle = bqdisc_instance__handle(inst);

	if (m->r.parent ? m->r.parent != parent : m->r.handle != handle)
		return 0;
	m->r.parent = parent;
	m->handle = handle;
	m->present = bqdisc_instance__qdisc(inst);
	m->same = is_same(m->present, m->q);
	if (m->keeps && is_netem(m->present))
		tc_netem_add_kept(&m->words, inst, m->r.n, m->r.words);
	return 0;
}

/* Ask the real tc for a qdisc of another program. Without it, attach will find one. */
static void note_foreign(struct modify *m)
{
	char *words[] = { (char *)"tc", NULL, NULL, NULL, NULL, NULL, NULL, NULL };
	char *text = NULL, *rest, *line;
	struct tc_text t;
	size_t n = 1;

	if (m->line->globals.netns) {
		words[n++] = (char *)"-netns";
		words[n++] = (char *)m->line->globals.netns;
	}
	words[n++] = (char *)"qdisc";
	words[n++] = (char *)"show";
	words[n++] = (char *)"dev";
	words[n] = (char *)m->r.dev;
	if (tc_capture(words, &text) < 0)
		return;
	for (rest = text; (line = strsep(&rest, "\n"));) {
		if (!tc_text_read(line, &t) || t.parent != m->r.parent)
			continue;
		m->handle = t.handle;
		m->same = is_same(tc_find_kind(m->bq, t.kind), m->q);
	}
	free(text);
}

/* --- results --- */

/* Print an error of the kernel as tc does. */
static int refuse(const char *what)
{
	fprintf(stderr, "Error: %s.\n", what);
	return TC_REFUSED;
}

/* Refuse to add where a qdisc is, as the kernel does. */
static int refuse_to_add(const struct modify *m)
{
	if (m->r.handle && m->handle && m->r.handle != m->handle)
		return refuse("NLM_F_REPLACE needed to override");
	return refuse("Exclusivity flag on, cannot modify");
}

static int fail(const struct modify *m)
{
	enum bqdisc_error_class class = bqdisc__error_class(m->bq);

	session_print_message(m->bq);
	return class == BQDISC_ERROR_USAGE ? TC_USAGE : TC_REFUSED;
}

/* --- the commands --- */

/* Add word AT of the request, with the unit that tc assumes. */
static void add_word(struct modify *m, int at)
{
	const char *unit = bqdisc_qdisc__missing_unit(m->q, at, m->r.words);
	char *time;

	if (!unit) {
		tc_words_add(&m->words, m->r.words[at]);
		return;
	}
	if (asprintf(&time, "%s%s", m->r.words[at], unit) < 0)
		abort();
	tc_words_add(&m->words, time);
	free(time);
}

static void add_words(struct modify *m)
{
	int i;

	if (is_netem(m->q))
		tc_netem_add_defaults(&m->words, m->r.n, m->r.words);
	for (i = 0; i < m->r.n; i++)
		add_word(m, i);
}

static void ignore_step(const char *text, bool command, void *arg)
{
	(void)text;
	(void)command;
	(void)arg;
}

/*
 * Attach with the options. The kernel has BPF qdiscs at a root and under an mq only; the in-tree
 * qdisc may be possible elsewhere, and the real tc then adds it.
 */
static int attach(struct modify *m, struct bqdisc_attach_opts *opts)
{
	struct tc_words words = { 0 };
	int i, ret;

	tc_words_add(&words, bqdisc_qdisc__name(m->q));
	for (i = 0; i < m->words.n; i++)
		tc_words_add(&words, m->words.v[i]);
	opts->sz = sizeof(*opts);
	opts->parent = m->r.parent;
	opts->root = m->r.parent == BQDISC_PARENT_ROOT;
	ret = bqdisc__attach(m->bq, m->r.dev, words.n, words.v, opts);
	tc_words_free(&words);
	if (ret >= 0)
		return 0;
	if (bqdisc__error_class(m->bq) == BQDISC_ERROR_USAGE)
		return fail(m);
	if (!opts->root)
		return tc_exec(m->line);
	return bqdisc__error_class(m->bq) == BQDISC_ERROR_FOREIGN ? refuse_to_add(m) : fail(m);
}

static int replace(struct modify *m)
{
	struct bqdisc_attach_opts opts = {
		.handle = m->r.handle ? m->r.handle : BQDISC_HANDLE_NEW,
		.force = true,
		.forget = true,
	};

	tc_words_free(&m->words);
	add_words(m);
	return attach(m, &opts);
}

/* Refuse, but report errors in the words first, as tc does. */
static int check_words(struct modify *m, int (*refuse_it)(const struct modify *m))
{
	const struct bqdisc_dry_run dry_run = { .step = ignore_step };
	struct bqdisc_attach_opts opts = { .force = true, .dry_run = &dry_run };
	int status;

	tc_words_free(&m->words);
	add_words(m);
	status = attach(m, &opts);
	return status ? status : refuse_it(m);
}

/* The kernel replaces a qdisc of another kind, unless a handle is given. */
static int add(struct modify *m)
{
	struct bqdisc_attach_opts opts = {
		.handle = m->r.handle ? m->r.handle : BQDISC_HANDLE_NEW,
	};

	if (m->handle)
		return m->same || m->r.handle ? check_words(m, refuse_to_add) : replace(m);
	add_words(m);
	return attach(m, &opts);
}

static int change(struct modify *m)
{
	struct bqdisc_change_opts change = { .sz = sizeof(change), .parent = m->r.parent };
	struct bqdisc_attach_opts options = { .handle = 0 };

	add_words(m);
	if (is_netem(m->q))
		return attach(m, &options);
	if (!m->words.n)
		return 0;
	if (bqdisc__change(m->bq, m->r.dev, m->words.n, m->words.v, &change) < 0)
		return fail(m);
	return 0;
}

static int detach(struct modify *m)
{
	struct bqdisc_detach_opts opts = {
		.sz = sizeof(opts),
		.parent = m->r.parent,
		.force = m->r.parent != BQDISC_PARENT_ROOT,
	};

	if (m->r.handle && m->r.handle != m->handle)
		return refuse("Invalid handle");
	if (m->r.kind && !m->same)
		return refuse("Invalid qdisc name");
	return bqdisc__detach(m->bq, m->r.dev, &opts) < 0 ? fail(m) : 0;
}

static int refuse_kind(const struct modify *m)
{
	(void)m;
	return refuse("Invalid qdisc name: must match existing qdisc");
}

/*
 * Change or replace what is there, by the rules of the kernel: with another handle it is replaced
 * or refused; with its own handle it is changed, and its kind has to match; without a handle
 * another kind replaces it.
 */
static int change_or_replace(struct modify *m, enum tc_verb verb)
{
	bool other = m->r.handle && m->r.handle != m->handle;

	if (other)
		return verb == TC_REPLACE ? replace(m) : check_words(m, refuse_to_add);
	if (!m->same)
		return m->r.handle ? check_words(m, refuse_kind) : replace(m);
	return m->present ? change(m) : replace(m);
}

/* Return true for the in-tree tbf, as another qdisc may follow that it shall hold. */
static bool may_hold_another(const struct modify *m)
{
	return m->r.kind && !strcmp(m->r.kind, "tbf") && !m->present;
}

/* Do what the line says. Return the exit status. */
static int run(struct modify *m, enum tc_verb verb)
{
	if (verb == TC_DELETE)
		return m->present && m->handle ? detach(m) : tc_exec(m->line);
	if (!m->present && m->q && m->r.parent)
		note_foreign(m);
	if (!m->q || !m->r.parent || may_hold_another(m))
		return tc_exec(m->line);
	if (verb == TC_CHANGE && (!m->handle || (m->same && !m->present)))
		return tc_exec(m->line);
	if (verb == TC_ADD)
		return add(m);
	return m->handle ? change_or_replace(m, verb) : replace(m);
}

int tc_modify(enum tc_verb verb, const struct tc_line *line)
{
	struct modify m = { .line = line, .keeps = verb != TC_ADD };
	int err, status;

	if (!read_request(line, &m.r))
		return tc_exec(line);
	m.bq = session_open(&line->globals);
	m.q = m.r.kind ? tc_find_kind(m.bq, m.r.kind) : NULL;
	err = bqdisc__each_queue(m.bq, m.r.dev, note_present, &m);
	/* The real tc reports that there is no such device. */
	if (err && bqdisc__error_class(m.bq) == BQDISC_ERROR_USAGE)
		status = tc_exec(line);
	else
		status = run(&m, verb);
	tc_words_free(&m.words);
	bqdisc__close(m.bq);
	return status;
}
