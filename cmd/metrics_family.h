/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Families of metrics. The formats want all samples of a family together, but the library passes
 * on one instance after the other. So each family collects its samples in a buffer.
 */
#ifndef METRICS_FAMILY_H
#define METRICS_FAMILY_H

#include "metrics.h"

#define METRIC_NAME_MAX 256

enum metric_type {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_UNKNOWN,
	METRIC_HISTOGRAM,
};

struct family {
	char *name; /* without _total */
	const char *help;
	enum metric_type type;
	FILE *samples;
	char *buffer; /* of `samples` */
	size_t size;
};

struct families {
	struct family **v;
	size_t n;
	size_t last; /* index of the family that was found last */
};

/*
 * Return the family NAME. If it has another TYPE, return NAME_SUFFIX: user objects may use one name
 * for different types. HELP must live as long as the families. Aborts if memory is out.
 */
struct family *families_get(struct families *all, const char *name, const char *suffix,
			    enum metric_type type, const char *help);

/* Write ,NAME="VALUE" to OUT. All labels begin with a comma. */
void family_write_label(FILE *out, const char *name, const char *value);
/* Add a sample with LABELS, and after them MORE. */
void family_add(struct family *f, const char *labels, const char *more, const char *value);

/* Write all families to OUT. */
void families_write(const struct families *all, enum metrics_format format, FILE *out);
void families_free(struct families *all);

#endif
