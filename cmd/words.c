// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sessions, flags and usage errors, for all commands. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

/* Print each warning once: commands that repeat, such as stats --watch, get it each time. */
static void print_warning(const char *line)
{
	static char **printed;
	static size_t n;
	char **grown;
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(printed[i], line))
			return;
	grown = reallocarray(printed, n + 1, sizeof(*grown));
	if (grown) {
		printed = grown;
		printed[n] = strdup(line);
		n += printed[n] != NULL;
	}
	fprintf(stderr, "bqdisc: warning: %s\n", line);
}

static void print_log(const char *text)
{
	fputs(text, stderr);
}

struct bqdisc *session_open(const struct globals *g)
{
	struct bqdisc_opts opts = {
		.sz = sizeof(opts),
		.netns = g->netns,
		.verbose = g->verbose,
		.warn = print_warning,
		.log = print_log,
	};
	struct bqdisc *bq = bqdisc__open(&opts);

	if (bq)
		return bq;
	fputs("bqdisc: out of memory\n", stderr);
	exit(BQDISC_ERROR_REFUSED);
}

void session_print_message(const struct bqdisc *bq)
{
	fprintf(stderr, "bqdisc: %s\n", bqdisc__message(bq));
}

int session_status(const struct bqdisc *bq)
{
	int status = (int)bqdisc__error_class(bq);

	return status ? status : BQDISC_ERROR_REFUSED;
}

int session_fail(struct bqdisc *bq)
{
	int status = session_status(bq);

	session_print_message(bq);
	bqdisc__close(bq);
	return status;
}

int usage_error(const char *fmt, ...)
{
	va_list ap;

	fputs("bqdisc: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return BQDISC_ERROR_USAGE;
}

static const struct flag *find_flag(const char *word, const struct flag *flags, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(flags[i].name, word))
			return &flags[i];
	return NULL;
}

__attribute__((format(printf, 3, 4))) static int fail_flag(struct flags_error *error,
							   const char *word, const char *fmt, ...)
{
	va_list ap;

	error->word = word;
	va_start(ap, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, ap);
	va_end(ap);
	return -1;
}

/* Parse the flag at ARGV[0]. Return the words used, or -1 on failure. */
static int take_flag(const char *command, char *argv[], const struct flag *flags, size_t n,
		     struct flags_error *error)
{
	const struct flag *f = find_flag(argv[0], flags, n);

	if (!f)
		return fail_flag(error, argv[0], "%s: unknown option '%s'; see 'bqdisc help %s'",
				 command, argv[0], command);
	if (!f->parse) {
		*f->set = true;
		return 1;
	}
	if (!argv[1])
		return fail_flag(error, argv[0], "%s: missing value; give %s", f->name, f->wants);
	if (f->parse(argv[1], f->value))
		return 2;
	return fail_flag(error, argv[1], "%s: invalid value '%s'; give %s", f->name, argv[1],
			 f->wants);
}

int flags_parse(int argc, char *argv[], const struct flag *flags, size_t n,
		struct flags_error *error)
{
	int i = 0, kept = 0, took;

	while (i < argc && strcmp(argv[i], "--") != 0) {
		if (strncmp(argv[i], "--", 2) != 0 && !find_flag(argv[i], flags, n)) {
			argv[kept++] = argv[i++];
			continue;
		}
		took = take_flag(argv[0], argv + i, flags, n, error);
		if (took < 0)
			return -1;
		i += took;
	}
	for (i++; i < argc; i++)
		argv[kept++] = argv[i];
	argv[kept] = NULL;
	return kept;
}

int flags_take(int argc, char *argv[], const struct flag *flags, size_t n)
{
	struct flags_error error;
	int kept = flags_parse(argc, argv, flags, n, &error);

	if (kept < 0)
		usage_error("%s", error.text);
	return kept;
}

/* Parse up to four hexadecimal digits. Return false for any other text. */
static bool parse_half(const char *text, size_t len, uint32_t *half)
{
	size_t i;

	*half = 0;
	if (len > 4)
		return false;
	for (i = 0; i < len; i++) {
		const char *digits = "0123456789abcdef", *d = strchr(digits, text[i] | 0x20);

		if (!d)
			return false;
		*half = *half << 4 | (uint32_t)(d - digits);
	}
	return true;
}

bool parse_parent(const char *text, void *parent)
{
	const char *colon = strchr(text, ':');
	uint32_t major, minor;

	if (!strcmp(text, "root")) {
		*(uint32_t *)parent = BQDISC_PARENT_ROOT;
		return true;
	}
	if (!colon || colon == text || !parse_half(text, (size_t)(colon - text), &major) ||
	    !parse_half(colon + 1, strlen(colon + 1), &minor) || !major || !minor)
		return false;
	*(uint32_t *)parent = major << 16 | minor;
	return true;
}

bool parse_text(const char *text, void *value)
{
	*(const char **)value = text;
	return true;
}

bool parse_size(const char *text, void *bytes)
{
	uint64_t value;

	if (!bqdisc_unit__parse(BQDISC_UNIT_BYTES, text, &value) || !value)
		return false;
	*(uint64_t *)bytes = value;
	return true;
}
