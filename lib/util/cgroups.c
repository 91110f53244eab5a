// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Cgroups of version 2. The number of one is the inode of its directory. */
#include <errno.h>
#include <fts.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "util/array.h"
#include "util/processes.h"

/* Return the directory where systemd mounts it, alone or beside version 1; NULL: not mounted. */
static const char *find_mount(void)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs fs;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		if (!statfs(places[i], &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
			return places[i];
	return NULL;
}

static int add(struct bq_cgroups *all, uint64_t id, const char *path)
{
	struct bq_cgroup *grown = bq_array_extend(all->v, all->n, &all->room, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	all->v = grown;
	all->v[all->n] = (struct bq_cgroup){ id, strdup(*path ? path : "/") };
	return all->v[all->n++].path ? 0 : -ENOMEM;
}

int bq_cgroups_read(struct bq_cgroups *all)
{
	const char *mount = find_mount();
	char *const roots[] = { (char *)mount, NULL };
	FTS *tree = mount ? fts_open(roots, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL) : NULL;
	FTSENT *entry;
	int err = 0;

	if (!tree)
		return 0;
	while (!err && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_D)
			err = add(all, entry->fts_statp->st_ino, entry->fts_path + strlen(mount));
	fts_close(tree);
	return err;
}

const char *bq_cgroups_find(const struct bq_cgroups *all, uint64_t id)
{
	size_t i;

	for (i = 0; id && i < all->n; i++)
		if (all->v[i].id == id)
			return all->v[i].path;
	return NULL;
}

void bq_cgroups_free(struct bq_cgroups *all)
{
	while (all->n)
		free(all->v[--all->n].path);
	free(all->v);
	*all = (struct bq_cgroups){ 0 };
}
