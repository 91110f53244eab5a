// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lib/trace_file.c: files to tables. bqdisc/trace_file.h, which the kernel runs: when packets have
 * passed, by the table and by a slow reckoning of every opportunity.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suites.h"
#include "qdisc/trace_file.h"

#define MS BQ_NS_PER_MS

static struct bq_error error;
static struct bq_blob blob;
static char path[] = "/tmp/trace_test.XXXXXX";

static int read_text(const char *text, size_t size, bool loop)
{
	FILE *file;
	int ret, fd;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	file = fdopen(fd, "w");
	ck_assert_uint_eq(fwrite(text, 1, size, file), size);
	fclose(file);
	memset(&error, 0, sizeof(error));
	ret = bq_trace_read(path, loop, &blob, &error);
	unlink(path);
	return ret;
}

static const struct bq_trace *trace_of(const char *text, bool loop)
{
	ck_assert_msg(!read_text(text, strlen(text), loop), "'%s': %s", text, error.text);
	ck_assert_msg(blob.size >= sizeof(struct bq_trace), "no trace");
	return blob.data;
}

START_TEST(trace_reads_opportunities)
{
	const struct bq_trace *t = trace_of("# a comment\n\n0\n 7\r\n7 # twice\n4294967295", true);

	ck_assert_int_eq(t->kind, BQ_TRACE_OPPORTUNITIES);
	ck_assert_uint_eq(t->count, 4);
	ck_assert_uint_eq(t->period, UINT32_MAX * MS);
	ck_assert_uint_eq(blob.size, sizeof(*t) + 4 * sizeof(uint32_t));
	ck_assert_uint_eq(bq_trace_opportunities(t)[0], 0);
	ck_assert_uint_eq(bq_trace_opportunities(t)[2], 7);
	ck_assert_uint_eq(bq_trace_opportunities(t)[3], UINT32_MAX);
	free(blob.data);
}
END_TEST

START_TEST(trace_reads_rows)
{
	const struct bq_trace *t =
		trace_of("0s 8mbit 20ms 0.1%\n1.5s - 0s 100%\n2s 0bit 1ms 0%\n3s\n", true);
	const struct bq_trace_row *row = bq_trace_rows(t);

	ck_assert_int_eq(t->kind, BQ_TRACE_ROWS);
	ck_assert_uint_eq(t->count, 3);
	ck_assert_uint_eq(t->period, 3000 * MS);
	ck_assert_uint_eq(row[0].rate, 1000000);
	ck_assert_uint_eq(row[0].delay, 20 * MS);
	ck_assert_uint_eq(row[0].loss, UINT32_MAX / 1000);
	ck_assert_uint_eq(row[1].time, 1500 * MS);
	ck_assert_uint_eq(row[1].rate, BQ_TRACE_UNLIMITED);
	ck_assert_uint_eq(row[1].loss, UINT32_MAX);
	ck_assert_uint_eq(row[2].rate, 0);
	free(blob.data);
}
END_TEST

/* The same file is the same trace; any change makes it another one, and so does `loop`. */
START_TEST(trace_hash_tells_traces_apart)
{
	uint64_t first = trace_of("1\n2\n", false)->hash, looped;

	free(blob.data);
	ck_assert_uint_eq(trace_of("# same\n1\n2\n", false)->hash, first);
	free(blob.data);
	ck_assert_uint_ne(trace_of("1\n3\n", false)->hash, first);
	free(blob.data);
	looped = trace_of("1\n2\n", true)->hash;
	ck_assert_uint_ne(looped, first);
	free(blob.data);
}
END_TEST

static const struct refusal {
	const char *text;
	bool loop;
	const char *place, *what;
} refusals[] = {
	{ "", false, ":0:1: ", "is empty" },
	{ "# nothing\n\n", false, ":2:1: ", "is empty" },
	{ "5\n9\n8\n", false, ":3:1: ", "'8' is earlier than the line before" },
	{ "5\n\n   4", false, ":3:4: ", "'4' is earlier" },
	{ "5\nx\n", false, ":2:1: ", "'x' is not a number" },
	{ "5\n6ms\n", false, ":2:1: ", "has an unknown unit" },
	{ "5\n6.5\n", false, ":2:1: ", "is not a number" },
	{ "5\n-6\n", false, ":2:1: ", "is negative" },
	{ "5\n6 7\n", false, ":2:3: ", "is a second value" },
	{ "4294967296\n", false, ":1:1: ", "is too late" },
	{ "99999999999999999999\n", false, ":1:1: ", "is too large" },
	{ "0\n0\n", true, ":2:1: ", "lasts 0 ms" },
	{ "1s 1mbit 1ms 0%\n", false, ":1:1: ", "is not 0" },
	{ "0s 1mbit 1ms\n", false, ":1:1: ", "use TIME RATE DELAY LOSS" },
	{ "0s 1mbit 1ms 0% 1\n", false, ":1:1: ", "use TIME RATE DELAY LOSS" },
	{ "0s 1mbit 1ms 0%\n1 1mbit 1ms 0%\n", false, ":2:1: ", "'1' needs a unit" },
	{ "0s 7bit 1ms 0%\n", false, ":1:4: ", "would be rounded to 0" },
	{ "0s 1x 1ms 0%\n", false, ":1:4: ", "unknown unit" },
	{ "0s 1mbit 1 0%\n", false, ":1:10: ", "needs a unit" },
	{ "0s 1mbit 1001h 0%\n", false, ":1:10: ", "at most 1000 hours" },
	{ "0s 1mbit 1ms 101%\n", false, ":1:14: ", "of 0% to 100%" },
	{ "0s 1mbit 1ms -1%\n", false, ":1:14: ", "of 0% to 100%" },
	{ "0s 1mbit 1ms 0.1\n", false, ":1:14: ", "is not a percentage" },
	{ "0s - 0s 0%\n1s - 0s 0%\n1s - 0s 0%\n", false, ":3:1: ", "is not later" },
	{ "0s - 0s 0%\n1001h - 0s 0%\n", false, ":2:1: ", "at most 1000 hours" },
	{ "0s - 0s 0%\n1s\n2s - 0s 0%\n", false, ":3:1: ", "follows the line that ends the trace" },
	{ "0s - 0s 0%\n1s - 0s 0%\n", true, ":2:1: ", "add a last line with a TIME only" },
	{ "0s - 0s 0%\n0s\n", true, ":2:1: ", "is not later" },
};

START_TEST(trace_bad_files)
{
	const struct refusal *r;

	for (r = refusals; r < refusals + N(refusals); r++) {
		ck_assert_msg(read_text(r->text, strlen(r->text), r->loop) < 0, "'%s' was taken",
			      r->text);
		ck_assert_ptr_null(blob.data);
		ck_assert_int_eq(error.error_class, BQDISC_ERROR_USAGE);
		ck_assert_msg(
			!strncmp(error.text, path, strlen(path)) &&
				!strncmp(error.text + strlen(path), r->place, strlen(r->place)),
			"'%s': %s", r->text, error.text);
		ck_assert_msg(strstr(error.text, r->what), "'%s': %s", r->text, error.text);
	}
}
END_TEST

START_TEST(trace_refuses_what_is_no_text)
{
	char junk[4096];
	size_t i;

	for (i = 0; i < sizeof(junk); i++)
		junk[i] = (char)(128 + random_below(100));
	ck_assert_int_lt(read_text(junk, sizeof(junk), false), 0);
	ck_assert_int_lt(bq_trace_read("/nonexistent/trace", false, &blob, &error), 0);
	ck_assert_int_lt(bq_trace_read("/", false, &blob, &error), 0);
}
END_TEST

static void check_length(size_t lines, bool fits)
{
	char *text = malloc(lines * 2);
	size_t i;

	for (i = 0; i < lines; i++)
		memcpy(text + 2 * i, "7\n", 2);
	ck_assert_msg(!read_text(text, lines * 2, false) == fits, "%zu lines: %s", lines,
		      error.text);
	free(text);
	free(blob.data);
}

START_TEST(trace_a_million_entries_and_no_more)
{
	check_length(BQ_TRACE_MAX, true);
	check_length(BQ_TRACE_MAX + 1, false);
	ck_assert_msg(strstr(error.text, ":1000001:1: "), "%s", error.text);
}
END_TEST

/* --- replay --- */

static struct bq_trace_state state;

/* Milliseconds after the start when LEN bytes that come then have passed; -1: never. */
static int64_t pass_ms(const struct bq_trace *t, double ms, uint32_t len)
{
	struct bq_trace_passage p;

	p = bq_trace_pass(t, &state, state.start + (uint64_t)(ms * MS), len);
	if (p.leaves == BQ_TRACE_NEVER)
		return -1;
	ck_assert_uint_eq((p.leaves - state.start) % MS, 0);
	return (int64_t)((p.leaves - state.start) / MS);
}

static void begin(const struct bq_trace *t, uint64_t start)
{
	memset(&state, 0, sizeof(state));
	bq_trace_begin(t, &state);
	bq_trace_start(&state, start);
}

START_TEST(trace_opportunities_by_hand)
{
	const struct bq_trace *t = trace_of("10\n20\n20\n35\n", true);

	begin(t, 12345);
	ck_assert_int_eq(pass_ms(t, 0, 1500), 10);
	ck_assert_int_eq(pass_ms(t, 0, 700), 20);
	ck_assert_int_eq(pass_ms(t, 0, 800), 20);
	/* The second one at 20, and the rest of it is lost. */
	ck_assert_int_eq(pass_ms(t, 20, 100), 20);
	ck_assert_int_eq(pass_ms(t, 20.1, 1500), 35);
	/* The last one comes at the end of one period, the next after the first of the other. */
	ck_assert_int_eq(pass_ms(t, 35, 1501), 55);
	ck_assert_int_eq(pass_ms(t, 35, 1499), 55);
	ck_assert_int_eq(pass_ms(t, 70, 1), 70);
	ck_assert_int_eq(pass_ms(t, 70, 1499), 70);
	ck_assert_int_eq(pass_ms(t, 70, 1500 * 4), 105);
	/* A long time later. */
	ck_assert_int_eq(pass_ms(t, 35e6 + 11, 1500), 35000020);
	free(blob.data);
}
END_TEST

START_TEST(trace_that_ends_passes_nothing_more)
{
	const struct bq_trace *t = trace_of("10\n20\n", false);

	begin(t, 0);
	ck_assert_int_eq(pass_ms(t, 0, 1500), 10);
	ck_assert_int_eq(pass_ms(t, 0, 1600), -1);
	ck_assert_int_eq(pass_ms(t, 5, 100), -1);
	free(blob.data);
	t = trace_of("0s - 0s 0%\n1s 0bit 0s 0%\n", false);
	begin(t, 0);
	ck_assert_int_eq(pass_ms(t, 999, 1500), 999);
	ck_assert_int_eq(pass_ms(t, 1000, 1), -1);
	ck_assert_int_eq(pass_ms(t, 2000, 1), -1);
	free(blob.data);
}
END_TEST

START_TEST(trace_is_over_behind_its_last_line)
{
	const struct bq_trace *t = trace_of("10\n20\n", false);

	begin(t, 1000);
	ck_assert(!bq_trace_is_over(t, &state, 1000));
	ck_assert(!bq_trace_is_over(t, &state, 1000 + 20 * MS));
	ck_assert(bq_trace_is_over(t, &state, 1001 + 20 * MS));
	free(blob.data);
	t = trace_of("10\n20\n", true);
	begin(t, 1000);
	ck_assert(!bq_trace_is_over(t, &state, 1000 + 2000 * MS));
	free(blob.data);
}
END_TEST

START_TEST(trace_rows_by_hand)
{
	/* 1000, then 0, then 2000 bytes a second. */
	const struct bq_trace *t =
		trace_of("0s 8kbit 5ms 1%\n1s 0bit 6ms 2%\n2s 16kbit 7ms 3%\n4s\n", true);
	struct bq_trace_passage p;

	begin(t, 777);
	ck_assert_int_eq(pass_ms(t, 0, 500), 500);
	ck_assert_int_eq(pass_ms(t, 100, 600), 2050);
	ck_assert_int_eq(pass_ms(t, 100, 100), 2100);
	ck_assert_int_eq(pass_ms(t, 3900, 300), 4100);
	/* The rate of 1000 for 1 s, none for 1 s, 2000 for 2 s: 5000 bytes a period. */
	ck_assert_int_eq(pass_ms(t, 8000, 5000 * 3 + 1000), 8000 + 12000 + 1000);
	p = bq_trace_pass(t, &state, 777 + 24000 * MS, 1);
	ck_assert_uint_eq(p.delay, 5 * MS);
	p = bq_trace_pass(t, &state, 777 + 25000 * MS, 1);
	ck_assert_uint_eq(p.delay, 7 * MS);
	/* To the nanosecond. */
	ck_assert_uint_eq(bq_trace_loss(t, &state, 777 + 1000 * MS - 1), UINT32_MAX / 100 + 1);
	ck_assert_uint_eq(bq_trace_loss(t, &state, 777 + 1000 * MS), UINT32_MAX / 50 + 1);
	ck_assert_uint_eq(bq_trace_loss(t, &state, 777 + 4000 * MS), UINT32_MAX / 100 + 1);
	free(blob.data);
}
END_TEST

START_TEST(trace_goes_on_when_it_is_the_same)
{
	const struct bq_trace *t = trace_of("10\n20\n", true);

	begin(t, 1000);
	bq_trace_begin(t, &state);
	bq_trace_start(&state, 5000);
	ck_assert_uint_eq(state.start, 1000);
	free(blob.data);
	t = trace_of("10\n21\n", true);
	bq_trace_begin(t, &state);
	bq_trace_start(&state, 5000);
	ck_assert_uint_eq(state.start, 5000);
	free(blob.data);
}
END_TEST

#define TOY_ENTRIES 20
#define TOY_PACKETS 200

static const struct bq_trace *random_trace(bool loop)
{
	char text[TOY_ENTRIES * 12] = "";
	size_t i, n = 1 + random_below(TOY_ENTRIES);
	unsigned int ms = 0;

	for (i = 0; i < n; i++) {
		ms += (unsigned int)random_below(4) + (i == n - 1);
		sprintf(text + strlen(text), "%u\n", ms);
	}
	return trace_of(text, loop);
}

/* One opportunity after the other. LEFT is of the one at *WHERE. */
static int64_t slow_take(const struct bq_trace *t, uint64_t *where, uint32_t *left, uint64_t now,
			 uint32_t len)
{
	uint64_t time;

	for (;; ++*where, *left = BQ_TRACE_BYTES) {
		if (!t->period && *where >= t->count)
			return -1;
		time = *where / t->count * (t->period / MS) +
		       bq_trace_opportunities(t)[*where % t->count];
		if (time < now)
			continue;
		if (len <= *left) {
			*left -= len;
			return (int64_t)time;
		}
		len -= *left;
	}
}

START_TEST(trace_opportunities_computed_one_by_one)
{
	int round, i;

	for (round = 0; round < 2000; round++) {
		const struct bq_trace *t = random_trace(round % 2);
		uint64_t where = 0, now = 0;
		uint32_t left = BQ_TRACE_BYTES;

		begin(t, random_u64() >> 8);
		for (i = 0; i < TOY_PACKETS; i++) {
			uint32_t len = (uint32_t)random_below(3 * BQ_TRACE_BYTES) + 1;
			int64_t slow, fast;

			now += random_below(4) ? random_below(3) : random_below(100);
			slow = slow_take(t, &where, &left, now, len);
			fast = pass_ms(t, (double)now, len);
			ck_assert_msg(slow == fast, "packet %d: %" PRId64 ", not %" PRId64, i, fast,
				      slow);
		}
		free(blob.data);
	}
}
END_TEST

/* No packet leaves early: what has left by any time is no more than the rates allow. */
START_TEST(trace_rows_add_up)
{
	const struct bq_trace *t =
		trace_of("0s 3333333bit 0s 0%\n7ms 0bit 0s 0%\n9ms 77mbit 0s 0%\n"
			 "10ms 8bit 0s 0%\n13ms\n",
			 true);
	uint64_t bytes = 0, total = 0, left, expected, per_period;
	const struct bq_trace_row *row = bq_trace_rows(t);
	struct bq_trace_passage p = { 0 };
	int i;

	per_period = row[0].rate * 7 + row[2].rate * 1 + row[3].rate * 3; /* byte ms a second */
	begin(t, 0);
	for (i = 0; i < 20000; i++) {
		bytes = random_below(3000) + 1;
		total += bytes;
		p = bq_trace_pass(t, &state, 0, (uint32_t)bytes);
	}
	left = p.leaves % t->period;
	expected = p.leaves / t->period * per_period;
	expected += (left < 7 * MS ? left : 7 * MS) * row[0].rate / MS;
	if (left > 9 * MS)
		expected += ((left < 10 * MS ? left : 10 * MS) - 9 * MS) * row[2].rate / MS;
	/* Each packet's end is rounded up to a nanosecond: less than a byte at these rates. */
	ck_assert_msg(expected / 1000 >= total - 1 && expected / 1000 <= total + 20000 / 10,
		      "%" PRIu64 " bytes took as long as %" PRIu64, total, expected / 1000);
	free(blob.data);
}
END_TEST

/* Walk row by row. Return the end of LEN bytes that begin at NOW, ns from the start. */
static uint64_t slow_send(const struct bq_trace *t, uint64_t now, uint32_t len)
{
	const struct bq_trace_row *row = bq_trace_rows(t);
	uint64_t work = len * BQ_NS_PER_S, cycle = now / t->period * t->period, end;
	uint32_t i;

	for (;; cycle += t->period) {
		for (i = 0; i < t->count; i++) {
			end = cycle + (i + 1 < t->count ? row[i + 1].time : t->period);
			if (now >= end || !row[i].rate)
				continue;
			now = now > cycle + row[i].time ? now : cycle + row[i].time;
			if (work <= (end - now) * row[i].rate)
				return now + (work + row[i].rate - 1) / row[i].rate;
			work -= (end - now) * row[i].rate;
		}
	}
}

/* Packets that take parts of a repetition, one, and many. */
START_TEST(trace_rows_computed_one_by_one)
{
	const struct bq_trace *t;
	uint64_t end = 0;
	int round, i, n;

	for (round = 0; round < 500; round++) {
		char text[400] = "0s 800000bit 0s 0%\n";
		uint64_t us = 0;

		n = (int)random_below(6);
		for (i = 0; i <= n; i++) {
			us += random_below(2000) + 1;
			sprintf(text + strlen(text),
				i == n ? "%" PRIu64 "us\n" : "%" PRIu64 "us %sbit 0s 0%%\n", us,
				random_below(3) ? "800000" : "0");
		}
		t = trace_of(text, true);
		begin(t, 0);
		for (i = 0, end = 0; i < 20; i++) {
			uint32_t len = (uint32_t)random_below(random_below(2) ? 2000 : 20) + 1;
			uint64_t slow = slow_send(t, end, len);

			end = bq_trace_pass(t, &state, 0, len).leaves;
			ck_assert_msg(end == slow,
				      "packet %d of %u: %" PRIu64 ", not %" PRIu64 " with %s", i,
				      len, end, slow, text);
		}
		free(blob.data);
	}
}
END_TEST

/* Rates so small that a packet takes 3,000,000,000,000 repetitions. */
START_TEST(trace_of_tiny_rates_takes_no_time)
{
	const struct bq_trace *t = trace_of("0s 8bit 0s 0%\n1ns 0bit 0s 0%\n2ns\n", true);

	begin(t, 0);
	ck_assert_uint_eq(bq_trace_pass(t, &state, 0, 1500).leaves, 3000 * BQ_NS_PER_S - 1);
	ck_assert_uint_eq(bq_trace_pass(t, &state, 0, 1).leaves, 3002 * BQ_NS_PER_S - 1);
	free(blob.data);
	t = trace_of("0s 0bit 0s 0%\n1ns 0bit 0s 0%\n2ns\n", true);
	begin(t, 0);
	ck_assert_uint_eq(bq_trace_pass(t, &state, 0, 1).leaves, BQ_TRACE_NEVER);
	free(blob.data);
	/* The time exceeds 64 bits. */
	t = trace_of("0s 8bit 0s 0%\n1ns 0bit 0s 0%\n1000h\n", true);
	begin(t, 0);
	ck_assert_uint_eq(bq_trace_pass(t, &state, 0, 1500).leaves, BQ_TRACE_NEVER);
	free(blob.data);
}
END_TEST

static bq_trace_ring ring[BQ_TRACE_QUEUE];

START_TEST(trace_queue_holds_so_many)
{
	uint64_t i;

	memset(&state, 0, sizeof(state));
	state.head = state.tail = UINT32_MAX - 3;
	for (i = 0; i < 10; i++) {
		ck_assert(bq_trace_has_room(&state, 100, 10, 1000));
		bq_trace_remember(&state, ring, 1000 + i, 100);
	}
	ck_assert(!bq_trace_has_room(&state, 1, 10, 0));
	ck_assert(!bq_trace_has_room(&state, 1, 0, 1000));
	ck_assert(bq_trace_has_room(&state, 1, 11, 1001));
	ck_assert(bq_trace_has_room(&state, 1, 0, 0));
	bq_trace_drain(&state, ring, 999);
	ck_assert(!bq_trace_has_room(&state, 1, 10, 0));
	bq_trace_drain(&state, ring, 1002);
	ck_assert(bq_trace_has_room(&state, 300, 8, 1000));
	ck_assert(!bq_trace_has_room(&state, 301, 0, 1000));
	ck_assert(!bq_trace_has_room(&state, 1, 7, 0));
	bq_trace_drain(&state, ring, 2000);
	ck_assert_uint_eq(state.bytes, 0);
	for (i = 0; i < BQ_TRACE_QUEUE; i++)
		bq_trace_remember(&state, ring, 3000, 100);
	ck_assert(!bq_trace_has_room(&state, 1, 0, 0));
}
END_TEST

Suite *trace_suite(void)
{
	Suite *s = suite_create("trace");

	ADD_TEST(s, trace_reads_opportunities);
	ADD_TEST(s, trace_reads_rows);
	ADD_TEST(s, trace_hash_tells_traces_apart);
	ADD_TEST(s, trace_bad_files);
	ADD_TEST(s, trace_refuses_what_is_no_text);
	ADD_TEST(s, trace_a_million_entries_and_no_more);
	ADD_TEST(s, trace_opportunities_by_hand);
	ADD_TEST(s, trace_that_ends_passes_nothing_more);
	ADD_TEST(s, trace_is_over_behind_its_last_line);
	ADD_TEST(s, trace_rows_by_hand);
	ADD_TEST(s, trace_goes_on_when_it_is_the_same);
	ADD_TEST(s, trace_opportunities_computed_one_by_one);
	ADD_TEST(s, trace_rows_add_up);
	ADD_TEST(s, trace_rows_computed_one_by_one);
	ADD_TEST(s, trace_of_tiny_rates_takes_no_time);
	ADD_TEST(s, trace_queue_holds_so_many);
	return s;
}
