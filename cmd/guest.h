/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* bqdisc in a virtual machine with a kernel of choice, by the runner that our tests use, too. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>

/* Writes where SCRIPT lies, "tests/vm/run" say, which goes with this program. False: nowhere. */
bool guest_find(const char *script, char *path, size_t size);

/*
 * Runs this program with N words in a guest of KERNEL: "7.3", "newest", or a kernel image's path.
 * FILE goes along, under its own name, into the directory where it runs. What it prints appears
 * here. Returns its exit status.
 */
int guest_run(const char *kernel, const char *file, int n, const char *const words[]);

#endif
