// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Tables of distributions. A table has values of a random variable with mean 0 and deviation 1,
 * times 8192. They lie at equal steps of probability. The built-in tables equal the files of
 * iproute2, which its netem/normal.c, pareto.c and paretonormal.c compute. This explains the steps,
 * clamping and rounding.
 */
#include <errno.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qdisc/distribution.h"
#include "util/array.h"

#define SCALE 8192
#define STEPS 16384 /* of probability; a table has every fourth */
#define VALUES (STEPS / 4)
/* Limit of a line in bytes. All values of a table fit; an endless file must not exhaust memory. */
#define MAX_LINE (1 << 18)

const char *const bq_distributions[] = { "uniform", "normal", "pareto", "paretonormal", NULL };

static int16_t clamp(int value)
{
	return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

/* Compute the quantiles of the normal distribution by integrating it stepwise. */
static void find_normal(int quantiles[VALUES])
{
	double x;
	int step;

	memset(quantiles, 0, VALUES * sizeof(*quantiles));
	for (x = -10.0; x < 10.05; x += .00005) {
		step = (int)rint(STEPS * (.5 + .5 * erf(x / sqrt(2.0))));
		if (step % 4 == 0 && step < STEPS)
			quantiles[step / 4] = (int)rint(x * SCALE);
	}
}

static void compute_normal(int16_t *values)
{
	int i, quantiles[VALUES];

	find_normal(quantiles);
	for (i = 0; i < VALUES; i++)
		values[i] = clamp(quantiles[i]);
}

/*
 * Return quantile N of the Pareto distribution with exponent 3, scaled to about mean 0 and
 * deviation 1.
 */
static int pareto_at(int n)
{
	double x = (65536 - 16 * n) / 65536.0;

	x = (1.0 / pow(x, 1.0 / 3.0) - 1.5) * (4.0 / 3.0) * SCALE;
	return (int)rint(x > INT16_MAX ? INT16_MAX : x);
}

static void compute_pareto(int16_t *values)
{
	int i;

	for (i = 0; i < VALUES; i++)
		values[i] = clamp(pareto_at(i));
}

/* Combine a quarter of the normal and three quarters of the Pareto distribution. */
static void compute_paretonormal(int16_t *values)
{
	int i, quantiles[VALUES];

	find_normal(quantiles);
	for (i = 0; i < VALUES; i++)
		values[i] = clamp((quantiles[i] + 3 * pareto_at(i)) / 4);
}

/* --- files --- */

struct point {
	const char *file;
	int line, column; /* from 1 */
};

static int fail_at(struct bq_error *error, const struct point *at, const char *what)
{
	return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL, "%s:%d:%d: %s", at->file, at->line,
		       at->column, what);
}

/*
 * Append the numbers of LINE to the N entries of VALUES. Return the new number of entries, or
 * -errno.
 */
static int read_line(char *line, int16_t *values, int n, int max, struct point *at,
		     struct bq_error *error)
{
	char *word = line + strspn(line, " \t\r\n"), *end;
	long value;

	for (; *word && *word != '#'; word = end + strspn(end, " \t\r\n")) {
		at->column = (int)(word - line) + 1;
		errno = 0;
		value = strtol(word, &end, 10);
		if (end == word || (*end && !strchr(" \t\r\n", *end)))
			return fail_at(error, at, "a whole number belongs here");
		if (errno || value < INT16_MIN || value > INT16_MAX)
			return fail_at(error, at, "a value must be from -32768 to 32767");
		if (n == max)
			return fail_at(error, at, "a table has 16384 values at most");
		values[n++] = (int16_t)value;
	}
	return n;
}

static int read_file(FILE *f, const char *path, int16_t *values, int max, struct bq_error *error)
{
	struct point at = { path, 0, 1 };
	char *line = malloc(MAX_LINE);
	int n = line ? 0 : fail_at(error, &at, strerror(ENOMEM));

	while (n >= 0 && fgets(line, MAX_LINE, f)) {
		at.line++;
		at.column = 1;
		if (!*line || strlen(line) == MAX_LINE - 1)
			n = fail_at(error, &at, "this is no line of numbers: this is no table");
		else
			n = read_line(line, values, n, max, &at, error);
	}
	free(line);
	if (n == 0)
		return fail_at(error, &at, "there is no value in this file");
	return n;
}

/* Return the path of NAME.dist in tc's directories, which the caller frees; NULL if not found. */
static char *find_file(const char *name)
{
	const char *dirs[] = { getenv("TC_LIB_DIR"), "/usr/lib/tc", "/usr/lib64/tc",
			       "/usr/lib/*/tc" };
	char pattern[512], *found = NULL;
	glob_t matches;
	size_t i;

	if (strchr(name, '/'))
		return strdup(name);
	for (i = 0; i < ARRAY_SIZE(dirs) && !found; i++) {
		if (!dirs[i] || snprintf(pattern, sizeof(pattern), "%s/%s.dist", dirs[i], name) >=
					(int)sizeof(pattern))
			continue;
		if (glob(pattern, 0, NULL, &matches))
			continue;
		found = strdup(matches.gl_pathv[0]);
		globfree(&matches);
	}
	return found;
}

static int fail_unknown(const char *name, struct bq_error *error)
{
	const char *nearest;
	size_t n = 0;

	while (bq_distributions[n])
		n++;
	nearest = bqdisc_word__nearest(name, bq_distributions, n);
	if (nearest)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       "distribution: unknown distribution '%s'; the nearest is '%s'", name,
			       nearest);
	return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
		       "distribution: unknown distribution '%s', and tc has no file %s.dist; give "
		       "the path of your own file with a '/'",
		       name, name);
}

static int load_file(const char *name, int16_t *values, int max, struct bq_error *error)
{
	char *path = find_file(name);
	FILE *f;
	int n;

	if (!path)
		return fail_unknown(name, error);
	f = fopen(path, "re");
	if (f)
		n = read_file(f, path, values, max, error);
	else
		n = bq_fail(error, BQDISC_ERROR_USAGE, errno, "%s: %s", path, strerror(errno));
	if (f)
		fclose(f);
	free(path);
	return n;
}

int bq_distribution_load(const char *name, int16_t *values, int max, struct bq_error *error)
{
	if (!strcmp(name, "uniform"))
		return 0;
	if (!strcmp(name, "normal"))
		compute_normal(values);
	else if (!strcmp(name, "pareto"))
		compute_pareto(values);
	else if (!strcmp(name, "paretonormal"))
		compute_paretonormal(values);
	else
		return load_file(name, values, max, error);
	return VALUES;
}
