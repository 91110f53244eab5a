// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Conversion of netem and tbf, alone or one below the other. netem's rate delays packets one behind
 * the other, so that a full queue has the same delay as behind tbf; but it has no burst.
 */
#include <string.h>

#include "netem.h"
#include "qdisc/qdisc.h"
#include "tc/plan.h"
#include "util/array.h"

#define PACKET_BYTES 1514u /* for limits in bytes: the usual MTU with a header */
/* Bursts up to these are what tbf needs to reach its rate, and what mininet gives it. */
#define MOST_BURST_BYTES (10 * PACKET_BYTES)
#define MOST_BURST_MS 10u
#define INTREE_LIMIT 1000u /* packets, of netem: tc's default */
#define NS_PER_S 1000000000u

/* --- tbf --- */

struct tbf {
	const char *rate_word, *overhead_word;
	uint64_t rate; /* bits/s */
	uint64_t burst, limit, latency;
};

/* Return the address of the value of WORD, and set its unit; NULL: none. */
static uint64_t *find_value(struct tbf *t, const char *word, enum bqdisc_unit *unit)
{
	*unit = BQDISC_UNIT_BYTES;
	if (bq_word_is(word, "burst") || bq_word_is(word, "buffer") || bq_word_is(word, "maxburst"))
		return &t->burst;
	if (bq_word_is(word, "limit"))
		return &t->limit;
	*unit = BQDISC_UNIT_TIME;
	if (bq_word_is(word, "latency"))
		return &t->latency;
	*unit = BQDISC_UNIT_RATE;
	return bq_word_is(word, "rate") ? &t->rate : NULL;
}

static bool parse_tbf(const struct bq_tc_request *r, struct tbf *t, struct bq_problems *problems)
{
	enum bqdisc_unit unit;
	uint64_t *value;
	int i;

	*t = (struct tbf){ 0 };
	for (i = 0; i < r->n; i += 2) {
		value = find_value(t, r->words[i], &unit);
		if (i + 1 == r->n)
			return bq_problem(problems, r->line, "tbf %s: missing value; give one",
					  r->words[i]);
		if (bq_word_is(r->words[i], "overhead"))
			t->overhead_word = r->words[i + 1];
		else if (!value)
			return bq_problem(problems, r->line,
					  "tbf %s: has no counterpart in netem's rate",
					  r->words[i]);
		else if (!bqdisc_unit__parse(unit, r->words[i + 1], value))
			return bq_problem(problems, r->line, "tbf %s: '%s' is not valid",
					  r->words[i], r->words[i + 1]);
		if (value == &t->rate)
			t->rate_word = r->words[i + 1];
	}
	if (!t->rate)
		return bq_problem(problems, r->line, "tbf: missing rate; add rate RATE");
	if (t->latency)
		t->limit = t->rate / 8 * t->latency / NS_PER_S + t->burst;
	if (t->burst > MOST_BURST_BYTES && t->burst > t->rate / 8 * MOST_BURST_MS / 1000)
		return bq_problem(problems, r->line,
				  "tbf burst: netem's rate has no burst; use at most %u bytes or "
				  "%ums of the rate, or bqdisc without tbf",
				  MOST_BURST_BYTES, MOST_BURST_MS);
	return true;
}

/* Add `rate`, unless netem has one itself. */
static bool add_rate(const struct bq_tc_request *r, const struct tbf *t, struct bq_leaf *leaf,
		     struct bq_problems *problems)
{
	if (bq_words_find(leaf->words.n, leaf->words.v, "rate") >= 0)
		return bq_problem(problems, r->line,
				  "tbf: the netem beside it has a rate too; give one");
	bq_words_add(&leaf->words, "rate");
	bq_words_add(&leaf->words, "%s", t->rate_word);
	if (t->overhead_word)
		bq_words_add(&leaf->words, "%s", t->overhead_word);
	return true;
}

static uint64_t packets_of(uint64_t bytes)
{
	return (bytes + PACKET_BYTES - 1) / PACKET_BYTES;
}

/* --- netem --- */

/* Parse the options of netem into CONFIG, to check them and to read the delay and the limit. */
static bool parse_netem(const struct bq_tc_request *r, struct netem_config *config,
			struct bq_problems *problems)
{
	struct bq_error error = { .dev = r->dev };

	memset(config, 0, sizeof(*config));
	if (!bq_options_parse(bq_builtin_find("netem"), r->n, r->words, config, &error))
		return true;
	return bq_problem(problems, r->line, "%s", error.text);
}

/* Copy the options of netem but for its limit. */
static bool convert_netem(const struct bq_tc_request *r, struct bq_leaf *leaf,
			  struct netem_config *config, struct bq_problems *problems)
{
	int at;

	if (!parse_netem(r, config, problems))
		return false;
	bq_words_copy(&leaf->words, r->n, r->words);
	at = bq_words_find(leaf->words.n, leaf->words.v, "limit");
	if (at >= 0)
		bq_words_remove(&leaf->words, at, 2);
	leaf->limit = config->limit;
	return true;
}

/* The queue of tbf follows the packets that are delayed at its rate. */
static bool convert_netem_tbf(const struct bq_tc_request *netem, const struct bq_tc_request *tbf,
			      struct bq_leaf *leaf, struct bq_problems *problems)
{
	struct netem_config config;
	struct tbf t;
	uint64_t delayed;

	if (!convert_netem(netem, leaf, &config, problems) || !parse_tbf(tbf, &t, problems) ||
	    !add_rate(tbf, &t, leaf, problems))
		return false;
	delayed = (uint64_t)((double)(t.rate / 8) * (double)(config.all.delay + config.all.jitter) /
			     NS_PER_S);
	leaf->limit = t.limit ? packets_of(delayed + t.limit) : 0;
	return true;
}

/* The queue of tbf is the netem below it. */
static bool convert_tbf_netem(const struct bq_tc_request *tbf, const struct bq_tc_request *netem,
			      struct bq_leaf *leaf, struct bq_problems *problems)
{
	struct netem_config config;
	struct tbf t;

	return convert_netem(netem, leaf, &config, problems) && parse_tbf(tbf, &t, problems) &&
	       add_rate(tbf, &t, leaf, problems);
}

static bool convert_tbf(const struct bq_tc_request *r, struct bq_leaf *leaf,
			struct bq_problems *problems)
{
	struct tbf t;

	if (!parse_tbf(r, &t, problems))
		return false;
	leaf->limit = packets_of(t.limit);
	return add_rate(r, &t, leaf, problems);
}

/* A fifo below netem holds only packets that are due, so only a smaller limit matters. */
static bool convert_netem_fifo(const struct bq_tc_request *netem, const struct bq_tc_request *fifo,
			       struct bq_leaf *leaf, struct bq_problems *problems)
{
	struct netem_config config;
	uint64_t limit = UINT64_MAX;

	if (!convert_netem(netem, leaf, &config, problems))
		return false;
	if (fifo->n && (!bq_word_is(fifo->kind, "pfifo") || fifo->n != 2 ||
			!bq_word_is(fifo->words[0], "limit") ||
			!bqdisc_unit__parse(BQDISC_UNIT_PACKETS, fifo->words[1], &limit)))
		return bq_problem(problems, fifo->line,
				  "%s: below netem only 'pfifo limit PACKETS' has a counterpart",
				  fifo->kind);
	if (limit < (leaf->limit ? leaf->limit : INTREE_LIMIT))
		return bq_problem(problems, fifo->line,
				  "pfifo limit: is less than netem's, and only for packets that "
				  "are due; give netem the limit instead");
	return true;
}

/* --- both --- */

static bool fail_child(const struct bq_tree_node *node, const struct bq_tree_node *child,
		       struct bq_problems *problems)
{
	return bq_problem(problems, child->r.line, "%s: below %s it has no counterpart in bqdisc",
			  child->r.kind, node->r.kind);
}

static bool is_fifo(const char *kind)
{
	return bq_word_is(kind, "pfifo") || bq_word_is(kind, "bfifo");
}

/* Convert NODE, whose only child is CHILD. */
static bool convert_pair(struct bq_tree_node *node, struct bq_tree_node *child,
			 struct bq_leaf *leaf, struct bq_problems *problems)
{
	child->is_claimed = true;
	if (bq_word_is(node->r.kind, "netem") && bq_word_is(child->r.kind, "tbf"))
		return convert_netem_tbf(&node->r, &child->r, leaf, problems);
	if (bq_word_is(node->r.kind, "tbf") && bq_word_is(child->r.kind, "netem"))
		return convert_tbf_netem(&node->r, &child->r, leaf, problems);
	if (bq_word_is(node->r.kind, "netem") && is_fifo(child->r.kind))
		return convert_netem_fifo(&node->r, &child->r, leaf, problems);
	return fail_child(node, child, problems);
}

bool bq_leaf_convert(const struct bq_tree *tree, struct bq_tree_node *node, struct bq_leaf *leaf,
		     struct bq_problems *problems)
{
	struct bq_tree_node *child = bq_tree_child(tree, node->r.handle, NULL), *grandchild;
	struct netem_config config;

	node->is_claimed = true;
	if (child) {
		grandchild = bq_tree_child(tree, child->r.handle, NULL);
		return grandchild ? fail_child(child, grandchild, problems)
				  : convert_pair(node, child, leaf, problems);
	}
	if (bq_word_is(node->r.kind, "tbf"))
		return convert_tbf(&node->r, leaf, problems);
	return convert_netem(&node->r, leaf, &config, problems);
}

void bq_leaf_free(struct bq_leaf *leaf)
{
	bq_words_free(&leaf->words);
}
