// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/session.c, lib/util/opts.c: opts of older and newer callers, and delayed failures. */
#include <errno.h>
#include <string.h>

#include "session.h"
#include "util/opts.h"
#include "suites.h"

/* An opts struct as a later release may have it. */
struct newer_opts {
	struct bqdisc_attach_opts known;
	uint64_t unknown[4];
};

static struct bq_error error;

START_TEST(session_opts_absent)
{
	struct bqdisc_attach_opts to, zero = { 0 };

	memset(&to, 0xff, sizeof(to));
	ck_assert_int_eq(bq_opts_copy(&to, sizeof(to), NULL, &error), 0);
	ck_assert_mem_eq(&to, &zero, sizeof(to));
}
END_TEST

START_TEST(session_opts_of_this_release)
{
	struct bqdisc_attach_opts to, from = { .sz = sizeof(from), .parent = 7, .force = true };

	ck_assert_int_eq(bq_opts_copy(&to, sizeof(to), &from, &error), 0);
	ck_assert_uint_eq(to.parent, 7);
	ck_assert(to.force);
}
END_TEST

START_TEST(session_opts_of_an_older_caller)
{
	struct bqdisc_attach_opts to, from = { .parent = 7, .force = true };

	/* An older struct ends before `force`; bytes behind it are ignored. */
	from.sz = offsetof(struct bqdisc_attach_opts, force);
	ck_assert_int_eq(bq_opts_copy(&to, sizeof(to), &from, &error), 0);
	ck_assert_uint_eq(to.parent, 7);
	ck_assert(!to.force);
}
END_TEST

START_TEST(session_opts_of_a_newer_caller)
{
	struct newer_opts from = { .known = { .sz = sizeof(from), .parent = 7 } };
	struct bqdisc_attach_opts to;

	ck_assert_int_eq(bq_opts_copy(&to, sizeof(to), &from, &error), 0);
	ck_assert_uint_eq(to.parent, 7);
}
END_TEST

START_TEST(session_opts_that_would_be_ignored)
{
	struct newer_opts from = { .known = { .sz = sizeof(from), .parent = 7 } };
	char *bytes = (char *)&from;
	struct bqdisc_attach_opts to, zero = { 0 };
	size_t i;

	for (i = sizeof(to); i < sizeof(from); i++) {
		bytes[i] = 1;
		memset(&error, 0, sizeof(error));
		ck_assert_int_eq(bq_opts_copy(&to, sizeof(to), &from, &error), -E2BIG);
		ck_assert_int_eq(error.error_class, BQDISC_ERROR_USAGE);
		ck_assert_int_ne(error.text[0], '\0');
		ck_assert_mem_eq(&to, &zero, sizeof(to));
		bytes[i] = 0;
	}
}
END_TEST

static int no_instance(const struct bqdisc_instance *inst, void *arg)
{
	(void)inst;
	(void)arg;
	ck_abort_msg("a broken session walked");
	return 0;
}

static void check_broken(struct bqdisc *bq, int err)
{
	char word[] = "pfifo", *words[] = { word };

	ck_assert_ptr_nonnull(bq);
	ck_assert_int_eq(bqdisc__attach(bq, "lo", 1, words, NULL), err);
	ck_assert_int_eq(bqdisc__detach(bq, "lo", NULL), err);
	ck_assert_int_eq(bqdisc__each_instance(bq, NULL, no_instance, NULL), err);
	ck_assert_int_eq(bqdisc__error_class(bq), BQDISC_ERROR_USAGE);
	ck_assert_int_ne(bqdisc__message(bq)[0], '\0');
	bqdisc__close(bq);
}

START_TEST(session_open_fails_in_the_first_call)
{
	struct {
		struct bqdisc_opts known;
		uint64_t unknown;
	} newer = { .known = { .sz = sizeof(newer) }, .unknown = 1 };
	struct bqdisc_opts nowhere = { .sz = sizeof(nowhere), .netns = "/no/such/namespace" };

	check_broken(bqdisc__open((const struct bqdisc_opts *)&newer), -E2BIG);
	check_broken(bqdisc__open(&nowhere), -ENOENT);
}
END_TEST

static void check_usage(struct bqdisc *bq, int n, char *const words[], const char *message)
{
	ck_assert_int_lt(bqdisc__attach(bq, "no-such-device", n, words, NULL), 0);
	ck_assert_int_eq(bqdisc__error_class(bq), BQDISC_ERROR_USAGE);
	ck_assert_str_eq(bqdisc__message(bq), message);
}

/* Arguments are validated before the machine is examined: first the words, then the device. */
START_TEST(session_words_are_checked_first)
{
	char word[] = "pfiffo", *words[] = { word };
	struct bqdisc *bq = bqdisc__open(NULL);

	check_usage(bq, 0, words, "attach: missing QDISC; 'bqdisc list' lists them");
	check_usage(bq, 1, words, "unknown qdisc 'pfiffo'; the nearest is 'pfifo'");
	bqdisc__close(bq);
}
END_TEST

Suite *session_suite(void)
{
	Suite *s = suite_create("session");

	ADD_TEST(s, session_opts_absent);
	ADD_TEST(s, session_opts_of_this_release);
	ADD_TEST(s, session_opts_of_an_older_caller);
	ADD_TEST(s, session_opts_of_a_newer_caller);
	ADD_TEST(s, session_opts_that_would_be_ignored);
	ADD_TEST(s, session_open_fails_in_the_first_call);
	ADD_TEST(s, session_words_are_checked_first);
	return s;
}
