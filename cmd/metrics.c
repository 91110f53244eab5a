// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* metrics: the command, and the file for node_exporter. metrics_text.c has the text. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "metrics.h"

int metrics_buffer(const struct metrics *m, enum metrics_format format, char **text, size_t *size)
{
	FILE *out = open_memstream(text, size);
	int status;

	if (!out) {
		fputs("bqdisc: out of memory\n", stderr);
		return BQDISC_ERROR_REFUSED;
	}
	status = metrics_write(m, format, out);
	fclose(out);
	return status;
}

/* --- --textfile --- */

/* Replace DIR/bqdisc.prom. node_exporter may read it at any time; it reads only names in .prom. */
static int replace_textfile(const char *dir, const char *text, size_t size)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/bqdisc.prom", dir) >= PATH_MAX)
		errno = ENAMETOOLONG;
	else if (file_replace(path, text, size, false))
		return 0;
	fprintf(stderr, "bqdisc: --textfile: cannot write bqdisc.prom in '%s': %s\n", dir,
		strerror(errno));
	return BQDISC_ERROR_REFUSED;
}

static int write_textfile(const struct metrics *m, const char *dir)
{
	char *text = NULL;
	size_t size = 0;
	int status = metrics_buffer(m, METRICS_TEXT, &text, &size);

	if (!status)
		status = replace_textfile(dir, text, size);
	free(text);
	return status;
}

/* --- the command --- */

static bool parse_regex(const char *text, void *value)
{
	struct device_filter *filter = value;

	if (filter->given)
		regfree(&filter->regex);
	filter->given = !regcomp(&filter->regex, text, REG_EXTENDED | REG_NOSUB);
	return filter->given;
}

#define REGEX_FLAG(name_, filter)                                                                  \
	{                                                                                          \
		.name = name_, .parse = parse_regex, .value = (filter),                            \
		.wants = "an extended regular expression (regex(7))",                              \
	}

static int run(const struct metrics *m, const char *dir, const char *address)
{
	if (dir)
		return write_textfile(m, dir);
	if (address)
		return metrics_listen(m, address);
	return metrics_write(m, METRICS_OPENMETRICS, stdout);
}

int metrics_main(int argc, char *argv[], const struct globals *g)
{
	struct metrics m = { .g = g };
	const char *dir = NULL, *address = NULL;
	const struct flag flags[] = {
		REGEX_FLAG("--device-include", &m.include),
		REGEX_FLAG("--device-exclude", &m.exclude),
		{ .name = "--textfile",
		  .parse = parse_text,
		  .value = &dir,
		  .wants = "a directory" },
		{ .name = "--listen",
		  .parse = parse_text,
		  .value = &address,
		  .wants = "a port, an address with a port, or systemd" },
	};
	int status;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		status = BQDISC_ERROR_USAGE;
	else if (argc > 1)
		status = usage_unexpected("metrics", argv[1]);
	else if (dir && address)
		status = usage_error("metrics: --textfile and --listen exclude each other");
	else if (g->json)
		status = usage_error("metrics: has no JSON; use 'bqdisc -j stats'");
	else
		status = run(&m, dir, address);
	if (m.include.given)
		regfree(&m.include.regex);
	if (m.exclude.given)
		regfree(&m.exclude.regex);
	return status;
}
