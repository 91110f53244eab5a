/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TESTS_ISOLATE_H
#define TESTS_ISOLATE_H

/* Number of accesses below /sys/fs/bpf that failed with ENOENT instead. */
extern unsigned int isolate_hidden;

#endif
