// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/util/wordfile.c: lines and words of a file, and locations of errors. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suites.h"
#include "util/wordfile.h"

static struct bq_error error;
static struct bq_wordfile text;
static char path[] = "/tmp/text_test.XXXXXX";

static int read_text(const char *content, size_t size)
{
	FILE *file;
	int ret, fd;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	file = fdopen(fd, "w");
	ck_assert_uint_eq(fwrite(content, 1, size, file), size);
	fclose(file);
	memset(&error, 0, sizeof(error));
	ret = bq_wordfile_read(path, &text, &error);
	unlink(path);
	return ret;
}

static void read_good(const char *content)
{
	ck_assert_msg(!read_text(content, strlen(content)), "'%s': %s", content, error.text);
}

START_TEST(wordfile_lines_and_words)
{
	read_good("one two\r\n\n # nothing\n\tthree#four\nfive");
	ck_assert_int_eq(text.n_words, 4);
	ck_assert_int_eq(text.n_lines, 3);
	ck_assert_int_eq(text.lines[0].n, 2);
	ck_assert_str_eq(text.words[1], "two");
	ck_assert_int_eq(text.lines[1].number, 4);
	ck_assert_int_eq(text.lines[1].first, 2);
	ck_assert_str_eq(text.words[2], "three");
	ck_assert_int_eq(text.lines[2].number, 5);
	bq_wordfile_free(&text);
	read_good("one # a comment \r\n\ttwo#\n");
	ck_assert(!text.lines[0].indented);
	ck_assert_str_eq(text.lines[0].comment, "a comment");
	ck_assert(text.lines[1].indented);
	ck_assert_ptr_null(text.lines[1].comment);
	bq_wordfile_free(&text);
	read_good("");
	ck_assert_int_eq(text.n_lines, 0);
	bq_wordfile_free(&text);
	/* The largest number of words and lines. */
	read_good("a b c d e f g\n\n\n\nh\n");
	ck_assert_int_eq(text.n_words, 8);
	bq_wordfile_free(&text);
}
END_TEST

static void check_place(const char *word, int line, const char *place)
{
	char expected[128];

	bq_fail_word(&error, word, "what");
	ck_assert_int_eq(bq_wordfile_locate(&text, &text.lines[line], -EINVAL, &error), -EINVAL);
	snprintf(expected, sizeof(expected), "%s%s: what", path, place);
	ck_assert_str_eq(error.text, expected);
}

START_TEST(wordfile_places)
{
	char elsewhere[] = "elsewhere";

	read_good("one two\n\n  three  four # five\n");
	check_place(text.words[0], 0, ":1:1");
	check_place(text.words[1], 0, ":1:5");
	check_place(text.words[2], 1, ":3:3");
	check_place(text.words[3], 1, ":3:10");
	/* A word in another line than the one being parsed. */
	check_place(text.words[1], 1, ":1:5");
	check_place(NULL, 1, ":3:14");
	check_place(elsewhere, 0, ":1:8");
	bq_wordfile_free(&text);
}
END_TEST

START_TEST(wordfile_refuses_binary_files)
{
	ck_assert_int_eq(read_text("a\0b", 3), -EINVAL);
	ck_assert_ptr_null(text.buf);
	ck_assert_int_eq(bq_wordfile_read("/nonexistent/file", &text, &error), -ENOENT);
	ck_assert_int_eq(bq_wordfile_read("/", &text, &error), -EINVAL);
}
END_TEST

Suite *wordfile_suite(void)
{
	Suite *s = suite_create("wordfile");

	ADD_TEST(s, wordfile_lines_and_words);
	ADD_TEST(s, wordfile_places);
	ADD_TEST(s, wordfile_refuses_binary_files);
	return s;
}
