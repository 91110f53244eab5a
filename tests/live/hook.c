// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook: a user's own program on a device's egress hook.
 *
 *   hook before|behind DEV PROGRAM DIR   puts PROGRAM of counted.bpf.o before or behind all that
 *                                        are there; pins link, counts and program in DIR
 *   hook load PROGRAM DIR                pins it alone, for tc to attach
 *   hook seen DIR                        prints how many packets it saw
 *
 * Exit status: 0 done, 1 not.
 */
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static struct bpf_program *load(const char *name, const char *dir)
{
	struct bpf_object *obj = bpf_object__open_file("counted.bpf.o", NULL);
	struct bpf_program *prog;
	char path[256];

	if (!obj || bpf_object__load(obj))
		return NULL;
	prog = bpf_object__find_program_by_name(obj, name);
	snprintf(path, sizeof(path), "%s/counts", dir);
	if (!prog || bpf_map__pin(bpf_object__find_map_by_name(obj, ".bss"), path))
		return NULL;
	snprintf(path, sizeof(path), "%s/program", dir);
	return bpf_program__pin(prog, path) ? NULL : prog;
}

static int attach(const char *where, const char *dev, const char *name, const char *dir)
{
	struct bpf_program *prog = load(name, dir);
	/* BPF_F_BEFORE, BPF_F_AFTER: before or after all. */
	LIBBPF_OPTS(bpf_tcx_opts, opts, .flags = !strcmp(where, "before") ? 1U << 3 : 1U << 4);
	struct bpf_link *link;
	char path[256];

	if (!prog)
		return fail("load");
	link = bpf_program__attach_tcx(prog, (int)if_nametoindex(dev), &opts);
	if (!link)
		return fail("attach");
	snprintf(path, sizeof(path), "%s/link", dir);
	return bpf_link__pin(link, path) ? fail("pin") : 0;
}

static int print_seen(const char *dir)
{
	uint64_t counts[2];
	uint32_t zero = 0;
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/counts", dir);
	fd = bpf_obj_get(path);
	if (fd < 0 || bpf_map_lookup_elem(fd, &zero, counts))
		return fail(path);
	printf("{\"seen\":%llu,\"without_socket\":%llu}\n", (unsigned long long)counts[0],
	       (unsigned long long)counts[1]);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 5 && (!strcmp(argv[1], "before") || !strcmp(argv[1], "behind")))
		return attach(argv[1], argv[2], argv[3], argv[4]);
	if (argc == 4 && !strcmp(argv[1], "load"))
		return load(argv[2], argv[3]) ? 0 : fail("load");
	if (argc == 3 && !strcmp(argv[1], "seen"))
		return print_seen(argv[2]);
	fputs("usage: see the top of hook.c\n", stderr);
	return 1;
}
