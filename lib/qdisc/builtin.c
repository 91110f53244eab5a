// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Built-in qdiscs, followed by user objects. families.h is generated: it has a line FAMILY(name)
 * for every file in lib/qdisc. A new qdisc therefore needs no entry in a list.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bqdisc/instance.h>

#include "user/user_object.h"
#include "qdisc/qdisc.h"

#define FAMILY(name) extern const struct bq_family bq_family_##name;
#include "families.h"
#undef FAMILY

#define FAMILY(name) &bq_family_##name,
static const struct bq_family *const families[] = {
#include "families.h"
};
#undef FAMILY

#define N_FAMILIES (sizeof(families) / sizeof(families[0]))
#define MAX_QDISCS 64

const struct bqdisc_qdisc *bq_builtin_next(const struct bqdisc_qdisc *prev)
{
	size_t f, i;
	bool found = !prev;

	for (f = 0; f < N_FAMILIES; f++) {
		for (i = 0; i < families[f]->n_qdiscs; i++) {
			if (found)
				return &families[f]->qdiscs[i];
			found = prev == &families[f]->qdiscs[i];
		}
	}
	return NULL;
}

const struct bqdisc_qdisc *bqdisc_qdisc__next(const struct bqdisc_qdisc *prev)
{
	const struct bqdisc_qdisc *next = NULL;

	if (!prev || !prev->user)
		next = bq_builtin_next(prev);
	return next ? next : bq_user_object_next(prev && prev->user ? prev : NULL);
}

const struct bqdisc_qdisc *bqdisc_qdisc__find(const char *name)
{
	const struct bqdisc_qdisc *q;

	const struct bqdisc_qdisc *numbered = NULL;

	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q)) {
		if (strcmp(q->name, name) != 0 || bq_user_object_is_superseded(q))
			continue;
		/* An object may have several kinds. The first is the one without a number. */
		if (!q->user || !strcmp(q->name, q->kind))
			return q;
		if (!numbered)
			numbered = q;
	}
	return numbered;
}

const struct bqdisc_qdisc *bq_qdisc_find_kind(const char *kind)
{
	const struct bqdisc_qdisc *q;

	for (q = bqdisc_qdisc__next(NULL); q; q = bqdisc_qdisc__next(q))
		if (!strcmp(q->kind, kind))
			return q;
	return NULL;
}

uint32_t bq_qdisc_slots(const struct bqdisc_qdisc *q, const void *config,
			const struct bq_dev_params *dev)
{
	return q->slots ? q->slots(config, dev) : bq_user_object_slots(q, config);
}

bool bq_qdisc_has_memory(const struct bqdisc_qdisc *q)
{
	return q->memory || (q->user && bq_user_object_has_memory(q));
}

uint64_t bq_qdisc_memory(const struct bqdisc_qdisc *q, const void *config, uint32_t slots,
			 uint32_t *units)
{
	return q->memory ? q->memory(config, slots, units) : bq_user_object_memory(q, slots, units);
}

size_t bq_qdisc_resident(const struct bqdisc_qdisc *q, uint32_t slots, uint32_t units,
			 uint64_t range, struct bq_extent parts[BQ_EXTENTS_MAX])
{
	if (q->resident)
		return q->resident(slots, units, parts);
	parts[0] = (struct bq_extent){ 0, range };
	return 1;
}

const char *bqdisc_qdisc__nearest(const char *word)
{
	const char *names[MAX_QDISCS];
	const struct bqdisc_qdisc *q;
	size_t n = 0;

	for (q = bqdisc_qdisc__next(NULL); q && n < MAX_QDISCS; q = bqdisc_qdisc__next(q))
		names[n++] = q->name;
	return bqdisc_word__nearest(word, names, n);
}

const char *bqdisc_qdisc__name(const struct bqdisc_qdisc *q)
{
	return q->name;
}

const char *bqdisc_qdisc__kind(const struct bqdisc_qdisc *q)
{
	return q->kind;
}

const char *bqdisc_qdisc__summary(const struct bqdisc_qdisc *q)
{
	return q->summary;
}

const char *bqdisc_qdisc__counterpart(const struct bqdisc_qdisc *q)
{
	return q->peer || q->user ? q->peer : q->name;
}

const char *bqdisc_qdisc__file(const struct bqdisc_qdisc *q)
{
	return q->user ? q->user->file : NULL;
}

bool bqdisc_qdisc__is_per_queue(const struct bqdisc_qdisc *q)
{
	return q->per_queue;
}

const char *bqdisc_qdisc__description(const struct bqdisc_qdisc *q)
{
	return q->description;
}

#define SYNOPSIS_MAX 256

struct text {
	char buf[SYNOPSIS_MAX];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (t->len < sizeof(t->buf))
		t->len += (size_t)vsnprintf(t->buf + t->len, sizeof(t->buf) - t->len, fmt, ap);
	va_end(ap);
}

/* Write the syntax of a clause, such as "delay TIME [JITTER [CORR]]". */
static const char *write_synopsis(const struct bqdisc_qdisc *q, const struct bq_option *row,
				  struct text *t)
{
	size_t open = 0;

	t->len = 0;
	t->buf[0] = '\0';
	if (row->follows)
		return t->buf;
	if (row->words[0])
		add(t, "%s | %s", row->words[1], row->words[0]);
	else
		add(t, "%s", row->name);
	if (row->form)
		add(t, row->plain ? " [%s]" : " %s", row->form);
	if (*row->metavar)
		add(t, " %s", row->metavar);
	for (row++; row < q->options + q->n_options && row->follows; row++) {
		add(t, row->follows == BQ_MAY_FOLLOW ? " [%s" : " %s", row->metavar);
		open += row->follows == BQ_MAY_FOLLOW;
	}
	while (open--)
		add(t, "]");
	return t->buf;
}

uint64_t bq_qdisc_cost(const struct bqdisc_qdisc *q, uint64_t slots, uint64_t range)
{
	return q->instance_size + slots * sizeof(uint64_t) + range;
}

/*
 * Return all slots of an instance. Those of earlier growth steps are not recorded; each has at most
 * a fourth.
 */
static uint64_t all_slots(const struct bq_instance *id)
{
	uint64_t all = id->slots, step = id->slots;
	uint32_t i;

	for (i = 0; i < id->slots_step; i++) {
		step /= BQ_SLOTS_GROWTH;
		all += step;
	}
	return all;
}

/* Return the bytes of all ranges of an instance in the arena. */
static uint64_t all_ranges(const struct bq_instance *id)
{
	uint64_t all = (uint64_t)id->memory_held + id->tables[0].size + id->tables[1].size;
	uint32_t i;

	for (i = 0; i < BQ_SLOTS_STEPS; i++)
		all += id->more[i].size;
	return all;
}

uint64_t bq_instance_memory(const struct bqdisc_qdisc *q, const struct bq_instance *id)
{
	return bq_qdisc_cost(q, all_slots(id), all_ranges(id));
}

uint64_t bq_qdisc_cost_of(const struct bqdisc_qdisc *q, const void *config,
			  const struct bq_dev_params *dev, uint64_t tables_bytes)
{
	uint32_t units = BQ_UNITS_MAX, slots = bq_qdisc_slots(q, config, dev);
	uint64_t range = bq_qdisc_has_memory(q) ? bq_qdisc_memory(q, config, slots, &units) : 0;
	struct bq_extent parts[BQ_EXTENTS_MAX];
	size_t n = range ? bq_qdisc_resident(q, slots, units, range, parts) : 0;

	for (range = 0; n--;)
		range += parts[n].bytes;
	return bq_qdisc_cost(q, slots, range + tables_bytes);
}

uint64_t bqdisc_qdisc__memory(const struct bqdisc_qdisc *q)
{
	static const struct bq_dev_params ordinary = { .mtu = 1500, .tx_queue_len = 1000 };
	static const uint64_t nothing_given[BQ_CONFIG_MAX / sizeof(uint64_t)];

	return bq_qdisc_cost_of(q, nothing_given, &ordinary, 0);
}

void bqdisc_qdisc__each_option(const struct bqdisc_qdisc *q, bqdisc_option_fn fn, void *arg)
{
	const struct bq_option *row;
	struct text synopsis;

	for (row = q->options; row < q->options + q->n_options; row++) {
		struct bqdisc_option_info info = {
			.name = row->name,
			.alias = row->alias,
			.form = row->form,
			.follows = row->follows,
			.synopsis = write_synopsis(q, row, &synopsis),
			.key = row->key,
			.metavar = row->metavar,
			.default_value = row->default_value,
			.help = row->help,
			.unit = row->unit,
			.min = row->min,
			.max = row->max,
			.count = row->words[0] ? 0 : bq_option_count(row),
			.words = { row->words[0], row->words[1] },
			.names = row->names,
			.absent = row->absent,
		};

		fn(&info, arg);
	}
}

void bqdisc_qdisc__each_word(const struct bqdisc_qdisc *q, bqdisc_word_fn fn, void *arg)
{
	const struct bq_keyword *word;

	for (word = q->words; word < q->words + q->n_words; word++) {
		struct bqdisc_word_info info = { word->name, word->metavar, word->help,
						 word->fields };

		fn(&info, arg);
	}
}
