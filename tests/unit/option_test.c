// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/option.c: words to config and back, on a qdisc made up to have every kind of row. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "qdisc/qdisc.h"
#include "suites.h"

#define ROUNDS 20000
#define MAX_CONFIG 128 /* uint64_t; the largest config that attach has room for */

struct toy_config {
	uint64_t set_mask;
	uint32_t limit;
	uint32_t quantum;
	uint64_t delay;
	uint64_t seed;
	uint32_t loss, corr;
	uint32_t burst, length;
	int32_t overhead;
	uint32_t rate; /* bytes */
	char table[8];
};

#define ROW(member, metavar_, unit_, min_, max_)                                                   \
	{                                                                                          \
		.name = #member, .metavar = metavar_, .unit = BQDISC_UNIT_##unit_, .min = min_,    \
		.max = max_, .offset = offsetof(struct toy_config, member),                        \
		.size = sizeof(((struct toy_config *)0)->member),                                  \
	}

enum { LIMIT, QUANTUM, DELAY, SEED, LOSS, CORR, BURST, LENGTH, OVERHEAD, RATE, TABLE };

#define VALUE(member, unit_, max_)                                                                 \
	.unit = BQDISC_UNIT_##unit_, .max = max_, .offset = offsetof(struct toy_config, member),   \
	.size = sizeof(((struct toy_config *)0)->member)

static const struct bq_option rows[] = {
	[LIMIT] = ROW(limit, "PACKETS", PACKETS, 1, 1000),
	[QUANTUM] = ROW(quantum, "SIZE", BYTES, 0, UINT32_MAX),
	[DELAY] = ROW(delay, "TIME", TIME, 0, UINT64_MAX),
	[SEED] = ROW(seed, "NUMBER", COUNT, 0, UINT64_MAX),
	[LOSS] = { .name = "loss",
		   .alias = "drop",
		   .form = "random",
		   .plain = true,
		   .metavar = "P",
		   VALUE(loss, PERCENT, UINT32_MAX) },
	[CORR] = { .name = "corr",
		   .metavar = "CORR",
		   .follows = BQ_MAY_FOLLOW,
		   VALUE(corr, PERCENT, UINT32_MAX) },
	[BURST] = { .name = "loss",
		    .alias = "drop",
		    .form = "burst",
		    .metavar = "P",
		    VALUE(burst, PERCENT, UINT32_MAX) },
	[LENGTH] = { .name = "length",
		     .metavar = "LENGTH",
		     .follows = BQ_MUST_FOLLOW,
		     VALUE(length, PACKETS, 100) },
	[OVERHEAD] = { .name = "overhead",
		       .metavar = "BYTES",
		       .min = (uint64_t)-100,
		       VALUE(overhead, SIGNED, 100) },
	[RATE] = { .name = "rate", .metavar = "RATE", .scale = 8, VALUE(rate, RATE, UINT32_MAX) },
	[TABLE] = { .name = "distribution", .metavar = "NAME", VALUE(table, NAME, 7) },
};

static const struct bqdisc_qdisc toy = {
	.name = "toy",
	.options = rows,
	.n_options = N(rows),
	.config_size = sizeof(struct toy_config),
};

static struct bq_error error;
static struct toy_config config;

static int parse(int n, char *const words[])
{
	memset(&error, 0, sizeof(error));
	memset(&config, 0, sizeof(config));
	return bq_options_parse(&toy, n, words, &config, &error);
}

#define PARSE(...) parse((int)N(((char *[]){ __VA_ARGS__ })), (char *[]){ __VA_ARGS__ })

#define ASSERT_ACCEPTED(...) ck_assert_msg(!PARSE(__VA_ARGS__), "refused: %s", error.text)

#define ASSERT_REFUSED(err, message, ...)                                                          \
	do {                                                                                       \
		int ret = PARSE(__VA_ARGS__);                                                      \
                                                                                                   \
		ck_assert_int_eq(ret, -(err));                                                     \
		ck_assert_int_eq(error.error_class, BQDISC_ERROR_USAGE);                           \
		ck_assert_str_eq(error.text, message);                                             \
	} while (0)

START_TEST(option_nothing_given)
{
	static const struct toy_config empty;

	ck_assert_int_eq(parse(0, NULL), 0);
	ck_assert_mem_eq(&config, &empty, sizeof(config));
}
END_TEST

START_TEST(option_all_given)
{
	ASSERT_ACCEPTED("delay", "10ms", "limit", "7", "seed", "18446744073709551615", "quantum",
			"2kb");
	ck_assert_uint_eq(config.set_mask, 1 << LIMIT | 1 << QUANTUM | 1 << DELAY | 1 << SEED);
	ck_assert_uint_eq(config.limit, 7);
	ck_assert_uint_eq(config.quantum, 2048);
	ck_assert_uint_eq(config.delay, 10000000);
	ck_assert_uint_eq(config.seed, UINT64_MAX);
}
END_TEST

START_TEST(option_one_touches_only_its_field)
{
	static const struct toy_config wanted = { .set_mask = 1 << QUANTUM, .quantum = UINT32_MAX };

	ASSERT_ACCEPTED("quantum", "4294967295");
	ck_assert_mem_eq(&config, &wanted, sizeof(config));
}
END_TEST

START_TEST(option_rate_in_bytes)
{
	ASSERT_ACCEPTED("rate", "15bit");
	ck_assert_uint_eq(config.rate, 1);
	ASSERT_ACCEPTED("rate", "0");
	ck_assert_uint_eq(config.rate, 0);
}
END_TEST

/* Zero is an ordinary value. The set mask records the presence of an option. */
START_TEST(option_zero_is_given)
{
	ASSERT_ACCEPTED("delay", "0");
	ck_assert(bq_option_is_set(&config, DELAY));
	ck_assert(!bq_option_is_set(&config, LIMIT));
	ck_assert_uint_eq(bq_option_get(&rows[DELAY], &config, 0), 0);
}
END_TEST

START_TEST(option_get_reads_both_widths)
{
	static const struct toy_config c = { .quantum = 0xfffffffe, .delay = UINT64_MAX - 1 };

	ck_assert_uint_eq(bq_option_get(&rows[QUANTUM], &c, 0), 0xfffffffe);
	ck_assert_uint_eq(bq_option_get(&rows[DELAY], &c, 0), UINT64_MAX - 1);
}
END_TEST

START_TEST(option_unknown)
{
	ASSERT_REFUSED(EINVAL, "toy: unknown option 'limits'; the nearest is 'limit'", "limits",
		       "1");
	ASSERT_REFUSED(EINVAL, "toy: unknown option 'Limit'; the nearest is 'limit'", "Limit", "1");
	/* A prefix is no match: a new option must not change the meaning of an old script. */
	ASSERT_REFUSED(EINVAL, "toy: unknown option 'lim'; the nearest is 'limit'", "lim", "1");
	ASSERT_REFUSED(EINVAL, "toy: unknown option 'ecn_marking'; see 'bqdisc help toy'",
		       "ecn_marking", "1");
	ASSERT_REFUSED(EINVAL, "toy: unknown option 'wibble'; see 'bqdisc help toy'", "limit", "1",
		       "wibble");
}
END_TEST

START_TEST(option_value_is_missing)
{
	ASSERT_REFUSED(EINVAL, "toy limit: missing value; usage: limit PACKETS", "limit");
	ASSERT_REFUSED(EINVAL, "toy delay: missing value; usage: delay TIME", "limit", "1",
		       "delay");
}
END_TEST

START_TEST(option_given_twice)
{
	ASSERT_REFUSED(EINVAL, "toy limit: given twice; give it once", "limit", "1", "limit", "1");
	ASSERT_REFUSED(EINVAL, "toy delay: given twice; give it once", "delay", "1s", "limit", "2",
		       "delay");
}
END_TEST

START_TEST(option_out_of_range)
{
	ASSERT_ACCEPTED("limit", "1");
	ASSERT_ACCEPTED("limit", "1000");
	ASSERT_REFUSED(ERANGE, "toy limit: '0' is out of range; use 1p to 1000p", "limit", "0");
	ASSERT_REFUSED(ERANGE, "toy limit: '1001' is out of range; use 1p to 1000p", "limit",
		       "1001");
	/* The lower half of it would fit the field. */
	ASSERT_REFUSED(ERANGE, "toy quantum: '4294967296' is out of range; use 0b to 4294967295b",
		       "quantum", "4294967296");
}
END_TEST

START_TEST(option_value_is_wrong)
{
	ASSERT_REFUSED(EINVAL, "toy limit: 'many' is not a number", "limit", "many");
	ASSERT_REFUSED(EINVAL, "toy limit: '' is empty", "limit", "");
	ASSERT_REFUSED(EINVAL, "toy limit: '-1' is negative", "limit", "-1");
	ASSERT_REFUSED(EINVAL, "toy seed: '99999999999999999999' is too large", "seed",
		       "99999999999999999999");
	ASSERT_REFUSED(EINVAL, "toy delay: '10' needs a unit; use one of ns, us, ms, s, m, h",
		       "delay", "10");
	ASSERT_REFUSED(EINVAL,
		       "toy delay: '1kb' has an unknown unit; use one of ns, us, ms, s, m, h",
		       "delay", "1kb");
	ASSERT_REFUSED(EINVAL, "toy rate: '7bit' is too small; it would be rounded to 0", "rate",
		       "7bit");
	ASSERT_REFUSED(EINVAL, "toy rate: '50%' needs a device; give a rate, such as 10mbit",
		       "rate", "50%");
	ASSERT_REFUSED(EINVAL, "toy seed: '1p' has an unknown unit", "seed", "1p");
}
END_TEST

START_TEST(option_same)
{
	static const struct toy_config ten = { .set_mask = 1 << LIMIT, .limit = 10 },
				       eleven = { .set_mask = 1 << LIMIT, .limit = 11 },
				       left_out = { .limit = 10 },
				       filled_in = { .set_mask = 1 << LIMIT,
						     .limit = 10,
						     .delay = 5 },
				       other = { .set_mask = 1 << DELAY, .limit = 10 };

	ck_assert(bq_options_same(&toy, &ten, &ten));
	ck_assert(!bq_options_same(&toy, &ten, &eleven));
	ck_assert(!bq_options_same(&toy, &ten, &left_out));
	ck_assert(!bq_options_same(&toy, &ten, &other));
	/* A value that .init derived for an option that was not given makes no difference. */
	ck_assert(bq_options_same(&toy, &ten, &filled_in));
}
END_TEST

static const struct toy_config defaults = { .limit = 100, .quantum = 1514, .delay = 7, .seed = 8 };

START_TEST(option_apply_defaults)
{
	static const struct toy_config wanted = { .set_mask = 1 << LIMIT | 1 << DELAY,
						  .limit = 10,
						  .quantum = 1514,
						  .delay = 0,
						  .seed = 8 };

	ASSERT_ACCEPTED("limit", "10", "delay", "0s");
	bq_options_apply_defaults(&toy, &config, &defaults);
	ck_assert_mem_eq(&config, &wanted, sizeof(config));
}
END_TEST

START_TEST(option_merge)
{
	static const struct toy_config now = { .set_mask = 1 << LIMIT | 1 << SEED,
					       .limit = 10,
					       .quantum = 1514,
					       .delay = 7,
					       .seed = 9 };
	static const struct toy_config wanted = {
		.set_mask = 1 << LIMIT | 1 << QUANTUM | 1 << SEED,
		.limit = 20,
		.quantum = 0,
		.delay = 7,
		.seed = 9,
	};

	ASSERT_ACCEPTED("limit", "20", "quantum", "0");
	bq_options_merge(&toy, &config, &now);
	ck_assert_mem_eq(&config, &wanted, sizeof(config));
}
END_TEST

/* --- random command lines --- */

/* A word such as one mistypes: a name or a value, often with a byte changed, cut or added. */
static char *random_word(const struct bqdisc_qdisc *q, char *buf, size_t size)
{
	static const char *const tails[] = { "", "p", "b", "kb", "gbit", "ms", "s", "h", ".5s" };
	size_t len, at;

	if (random_below(2))
		snprintf(buf, size, "%s", q->options[random_below(q->n_options)].name);
	else
		snprintf(buf, size, "%llu%s", (unsigned long long)random_magnitude(),
			 tails[random_below(N(tails))]);
	len = strlen(buf);
	at = random_below(len + 1);
	switch (random_below(8)) {
	case 0:
		buf[at] = (char)random_u64();
		buf[at + (at == len)] = '\0';
		break;
	case 1:
		buf[at] = '\0';
		break;
	case 2: /* long enough for every buffer on the way */
		memset(buf + len, 'x', size - len - 1);
		buf[size - 1] = '\0';
		break;
	}
	return buf;
}

/* The words that make row I what it is in GOT; returns how many. */
static int write_option(const struct bqdisc_qdisc *q, size_t i, const void *got, char texts[][32],
			char *words[])
{
	const struct bq_option *row = &q->options[i];
	uint64_t value = row->words[0] ? bq_option_get(row, got, 0) : 0;
	size_t j;
	int n = 0;

	if (!row->follows)
		words[n++] = (char *)(row->words[0] ? row->words[value != 0] : row->name);
	if (row->form)
		words[n++] = (char *)row->form;
	if (row->unit == BQDISC_UNIT_NAME)
		words[n++] = (char *)bq_option_name(row, got);
	for (j = 0; !row->words[0] && row->unit != BQDISC_UNIT_NAME && j < bq_option_count(row);
	     j++) {
		value = bq_option_get(row, got, j);
		if (row->unit != BQDISC_UNIT_SIGNED) {
			ck_assert_uint_ge(value, row->min);
			ck_assert_uint_le(value, row->max);
		}
		words[n++] = bqdisc_unit__format(row->unit, value, texts[j], 32);
	}
	return n;
}

static void check_accepted(const struct bqdisc_qdisc *q, const void *got)
{
	uint64_t again[MAX_CONFIG] = { 0 };
	static char texts[64][32][32];
	char *words[1024];
	size_t i;
	int n = 0;

	for (i = 0; i < q->n_options; i++)
		if (bq_option_is_set(got, i))
			n += write_option(q, i, got, texts[i], words + n);
	ck_assert_msg(!bq_options_parse(q, n, words, again, &error), "%s", error.text);
	ck_assert(bq_options_same(q, got, again));
}

static void check_refused(int err)
{
	const char *c;

	ck_assert(err == -EINVAL || err == -ERANGE || err == -ENOTSUP);
	ck_assert_int_eq(error.error_class,
			 err == -ENOTSUP ? BQDISC_ERROR_UNSUPPORTED : BQDISC_ERROR_USAGE);
	ck_assert_int_ne(error.text[0], '\0');
	for (c = error.text; *c; c++)
		ck_assert_msg((unsigned char)*c >= ' ' && *c != 0x7f,
			      "the message is not one line of text: %s", error.text);
}

static void try_random_line(const struct bqdisc_qdisc *q)
{
	uint64_t got[MAX_CONFIG] = { 0 };
	char texts[8][1200], *words[8];
	int i, err, n = (int)random_below(N(words) + 1);

	for (i = 0; i < n; i++)
		words[i] = random_word(q, texts[i], random_below(50) ? 48 : sizeof(texts[i]));
	memset(&error, 0, sizeof(error));
	err = bq_options_parse(q, n, words, got, &error);
	if (err)
		check_refused(err);
	else
		check_accepted(q, got);
}

START_TEST(option_random_lines)
{
	const struct bqdisc_qdisc *q;
	int i;

	for (i = 0; i < ROUNDS; i++)
		try_random_line(&toy);
	for (q = bq_builtin_next(NULL); q; q = bq_builtin_next(q))
		for (i = 0; q->n_options && i < ROUNDS / 10; i++)
			try_random_line(q);
}
END_TEST

START_TEST(option_clause)
{
	ASSERT_ACCEPTED("loss", "1%");
	ck_assert_uint_eq(config.set_mask, 1 << LOSS);
	ck_assert_uint_eq(config.loss, 42949673);
	ASSERT_ACCEPTED("loss", "random", "0.5%", "25%", "limit", "7");
	ck_assert_uint_eq(config.set_mask, 1 << LOSS | 1 << CORR | 1 << LIMIT);
	ck_assert_uint_eq(config.corr, 1073741824);
	ASSERT_ACCEPTED("drop", "burst", "2%", "5", "seed", "1");
	ck_assert_uint_eq(config.set_mask, 1 << BURST | 1 << LENGTH | 1 << SEED);
	ck_assert_uint_eq(config.length, 5);
}
END_TEST

START_TEST(option_clause_is_wrong)
{
	ASSERT_REFUSED(EINVAL, "toy loss: missing value; usage: loss random P", "loss");
	ASSERT_REFUSED(EINVAL, "toy length: missing value; usage: length LENGTH", "loss", "burst",
		       "1%");
	ASSERT_REFUSED(EINVAL, "toy: unknown option 'loss brust'; the nearest is 'loss burst'",
		       "loss", "brust", "1%");
	ASSERT_REFUSED(EINVAL, "toy: unknown option 'loss wibble'; see 'bqdisc help toy'", "loss",
		       "wibble");
	ASSERT_REFUSED(EINVAL, "toy loss: given twice; give it once", "loss", "1%", "loss", "burst",
		       "1%", "2");
	ASSERT_REFUSED(ERANGE, "toy loss: '100.1%' is out of range; use 0% to 100%", "loss",
		       "100.1%");
	ASSERT_REFUSED(EINVAL, "toy: unknown option 'corr'; see 'bqdisc help toy'", "corr", "1%");
	ASSERT_REFUSED(
		EINVAL,
		"toy distribution: 'far_too_long' has more than 7 characters; use a shorter one",
		"distribution", "far_too_long");
	ASSERT_REFUSED(ERANGE, "toy overhead: '-101' is out of range; use -100b to 100b",
		       "overhead", "-101");
}
END_TEST

START_TEST(option_signed_and_named)
{
	ASSERT_ACCEPTED("overhead", "-20", "distribution", "normal");
	ck_assert_int_eq(config.overhead, -20);
	ck_assert_int_eq((int64_t)bq_option_get(&rows[OVERHEAD], &config, 0), -20);
	ck_assert_str_eq(bq_option_name(&rows[TABLE], &config), "normal");
	ck_assert_ptr_null(bq_option_name(&rows[LOSS], &config));
}
END_TEST

/* A clause that is named replaces all there was of its name, and of no other. */
START_TEST(option_merge_clause)
{
	static const struct toy_config now = {
		.set_mask = 1 << LOSS | 1 << CORR | 1 << SEED, .loss = 10, .corr = 20, .seed = 9
	};

	ASSERT_ACCEPTED("loss", "0%");
	bq_options_merge(&toy, &config, &now);
	ck_assert_uint_eq(config.set_mask, 1 << LOSS | 1 << SEED);
	ck_assert_uint_eq(config.corr, 0);
	ASSERT_ACCEPTED("loss", "burst", "1%", "3");
	bq_options_merge(&toy, &config, &now);
	ck_assert_uint_eq(config.set_mask, 1 << BURST | 1 << LENGTH | 1 << SEED);
	ck_assert_uint_eq(config.loss, 0);
	ASSERT_ACCEPTED("limit", "5");
	bq_options_merge(&toy, &config, &now);
	ck_assert_uint_eq(config.set_mask, now.set_mask | 1 << LIMIT);
	ck_assert_uint_eq(config.corr, 20);
}
END_TEST

Suite *option_suite(void)
{
	Suite *s = suite_create("option");

	ADD_TEST(s, option_nothing_given);
	ADD_TEST(s, option_all_given);
	ADD_TEST(s, option_one_touches_only_its_field);
	ADD_TEST(s, option_zero_is_given);
	ADD_TEST(s, option_rate_in_bytes);
	ADD_TEST(s, option_get_reads_both_widths);
	ADD_TEST(s, option_unknown);
	ADD_TEST(s, option_value_is_missing);
	ADD_TEST(s, option_given_twice);
	ADD_TEST(s, option_out_of_range);
	ADD_TEST(s, option_value_is_wrong);
	ADD_TEST(s, option_same);
	ADD_TEST(s, option_apply_defaults);
	ADD_TEST(s, option_merge);
	ADD_TEST(s, option_clause);
	ADD_TEST(s, option_clause_is_wrong);
	ADD_TEST(s, option_signed_and_named);
	ADD_TEST(s, option_merge_clause);
	ADD_TEST(s, option_random_lines);
	return s;
}
