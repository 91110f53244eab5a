// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cmd/words.c: flags and parents. Includes the source: the tests link the library alone. */
#include "../../cmd/words.c"
#include "suites.h"

static bool force;
static uint32_t parent;
static const struct flag flags[] = {
	{ .name = "--force", .set = &force },
	PARENT_FLAG(&parent),
};

/* Return the words left of LINE, joined with "|", or NULL if it was refused. */
static const char *take(const char *line)
{
	static char copy[128], left[128];
	char *argv[16] = { NULL }, *rest = copy;
	int i, argc = 0;
	size_t len = 0;

	force = false;
	parent = 0;
	snprintf(copy, sizeof(copy), "%s", line);
	while (rest)
		argv[argc++] = strsep(&rest, " ");
	argc = flags_take(argc, argv, flags, N(flags));
	*left = '\0';
	for (i = 0; i < argc; i++)
		len += (size_t)snprintf(left + len, sizeof(left) - len, "%s%s", i ? "|" : "",
					argv[i]);
	return argc < 0 ? NULL : left;
}

START_TEST(words_without_flags)
{
	ck_assert_str_eq(take("attach eth0 pfifo limit 5"), "attach|eth0|pfifo|limit|5");
	ck_assert(!force && !parent);
	/* One dash makes no flag: "-" may begin a value. */
	ck_assert_str_eq(take("attach -x -"), "attach|-x|-");
}
END_TEST

START_TEST(words_flags_stand_anywhere)
{
	ck_assert_str_eq(take("attach --force eth0 --parent 1:2 pfifo"), "attach|eth0|pfifo");
	ck_assert(force);
	ck_assert_uint_eq(parent, 0x10002);
	ck_assert_str_eq(take("attach eth0 pfifo --force"), "attach|eth0|pfifo");
	ck_assert(force);
}
END_TEST

START_TEST(words_two_dashes_end_the_flags)
{
	ck_assert_str_eq(take("attach --force -- --parent eth0"), "attach|--parent|eth0");
	ck_assert(force && !parent);
	ck_assert_str_eq(take("attach --"), "attach");
	ck_assert_str_eq(take("attach -- --"), "attach|--");
}
END_TEST

static void check_complaint(const char *line, const char *complaint)
{
	FILE *terminal = stderr;
	char *text = NULL;
	size_t size;

	stderr = open_memstream(&text, &size);
	ck_assert_ptr_null(take(line));
	fclose(stderr);
	stderr = terminal;
	ck_assert_str_eq(text, complaint);
	free(text);
}

START_TEST(words_wrong_flags)
{
	check_complaint("attach --forc eth0",
			"bqdisc: attach: unknown option '--forc'; see 'bqdisc help attach'\n");
	check_complaint(
		"attach --parent=1:2",
		"bqdisc: attach: unknown option '--parent=1:2'; see 'bqdisc help attach'\n");
	check_complaint("attach eth0 --parent",
			"bqdisc: --parent: missing value; give a class, such as 1:2\n");
	/* The word behind a flag with a value is always its value. */
	check_complaint("attach --parent --force",
			"bqdisc: --parent: invalid value '--force'; give a class, such as 1:2\n");
}
END_TEST

START_TEST(words_parents)
{
	static const struct {
		const char *text;
		uint32_t id;
	} rows[] = {
		{ "root", BQDISC_PARENT_ROOT }, { "1:2", 0x10002 },       { "8001:a", 0x8001000a },
		{ "FFFF:fFfF", 0xffffffff },    { "0001:0001", 0x10001 },
	};
	uint32_t id;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		ck_assert_msg(parse_parent(rows[i].text, &id), "%s", rows[i].text);
		ck_assert_uint_eq(id, rows[i].id);
	}
}
END_TEST

START_TEST(words_no_parents)
{
	static const char *const texts[] = { "",     ":",     "1",       "1:",      ":1",  "0:1",
					     "1:0",  "1:2:3", "12345:1", "1:12345", "1:g", "-1:1",
					     "1: 2", "0x1:1", "Root",    "1:2 ",    "x1:2" };
	uint32_t id;
	size_t i;

	for (i = 0; i < N(texts); i++)
		ck_assert_msg(!parse_parent(texts[i], &id), "'%s' is a parent", texts[i]);
}
END_TEST

Suite *words_suite(void)
{
	Suite *s = suite_create("words");

	ADD_TEST(s, words_without_flags);
	ADD_TEST(s, words_flags_stand_anywhere);
	ADD_TEST(s, words_two_dashes_end_the_flags);
	ADD_TEST(s, words_wrong_flags);
	ADD_TEST(s, words_parents);
	ADD_TEST(s, words_no_parents);
	return s;
}
