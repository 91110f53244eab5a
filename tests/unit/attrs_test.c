// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/tc/attrs*.c: options as attributes. tests/live/plugin.sh gives each of them to the kernel. */
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "tc/attrs.h"
#include "tc/words.h"

static struct bq_attrs attrs;
static struct bq_error error;

static int write_attrs(const char *qdisc, const char *options)
{
	const struct bq_dev_params dev = { .mtu = 1500, .tx_queue_len = 1000 };
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)] = { 0 };
	const struct bqdisc_qdisc *q = bq_builtin_find(qdisc);
	struct bq_blob tables = { 0 };
	struct bq_words words = { 0 };
	char *copy = strdup(options), *word;
	int err;

	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		bq_words_add(&words, "%s", word);
	bq_words_add(&words, "end");
	err = q->parse ? q->parse(q, words.n - 1, words.v, config, &tables, &error)
		       : bq_options_parse(q, words.n - 1, words.v, config, &error);
	ck_assert_msg(!err, "%s", error.text);
	ck_assert(!q->complete || !q->complete(config, &dev, &error));
	err = bq_attrs_write(q, config, &tables, &attrs, &error);
	bq_words_free(&words);
	free(tables.data);
	free(copy);
	return err;
}

/* Return the 32-bit words from attribute TYPE on, behind BEFORE bytes; NULL: there is none. */
static const uint32_t *find(uint16_t type, size_t before, uint16_t *size)
{
	const struct rtattr *a;
	size_t at;

	for (at = before; at < attrs.len; at += RTA_ALIGN(a->rta_len)) {
		a = (const struct rtattr *)(attrs.data + at);
		ck_assert_uint_ge(a->rta_len, sizeof(*a));
		*size = (uint16_t)(a->rta_len - sizeof(*a));
		if (a->rta_type == type)
			return (const uint32_t *)RTA_DATA(a);
	}
	ck_assert_uint_eq(at, attrs.len);
	return NULL;
}

/* Return the 64 bits of an attribute, which is aligned to 32. */
static uint64_t find_u64(uint16_t type)
{
	uint64_t value = 0;
	uint16_t size = 0;
	const uint32_t *data = find(type, 0, &size);

	ck_assert_uint_eq(size, sizeof(value));
	memcpy(&value, data, sizeof(value));
	return value;
}

START_TEST(attrs_of_fifo)
{
	uint32_t limit;

	ck_assert_int_eq(write_attrs("pfifo", ""), 0);
	ck_assert_uint_eq(attrs.len, 0);
	ck_assert_int_eq(write_attrs("bfifo", "limit 3kb"), 0);
	ck_assert_uint_eq(attrs.len, 4);
	memcpy(&limit, attrs.data, sizeof(limit));
	ck_assert_uint_eq(limit, 3072);
}
END_TEST

START_TEST(attrs_of_fq)
{
	uint16_t size;

	ck_assert_int_eq(write_attrs("fq", "quantum 3000 maxrate 8mbit buckets 1000 horizon 1500us "
					   "horizon_cap priomap 1 2 0 1 2 0 1 2 0 1 2 0 1 2 0 1"),
			 0);
	ck_assert_uint_eq(*find(3, 0, &size), 3000);
	ck_assert_uint_eq(*find(7, 0, &size), 1000000);
	ck_assert_uint_eq(*find(8, 0, &size), 10);
	ck_assert_uint_eq(*find(14, 0, &size), 1500);
	ck_assert_uint_eq(*(const uint8_t *)find(15, 0, &size), 0);
	ck_assert_uint_eq(size, 1);
	ck_assert_uint_eq(find(16, 0, &size)[1], 0x01000201);
	ck_assert_uint_eq(size, 20);
	ck_assert_int_eq(write_attrs("fq", "weights 30000 20000 20001"), 0);
	ck_assert_uint_eq(find(17, 0, &size)[2], 20001);
	ck_assert_uint_eq(size, 12);
	ck_assert_ptr_null(find(1, 0, &size));
	ck_assert_int_lt(write_attrs("fq", "maxrate 50gbit"), 0);
	ck_assert_str_eq(error.text, "fq maxrate: the value is too large for tc's request; use "
				     "'bqdisc attach'");
}
END_TEST

START_TEST(attrs_of_tbf)
{
	const uint32_t *parms;
	uint16_t size;

	ck_assert_int_eq(write_attrs("tbf", "rate 8mbit burst 5000 latency 10ms mpu 64 overhead 8 "
					    "linklayer atm"),
			 0);
	parms = find(1, 0, &size);
	ck_assert_uint_eq(size, 36);
	ck_assert_uint_eq(parms[0], 8 << 16 | 2 << 8);
	ck_assert_uint_eq(parms[1], 64u << 16);
	ck_assert_uint_eq(parms[2], 1000000);
	ck_assert_uint_eq(parms[6], 15000);
	ck_assert_uint_eq(*find(6, 0, &size), 5000);
	ck_assert_ptr_null(find(4, 0, &size));
	ck_assert_ptr_null(find(7, 0, &size));
	ck_assert_int_eq(write_attrs("tbf", "rate 40gbit peakrate 80gbit mtu 9000 limit 1mb"), 0);
	ck_assert_uint_eq(find(1, 0, &size)[2], UINT32_MAX);
	ck_assert_uint_eq(find_u64(4), 5000000000);
	ck_assert_uint_eq(find_u64(5), 10000000000);
	ck_assert_uint_eq(*find(6, 0, &size), 5000000);
	ck_assert_uint_eq(*find(7, 0, &size), 9000);
}
END_TEST

#define QOPT 24 /* bytes before the attributes of netem */

START_TEST(attrs_of_netem)
{
	const uint32_t *qopt = (const uint32_t *)attrs.data, *nest;
	uint16_t size;

	ck_assert_int_eq(write_attrs("netem", "delay 1ms 64us 50% loss 25% limit 7 seed 5"), 0);
	ck_assert_uint_eq(qopt[0], 15625);
	ck_assert_uint_eq(qopt[1], 7);
	ck_assert_uint_eq(qopt[2], 0x40000000);
	ck_assert_uint_eq(qopt[5], 1000);
	ck_assert_uint_eq(*find(10, QOPT, &size), 1000000);
	ck_assert_uint_eq(*find(1, QOPT, &size), 0x80000000);
	ck_assert_uint_eq(find(14, QOPT, &size)[0], 5);
	ck_assert_uint_eq(size, 8);
	ck_assert_int_eq(write_attrs("netem", "loss burst 50% 2 rate 50gbit"), 0);
	nest = find(5, QOPT, &size);
	ck_assert_uint_eq(size, 20);
	ck_assert_uint_eq(nest[0], 2 << 16 | 20);
	ck_assert_uint_eq(nest[2], UINT32_MAX / 2);
	ck_assert_uint_eq(*find(6, QOPT, &size), UINT32_MAX);
	ck_assert_uint_eq(find(8, QOPT, &size)[1], 6250000000 >> 32);
	ck_assert_int_eq(write_attrs("netem", "delay 1ms 1ms distribution normal"), 0);
	ck_assert_ptr_nonnull(find(2, QOPT, &size));
	ck_assert_uint_eq(size, 8192);
}
END_TEST

START_TEST(attrs_that_do_not_exist)
{
	static const struct {
		const char *options, *error;
	} rows[] = {
		{ "delay 1ms match dport 5",
		  "netem: tc cannot give it rules or a match; use 'bqdisc attach'" },
		{ "delay 1ms match dport 5 rule loss 1%",
		  "netem: tc cannot give it rules or a match; use 'bqdisc attach'" },
		{ "delay 1ms ordered", "netem ordered: tc cannot give it; use 'bqdisc attach'" },
	};
	size_t i;

	for (i = 0; i < N(rows); i++) {
		ck_assert_int_lt(write_attrs("netem", rows[i].options), 0);
		ck_assert_str_eq(error.text, rows[i].error);
	}
	ck_assert_int_eq(write_attrs("netem", "delay 1ms unordered noecn"), 0);
}
END_TEST

Suite *attrs_suite(void)
{
	Suite *s = suite_create("attrs");

	ADD_TEST(s, attrs_of_fifo);
	ADD_TEST(s, attrs_of_fq);
	ADD_TEST(s, attrs_of_tbf);
	ADD_TEST(s, attrs_of_netem);
	ADD_TEST(s, attrs_that_do_not_exist);
	return s;
}
