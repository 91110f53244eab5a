// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/util/error.c: error messages and warnings. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/error.h"
#include "suites.h"

static char heard[2048];
static int n_heard;

static void listen(const char *line)
{
	snprintf(heard, sizeof(heard), "%s", line);
	n_heard++;
}

START_TEST(error_fail)
{
	struct bq_error error = { 0 };

	ck_assert_int_eq(bq_fail(&error, BQDISC_ERROR_REFUSED, EPERM, "no %s for %d", "eth", 7),
			 -EPERM);
	ck_assert_int_eq(error.error_class, BQDISC_ERROR_REFUSED);
	ck_assert_str_eq(error.text, "no eth for 7");
}
END_TEST

START_TEST(error_last_one_stands)
{
	struct bq_error error = { 0 };

	bq_fail(&error, BQDISC_ERROR_REFUSED, EPERM, "the first, which is longer");
	ck_assert_int_eq(bq_fail(&error, BQDISC_ERROR_FOREIGN, EBUSY, "the second"), -EBUSY);
	ck_assert_int_eq(error.error_class, BQDISC_ERROR_FOREIGN);
	ck_assert_str_eq(error.text, "the second");
}
END_TEST

START_TEST(error_long_message_is_cut)
{
	struct bq_error error = { 0 };
	char text[2 * sizeof(error.text)];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	bq_fail(&error, BQDISC_ERROR_USAGE, EINVAL, "%s", text);
	ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
	ck_assert_ptr_null(error.warn);
}
END_TEST

/* A quoted word must not move the cursor or start a second line. */
START_TEST(error_message_is_one_line)
{
	struct bq_error error = { 0 };
	const char *c;

	bq_fail(&error, BQDISC_ERROR_USAGE, EINVAL, "no '%s'", "a\nb\tc\033[2Jd\177 \xc3\xa9");
	for (c = error.text; *c; c++)
		ck_assert_msg((unsigned char)*c >= ' ' && *c != 0x7f, "0x%02x at %zd", *c,
			      c - error.text);
	ck_assert_msg(strstr(error.text, "\xc3\xa9") != NULL, "letters are kept");
}
END_TEST

START_TEST(error_warning)
{
	struct bq_error error = { .warn = listen };
	int before = n_heard;

	bq_warn(&error, "%s is %d", "it", 3);
	ck_assert_int_eq(n_heard, before + 1);
	ck_assert_str_eq(heard, "it is 3");
	ck_assert_int_eq(error.error_class, BQDISC_ERROR_NONE);
	ck_assert_str_eq(error.text, "");
}
END_TEST

START_TEST(error_warning_without_a_handler)
{
	struct bq_error error = { 0 };
	int before = n_heard;

	bq_warn(&error, "%s", "unheard");
	ck_assert_int_eq(n_heard, before);
}
END_TEST

START_TEST(error_null)
{
	ck_assert_int_eq(bq_fail(NULL, BQDISC_ERROR_REFUSED, ENOENT, "%s", "unread"), -ENOENT);
	ck_assert_int_eq(bq_fail_word(NULL, "word", "%s", "unread"), -EINVAL);
	bq_fail_place(NULL, "%s", "unread");
	bq_warn(NULL, "%s", "unread");
}
END_TEST

Suite *error_suite(void)
{
	Suite *s = suite_create("error");

	ADD_TEST(s, error_fail);
	ADD_TEST(s, error_last_one_stands);
	ADD_TEST(s, error_long_message_is_cut);
	ADD_TEST(s, error_message_is_one_line);
	ADD_TEST(s, error_warning);
	ADD_TEST(s, error_warning_without_a_handler);
	ADD_TEST(s, error_null);
	return s;
}
