// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <bqdisc/memory.h>

#include "attachment/budget.h"

/* --- available memory --- */

/*
 * Read the number after NAME in a file of lines "NAME NUMBER". NAME is empty for a file with a
 * single number. Return false on failure.
 */
static bool read_field(const char *path, const char *name, uint64_t *value)
{
	FILE *f = fopen(path, "re");
	size_t len = strlen(name);
	char line[256];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, name, len) && sscanf(line + len, "%" SCNu64, value) == 1;
	if (f)
		fclose(f);
	return found;
}

/*
 * Return the bytes that the cgroup DIR leaves. Without a limit the file holds "max", not a number.
 */
static uint64_t left_in(const char *dir)
{
	char path[4200];
	uint64_t max, now, file = 0;

	snprintf(path, sizeof(path), "%s/memory.max", dir);
	if (!read_field(path, "", &max))
		return UINT64_MAX;
	snprintf(path, sizeof(path), "%s/memory.current", dir);
	if (!read_field(path, "", &now))
		return max;
	snprintf(path, sizeof(path), "%s/memory.stat", dir);
	if (read_field(path, "inactive_file ", &file))
		now -= file < now ? file : now;
	return max > now ? max - now : 0;
}

uint64_t bq_budget_cgroup(const char *root, const char *path)
{
	uint64_t here, least = UINT64_MAX;
	char dir[4096], *slash;
	size_t len = strlen(root);

	if ((size_t)snprintf(dir, sizeof(dir), "%s%s", root, path) >= sizeof(dir))
		return least;
	for (;;) {
		here = left_in(dir);
		least = here < least ? here : least;
		slash = strrchr(dir, '/');
		if (!slash || slash < dir + len)
			return least;
		*slash = '\0';
	}
}

static uint64_t left_by_cgroups(void)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4096];
	uint64_t left = UINT64_MAX;

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "0::", 3))
			left = bq_budget_cgroup("/sys/fs/cgroup", line + 3);
	}
	if (f)
		fclose(f);
	return left;
}

/*
 * Return the memory available without swapping, in bytes, as limited by the system and the cgroups
 * of this process. UINT64_MAX: unknown.
 */
uint64_t bq_budget_available(void)
{
	uint64_t kb, left = left_by_cgroups();

	if (read_field("/proc/meminfo", "MemAvailable:", &kb) && kb << 10 < left)
		left = kb << 10;
	return left;
}

/* --- checks --- */

static const char *round_size(uint64_t bytes, char text[32])
{
	return bqdisc_size__round(bytes, text, 32);
}

static const char *write_queues(uint32_t queues, char text[32])
{
	text[0] = '\0';
	if (queues)
		snprintf(text, 32, " on %u queues", queues);
	return text;
}

static int check_most(const struct bq_need *need, struct bq_error *error)
{
	char queues[32], cost[32], most[32];

	if (need->all <= need->now || need->all <= need->most)
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOSPC,
		       "%s with these options%s: needs %s of kernel memory, but the limit is %s; "
		       "raise it with --memory %llumb",
		       need->q->name, write_queues(need->queues, queues),
		       round_size(need->all, cost), round_size(need->most, most),
		       (unsigned long long)((need->all + (1 << 20) - 1) >> 20));
}

int bq_budget_check(const struct bq_need *need, struct bq_error *error)
{
	uint64_t bytes;
	char queues[32], cost[32], have[32];
	int err = check_most(need, error);

	if (err)
		return err;
	bytes = need->planned + need->new_bytes + need->load_bytes;
	if (!need->new_bytes || bytes <= need->available / BQ_BUDGET_SHARE)
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM,
		       "%s with these options%s: needs %s more of kernel memory, but may use half "
		       "of the %s that are available; use lower limits or fewer queues",
		       need->q->name, write_queues(need->queues, queues), round_size(bytes, cost),
		       round_size(need->available, have));
}

int bq_budget_check_load(const struct bqdisc_qdisc *q, uint64_t bytes, struct bq_error *error)
{
	uint64_t available = bq_budget_available();
	char cost[32], have[32];

	if (bytes <= available / BQ_BUDGET_SHARE)
		return 0;
	return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM,
		       "load %s: needs %s of kernel memory, but may use half of the %s that are "
		       "available; free some memory first",
		       q->name, round_size(bytes, cost), round_size(available, have));
}

uint32_t bq_budget_units(const struct bqdisc_qdisc *q, const void *config,
			 const struct bq_dev_params *dev, uint32_t queues, uint64_t available)
{
	uint64_t spare = available / BQ_BUDGET_SHARE, range, now;
	uint32_t units = BQ_UNITS_MAX, before = 0, slots = bq_qdisc_slots(q, config, dev);

	if (!q->resident)
		return BQ_UNITS_MAX;
	spare = (spare < BQ_MEMORY_BYTES / 4 ? spare : BQ_MEMORY_BYTES / 4) / (queues ? queues : 1);
	now = bq_qdisc_cost_of(q, config, dev, 0);
	range = bq_qdisc_memory(q, config, slots, &units);
	while (bq_qdisc_cost(q, slots, range) > (spare > now ? spare : now) && units != before) {
		before = units;
		units /= 2;
		range = bq_qdisc_memory(q, config, slots, &units);
	}
	return units;
}
