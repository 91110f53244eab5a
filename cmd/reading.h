/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters or options of an instance, as copies that outlive the walk over instances. */
#ifndef READING_H
#define READING_H

#include "cmd.h"

struct reading {
	struct bqdisc_value *v; /* with values of their own; strings live as long as the session */
	size_t n;
};

/* Add a copy of V to a struct reading: a bqdisc_value_fn. Aborts if memory is out. */
void reading_add(const struct bqdisc_value *v, void *reading);
/* Replace the contents of R by the counters of INST. Aborts if memory is out. */
void reading_take(struct reading *r, const struct bqdisc_instance *inst);
/*
 * Replace the contents of R by the differences of all values between two readings of an instance.
 * Those of a histogram are one of the time between. BEFORE is NULL for an instance that is new.
 */
void reading_subtract(struct reading *r, const struct reading *now, const struct reading *before);
void reading_free(struct reading *r);

#endif
