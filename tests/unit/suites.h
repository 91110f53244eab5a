/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shared by the unit tests. A file NAME_test.c has a function NAME_suite(), which the build finds.
 * They test what is pure: no kernel, no privileges, no files but of their own.
 */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Check writes a message for each assertion that holds, to locate a crash. Loops of a million
 * rounds would spend most of their time on that, under the sanitizers minutes.
 */
#define _mark_point(file, line) ((void)0)

/* The suites of all files are declared here; tests/unit/main.c runs them. */
#define SUITE(name) Suite *name##_suite(void);
#include "unit_suites.h"
#undef SUITE

/* Add TEST as a case of its own, because Check reports the case of a result, not the test. */
#define ADD_TEST(suite, test) add_test(suite, #test, test)
void add_test(Suite *suite, const char *name, const TTest *test);

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Random numbers that BQDISC_SEED repeats. Every test starts at the seed. */
uint64_t random_u64(void);
/* Below N, which is not 0. */
size_t random_below(size_t n);
/* Uniform in magnitude: as many small numbers as large ones. */
uint64_t random_magnitude(void);

#endif
