// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "memory.h"
#include "option_words.h"

static void print_option(const struct bqdisc_value *v, void *out)
{
	char option[512];

	if (v->is_set && !v->none)
		fprintf(out, " %s", bqdisc_value__format(v, option, sizeof(option)));
}

/* Options of the first rule are those of the instance. */
static void print_rule(const struct bqdisc_rule *rule, void *out)
{
	char match[256];

	if (bqdisc_rule__number(rule) > 1) {
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
