/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Devices by name, list or pattern. */
#ifndef BQ_NETLINK_DEVICES_H
#define BQ_NETLINK_DEVICES_H

#include "netlink/link.h"

struct bq_devs {
	struct bq_dev *v;
	size_t n, room;
};

/*
 * Find the devices of LIST: names or patterns of glob(7), separated by commas. A pattern also
 * matches alternative names. Keep the order of the list and each device once; those of a pattern
 * are in the order of their indices. If a device has exactly the name LIST, or that of an element,
 * it is meant, whatever characters it has. The caller frees DEVS. Return 0 or -errno.
 */
int bq_devs_find(const char *list, struct bq_devs *devs, struct bq_error *error);
/* Add a device. Return 0 or -ENOMEM. */
int bq_devs_add(struct bq_devs *devs, const struct bq_dev *dev, struct bq_error *error);
/* Keep the first of equal devices, in their order. Return 0 or -ENOMEM. */
int bq_devs_unique(struct bq_devs *devs, struct bq_error *error);
/* Sort by index. */
void bq_devs_sort(struct bq_devs *devs);
/* Return true if DEVS, which are sorted, have a device with that index. */
bool bq_devs_has(const struct bq_devs *devs, uint32_t ifindex);
void bq_devs_free(struct bq_devs *devs);

/* Return true if WORD has characters of a pattern. */
bool bq_dev_is_pattern(const char *word);
/* Return true if WORD may stand for several devices. */
bool bq_dev_is_list(const char *word);

/* Find the device with that index. Return 0, -ENODEV without a message, or other -errno. */
int bq_dev_find_index(uint32_t ifindex, struct bq_dev *dev, struct bq_error *error);

#endif
