/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Links of egress programs to devices. Each is pinned in a directory NAME of BQ_PIN_DIR. The caller
 * holds the lock for changes.
 */
#ifndef BQ_ATTACHMENT_EGRESS_LINK_H
#define BQ_ATTACHMENT_EGRESS_LINK_H

#include <stdint.h>

/*
 * Every NAME begins with this. The directory keeps the links apart from the kinds, of which each
 * command reads the names.
 */
#define BQ_EGRESS_DIR "hooks/"
#define BQ_EGRESS_PREFIX BQ_EGRESS_DIR "egress_"

struct bq_egress_link {
	uint32_t id;
	uint32_t ifindex; /* of its device; 0: the device is gone */
};

/*
 * Attach PROG, a descriptor, before all other programs on the device's egress hook, and pin the
 * link in the directory with the path DIR. If PROG is on the hook already, pin that link once more:
 * it stays while it has a pin. Return 0 or -errno.
 */
int bq_egress_link_pin(int prog, uint32_t ifindex, const char *dir);
/* Query the link in NAME. Return 0, or -errno if there is none. */
int bq_egress_link_query(const char *name, struct bq_egress_link *link);
/* Return the position of the link on the device's egress hook, or -1 if it is not there. */
int bq_egress_link_place(uint32_t ifindex, uint32_t id);

#endif
