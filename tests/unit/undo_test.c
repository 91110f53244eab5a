// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/undo.c: what detach can put back exactly. */
#include <linux/pkt_sched.h>
#include <stdio.h>

#include "suites.h"
#include "undo.h"

#define HANDLE 0x80010000u

static bool exact(const char *kind, uint32_t handle, bool stab, bool cut, const char **why)
{
	struct bq_tc_qdisc was = {
		.parent = TC_H_ROOT,
		.handle = handle,
		.has_stab = stab,
		.options_cut = cut,
	};

	snprintf(was.kind, sizeof(was.kind), "%s", kind);
	return bq_undo_is_exact(&was, why);
}

START_TEST(undo_nothing_and_defaults_are_exact)
{
	const char *why;

	ck_assert(exact("", 0, false, false, &why));
	ck_assert(exact("pfifo_fast", 0, false, false, &why));
	ck_assert(exact("htb", 0, false, false, &why));
	ck_assert(exact("mq", 0, true, true, &why));
}
END_TEST

START_TEST(undo_replayable_kinds_are_exact)
{
	static const char *const kinds[] = { "fq", "cake", "tbf", "sfq" };
	const char *why;
	size_t i;

	for (i = 0; i < N(kinds); i++)
		ck_assert_msg(exact(kinds[i], HANDLE, false, false, &why), "%s", kinds[i]);
}
END_TEST

START_TEST(undo_others_say_what_is_lost)
{
	const char *why = NULL;

	ck_assert(!exact("htb", HANDLE, false, false, &why));
	ck_assert_str_eq(why, "its options, classes and filters");
	/* Names match whole. */
	ck_assert(!exact("fq_codel", HANDLE, false, false, &why));
	ck_assert(!exact("f", HANDLE, false, false, &why));
}
END_TEST

START_TEST(undo_size_table_and_length_are_lost)
{
	const char *why = NULL;

	ck_assert(!exact("fq", HANDLE, true, false, &why));
	ck_assert_str_eq(why, "its size table");
	ck_assert(!exact("fq", HANDLE, false, true, &why));
	ck_assert_str_eq(why, "it is too large to record");
}
END_TEST

Suite *undo_suite(void)
{
	Suite *s = suite_create("undo");

	ADD_TEST(s, undo_nothing_and_defaults_are_exact);
	ADD_TEST(s, undo_replayable_kinds_are_exact);
	ADD_TEST(s, undo_others_say_what_is_lost);
	ADD_TEST(s, undo_size_table_and_length_are_lost);
	return s;
}
