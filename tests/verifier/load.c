/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loads a BPF object with qdiscs, registers them, and says whether that went as expected.
 *
 *   load FILE                        must load and register
 *   load --load-only FILE            must load
 *   load --fails-with TEXT... FILE   must fail, saying each TEXT
 *   load --hold FILE                 as the first; prints the kinds, keeps them until stdin ends
 *   load --has NAME                  whether the kernel's BTF knows NAME
 *
 * Exit status: 0 as expected, 1 not, 2 the command line is wrong. Standard output then holds the
 * reason in the first line, and what libbpf and the verifier said in the others.
 */
#include <errno.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#define MAX_TEXTS 8
/* A log is long, and the error is at its end. */
#define SHOWN_BYTES 4000

/* Output of libbpf, including the verifier's log, and of this program. */
static FILE *said;
static char *said_text;
static size_t said_size;

struct request {
	const char *texts[MAX_TEXTS];
	int ntexts;
	bool load_only;
	bool hold;
};

static int collect(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(said, format, args) : 0;
}

static int fail(const char *reason, const char *detail)
{
	const char *from = said_text;

	fflush(said);
	if (said_size > SHOWN_BYTES) {
		from = said_text + said_size - SHOWN_BYTES;
		from += strcspn(from, "\n");
	}
	printf("%s%s\n%s", reason, detail, from);
	return 1;
}

/* Registers every qdisc of OBJ. The links live as long as this process. */
static int register_all(struct bpf_object *obj)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		if (!bpf_map__attach_struct_ops(map)) {
			int err = -errno;

			fprintf(said, "register %s: %s\n", bpf_map__name(map), strerror(-err));
			return err;
		}
	}
	return 0;
}

/* Return the offset of `id`, the name of the kind, in struct Qdisc_ops of the object. */
static size_t offset_of_id(const struct btf *btf)
{
	int i, type = btf__find_by_name_kind(btf, "Qdisc_ops", BTF_KIND_STRUCT);
	const struct btf_type *ops = btf__type_by_id(btf, type);

	for (i = 0; i < btf_vlen(ops); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(ops)[i].name_off), "id"))
			return btf_members(ops)[i].offset / 8;
	abort();
}

static void print_kinds(struct bpf_object *obj)
{
	size_t id = offset_of_id(bpf_object__btf(obj));
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			puts((const char *)bpf_map__initial_value(map, NULL) + id);
	fflush(stdout);
}

static int check_refusal(const struct request *req, bool loaded, int err)
{
	const char *reason =
		loaded ? "the verifier accepts it; missing: " : "refused, but missing: ";
	int i;

	if (!err)
		return fail("it was accepted", "");
	fflush(said);
	for (i = 0; i < req->ntexts; i++)
		if (!strstr(said_text, req->texts[i]))
			return fail(reason, req->texts[i]);
	return 0;
}

static void wait_for_end_of_stdin(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

static int load(const struct request *req, const char *path)
{
	struct bpf_object *obj = bpf_object__open_file(path, NULL);
	bool loaded;
	int err;

	if (!obj && req->ntexts)
		return check_refusal(req, false, -errno);
	if (!obj)
		return fail("cannot be opened: ", strerror(errno));
	err = bpf_object__load(obj);
	loaded = !err;
	if (loaded && !req->load_only)
		err = register_all(obj);
	if (req->ntexts)
		return check_refusal(req, loaded, err);
	if (err)
		return fail("refused: ", strerror(-err));
	if (req->hold) {
		print_kinds(obj);
		wait_for_end_of_stdin();
	}
	return 0;
}

static int has(const char *name)
{
	struct btf *btf = btf__load_vmlinux_btf();

	return !btf || btf__find_by_name(btf, name) <= 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "load-only", no_argument, NULL, 'l' },
		{ "fails-with", required_argument, NULL, 'f' },
		{ "hold", no_argument, NULL, 'h' },
		{ "has", required_argument, NULL, 'k' },
		{ 0 },
	};
	struct request req = { 0 };
	int c;

	said = open_memstream(&said_text, &said_size);
	if (!said)
		return 2;
	libbpf_set_print(collect);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'k')
			return has(optarg);
		else if (c == 'l')
			req.load_only = true;
		else if (c == 'h')
			req.hold = true;
		else if (c == 'f' && req.ntexts < MAX_TEXTS)
			req.texts[req.ntexts++] = optarg;
		else
			return 2;
	}
	if (optind != argc - 1) {
		fputs("usage: load [--load-only | --hold | --fails-with TEXT...] FILE\n", stderr);
		return 2;
	}
	return load(&req, argv[optind]);
}
