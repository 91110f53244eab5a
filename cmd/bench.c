// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bench: cost of a packet. Runs tests/bench/run, which counts instructions in a virtual machine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"
#include "output.h"
#include "table.h"

#define CASES_MAX 64
#define PATH_LONGEST 4096
#define FIXED_ARGS 4

/* A measurement: a qdisc of bqdisc, or one of the kernel. */
struct bench_case {
	char name[128];
	char command[PATH_LONGEST]; /* as tests/bench/run takes it */
};

struct bench {
	const struct globals *g;
	const char *flows, *kernel;
	struct bench_case cases[CASES_MAX]; /* 0: noqueue */
	size_t n;
	json_t *results; /* objects, as they are printed */
};

/* --- measurements --- */

static void add_case(struct bench *b, const char *name, const char *how, const char *words)
{
	struct bench_case *c = &b->cases[b->n];
	size_t i;

	if (b->n == CASES_MAX)
		return;
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(c->command, sizeof(c->command), "%s %s", how, words);
	for (i = 0; i < b->n; i++)
		if (!strcmp(b->cases[i].command, c->command))
			return;
	b->n++;
}

/* Add the qdisc WORD, and its in-tree counterpart. */
static bool add_qdisc(struct bench *b, struct bqdisc *bq, const char *word)
{
	const struct bqdisc_qdisc *q = bqdisc__qdisc(bq, word);
	const char *peer;
	char name[128];

	if (!q)
		return false;
	peer = bqdisc_qdisc__counterpart(q);
	add_case(b, bqdisc_qdisc__name(q), "bqdisc", word);
	if (!peer)
		return true;
	snprintf(name, sizeof(name), "in-tree %s", peer);
	add_case(b, name, "tc", peer);
	return true;
}

/* --- running it --- */

static void run_script(struct bench *b, char *path, int out)
{
	char self[PATH_LONGEST] = "";
	char *argv[FIXED_ARGS + CASES_MAX + 1] = { path, self, (char *)b->kernel,
						   (char *)b->flows };
	size_t i;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		_exit(127);
	for (i = 1; i < b->n; i++)
		argv[FIXED_ARGS + i - 1] = b->cases[i].command;
	dup2(out, STDOUT_FILENO);
	execv(path, argv);
	_exit(127);
}

/* Return the instructions of noqueue with FLOWS flows; 0: not measured. */
static json_int_t base_of(const struct bench *b, json_int_t flows)
{
	json_t *r;
	size_t i;

	json_array_foreach(b->results, i, r)
		if (json_integer_value(json_object_get(r, "flows")) == flows)
			return json_integer_value(json_object_get(r, "instructions"));
	return 0;
}

static void take_line(struct bench *b, const char *line)
{
	json_t *parsed = line[0] == '{' ? json_loads(line, 0, NULL) : NULL;
	json_int_t n = -1, flows = 0, instructions = 0, base;

	if (!parsed ||
	    json_unpack(parsed, "{sI sI sI}", "case", &n, "flows", &flows, "instructions",
			&instructions) ||
	    n < 0 || n >= (json_int_t)b->n) {
		fputs(line, stderr);
	} else {
		base = base_of(b, flows);
		json_array_append_new(b->results,
				      json_pack("{ss sI sI sI}", "qdisc", b->cases[n].name, "flows",
						flows, "instructions", instructions, "added",
						base ? instructions - base : 0));
	}
	json_decref(parsed);
}

/* Return the script's exit status. */
static int run_bench(struct bench *b, char *path)
{
	char line[1024];
	int ends[2], status;
	pid_t pid;
	FILE *f;

	if (pipe(ends))
		return 127;
	pid = fork();
	if (!pid) {
		close(ends[0]);
		run_script(b, path, ends[1]);
	}
	close(ends[1]);
	f = fdopen(ends[0], "r");
	while (f && fgets(line, sizeof(line), f))
		take_line(b, line);
	if (f)
		fclose(f);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* --- the result --- */

static void print_table(const struct bench *b)
{
	struct table table = { .columns = 4 };
	char flows[24], total[24], added[24];
	json_t *r;
	size_t i;

	TABLE_ADD(&table, "QDISC", "FLOWS", "INSTRUCTIONS", "ADDED");
	json_array_foreach(b->results, i, r) {
		snprintf(flows, sizeof(flows), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(json_object_get(r, "flows")));
		snprintf(total, sizeof(total), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(json_object_get(r, "instructions")));
		snprintf(added, sizeof(added), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(json_object_get(r, "added")));
		TABLE_ADD(&table, json_string_value(json_object_get(r, "qdisc")), flows, total,
			  added);
	}
	table_print(&table, b->g);
}

static int finish(struct bench *b, int status)
{
	size_t wanted = b->n, flows = 1, got = json_array_size(b->results);
	const char *c;

	for (c = b->flows; *c; c++)
		flows += *c == ',';
	if (b->g->json)
		output_json(b->results);
	else if (got)
		print_table(b);
	if (status == 126)
		return usage_error("bench: cannot start the virtual machine"),
		       BQDISC_ERROR_UNSUPPORTED;
	if (status || got < wanted * flows)
		return usage_error("bench: only %zu of %zu measurements succeeded (status %d)", got,
				   wanted * flows, status),
		       BQDISC_ERROR_REFUSED;
	return 0;
}

static bool are_flows(const char *text)
{
	return *text && strspn(text, "0123456789,") == strlen(text) && *text != ',' &&
	       text[strlen(text) - 1] != ',' && !strstr(text, ",,");
}

int bench_main(int argc, char *argv[], const struct globals *g)
{
	struct bench b = { .g = g, .flows = "1,1000", .kernel = "newest" };
	const struct flag flags[] = {
		{ .name = "--flows", .parse = parse_text, .value = &b.flows, .wants = "numbers" },
		{ .name = "--kernel",
		  .parse = parse_text,
		  .value = &b.kernel,
		  .wants = "a series" },
	};
	char path[PATH_LONGEST];
	struct bqdisc *bq;
	int i;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc < 2)
		return usage_missing("bench", "QDISC");
	if (!are_flows(b.flows))
		return usage_error("--flows: invalid value '%s'; give numbers separated by commas",
				   b.flows);
	add_case(&b, "noqueue", "tc", "noqueue");
	bq = session_open(g);
	for (i = 1; i < argc; i++)
		if (!add_qdisc(&b, bq, argv[i]))
			return session_fail(bq);
	bqdisc__close(bq);
	if (!guest_find("tests/bench/run", path, sizeof(path)))
		return usage_error("bench: tests/bench/run is not installed; run 'make install'"),
		       BQDISC_ERROR_UNSUPPORTED;
	b.results = json_array();
	return finish(&b, run_bench(&b, path));
}
