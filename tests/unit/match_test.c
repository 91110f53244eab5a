// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/match_words.c: words to a match and back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/match_words.h"
#include "suites.h"

#define ROUNDS 20000
#define MAX_WORDS 32

static struct bq_error error;
static struct bq_match match;
static char copy[512], *words[MAX_WORDS];
static int n_words;

/* Parses TEXT, split at its blanks. */
static int parse(const char *text)
{
	char *word;

	snprintf(copy, sizeof(copy), "%s", text);
	n_words = 0;
	for (word = strtok(copy, " "); word && n_words < MAX_WORDS; word = strtok(NULL, " "))
		words[n_words++] = word;
	memset(&error, 0, sizeof(error));
	memset(&match, 0xaa, sizeof(match));
	return bq_match_parse(n_words, words, &match, &error);
}

/* TEXT is parsed, formatted as WRITTEN, and parsed again with the same result. */
static void check_round(const char *text, const char *written)
{
	char buf[BQ_MATCH_TEXT], again[BQ_MATCH_TEXT];
	struct bq_match first;
	int took = parse(text);

	ck_assert_msg(took == n_words, "'%s': took %d of %d words: %s", text, took, n_words,
		      error.text);
	first = match;
	ck_assert_str_eq(bq_match_format(&match, buf, sizeof(buf)), written);
	ck_assert_int_gt(parse(buf + strlen("match ")), 0);
	ck_assert_mem_eq(&match, &first, sizeof(match));
	ck_assert_str_eq(bq_match_format(&match, again, sizeof(again)), buf);
}

START_TEST(match_good_words)
{
	static const struct {
		const char *text, *written;
	} rows[] = {
		{ "src 10.0.0.0/8", "match src 10.0.0.0/8" },
		{ "dst 192.0.2.1", "match dst 192.0.2.1" },
		{ "dst 192.0.2.1/32", "match dst 192.0.2.1" },
		{ "src 0.0.0.0/0", "match src 0.0.0.0/0" },
		{ "src 128.0.0.0/1", "match src 128.0.0.0/1" },
		{ "src 2001:db8::/32 dst ::1", "match src 2001:db8::/32 dst ::1" },
		{ "src ::/0", "match src ::/0" },
		{ "dst 2001:db8:0:0:8000::/65", "match dst 2001:db8:0:0:8000::/65" },
		{ "dst ::ffff:192.0.2.1", "match dst ::ffff:192.0.2.1" },
		{ "sport 0", "match sport 0" },
		{ "sport 1024-65535", "match sport 1024-65535" },
		{ "dport 80-80", "match dport 80" },
		{ "proto tcp", "match proto tcp" },
		{ "proto 6", "match proto tcp" },
		{ "proto udp", "match proto udp" },
		{ "proto icmp", "match proto icmp" },
		{ "proto 1", "match proto 1" },
		{ "proto 58", "match proto 58" },
		{ "proto 255", "match proto 255" },
		{ "mark 0", "match mark 0" },
		{ "mark 7", "match mark 0x7" },
		{ "mark 0x10/0xF0", "match mark 0x10/0xf0" },
		{ "mark 0/1", "match mark 0/0x1" },
		{ "mark 4294967295", "match mark 0xffffffff" },
		{ "dscp 0", "match dscp 0" },
		{ "dscp 63", "match dscp 63" },
		{ "dscp 0x2e", "match dscp 46" },
		{ "not src 10.0.0.0/8", "match not src 10.0.0.0/8" },
		{ "dscp 46 proto udp dport 53 dst 10.1.2.3",
		  "match dst 10.1.2.3 dport 53 proto udp dscp 46" },
		{ "not src 10.0.0.0/8 dst 10.0.0.0/9 sport 1-2 dport 3-4 proto tcp mark 1/3 dscp 1",
		  "match not src 10.0.0.0/8 dst 10.0.0.0/9 sport 1-2 dport 3-4 proto tcp "
		  "mark 0x1/0x3 dscp 1" },
	};
	size_t i;

	for (i = 0; i < N(rows); i++)
		check_round(rows[i].text, rows[i].written);
}
END_TEST

/* The word at fault is FAULTY of TEXT, or its end if that is NULL; the message has WHAT in it. */
static const struct refusal {
	const char *text, *faulty, *what;
} refusals[] = {
	{ "", NULL, "missing field; use" },
	{ "not", NULL, "missing field; use" },
	{ "delay 10ms", "delay", "unknown field 'delay'; use" },
	{ "not delay", "delay", "unknown field 'delay'; use" },
	{ "src", "src", "missing value" },
	{ "proto tcp dst", "dst", "missing value" },
	{ "src 10.0.0.1 src 10.0.0.2", "src", "given twice" },
	/* A bit beyond the prefix. */
	{ "src 10.0.0.1/8", "10.0.0.1/8", "use 10.0.0.0/8" },
	{ "dst 10.128.0.0/8", "10.128.0.0/8", "use 10.0.0.0/8" },
	{ "dst 0.0.0.1/0", "0.0.0.1/0", "use 0.0.0.0/0" },
	{ "src 2001:db8::1/64", "2001:db8::1/64", "use 2001:db8::/64" },
	{ "src 8000::/0", "8000::/0", "use ::/0" },
	{ "src ::1/127", "::1/127", "use ::/127" },
	{ "src 10.0.0.0/33", "10.0.0.0/33", "prefix length; use 0 to 32" },
	{ "src ::/129", "::/129", "prefix length; use 0 to 128" },
	{ "src 10.0.0.0/", "10.0.0.0/", "prefix length" },
	{ "src 10.0.0.0/8x", "10.0.0.0/8x", "prefix length" },
	{ "src 10.0.0.0/-8", "10.0.0.0/-8", "prefix length" },
	{ "src 10.0.0/8", "10.0.0/8", "is not an IPv4 or IPv6 address" },
	{ "src 10.0.0.256", "10.0.0.256", "is not an IPv4 or IPv6 address" },
	{ "src example.org", "example.org", "is not an IPv4 or IPv6 address" },
	{ "src 1:2:3", "1:2:3", "is not an IPv4 or IPv6 address" },
	{ "src fe80::1%eth0", "fe80::1%eth0", "is not an IPv4 or IPv6 address" },
	{ "src 0123456789012345678901234567890123456789012345678901234567890",
	  "0123456789012345678901234567890123456789012345678901234567890", "is not an address" },
	{ "src 10.0.0.1 dst ::1", "::1", "is IPv6 and the other address IPv4" },
	{ "dport 65536", "65536", "is not a port" },
	{ "dport -1", "-1", "is not a port" },
	{ "dport http", "http", "is not a port" },
	{ "sport 90-80", "90-80", "begins after its end" },
	{ "sport 80-", "80-", "does not end in a port" },
	{ "sport 80-70000", "80-70000", "does not end in a port" },
	{ "sport 80-90-100", "80-90-100", "is not a port or a range" },
	{ "sport 80,90", "80,90", "is not a port or a range" },
	{ "proto TCP", "TCP", "is not a protocol; use tcp, udp, icmp" },
	{ "proto 256", "256", "is not a protocol; use tcp, udp, icmp" },
	{ "proto 6x", "6x", "is not a protocol; use tcp, udp, icmp" },
	{ "mark x", "x", "is not a mark" },
	{ "mark 4294967296", "4294967296", "is not a mark" },
	{ "mark 0x1ffffffff", "0x1ffffffff", "is not a mark" },
	{ "mark 99999999999999999999999", "99999999999999999999999", "is not a mark" },
	{ "mark 1/", "1/", "bad mask" },
	{ "mark 1/x", "1/x", "bad mask" },
	{ "mark 1/1/1", "1/1/1", "is not a mark" },
	{ "mark 0x11/0x10", "0x11/0x10", "bits outside of its mask" },
	{ "dscp 64", "64", "is not a DSCP; use 0 to 63" },
	{ "dscp ef", "ef", "is not a DSCP; use 0 to 63" },
};

static bool same_word(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

START_TEST(match_bad_words)
{
	const struct refusal *r;

	for (r = refusals; r < refusals + N(refusals); r++) {
		ck_assert_msg(parse(r->text) < 0, "'%s' was taken", r->text);
		ck_assert_int_eq(error.error_class, BQDISC_ERROR_USAGE);
		ck_assert_msg(strstr(error.text, r->what), "'%s': %s", r->text, error.text);
		ck_assert_msg(same_word(error.word, r->faulty), "'%s': '%s' is said to be at fault",
			      r->text, error.word);
	}
}
END_TEST

START_TEST(match_ends_at_other_words)
{
	ck_assert_int_eq(parse("proto tcp dport 80 rule delay 10ms"), 4);
	ck_assert_int_eq(parse("not proto tcp limit 100"), 3);
}
END_TEST

START_TEST(match_a_refusal_writes_nothing)
{
	struct bq_match before;

	memset(&before, 0xaa, sizeof(before));
	ck_assert_int_lt(parse("proto tcp src 10.0.0.1/8"), 0);
	ck_assert_mem_eq(&match, &before, sizeof(match));
}
END_TEST

static void add_random_net(char *text, size_t size, const char *name, int family)
{
	size_t len = strlen(text);
	uint32_t a = (uint32_t)random_u64();
	unsigned int bits = (unsigned int)random_below(33);

	a = bits ? a & ~(uint32_t)(bits == 32 ? 0 : UINT32_MAX >> bits) : 0;
	if (family == 4)
		snprintf(text + len, size - len, " %s %u.%u.%u.%u/%u", name, a >> 24, a >> 16 & 255,
			 a >> 8 & 255, a & 255, bits);
	else
		snprintf(text + len, size - len, " %s 2001:db8:%x:%x::/%u", name, a >> 16,
			 a & 0xffff, bits + 32);
}

static void add_random_fields(char *text, size_t size)
{
	int family = random_below(2) ? 4 : 6;
	size_t len;

	if (random_below(2))
		add_random_net(text, size, "src", family);
	if (random_below(2))
		add_random_net(text, size, "dst", family);
	len = strlen(text);
	if (random_below(2))
		snprintf(text + len, size - len, " dport %zu-65535", random_below(65536));
	len = strlen(text);
	if (random_below(2))
		snprintf(text + len, size - len, " mark %zu", random_below(UINT32_MAX));
	len = strlen(text);
	snprintf(text + len, size - len, " proto %zu", random_below(256));
}

START_TEST(match_round_trip_of_random_ones)
{
	char text[512], first[BQ_MATCH_TEXT];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		snprintf(text, sizeof(text), "%s", random_below(2) ? "not" : "");
		add_random_fields(text, sizeof(text));
		ck_assert_msg(parse(text) > 0, "'%s': %s", text, error.text);
		bq_match_format(&match, first, sizeof(first));
		check_round(text, first);
	}
}
END_TEST

Suite *match_suite(void)
{
	Suite *s = suite_create("match");

	ADD_TEST(s, match_good_words);
	ADD_TEST(s, match_bad_words);
	ADD_TEST(s, match_ends_at_other_words);
	ADD_TEST(s, match_a_refusal_writes_nothing);
	ADD_TEST(s, match_round_trip_of_random_ones);
	return s;
}
