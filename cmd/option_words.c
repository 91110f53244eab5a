// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

#include "memory.h"
#include "option_words.h"
#include "output.h"

#define SHORTEST_FOR 1000000 /* ns, of attach --for */
#define MEMORY_STEP (UINT64_C(1) << 20)

static void print_option(const struct bqdisc_value *v, void *out)
{
	char option[512];

	if (v->is_set && !v->none)
		fprintf(out, " %s", bqdisc_value__format(v, option, sizeof(option)));
}

/* Options of the first rule are those of the instance. */
static void print_rule(const struct bqdisc_rule *rule, void *out)
{
	const char *class = bqdisc_rule__class(rule);
	char match[256];

	if (class) {
		fprintf(out, " class %s", class);
		bqdisc_rule__each_option(rule, print_option, out);
	} else if (bqdisc_rule__number(rule) > 1) {
		fputs(" rule", out);
		bqdisc_rule__each_option(rule, print_option, out);
	}
	if (*bqdisc_rule__match(rule, match, sizeof(match)))
		fprintf(out, " %s", match);
}

void option_words_print(const struct bqdisc_instance *inst, FILE *out)
{
	bqdisc_instance__each_option(inst, print_option, out);
	bqdisc_instance__each_rule(inst, print_rule, out);
}

char *option_words(const struct bqdisc_instance *inst)
{
	char *words = NULL;
	size_t size;
	FILE *out = check_memory(open_memstream(&words, &size));

	fputs(bqdisc_qdisc__name(bqdisc_instance__qdisc(inst)), out);
	option_words_print(inst, out);
	if (fclose(out))
		abort();
	return words;
}

/* Print --memory if an instance uses more than attach takes without it. */
static void print_memory(const struct bqdisc_instance *inst, FILE *out)
{
	uint64_t all = bqdisc_instance__memory(inst);

	if (all > BQDISC_MEMORY)
		fprintf(out, " --memory %" PRIu64 "mb", all / MEMORY_STEP + 1);
}

static void print_flags(const struct bqdisc_instance *inst, FILE *out)
{
	uint32_t parent = bqdisc_instance__parent(inst);
	char class[TC_ID_MAX], text[32];
	uint64_t left;

	print_memory(inst, out);
	if (bqdisc_instance__expires(inst, &left))
		fprintf(out, " --for %s",
			bqdisc_unit__format(BQDISC_UNIT_TIME,
					    left > SHORTEST_FOR ? left : SHORTEST_FOR, text,
					    sizeof(text)));
	if (bqdisc_instance__queues(inst))
		fputs(" --mq", out);
	if (bqdisc_instance__is_alone(inst))
		fputs(" --root", out);
	if (parent != BQDISC_PARENT_ROOT)
		fprintf(out, " --parent %s", output_tc_id(parent, class));
}

void attach_words_print(const struct bqdisc_instance *inst, FILE *out)
{
	char words[2 * PATH_MAX + 256];

	fputs(bqdisc_qdisc__words(bqdisc_instance__qdisc(inst), words, sizeof(words)), out);
	option_words_print(inst, out);
	print_flags(inst, out);
}
