/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Run bqdisc in a virtual machine with a given kernel, with the runner of the tests. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>

/* Write the path of SCRIPT, such as "tests/vm/run". Return false if it is not installed. */
bool guest_find(const char *script, char *path, size_t size);

/*
 * Run this program with N words in a guest with KERNEL: "7.3", "newest", or the path of a kernel
 * image. FILE is copied to its working directory. Forward its output. Return its exit status.
 */
int guest_run(const char *kernel, const char *file, int n, const char *const words[]);

#endif
