/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the unit tests share. A file NAME_test.c has a function NAME_suite(), and a row in SUITES.
 * They test what is pure: no kernel, no privileges, no files but of their own.
 */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#define SUITES(SUITE)                                                                              \
	SUITE(unit)                                                                                \
	SUITE(option)                                                                              \
	SUITE(builtin)                                                                             \
	SUITE(word)                                                                                \
	SUITE(error)                                                                               \
	SUITE(session)                                                                             \
	SUITE(kernel)                                                                              \
	SUITE(tc)                                                                                  \
	SUITE(tc_command)                                                                          \
	SUITE(words)                                                                               \
	SUITE(match)                                                                               \
	SUITE(trace)                                                                               \
	SUITE(tables)                                                                              \
	SUITE(distribution)                                                                        \
	SUITE(verify_log)                                                                          \
	SUITE(verify_opt)                                                                          \
	SUITE(netem)                                                                               \
	SUITE(wordfile)                                                                            \
	SUITE(rule)

#define DECLARE_SUITE(name) Suite *name##_suite(void);
SUITES(DECLARE_SUITE)
#undef DECLARE_SUITE

/* Adds TEST as a case of its own: Check tells the name of the case of a result, not of the test. */
#define ADD_TEST(suite, test) add_test(suite, #test, test)
void add_test(Suite *suite, const char *name, const TTest *test);

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Random numbers that BQDISC_SEED repeats. Every test starts at the seed. */
uint64_t random_u64(void);
/* Below N, which is not 0. */
size_t random_below(size_t n);
/* Of any magnitude: as many small ones as large ones. */
uint64_t random_magnitude(void);

#endif
