// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/util/suggest.c: suggestions for misspelt words. */
#include <string.h>

#include "bqdisc.h"
#include "suites.h"

static const char *const words[] = { "pfifo", "bfifo", "fq", "netem" };

static const char *nearest(const char *word)
{
	return bqdisc_word__nearest(word, words, N(words));
}

START_TEST(word_exact)
{
	size_t i;

	for (i = 0; i < N(words); i++)
		ck_assert_ptr_eq(nearest(words[i]), words[i]);
}
END_TEST

START_TEST(word_one_slip)
{
	ck_assert_str_eq(nearest("pfiffo"), "pfifo"); /* one too many */
	ck_assert_str_eq(nearest("pfif"), "pfifo");   /* one missing */
	ck_assert_str_eq(nearest("netam"), "netem");  /* a wrong one */
	ck_assert_str_eq(nearest("netme"), "netem");  /* two exchanged */
	ck_assert_str_eq(nearest("fg"), "fq");
}
END_TEST

START_TEST(word_first_of_equals)
{
	static const char *const pair[] = { "cat", "bat" };

	ck_assert_str_eq(bqdisc_word__nearest("rat", pair, 2), "cat");
}
END_TEST

START_TEST(word_nothing_near)
{
	ck_assert_ptr_null(nearest("htb_with_classes"));
	ck_assert_ptr_null(nearest("zzzzz"));
	ck_assert_ptr_null(bqdisc_word__nearest("fq", words, 0));
}
END_TEST

/* No suggestion for two errors in a word of two letters. */
START_TEST(word_shares_a_letter)
{
	ck_assert_ptr_null(nearest(""));
	ck_assert_ptr_null(nearest("x"));
	ck_assert_ptr_null(nearest("xy"));
}
END_TEST

START_TEST(word_long)
{
	static const size_t lengths[] = { 31, 32, 33, 92, 93, 94, 96, 97, 500 };
	char text[512];
	const char *candidate = text;
	size_t i;

	for (i = 0; i < N(lengths); i++) {
		memset(text, 'p', lengths[i]);
		text[lengths[i]] = '\0';
		ck_assert_msg(!nearest(text), "%zu letters are near %s", lengths[i], nearest(text));
		ck_assert_ptr_null(bqdisc_word__nearest("pfifo", &candidate, 1));
	}
}
END_TEST

Suite *word_suite(void)
{
	Suite *s = suite_create("word");

	ADD_TEST(s, word_exact);
	ADD_TEST(s, word_one_slip);
	ADD_TEST(s, word_first_of_equals);
	ADD_TEST(s, word_nothing_near);
	ADD_TEST(s, word_shares_a_letter);
	ADD_TEST(s, word_long);
	return s;
}
