// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Sessions, flags and complaints: what every verb needs around its work. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static void print_warning(const char *line)
{
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
	exit(BQDISC_FAULT_REFUSED);
}

int session_fail(struct bqdisc *bq)
{
	int status = (int)bqdisc__fault(bq);

	fprintf(stderr, "bqdisc: %s\n", bqdisc__message(bq));
	bqdisc__close(bq);
	return status ? status : BQDISC_FAULT_REFUSED;
}

int usage_error(const char *fmt, ...)
{
	va_list ap;

	fputs("bqdisc: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return BQDISC_FAULT_USAGE;
}

static const struct flag *find_flag(const char *word, const struct flag *flags, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(flags[i].name, word))
			return &flags[i];
	return NULL;
}

int flags_take(int argc, char *argv[], const struct flag *flags, size_t n)
{
	const struct flag *f;
	int i, kept = 0;

	for (i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--"))
			break;
		if (strncmp(argv[i], "--", 2)) {
			argv[kept++] = argv[i];
			continue;
		}
		f = find_flag(argv[i], flags, n);
		if (!f) {
			usage_error("%s has no flag '%s'; see 'bqdisc help %s'", argv[0], argv[i],
				    argv[0]);
			return -1;
		}
		if (f->value && i + 1 == argc) {
			usage_error("%s needs a value", argv[i]);
			return -1;
		}
		if (f->value)
			*f->value = argv[++i];
		else
			*f->set = true;
	}
	while (++i < argc)
		argv[kept++] = argv[i];
	return kept;
}

/* Up to four hexadecimal digits; false for anything else. */
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

bool parse_parent(const char *text, uint32_t *parent)
{
	const char *colon = strchr(text, ':');
	uint32_t major, minor;

	if (!strcmp(text, "root")) {
		*parent = BQDISC_PARENT_ROOT;
		return true;
	}
	if (!colon || colon == text || !parse_half(text, (size_t)(colon - text), &major) ||
	    !parse_half(colon + 1, strlen(colon + 1), &minor) || !major || !minor)
		return false;
	*parent = major << 16 | minor;
	return true;
}
