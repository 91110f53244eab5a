// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Commands of tc for the in-tree qdisc that is nearest to an instance. */
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <string.h>

#include "attachment/steps.h"
#include "instance.h"
#include "qdisc/match_words.h"
#include "qdisc/rule.h"
#include "qdisc/value.h"
#include "tc/intree.h"

#define TEXT_MAX 2048

struct emitter {
	const struct bqdisc_instance *inst;
	const struct bqdisc_qdisc *q;
	const char *dev; /* quoted for a shell */
	bool is_noted;   /* the options of an earlier queue, which are the same */
	bqdisc_step_fn fn;
	void *arg;
};

static void note_option(const char *option, const char *why, void *arg)
{
	const struct emitter *e = arg;
	char text[TEXT_MAX];

	snprintf(text, sizeof(text), "%s: '%s' %s", e->dev, option, why);
	if (!e->is_noted)
		e->fn(text, false, e->arg);
}

struct text {
	char buf[TEXT_MAX];
	size_t len;
};

static void append(struct text *t, const char *word)
{
	if (t->len < sizeof(t->buf))
		t->len += (size_t)snprintf(t->buf + t->len, sizeof(t->buf) - t->len, " %s", word);
}

static void append_set_option(const struct bqdisc_value *v, void *arg)
{
	char option[512];

	if (v->is_set && !v->none)
		append(arg, bqdisc_value__format(v, option, sizeof(option)));
}

/* The options of the first rule are those of the command. */
static void note_rule(const struct bqdisc_rule *rule, void *arg)
{
	const char *class = bqdisc_rule__class(rule);
	const struct emitter *e = arg;
	struct text t = { .buf = "", .len = 0 };
	char match[256];

	if (class)
		t.len = (size_t)snprintf(t.buf, sizeof(t.buf),
					 "%s: class %s is not converted:", e->dev, class);
	else
		t.len = (size_t)snprintf(t.buf, sizeof(t.buf),
					 "%s: rule %u has no words in tc:", e->dev,
					 bqdisc_rule__number(rule));
	if (class || bqdisc_rule__number(rule) > 1)
		bqdisc_rule__each_option(rule, append_set_option, &t);
	else
		append(&t, "the options below are only for packets that");
	if (*bqdisc_rule__match(rule, match, sizeof(match)))
		append(&t, match);
	e->fn(t.buf, false, e->arg);
}

static void note_expiry(const struct emitter *e)
{
	char text[TEXT_MAX], time[32];
	uint64_t ns;

	if (!bqdisc_instance__expires(e->inst, &ns))
		return;
	snprintf(text, sizeof(text), "%s: expires in %s, and tc's does not", e->dev,
		 bqdisc_unit__round(BQDISC_UNIT_TIME, ns, time, sizeof(time)));
	e->fn(text, false, e->arg);
}

/* Append the in-tree qdisc and its options. */
static void append_qdisc(const struct emitter *e, const struct bq_instance_info *info,
			 struct text *t)
{
	struct bq_words words = { 0 };
	int i;

	append(t, bqdisc_qdisc__counterpart(e->q));
	if (!bq_qdisc_is_user(e->q) && !e->q->peer)
		bq_intree_words(e->q, bq_kind_config(info->kind, info->id), &words, note_option,
				(void *)e);
	for (i = 0; i < words.n; i++)
		append(t, words.v[i]);
	bq_words_free(&words);
}

static void emit_qdisc(const struct emitter *e, const struct bq_instance_info *info)
{
	struct text t = { .buf = "", .len = 0 };
	uint32_t parent = info->qdisc.parent;

	t.len = (size_t)snprintf(t.buf, sizeof(t.buf), "tc qdisc add dev %s ", e->dev);
	if (parent == TC_H_ROOT)
		t.len += (size_t)snprintf(t.buf + t.len, sizeof(t.buf) - t.len, "root");
	else
		t.len += (size_t)snprintf(t.buf + t.len, sizeof(t.buf) - t.len, "parent %x:%x",
					  parent >> 16, TC_H_MIN(parent));
	append_qdisc(e, info, &t);
	e->fn(t.buf, true, e->arg);
}

static void emit_mq(const struct emitter *e)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof(text), "tc qdisc add dev %s root handle %x: mq", e->dev,
		 bqdisc_instance__handle(e->inst) >> 16);
	e->fn(text, true, e->arg);
}

/* Options of a user object are its own, so only the counterpart that it names is known. */
static bool check_counterpart(const struct emitter *e)
{
	char text[TEXT_MAX], options[BQ_OPTION_WORDS_MAX];
	const struct bq_instance_info *first = e->inst->v[0];

	if (!bq_qdisc_is_user(e->q))
		return true;
	if (!bqdisc_qdisc__counterpart(e->q)) {
		snprintf(text, sizeof(text), "%s: %s has no counterpart in the kernel", e->dev,
			 e->q->name);
		e->fn(text, false, e->arg);
		return false;
	}
	if (*bq_print_options(e->q, bq_kind_config(first->kind, first->id), options))
		note_option(options, "has no word in tc", (void *)e);
	return true;
}

void bqdisc_instance__each_tc_command(const struct bqdisc_instance *inst, bqdisc_step_fn fn,
				      void *arg)
{
	const struct bq_printer printer = bq_printer_for(NULL, bqdisc_instance__dev(inst));
	struct emitter e = {
		.inst = inst,
		.q = bqdisc_instance__qdisc(inst),
		.dev = printer.dev,
		.fn = fn,
		.arg = arg,
	};
	size_t i;

	if (!check_counterpart(&e))
		return;
	bqdisc_instance__each_rule(inst, note_rule, &e);
	note_expiry(&e);
	if (inst->is_set)
		emit_mq(&e);
	for (i = 0; i < inst->n; i++, e.is_noted = true)
		emit_qdisc(&e, inst->v[i]);
}
