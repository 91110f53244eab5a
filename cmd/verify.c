// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* verify: load an object and explain why the kernel refuses it. */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "guest.h"
#include "output.h"

/* Result of verify: its JSON, and the log that -v prints after it. */
struct verdict {
	json_t *kinds;
	json_t *findings;
	FILE *log;
};

static json_t *line_json(const struct bqdisc_line *line)
{
	return json_pack("{ss sI ss}", "file", line->file, "line", (json_int_t)line->number,
			 "source", line->source);
}

static json_t *path_json(const struct bqdisc_finding *f)
{
	json_t *path = json_array(), *branch;
	size_t i;

	for (i = 0; i < f->path_len; i++) {
		branch = line_json(&f->path[i].line);
		json_object_set_new(branch, "goes_on_at",
				    f->path[i].next ? line_json(f->path[i].next) : json_null());
		json_array_append_new(path, branch);
	}
	return path;
}

static void add_kind(const char *kind, void *arg)
{
	struct verdict *v = arg;

	json_array_append_new(v->kinds, json_string(kind));
}

static void add_finding(const struct bqdisc_finding *f, void *arg)
{
	struct verdict *v = arg;
	json_t *finding = f->line ? line_json(f->line) : json_object();

	if (f->after)
		json_object_set_new(finding, "after", line_json(f->after));
	json_object_set_new(finding, "rule", json_string(f->rule));
	json_object_set_new(finding, "status", json_integer(f->error_class));
	if (f->operation)
		json_object_set_new(finding, "operation", json_string(f->operation));
	if (f->program)
		json_object_set_new(finding, "program", json_string(f->program));
	json_object_set_new(finding, "what", json_string(f->what));
	if (f->remedy[0])
		json_object_set_new(finding, "remedy", json_string(f->remedy));
	if (f->message[0])
		json_object_set_new(finding, "message", json_string(f->message));
	if (f->path_len) {
		json_object_set_new(finding, "path", path_json(f));
		json_object_set_new(finding, "path_omitted",
				    json_integer((json_int_t)f->path_omitted));
	}
	json_array_append_new(v->findings, finding);
}

static void add_log(const char *text, void *arg)
{
	struct verdict *v = arg;

	fputs(text, v->log);
}

/* --- text --- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static json_int_t line_of(const json_t *object)
{
	return json_integer_value(json_object_get(object, "line"));
}

static void print_after(FILE *to, const json_t *finding)
{
	const json_t *after = json_object_get(finding, "after");

	if (after)
		fprintf(to, "    in an inline function, after %s:%lld  %s\n",
			text_of(after, "file"), (long long)line_of(after),
			text_of(after, "source"));
}

static void print_branch(FILE *to, const json_t *branch)
{
	const json_t *next = json_object_get(branch, "goes_on_at");

	fprintf(to, "    %s:%lld  %s\n", text_of(branch, "file"), (long long)line_of(branch),
		text_of(branch, "source"));
	if (json_is_null(next))
		fputs("        continues to the end\n", to);
	else
		fprintf(to, "        continues at %s:%lld  %s\n", text_of(next, "file"),
			(long long)line_of(next), text_of(next, "source"));
}

static void print_path(FILE *to, const json_t *finding)
{
	const json_t *path = json_object_get(finding, "path"), *branch;
	json_int_t omitted = json_integer_value(json_object_get(finding, "path_omitted"));
	size_t i;

	if (!path)
		return;
	fputs("  path:\n", to);
	if (omitted)
		fprintf(to, "    (%lld earlier branches)\n", (long long)omitted);
	json_array_foreach((json_t *)path, i, branch)
		print_branch(to, branch);
}

static void print_finding(FILE *to, const char *file, const json_t *finding)
{
	if (line_of(finding))
		fprintf(to, "%s:%lld: ", text_of(finding, "file"), (long long)line_of(finding));
	else
		fprintf(to, "%s: ", file);
	fprintf(to, "%s\n", text_of(finding, "what"));
	if (text_of(finding, "source")[0])
		fprintf(to, "    %s\n", text_of(finding, "source"));
	print_after(to, finding);
	print_path(to, finding);
	if (text_of(finding, "remedy")[0])
		fprintf(to, "  instead: %s\n", text_of(finding, "remedy"));
	if (text_of(finding, "message")[0])
		fprintf(to, "  message of the kernel: %s\n", text_of(finding, "message"));
	fputc('\n', to);
}

static void print_text(const json_t *all)
{
	const json_t *findings = json_object_get(all, "findings"), *item;
	size_t i;

	json_array_foreach((json_t *)findings, i, item)
		print_finding(stdout, text_of(all, "object"), item);
	if (!json_is_true(json_object_get(all, "ok")))
		return;
	printf("%s: accepted by Linux %s:", text_of(all, "object"), text_of(all, "kernel"));
	json_array_foreach(json_object_get(all, "qdiscs"), i, item)
		printf(" %s", json_string_value(item));
	putchar('\n');
}

/* --- the command --- */

/* Print the verdict and release its references. LOG is the text of its stream. */
static void print(const struct globals *g, const char *file, const struct verdict *v, bool ok,
		  const char *log)
{
	struct utsname u;
	json_t *all;

	uname(&u);
	all = json_pack("{ss ss sb so so}", "object", file, "kernel", u.release, "ok", ok, "qdiscs",
			v->kinds, "findings", v->findings);
	if (g->json && g->verbose)
		json_object_set_new(all, "log", json_string(log));
	if (g->json) {
		output_json(all);
		return;
	}
	print_text(all);
	json_decref(all);
	fflush(stdout);
	if (g->verbose)
		fputs(log, stderr);
}

static int verify_here(const struct globals *g, const char *file, bool unsafe)
{
	struct verdict v = { .kinds = json_array(), .findings = json_array() };
	struct bqdisc_verify_opts opts = { .sz = sizeof(opts),
					   .unsafe = unsafe,
					   .kind = add_kind,
					   .finding = add_finding,
					   .log = add_log,
					   .arg = &v };
	struct bqdisc *bq = session_open(g);
	char *log = NULL;
	size_t size;
	int err;

	v.log = open_memstream(&log, &size);
	if (!v.log)
		abort();
	err = bqdisc__verify(bq, file, &opts);
	fclose(v.log);
	print(g, file, &v, !err, log);
	free(log);
	if (err)
		return session_fail(bq);
	bqdisc__close(bq);
	return 0;
}

void verify_explain(const struct globals *g, const char *file)
{
	struct verdict v = { .kinds = json_array(), .findings = json_array() };
	/* An unsafe use of options was not the reason for the failure. */
	struct bqdisc_verify_opts opts = {
		.sz = sizeof(opts), .unsafe = true, .finding = add_finding, .arg = &v
	};
	const char *dot = strrchr(file, '.');
	struct bqdisc *bq;
	json_t *item;
	size_t i;

	if (dot && !strcmp(dot, ".o") && !access(file, R_OK)) {
		bq = session_open(g);
		bqdisc__verify(bq, file, &opts);
		bqdisc__close(bq);
	}
	json_array_foreach(v.findings, i, item)
		print_finding(stderr, file, item);
	json_decref(v.kinds);
	json_decref(v.findings);
}

static int verify_in_guest(const struct globals *g, const char *file, bool unsafe,
			   const char *kernel)
{
	const char *slash = strrchr(file, '/'), *words[6];
	int n = 0;

	if (access(file, R_OK))
		return usage_error("verify: no file '%s'; check the path", file);
	if (g->json)
		words[n++] = "-j";
	if (g->verbose)
		words[n++] = "-v";
	words[n++] = "verify";
	words[n++] = slash ? slash + 1 : file;
	if (unsafe)
		words[n++] = "--unsafe";
	return guest_run(kernel, file, n, words);
}

int verify_main(int argc, char *argv[], const struct globals *g)
{
	const char *kernel = NULL;
	bool unsafe = false;
	const struct flag flags[] = {
		{ .name = "--unsafe", .set = &unsafe },
		{ .name = "--kernel",
		  .parse = parse_text,
		  .value = &kernel,
		  .wants = "a series, such as 7.3" },
	};

	argc = flags_take(argc, argv, flags, 2);
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc != 2)
		return usage_missing("verify", "FILE.bpf.o");
	return kernel ? verify_in_guest(g, argv[1], unsafe, kernel)
		      : verify_here(g, argv[1], unsafe);
}
