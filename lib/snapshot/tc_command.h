/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A recorded request as the tc command that makes the same: not nearly the same, or there is none.
 * Of the room of libmnl.
 */
#ifndef BQ_SNAPSHOT_TC_COMMAND_H
#define BQ_SNAPSHOT_TC_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

/*
 * Writes the command for DEV into BUF. HANDLE: of a qdisc that the request leaves it to us to
 * number. REPLACE: something is in its place. False: tc has no words for it, or not in SIZE bytes.
 */
bool bq_tc_command(const struct nlmsghdr *request, const char *dev, uint32_t handle, bool replace,
		   char *buf, size_t size);

#endif
