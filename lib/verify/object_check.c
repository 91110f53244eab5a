// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Checks of an opened object that need no load. The kernel would refuse it without a message. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "bpf/ops.h"
#include "bpf/pin.h"
#include "netlink/qdisc.h"
#include "verify/object_check.h"
#include "util/array.h"

static void check_operations(struct bq_findings *findings, const struct bpf_object *obj,
			     const struct bpf_map *map)
{
	static const char *const needed[] = { "enqueue", "dequeue", "init", "reset", "destroy" };
	char missing[64] = "";
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (!bq_ops_program_of(obj, map, needed[i]))
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing),
				 "%s.%s", n++ ? ", " : "", needed[i]);
	if (!n)
		return;
	snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), " %s",
		 n == 1 ? "is" : "are");
	bq_findings_add_rule(findings, "operation_missing", missing);
}

/* Copy the member .id of MAP into NAME. One more byte than a name has shows that it is too long. */
static void read_name(const struct bpf_object *obj, const struct bpf_map *map,
		      char name[BQ_TC_KIND_MAX + 1])
{
	size_t size = 0;
	const char *id = bq_ops_member(obj, map, "id", &size);

	snprintf(name, BQ_TC_KIND_MAX + 1, "%.*s", (int)size, id ? id : "");
}

/* Accept the names that bpf_obj_name_cpy() of the kernel accepts. */
static bool is_valid_name(const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '.')
			return false;
	return len > 0 && len < BQ_TC_KIND_MAX;
}

static void check_name(struct bq_findings *findings, const struct bpf_object *obj,
		       const struct bpf_map *map)
{
	char name[BQ_TC_KIND_MAX + 1];

	read_name(obj, map, name);
	if (!is_valid_name(name))
		bq_findings_add_rule(findings, "name_bad", name);
	else if (findings->opts->kind)
		findings->opts->kind(name, findings->opts->arg);
}

int bq_object_check(struct bq_findings *findings, const struct bpf_object *obj)
{
	struct bpf_map *map;
	int n = 0;

	bpf_object__for_each_map(map, obj) {
		if (!bq_ops_is(obj, map))
			continue;
		n++;
		check_operations(findings, obj, map);
		check_name(findings, obj, map);
	}
	return n;
}

/* A kind that bqdisc has loaded under this name is replaced on load. */
static bool is_taken(const char *name)
{
	char path[BQ_PIN_PATH_MAX];

	return access(bq_pin_kind(name, path), F_OK) && !bq_pin_out_of_sight(name) &&
	       bq_tc_has_kind(name);
}

void bq_object_check_names_taken(struct bq_findings *findings, const struct bpf_object *obj)
{
	char name[BQ_TC_KIND_MAX + 1];
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj) {
		if (!bq_ops_is(obj, map))
			continue;
		read_name(obj, map, name);
		if (is_valid_name(name) && is_taken(name))
			bq_findings_add_rule(findings, "name_taken", name);
	}
}
