/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Conversion of a recorded request to the tc command that has exactly its effect. */
#ifndef BQ_SNAPSHOT_TC_COMMAND_H
#define BQ_SNAPSHOT_TC_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

/*
 * Write the command for DEV into BUF. HANDLE is that of the qdisc. REPLACE selects "replace", not
 * "add". Return false if tc has no words for a part of REQUEST, or BUF is too small.
 */
bool bq_tc_command(const struct nlmsghdr *request, const char *dev, uint32_t handle, bool replace,
		   char *buf, size_t size);

#endif
