// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parser of the words up to the options of a qdisc, class or filter. */
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/qdisc.h"
#include "tc/request.h"
#include "util/array.h"

/* State of parsing one command. */
struct parser {
	const struct bq_script_command *c;
	int at; /* next word */
	struct bq_tc_request *r;
	struct bq_problems *problems;
};

/* --- helpers --- */

static const char *peek(const struct parser *p)
{
	return p->at < p->c->n ? p->c->words[p->at] : NULL;
}

/* Return the value after the word at the current position, and pass both. */
static const char *take_value(struct parser *p)
{
	const char *word = p->c->words[p->at];

	if (p->at + 1 >= p->c->n) {
		bq_problem(p->problems, p->c->line, "%s: missing value; give one", word);
		return NULL;
	}
	p->at += 2;
	return p->c->words[p->at - 1];
}

/* tc accepts the beginnings of its words. */
static bool begins(const char *word, const char *name)
{
	return *word && !strncmp(word, name, strlen(word));
}

/* Parse up to four hexadecimal digits, which end at END. */
static bool parse_half(const char *text, const char *end, uint32_t *half)
{
	char *stop;

	*half = 0;
	if (text == end)
		return true;
	*half = (uint32_t)strtoul(text, &stop, 16);
	return stop == end && end - text <= 4 && strspn(text, "0123456789abcdefABCDEF") > 0;
}

const struct bqdisc_qdisc *bq_tc_find_qdisc(const char *kind)
{
	const struct bqdisc_qdisc *q = bq_builtin_find(kind);

	return q ? q : bq_builtin_find_kind(kind);
}

bool bq_tc_id_parse(const char *text, uint32_t *id)
{
	const char *colon = strchr(text, ':'), *end = text + strlen(text);
	uint32_t major, minor = 0;

	if (!strcmp(text, "root")) {
		*id = TC_H_ROOT;
		return true;
	}
	if (!parse_half(text, colon ? colon : end, &major) ||
	    (colon && !parse_half(colon + 1, end, &minor)))
		return false;
	*id = colon ? major << 16 | minor : major;
	return *id;
}

/* --- options of tc itself --- */

/* Skip the options before the object. */
static bool take_options(struct parser *p)
{
	const char *word;

	while ((word = peek(p)) && word[0] == '-') {
		if (!strcmp(word, "-n") || (word[2] && begins(word, "-netns"))) {
			p->r->netns = take_value(p);
			if (!p->r->netns)
				return false;
		} else if (begins(word, "-batch")) {
			return bq_problem(p->problems, p->c->line,
					  "%s: is not read; give the commands of the file to "
					  "--from-tc -",
					  word);
		} else {
			p->at++;
		}
	}
	return true;
}

static bool take_object(struct parser *p)
{
	static const char *const names[] = {
		[BQ_TC_QDISC] = "qdisc",
		[BQ_TC_CLASS] = "class",
		[BQ_TC_FILTER] = "filter",
	};
	const char *word = peek(p);
	size_t i;

	if (!word)
		return bq_problem(p->problems, p->c->line,
				  "tc: missing command; give one such as "
				  "tc qdisc add dev eth0 root netem");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (begins(word, names[i])) {
			p->r->object = (enum bq_tc_object)i;
			p->at++;
			return true;
		}
	return bq_problem(p->problems, p->c->line,
			  "tc %s: has no counterpart in bqdisc; run it with tc", word);
}

static bool take_verb(struct parser *p)
{
	static const struct {
		const char *name;
		enum bq_tc_verb verb;
	} verbs[] = {
		{ "add", BQ_TC_VERB_ADD },         { "change", BQ_TC_VERB_CHANGE },
		{ "replace", BQ_TC_VERB_REPLACE }, { "delete", BQ_TC_VERB_DELETE },
		{ "list", BQ_TC_VERB_SHOW },       { "show", BQ_TC_VERB_SHOW },
		{ "lst", BQ_TC_VERB_SHOW },        { "get", BQ_TC_VERB_SHOW },
	};
	const char *word = peek(p);
	size_t i;

	p->r->verb = BQ_TC_VERB_SHOW;
	if (!word)
		return true;
	p->at++;
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (begins(word, verbs[i].name)) {
			p->r->verb = verbs[i].verb;
			return true;
		}
	return bq_problem(p->problems, p->c->line, "tc %s %s: has no counterpart in bqdisc",
			  p->c->words[p->at - 2], word);
}

/* --- words before the kind --- */

static bool take_dev(struct parser *p)
{
	const char *dev = take_value(p);

	p->r->dev = dev;
	if (dev && strpbrk(dev, ",*?[\\"))
		return bq_problem(p->problems, p->c->line,
				  "dev %s: is not the name of one device; give one", dev);
	return dev;
}

static bool take_id(struct parser *p, uint32_t *id)
{
	const char *text = take_value(p);

	if (!text)
		return false;
	if (bq_tc_id_parse(text, id))
		return true;
	return bq_problem(p->problems, p->c->line,
			  "'%s': is not a handle or a class; use one "
			  "such as 1: or 1:2",
			  text);
}

/* A handle of a qdisc may lack its colon. */
static bool take_handle(struct parser *p)
{
	if (p->r->object == BQ_TC_FILTER) {
		p->r->fhandle = take_value(p);
		return p->r->fhandle;
	}
	if (!take_id(p, &p->r->handle))
		return false;
	if (p->r->object == BQ_TC_QDISC && !(p->r->handle >> 16))
		p->r->handle <<= 16;
	return true;
}

static bool take_prio(struct parser *p)
{
	const char *text = take_value(p);
	unsigned long prio;
	char *end;

	if (!text)
		return false;
	prio = strtoul(text, &end, 0);
	p->r->prio = (uint16_t)prio;
	return (!*end && prio <= UINT16_MAX) ||
	       bq_problem(p->problems, p->c->line, "prio %s: is not a number up to 65535", text);
}

/* Take a word that only filters have. Return false if the word at the position is none. */
static bool take_filter_word(struct parser *p, bool *ok)
{
	const char *word = peek(p);

	if (p->r->object != BQ_TC_FILTER)
		return false;
	if (begins(word, "preference") || begins(word, "priority")) {
		*ok = take_prio(p);
	} else if (begins(word, "protocol")) {
		p->r->protocol = take_value(p);
		*ok = p->r->protocol;
	} else {
		return false;
	}
	return true;
}

static bool fail_ingress(struct parser *p, const char *word)
{
	return bq_problem(p->problems, p->c->line,
			  "%s: bqdisc acts on packets that leave a device; redirect arriving ones "
			  "to an ifb device and attach there",
			  word);
}

static bool fail_unsupported(struct parser *p, const char *word)
{
	return bq_problem(p->problems, p->c->line, "%s: has no counterpart in bqdisc; leave it out",
			  word);
}

/* Take a word before the kind, or the kind, after which the options begin. */
static bool take_word(struct parser *p)
{
	static const char *const ingress[] = { "ingress", "clsact", "egress" };
	static const char *const others[] = { "stab",  "estimator", "ingress_block", "egress_block",
					      "block", "chain",     "help" };
	const char *word = peek(p);
	bool ok = true;

	if (!strcmp(word, "dev"))
		return take_dev(p);
	if (!strcmp(word, "parent"))
		return take_id(p, &p->r->parent);
	if (!strcmp(word, "handle"))
		return take_handle(p);
	if (!strcmp(word, "classid") && p->r->object == BQ_TC_CLASS)
		return take_id(p, &p->r->handle);
	if (bq_word_is_any(word, ingress, ARRAY_SIZE(ingress)))
		return fail_ingress(p, word);
	if (bq_word_is_any(word, others, ARRAY_SIZE(others)))
		return fail_unsupported(p, word);
	if (take_filter_word(p, &ok))
		return ok;
	p->at++;
	if (!strcmp(word, "root"))
		p->r->parent = TC_H_ROOT;
	else
		p->r->kind = word;
	return true;
}

static bool check(const struct parser *p)
{
	const struct bq_tc_request *r = p->r;

	if (!r->dev)
		return bq_problem(p->problems, r->line, "missing device; add dev DEV");
	if (r->object == BQ_TC_QDISC && !r->parent)
		return bq_problem(p->problems, r->line,
				  "missing place of the qdisc; add root, or parent CLASS");
	if (r->verb != BQ_TC_VERB_DELETE && !r->kind)
		return bq_problem(p->problems, r->line, "missing kind; add one such as netem");
	return true;
}

bool bq_tc_request_parse(const struct bq_script_command *c, struct bq_tc_request *r,
			 struct bq_problems *problems)
{
	struct parser p = { .c = c, .r = r, .problems = problems };

	*r = (struct bq_tc_request){ .line = c->line, .netns = c->netns };
	if (!take_options(&p) || !take_object(&p) || !take_verb(&p))
		return false;
	if (r->verb == BQ_TC_VERB_SHOW)
		return true;
	while (p.at < c->n && !r->kind)
		if (!take_word(&p))
			return false;
	r->words = c->words + p.at;
	r->n = c->n - p.at;
	return check(&p);
}
