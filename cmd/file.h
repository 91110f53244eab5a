/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Replace the file PATH by TEXT at once, readable for all users: a reader sees the old file or the
 * new one. LASTING: it is on the disk then. Return false and set errno if it is as before.
 */
bool file_replace(const char *path, const char *text, size_t size, bool lasting);

#endif
