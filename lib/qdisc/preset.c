// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Presets. Each is one direction of a link as an end host sees it: delays are half of measured
 * round trip times. The source says where a number was rounded, or chosen between two. An option
 * without a reliable measurement is left out, so it keeps its default.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/preset.h"
#include "qdisc/qdisc.h"

#define WEBPAGETEST "WebPageTest's connectivity profiles (connectivity.ini.sample)"
#define HUANG                                                                                      \
	"Huang et al., A Close Examination of Performance and Power Characteristics of 4G LTE "    \
	"Networks, MobiSys 2012"
#define OOKLA_2021 "Ookla, Growing and Slowing: The State of 5G Worldwide in 2021"
#define OOKLA_2024 "Ookla, US Speedtest Connectivity Report, first half of 2024"
#define FCC "FCC, Measuring Fixed Broadband 2016, as Verizon reports it by tier"
#define HUSTON "Huston, Testing LEO and GEO satellite services in Australia, APNIC 2022"
#define MICHEL "Michel et al., A First Look at Starlink Performance, IMC 2022"
#define PEI                                                                                        \
	"Pei et al., WiFi can be the weakest link of round trip network latency in the wild, "     \
	"INFOCOM 2016"

const struct bq_preset bq_presets[] = {
	{
		"2g",
		"2G mobile network, from it",
		{
			{ "rate 280kbit", WEBPAGETEST ": 2G, 280 kbit/s down" },
			{ "delay 400ms", WEBPAGETEST ": 2G, 800 ms round trip, halved" },
		},
	},
	{
		"2g-up",
		"2G mobile network, to it",
		{
			{ "rate 256kbit", WEBPAGETEST ": 2G, 256 kbit/s up" },
			{ "delay 400ms", WEBPAGETEST ": 2G, 800 ms round trip, halved" },
		},
	},
	{
		"3g",
		"3G mobile network, from it",
		{
			{ "rate 1600kbit", WEBPAGETEST ": 3G, 1.6 Mbit/s down" },
			{ "delay 150ms", WEBPAGETEST ": 3G, 300 ms round trip, halved" },
		},
	},
	{
		"3g-up",
		"3G mobile network, to it",
		{
			{ "rate 768kbit", WEBPAGETEST ": 3G, 768 kbit/s up" },
			{ "delay 150ms", WEBPAGETEST ": 3G, 300 ms round trip, halved" },
		},
	},
	{
		"4g",
		"LTE mobile network, from it",
		{
			{ "rate 13mbit", HUANG ": 13 Mbit/s down, median" },
			{ "delay 35ms", WEBPAGETEST ": LTE, 70 ms round trip, halved" },
		},
	},
	{
		"4g-up",
		"LTE mobile network, to it",
		{
			{ "rate 6mbit", HUANG ": 6 Mbit/s up, median" },
			{ "delay 35ms", WEBPAGETEST ": LTE, 70 ms round trip, halved" },
		},
	},
	{
		"5g",
		"5G mobile network, from it",
		{
			{ "rate 166mbit", OOKLA_2021 ": 166.13 Mbit/s down, median, rounded" },
			{ "delay 24ms", OOKLA_2024 ": 47 ms round trip, the least median of three "
						   "operators, halved and rounded" },
		},
	},
	{
		"5g-up",
		"5G mobile network, to it",
		{
			{ "rate 21mbit", OOKLA_2021 ": 21.08 Mbit/s up, median, rounded" },
			{ "delay 24ms", OOKLA_2024 ": 47 ms round trip, the least median of three "
						   "operators, halved and rounded" },
		},
	},
	{
		"adsl",
		"ADSL line, from the network",
		{
			{ "rate 5660kbit", FCC ": 5.66 Mbit/s down, tier of 3.1 to 7 Mbit/s" },
			{ "delay 18.5ms", FCC ": 37.05 ms round trip, halved and rounded" },
		},
	},
	{
		"adsl-up",
		"ADSL line, to the network",
		{
			{ "rate 820kbit", FCC ": 0.82 Mbit/s up, tier of 3.1 to 7 Mbit/s" },
			{ "delay 18.5ms", FCC ": 37.05 ms round trip, halved and rounded" },
		},
	},
	{
		"cable",
		"cable modem, from the network",
		{
			{ "rate 5mbit",
			  WEBPAGETEST ": Cable, 5 Mbit/s down; newer ones are faster" },
			{ "delay 14ms", WEBPAGETEST ": Cable, 28 ms round trip, halved" },
		},
	},
	{
		"cable-up",
		"cable modem, to the network",
		{
			{ "rate 1mbit", WEBPAGETEST ": Cable, 1 Mbit/s up; newer ones are faster" },
			{ "delay 14ms", WEBPAGETEST ": Cable, 28 ms round trip, halved" },
		},
	},
	{
		"fiber",
		"fibre to the home, from the network",
		{
			{ "rate 55mbit", FCC ": 55.41 Mbit/s down, tier of 50 Mbit/s, rounded" },
			{ "delay 5.8ms", FCC ": 11.56 ms round trip, halved and rounded" },
		},
	},
	{
		"fiber-up",
		"fibre to the home, to the network",
		{
			{ "rate 63mbit", FCC ": 62.90 Mbit/s up, tier of 50 Mbit/s, rounded" },
			{ "delay 5.8ms", FCC ": 11.56 ms round trip, halved and rounded" },
		},
	},
	{
		"satellite-geo",
		"geostationary satellite, from it",
		{
			{ "rate 100mbit",
			  MICHEL ": the subscription that is compared with, 100 Mbit/s "
				 "down" },
			{ "delay 300ms",
			  HUSTON ": about 600 ms round trip, halved; 477 to 568 ms of "
				 "it are the way" },
		},
	},
	{
		"satellite-geo-up",
		"geostationary satellite, to it",
		{
			{ "rate 10mbit",
			  MICHEL ": the subscription that is compared with, 10 Mbit/s "
				 "up" },
			{ "delay 300ms",
			  HUSTON ": about 600 ms round trip, halved; 477 to 568 ms of "
				 "it are the way" },
		},
	},
	{
		"satellite-leo",
		"satellites in low orbits, from them",
		{
			{ "rate 178mbit", MICHEL ": 178 Mbit/s down, median" },
			{ "delay 25ms 5ms",
			  MICHEL ": 50 ms round trip, median, and 40 to 60 ms the "
				 "middle half, halved; that it is uniform is our "
				 "choice" },
			{ "ordered", "our choice: one link carries the packets in their order" },
		},
	},
	{
		"satellite-leo-up",
		"satellites in low orbits, to them",
		{
			{ "rate 17mbit", MICHEL ": 17 Mbit/s up, median" },
			{ "delay 25ms 5ms",
			  MICHEL ": 50 ms round trip, median, and 40 to 60 ms the "
				 "middle half, halved; that it is uniform is our "
				 "choice" },
			{ "ordered", "our choice: one link carries the packets in their order" },
		},
	},
	{
		"wifi-busy",
		"crowded Wi-Fi, either way",
		{
			{ "delay 21ms 34ms distribution pareto", PEI
			  ": over 20 ms round trip for half of the packets and over 100 ms for a "
			  "tenth, halved; these are the pareto table's values that give it" },
			{ "ordered", "IEEE 802.11: the receiver hands frames up in their order" },
			{ "loss 0.12%",
			  "Huitema, The weird case of the wifi latency spikes, 2023: 38 "
			  "of 30,000 packets" },
		},
	},
	{
		"wan-transatlantic",
		"New York to London, either way",
		{
			{ "delay 35ms",
			  "70 ms round trip, our choice between 58.95 ms, the shortest "
			  "cable's (Hibernia Express, 2015), and 90 ms, the most that "
			  "Verizon's service level agreement allows; halved" },
		},
	},
	{ 0 },
};

#define N_PRESETS (sizeof(bq_presets) / sizeof(bq_presets[0]))

const char *bq_presets_file(void)
{
	const char *named = getenv(BQ_PRESETS_VARIABLE);

	return named && *named ? named : BQ_PRESETS_FILE;
}

static const struct bq_preset *find_builtin(const char *name)
{
	const struct bq_preset *p;

	for (p = bq_presets; p->name; p++)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

/* Split the words of all parts at blanks. */
static int split(const struct bq_preset *p, struct bq_preset_words *found)
{
	const struct bq_preset_part *part;
	char *word, *save = NULL;
	size_t size = 1;

	for (part = p->parts; part < p->parts + BQ_PRESET_PARTS && part->words; part++)
		size += strlen(part->words) + 1;
	found->copy = calloc(1, size);
	found->words = calloc(size, sizeof(*found->words));
	if (!found->copy || !found->words)
		return -ENOMEM;
	for (part = p->parts; part < p->parts + BQ_PRESET_PARTS && part->words; part++)
		strcat(strcat(found->copy, part->words), " ");
	for (word = strtok_r(found->copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		found->words[found->n++] = word;
	return 0;
}

static int fail_unknown(const char *name, struct bq_error *error)
{
	const char *names[N_PRESETS], *nearest;
	size_t n;

	for (n = 0; n + 1 < N_PRESETS; n++)
		names[n] = bq_presets[n].name;
	nearest = bqdisc_word__nearest(name, names, n);
	return bq_fail_word(error, name,
			    "preset: unknown preset '%s'%s%s%s; 'bqdisc help netem' lists them",
			    name, nearest ? "; the nearest is '" : "", nearest ? nearest : "",
			    nearest ? "'" : "");
}

/* Find NAME in the user's file. Return 1 if found, 0 if not, -errno on failure. */
static int find_own(const char *name, struct bq_preset_words *found, struct bq_error *error)
{
	const struct bq_wordfile_line *line;
	int err = bq_wordfile_read(bq_presets_file(), &found->file, error);

	if (err)
		return err == -ENOENT ? 0 : err;
	for (line = found->file.lines; line < found->file.lines + found->file.n_lines; line++) {
		if (strcmp(found->file.words[line->first], name))
			continue;
		if (found->line)
			return bq_wordfile_locate(
				&found->file, line,
				bq_fail_word(error, found->file.words[line->first],
					     "'%s' is also in line %d; remove one", name,
					     found->line->number),
				error);
		found->line = line;
	}
	if (!found->line)
		return 0;
	found->words = found->file.words + found->line->first + 1;
	found->n = found->line->n - 1;
	return 1;
}

int bq_preset_find(const char *name, struct bq_preset_words *found, struct bq_error *error)
{
	const struct bq_preset *builtin;
	int ret;

	*found = (struct bq_preset_words){ 0 };
	ret = find_own(name, found, error);
	if (ret > 0)
		return 0;
	bq_wordfile_free(&found->file);
	found->line = NULL;
	if (ret < 0)
		return ret;
	builtin = find_builtin(name);
	if (!builtin)
		return fail_unknown(name, error);
	ret = split(builtin, found);
	if (!ret)
		return 0;
	bq_preset_free(found);
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "%s", strerror(ENOMEM));
}

void bq_preset_free(struct bq_preset_words *found)
{
	if (!found->line)
		free(found->words);
	free(found->copy);
	bq_wordfile_free(&found->file);
	*found = (struct bq_preset_words){ 0 };
}

/* --- list of presets --- */

static void tell_own(const struct bq_wordfile *text, const struct bq_wordfile_line *line,
		     bqdisc_preset_fn fn, void *arg)
{
	char words[1024], source[128];
	size_t len = 0;
	int i;

	words[0] = '\0';
	for (i = 1; i < line->n && len < sizeof(words); i++)
		len += (size_t)snprintf(words + len, sizeof(words) - len, "%s%s", i > 1 ? " " : "",
					text->words[line->first + i]);
	snprintf(source, sizeof(source), "%s, line %d", text->name, line->number);
	fn(&(struct bqdisc_preset_info){ text->words[line->first], "your own", words, source,
					 true },
	   arg);
}

static int tell_file(bqdisc_preset_fn fn, void *arg, struct bq_error *error)
{
	const struct bq_wordfile_line *line;
	struct bq_wordfile text;
	int err = bq_wordfile_read(bq_presets_file(), &text, error);

	if (err)
		return err == -ENOENT ? 0 : err;
	for (line = text.lines; line < text.lines + text.n_lines; line++)
		tell_own(&text, line, fn, arg);
	bq_wordfile_free(&text);
	return 0;
}

int bq_presets_each(bqdisc_preset_fn fn, void *arg, struct bq_error *error)
{
	const struct bq_preset_part *part;
	const struct bq_preset *p;

	for (p = bq_presets; p->name; p++)
		for (part = p->parts; part < p->parts + BQ_PRESET_PARTS && part->words; part++)
			fn(&(struct bqdisc_preset_info){ p->name, p->summary, part->words,
							 part->source, part == p->parts },
			   arg);
	return tell_file(fn, arg, error);
}
