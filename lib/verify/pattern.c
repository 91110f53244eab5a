// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Matcher for patterns of messages, by backtracking: both texts are short. */
#include <stdio.h>
#include <string.h>

#include "verify/pattern.h"

static bool match_here(const char *pattern, const char *text, char (*captured)[BQ_CAPTURE_SIZE],
		       size_t n);

/* PATTERN begins with a `*`: the shortest run is taken behind which the rest matches. */
static bool match_run(const char *pattern, const char *text, char (*captured)[BQ_CAPTURE_SIZE],
		      size_t n)
{
	size_t len, max = strcspn(text, " ");

	if (!n || !max)
		return false;
	for (len = pattern[1] ? 1 : max; len <= max; len++) {
		if (!match_here(pattern + 1, text + len, captured + 1, n - 1))
			continue;
		snprintf(*captured, BQ_CAPTURE_SIZE, "%.*s", (int)len, text);
		return true;
	}
	return false;
}

static bool match_here(const char *pattern, const char *text, char (*captured)[BQ_CAPTURE_SIZE],
		       size_t n)
{
	for (; *pattern; pattern++, text++) {
		if (*pattern == '*')
			return match_run(pattern, text, captured, n);
		if (!strncmp(pattern, "...", 3)) {
			while (!match_here(pattern + 3, text, captured, n))
				if (!*text++)
					return false;
			return true;
		}
		if (*pattern != *text)
			return false;
	}
	return true;
}

bool bq_pattern_match(const char *pattern, const char *text,
		      char captured[BQ_CAPTURES_MAX][BQ_CAPTURE_SIZE])
{
	const char *from;

	memset(captured, 0, (size_t)BQ_CAPTURES_MAX * BQ_CAPTURE_SIZE);
	for (from = text; *from; from++)
		if (match_here(pattern, from, captured, BQ_CAPTURES_MAX))
			return true;
	return false;
}
