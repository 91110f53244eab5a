// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Runs all suites, each test in a process of its own (CK_FORK=no: in this one, for a debugger).
 * Writes one line a test: "ok NAME" or "not ok NAME: what". Exit status 0 when none failed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "suites.h"

static uint64_t random_state;

/* Steele, Lea, Flood: SplitMix64 (2014). Any seed is as good as any other. */
uint64_t random_u64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

size_t random_below(size_t n)
{
	return random_u64() % n;
}

uint64_t random_magnitude(void)
{
	return random_u64() >> random_below(64);
}

static void seed(void)
{
	const char *wanted = getenv("BQDISC_SEED");

	if (wanted)
		random_state = strtoull(wanted, NULL, 0);
	else if (getrandom(&random_state, sizeof(random_state), 0) != sizeof(random_state))
		random_state = 1;
	printf("# BQDISC_SEED=%" PRIu64 "\n", random_state);
	/* The children would write it again. */
	fflush(stdout);
}

void add_test(Suite *suite, const char *name, const TTest *test)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test);
	suite_add_tcase(suite, tcase);
}

/* A message may quote what broke a test; a result is one line all the same. */
static void print_line(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' ? '?' : *text);
	putchar('\n');
}

static void print_result(TestResult *r)
{
	if (tr_rtype(r) == CK_PASS) {
		printf("ok %s\n", tr_tcname(r));
		return;
	}
	printf("not ok %s: %s:%d: ", tr_tcname(r), tr_lfile(r), tr_lno(r));
	print_line(tr_msg(r));
}

static void print_results(SRunner *runner)
{
	TestResult **results = srunner_results(runner);
	int i;

	for (i = 0; i < srunner_ntests_run(runner); i++)
		print_result(results[i]);
	free(results);
}

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

	seed();
	/* The machine's own presets must not get into the tests. */
	setenv("BQDISC_PRESETS", "/dev/null", 1);
#define SUITE(name) srunner_add_suite(runner, name##_suite());
#include "unit_suites.h"
#undef SUITE
	srunner_run_all(runner, CK_SILENT);
	print_results(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
