/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Output of dropped packets. */
#ifndef DROP_OUTPUT_H
#define DROP_OUTPUT_H

#include "json_writer.h"
#include "output.h"

/* Write the last drops of an instance as member "last_drops", unless its qdisc records none. */
void drops_put(struct json_writer *w, const struct bqdisc_instance *inst);
/* Print the last drops of an instance, with a heading, if there is one. */
void drops_print(const struct bqdisc_instance *inst, const struct globals *g);

#endif
