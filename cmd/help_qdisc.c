// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Help of a qdisc, from its descriptor. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "help.h"
#include "output.h"
#include "wrap.h"

#define HELP_INDENT 6
#define COUNTERS_COLUMN 30

static void print_heading(const struct globals *g, const char *text)
{
	putchar('\n');
	output_bold(g, text);
	putchar('\n');
}

/* Print TEXT as a sentence. */
static void print_sentence(struct wrap *w, const char *text)
{
	char sentence[512];

	snprintf(sentence, sizeof(sentence), "%c%s.", toupper((unsigned char)*text),
		 *text ? text + 1 : "");
	wrap_words(w, sentence);
}

/* Print the help of an option or a value, with its range and default. */
static void print_description(struct wrap *w, const struct bqdisc_option_info *o)
{
	char text[RANGE_MAX + 160];

	print_sentence(w, o->help);
	if (*output_range(o, text))
		print_sentence(w, text);
	snprintf(text, sizeof(text), "Default: %s.", o->default_value);
	wrap_words(w, text);
	wrap_end(w);
}

static void print_option(const struct bqdisc_option_info *o, void *arg)
{
	struct wrap w = { .indent = 2 };
	char name[64];

	(void)arg;
	if (o->follows) {
		w.indent = HELP_INDENT;
		snprintf(name, sizeof(name), "%s:", o->metavar);
		wrap_piece(&w, name);
		w.indent += 2;
	} else {
		wrap_words(&w, o->synopsis);
		wrap_end(&w);
		w.indent = HELP_INDENT;
	}
	print_description(&w, o);
}

static void print_word(const struct bqdisc_word_info *word, void *arg)
{
	struct wrap w = { .indent = 2 };
	bool *presets = arg;

	*presets |= !strcmp(word->name, "preset");
	wrap_piece(&w, word->name);
	w.indent = HELP_INDENT;
	wrap_words(&w, word->metavar);
	wrap_end(&w);
	print_sentence(&w, word->help);
	wrap_end(&w);
}

struct presets {
	const struct globals *g;
	bool any;
};

static void print_preset(const struct bqdisc_preset_info *p, void *arg)
{
	struct presets *presets = arg;
	char text[256];

	if (!presets->any)
		print_heading(presets->g, "Presets, each for one direction of a link");
	presets->any = true;
	snprintf(text, sizeof(text), "%s:", p->name);
	if (p->first)
		wrap_row(text, p->summary, strlen(text) + 4);
	wrap_text(p->words, HELP_INDENT);
	wrap_text(p->source, HELP_INDENT + 4);
}

/* A file of presets that cannot be read is reported when a preset is used. */
static void print_presets(const struct globals *g)
{
	struct presets presets = { .g = g };
	struct bqdisc *bq = session_open(g);

	bqdisc__each_preset(bq, print_preset, &presets);
	bqdisc__close(bq);
}

static void print_counter(const struct bqdisc_value *v, void *arg)
{
	(void)arg;
	wrap_row(v->key, v->help, COUNTERS_COLUMN);
}

static void print_facts(const struct bqdisc_qdisc *q)
{
	struct bqdisc_state_bytes state = bqdisc_qdisc__state_bytes(q);
	char text[256], memory[32], flow[64] = "";

	snprintf(text, sizeof(text),
		 "The kernel and tc name it %s. With default options and a full queue it uses %s "
		 "of kernel memory. "
		 "On a device with several transmit queues %s.",
		 bqdisc_qdisc__kind(q),
		 bqdisc_size__round(bqdisc_qdisc__memory(q), memory, sizeof(memory)),
		 bqdisc_qdisc__is_per_queue(q) ? "each queue has its own instance"
					       : "one instance serves all of them");
	wrap_text(text, 0);
	if (state.flow)
		snprintf(flow, sizeof(flow), ", %" PRIu64 " for a flow", state.flow);
	snprintf(text, sizeof(text),
		 "Bytes of state: %" PRIu64 " for an instance, %" PRIu64
		 " for each packet that the limit allows%s.",
		 state.instance, state.packet, flow);
	wrap_text(text, 0);
}

void help_qdisc(const struct bqdisc_qdisc *q, const struct globals *g)
{
	bool presets = false;

	printf("%s: %s\n\n", bqdisc_qdisc__name(q), bqdisc_qdisc__summary(q));
	wrap_text(bqdisc_qdisc__description(q), 0);
	putchar('\n');
	print_facts(q);
	print_heading(g, "Options");
	bqdisc_qdisc__each_option(q, print_option, NULL);
	bqdisc_qdisc__each_word(q, print_word, &presets);
	if (presets)
		print_presets(g);
	print_heading(g, "Counters");
	bqdisc_qdisc__each_counter(q, print_counter, NULL);
}
