// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/qdisc/tables.c: entries are sorted, whatever the order of insertion. */
#include <stdlib.h>
#include <string.h>

#include "qdisc/tables.h"
#include "suites.h"

static struct bq_blob tables;

static void put(uint32_t rule, uint32_t use, const char *text)
{
	ck_assert_int_eq(bq_tables_put(&tables, rule, use, text, (uint32_t)strlen(text)), 0);
}

static void check(uint32_t rule, uint32_t use, const char *text)
{
	uint32_t size = 0;
	const char *data = bq_tables_get(&tables, rule, use, &size);

	if (!text) {
		ck_assert_ptr_null(data);
		return;
	}
	ck_assert_ptr_nonnull(data);
	ck_assert_uint_eq(size, strlen(text));
	ck_assert_mem_eq(data, text, size);
}

static void forget(void)
{
	free(tables.data);
	tables = (struct bq_blob){ 0 };
}

START_TEST(tables_put_and_get)
{
	check(0, 1, NULL);
	put(0, 4, "four");
	put(1, 2, "one, two");
	put(0, 1, "first");
	check(0, 1, "first");
	check(0, 4, "four");
	check(1, 2, "one, two");
	check(1, 1, NULL);
	check(2, 0, NULL);
	put(0, 4, "another and longer four");
	check(0, 4, "another and longer four");
	check(1, 2, "one, two");
	put(0, 1, "");
	check(0, 1, NULL);
	check(0, 4, "another and longer four");
	put(0, 4, "");
	put(1, 2, "");
	ck_assert_uint_eq(tables.size, 0);
	forget();
}
END_TEST

/* Equal tables are equal bytes. A change without effect is recognised by that. */
START_TEST(tables_order_does_not_matter)
{
	struct bq_blob forwards;
	char text[] = "0";
	uint32_t i;

	for (i = 0; i < 9; i++) {
		text[0] = (char)('0' + i);
		put(i / 3, i % 3, text);
	}
	forwards = tables;
	tables = (struct bq_blob){ 0 };
	for (i = 9; i--;) {
		text[0] = (char)('0' + i);
		put(i / 3, i % 3, text);
	}
	ck_assert_uint_eq(tables.size, forwards.size);
	ck_assert_uint_eq(tables.size % 8, 0);
	ck_assert_mem_eq(tables.data, forwards.data, tables.size);
	free(forwards.data);
	forget();
}
END_TEST

Suite *tables_suite(void)
{
	Suite *s = suite_create("tables");

	ADD_TEST(s, tables_put_and_get);
	ADD_TEST(s, tables_order_does_not_matter);
	return s;
}
