// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Kinds of links by name: what their headers add to a packet. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/hfq_parts.h"
#include "qdisc/option.h"
#include "util/array.h"

#define N_WORDS 6 /* of a link */

/* clang-format off */
/* Names and values of tc-cake(8), which has the reasons: name, overhead, mpu, linklayer. */
#define LINKS(link) \
	link("ethernet", "38", "84", "ethernet") \
	link("docsis", "18", "64", "ethernet") \
	link("pppoe-ptm", "30", "0", "ptm") \
	link("bridged-ptm", "22", "0", "ptm") \
	link("ipoa-vcmux", "8", "0", "atm") \
	link("ipoa-llcsnap", "16", "0", "atm") \
	link("bridged-vcmux", "24", "0", "atm") \
	link("bridged-llcsnap", "32", "0", "atm") \
	link("pppoa-vcmux", "10", "0", "atm") \
	link("pppoa-llc", "14", "0", "atm") \
	link("pppoe-vcmux", "32", "0", "atm") \
	link("pppoe-llcsnap", "40", "0", "atm") \
	link("conservative", "48", "0", "atm")
/* clang-format on */

#define AS_LINK(name, overhead, mpu, linklayer)                                                    \
	{ name, { "overhead", overhead, "mpu", mpu, "linklayer", linklayer } },
#define AS_NAME(name, overhead, mpu, linklayer) name,

static const struct link {
	const char *name;
	const char *words[N_WORDS];
} links[] = { LINKS(AS_LINK) };

const char *const bq_hfq_link_names[] = { LINKS(AS_NAME) NULL };

static const struct link *find_link(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(links); i++)
		if (!strcmp(links[i].name, name))
			return &links[i];
	return NULL;
}

/* Write WORDS to ALL, with the words of the link for each "link NAME". Return their number. */
static int expand(int n, char *const words[], const char **all, struct bq_error *error)
{
	const struct link *link;
	int i, count = 0;

	for (i = 0; i < n; i++) {
		if (strcmp(words[i], "link")) {
			all[count++] = words[i];
			continue;
		}
		if (++i == n)
			return bq_fail_word(error, words[i - 1],
					    "hfq link: missing NAME; use one such as docsis");
		link = find_link(words[i]);
		if (!link)
			return bq_fail_word(error, words[i],
					    "hfq link: '%s' is no kind of link; use one such as "
					    "ethernet, docsis or pppoe-ptm",
					    words[i]);
		memcpy(all + count, link->words, sizeof(link->words));
		count += N_WORDS;
	}
	return count;
}

int bq_hfq_parse_options(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
			 struct bq_error *error)
{
	const char **all = calloc((size_t)n * N_WORDS + 1, sizeof(*all));
	int ret = all ? expand(n, words, all, error) : -ENOMEM;

	if (ret >= 0)
		ret = bq_options_parse(q, ret, (char *const *)all, config, error);
	free(all);
	return ret;
}
