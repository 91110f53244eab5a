// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parser of one value of an option. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "netlink/link.h"
#include "qdisc/option.h"

#define ANY_SPEED 10000 /* Mbit/s, of a device that is not known yet */

static int fail_parse(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		      enum bq_parse why, struct bq_error *error)
{
	const char *units = bqdisc_unit__words(row->unit);
	bool about_unit = why == BQ_PARSE_NO_UNIT || why == BQ_PARSE_BAD_UNIT;

	return bq_fail_word(error, text, "%s %s: '%s' %s%s%s", q->name, row->name, text,
			    bq_parse_strerror(why), about_unit && *units ? "; use one of " : "",
			    about_unit ? units : "");
}

static int check_range(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		       uint64_t value, struct bq_error *error)
{
	char low[32], high[32];

	if (row->unit == BQDISC_UNIT_SIGNED || row->unit == BQDISC_UNIT_INTEGER
		    ? (int64_t)value >= (int64_t)row->min && (int64_t)value <= (int64_t)row->max
		    : value >= row->min && value <= row->max)
		return 0;
	bq_fail_word(error, text, "%s %s: '%s' is out of range; use %s to %s", q->name, row->name,
		     text, bqdisc_unit__format(row->unit, row->min, low, sizeof(low)),
		     bqdisc_unit__format(row->unit, row->max, high, sizeof(high)));
	return -ERANGE;
}

/* Parse a string that fits into its field. */
static int parse_name(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		      void *config, struct bq_error *error)
{
	size_t len = strlen(text);

	if (!len || len >= row->size)
		return bq_fail(error, BQDISC_ERROR_USAGE, EINVAL,
			       len ? "%s %s: '%s' has more than %zu characters; use a shorter one"
				   : "%s %s: '%s' is empty; give a name",
			       q->name, row->name, text, row->size - 1);
	memcpy((char *)config + row->offset, text, len + 1);
	return 0;
}

static int fail_choice(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
		       struct bq_error *error)
{
	const char *const *name = row->names, *nearest;
	char all[256] = "";
	size_t len = 0;

	for (; *name && len < sizeof(all); name++)
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s", len ? ", " : "",
					*name);
	nearest = bqdisc_word__nearest(text, row->names, (size_t)(name - row->names));
	return bq_fail_word(error, text, "%s %s: '%s' is none of %s%s%s%s", q->name, row->name,
			    text, all, nearest ? "; the nearest is '" : "", nearest ? nearest : "",
			    nearest ? "'" : "");
}

/* Parse a name, or the number that it stands for. */
static int parse_choice(const struct bqdisc_qdisc *q, const struct bq_option *row, const char *text,
			void *config, struct bq_error *error)
{
	const struct bq_choice *c = row->choices;
	uint64_t value;
	bool number = bq_unit_parse(BQDISC_UNIT_INTEGER, text, &value) == BQ_PARSE_OK;

	while (c->name && strcmp(c->name, text) && !(number && c->value == value))
		c++;
	if (!c->name)
		return fail_choice(q, row, text, error);
	bq_option_set(row, config, 0, c->value);
	return 0;
}

/* Parse a rate as a percentage of the device's speed. *ERR is the error code if this fails. */
static enum bq_parse parse_share(const struct bqdisc_qdisc *q, const struct bq_option *row,
				 const char *text, uint64_t *value, struct bq_error *error,
				 int *err)
{
	const char *dev = error ? error->dev : NULL;
	uint32_t mbit = 0;

	*err = dev ? bq_dev_speed(dev, &mbit) : -ENODEV;
	if (!dev && error && error->any_dev) {
		mbit = ANY_SPEED;
		*err = 0;
	}
	if (!*err)
		return bq_unit_parse_share(text, mbit, value);
	if (dev)
		bq_fail_word(error, text,
			     "%s %s: '%s' is a share of the speed of %s, which has none; give a "
			     "rate, such as 10mbit",
			     q->name, row->name, text, dev);
	else
		bq_fail_word(error, text, "%s %s: '%s' needs a device; give a rate, such as 10mbit",
			     q->name, row->name, text);
	*err = -EINVAL;
	return BQ_PARSE_BAD_UNIT;
}

int bq_option_parse_value(const struct bqdisc_qdisc *q, const struct bq_option *row,
			  const char *text, size_t n, void *config, struct bq_error *error)
{
	enum bq_parse parse;
	uint64_t value;
	int err = 0;

	if (row->unit == BQDISC_UNIT_NAME)
		return parse_name(q, row, text, config, error);
	if (row->choices)
		return parse_choice(q, row, text, config, error);
	if (row->unit == BQDISC_UNIT_RATE && strchr(text, '%'))
		parse = parse_share(q, row, text, &value, error, &err);
	else
		parse = bq_unit_parse_as(row->unit, row->as, text, &value);
	if (err)
		return err;
	/* The field has a coarser unit. */
	if (parse == BQ_PARSE_OK && value && value < bq_option_scale(row))
		parse = BQ_PARSE_TOO_SMALL;
	if (parse != BQ_PARSE_OK)
		return fail_parse(q, row, text, parse, error);
	err = check_range(q, row, text, value, error);
	if (!err)
		bq_option_set(row, config, n, value);
	return err;
}
