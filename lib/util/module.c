// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util/module.h"

#define NAME_MAX_LEN 64

/* Return true if the path of a module, at the start of LINE, ends in /NAME.ko, or .ko.xz ... */
static bool is_path_of(const char *line, const char *name)
{
	const char *end = line + strcspn(line, ": \n"), *base = end;
	size_t len = strlen(name);

	while (base > line && base[-1] != '/')
		base--;
	return !strncmp(base, name, len) && !strncmp(base + len, ".ko", 3);
}

/* Return true if the file LIST of this kernel's modules has NAME. Each line begins with a path. */
static bool is_listed(const char *list, const char *name)
{
	char path[256], *line = NULL;
	bool found = false;
	size_t size = 0;
	struct utsname u;
	FILE *f;

	uname(&u);
	snprintf(path, sizeof(path), "/lib/modules/%s/%s", u.release, list);
	f = fopen(path, "re");
	while (f && !found && getline(&line, &size, f) > 0)
		found = is_path_of(line, name);
	free(line);
	if (f)
		fclose(f);
	return found;
}

enum bq_module bq_module_of_qdisc(const char *kind)
{
	char name[NAME_MAX_LEN], path[NAME_MAX_LEN + 32];

	snprintf(name, sizeof(name), BQ_MODULE_OF_QDISC "%s", kind);
	/* Only a loaded module has this file, not one that is built in. */
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	if (!access(path, F_OK))
		return BQ_MODULE_LOADED;
	if (is_listed("modules.builtin", name))
		return BQ_MODULE_BUILTIN;
	return is_listed("modules.dep", name) ? BQ_MODULE_FILE : BQ_MODULE_NONE;
}
