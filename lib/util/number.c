// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parser of the number that a value begins with. */
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/number.h"

/* Parse with the decimal point of the C locale, as tc does. The caller's may be a comma. */
static double read_double(const char *text, char **end)
{
	static locale_t c;
	locale_t own, none = (locale_t)0;

	if (!c) {
		own = newlocale(LC_ALL_MASK, "C", none);
		if (!__atomic_compare_exchange_n(&c, &none, own, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE))
			freelocale(own);
	}
	return c ? strtod_l(text, end, c) : strtod(text, end);
}

/* Skip what strtod() and strtoull() skip. Refuse "nan" and "inf". */
static enum bq_parse read_sign(const char **text, struct bq_number *n)
{
	const char *p = *text;

	if (!*p)
		return BQ_PARSE_EMPTY;
	p += strspn(p, " \t\n\v\f\r");
	*n = (struct bq_number){ .negative = *p == '-' };
	p += *p == '-' || *p == '+';
	*text = p;
	return isdigit((unsigned char)p[*p == '.']) ? BQ_PARSE_OK : BQ_PARSE_NOT_A_NUMBER;
}

enum bq_parse bq_read_integer(const char *text, int base, struct bq_number *n)
{
	enum bq_parse parse = read_sign(&text, n);
	char *end;

	if (parse != BQ_PARSE_OK)
		return parse;
	errno = 0;
	n->digits = strtoull(text, &end, base);
	n->whole = true;
	n->value = (double)n->digits;
	n->end = end;
	if (*end == '.')
		return BQ_PARSE_NOT_A_NUMBER;
	return errno ? BQ_PARSE_OVERFLOW : BQ_PARSE_OK;
}

enum bq_parse bq_read_real(const char *text, struct bq_number *n)
{
	enum bq_parse parse = read_sign(&text, n);
	char *end;

	if (parse != BQ_PARSE_OK)
		return parse;
	n->value = read_double(text, &end);
	n->end = end;
	n->whole = end == text + strspn(text, "0123456789");
	errno = 0;
	if (n->whole)
		n->digits = strtoull(text, NULL, 10);
	return isinf(n->value) || errno ? BQ_PARSE_OVERFLOW : BQ_PARSE_OK;
}
