/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All devices of the network namespace, with the properties by which a file selects them. */
#ifndef BQ_NETLINK_LINKS_H
#define BQ_NETLINK_LINKS_H

#include "util/error.h"

/* Call FN for each device. Return 0 or -errno. */
int bq_links_each(bqdisc_device_fn fn, void *arg, struct bq_error *error);
/* Write the name of the driver; "" if unknown. Return BUF. */
char *bq_link_driver(const char *dev, char *buf, size_t size);

#endif
