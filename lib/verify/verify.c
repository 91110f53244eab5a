// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Trial load of an object. explain.c explains the kernel's messages; object_check.c and
 * init_options.c find what the kernel does not report.
 *
 * libbpf stops at the first program that the verifier refuses. Open the object again without that
 * program until the rest loads, so that every program is checked.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "util/system.h"
#include "bpf/object.h"
#include "bpf/ops.h"
#include "verify/verify.h"
#include "bpf/kernel.h"
#include "verify/explain.h"
#include "verify/init_options.h"
#include "verify/object_check.h"

/* Bytes; the kernel keeps the end of a longer log. Pages that it does not write cost no memory. */
#define LOG_BYTES (16u << 20)
#define REFUSED_MAX 64

struct verify {
	struct bq_error *error;
	const char *path;
	struct bqdisc_verify_opts opts;
	struct bq_findings findings;
	char *log;                  /* verifier's log of the last program */
	char *refused[REFUSED_MAX]; /* names of programs to leave out of the next attempt */
	size_t n_refused;
};

/* Messages of libbpf. Its print hook has no argument for a context. */
static FILE *libbpf_messages;

static int capture_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return level == LIBBPF_WARN && libbpf_messages ? vfprintf(libbpf_messages, fmt, ap) : 0;
}

static bool is_refused(const struct verify *v, const char *program)
{
	size_t i;

	for (i = 0; i < v->n_refused; i++)
		if (!strcmp(v->refused[i], program))
			return true;
	return false;
}

static struct bpf_object *open_object(struct verify *v)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = v->log,
		    .kernel_log_size = LOG_BYTES);
	struct bpf_object *obj = bpf_object__open_file(v->path, &opts);
	struct bpf_program *prog;

	if (!obj)
		return NULL;
	bpf_object__for_each_program(prog, obj)
		if (is_refused(v, bpf_program__name(prog)))
			bq_ops_leave_out(obj, prog);
	return obj;
}

/* Return the program that MESSAGES name as refused, or NULL. */
static const struct bpf_program *find_refused(const struct bpf_object *obj, const char *messages)
{
	struct bpf_program *prog;
	char line[256];

	bpf_object__for_each_program(prog, obj) {
		snprintf(line, sizeof(line), "prog '%s': BPF program load failed",
			 bpf_program__name(prog));
		if (strstr(messages, line))
			return prog;
	}
	return NULL;
}

/* Report why PROG was refused, and leave it out of the next attempt. Return 0 or -errno. */
static int explain_program(struct verify *v, const struct bpf_object *obj,
			   const struct bpf_program *prog)
{
	const char *op = bq_ops_name_of(obj, prog), *name = bpf_program__name(prog);
	struct bq_explanation e;
	struct bq_log log;
	int err = bq_log_parse(&log, v->log);

	if (err)
		return err;
	bq_explain_log(&e, &log, op);
	bq_findings_add(&v->findings, &e, op, name);
	bq_log_free(&log);
	if (v->n_refused == REFUSED_MAX)
		return -E2BIG;
	v->refused[v->n_refused] = strdup(name);
	return v->refused[v->n_refused++] ? 0 : -ENOMEM;
}

static char *skip_prefix(char *line)
{
	static const char prefix[] = "libbpf: ";

	return line + (strncmp(line, prefix, strlen(prefix)) ? 0 : strlen(prefix));
}

/* Report why the whole object was refused. Split MESSAGES into lines. */
static void explain_object(struct verify *v, char *messages, int err)
{
	struct bq_explanation e;
	char *line, *rest = messages;

	while ((line = strsep(&rest, "\n")))
		if (!bq_explain_line(&e, skip_prefix(line))) {
			bq_findings_add(&v->findings, &e, NULL, NULL);
			return;
		}
	e = (struct bq_explanation){ .rule = "unknown",
				     .error_class = BQDISC_ERROR_REFUSED,
				     .message = skip_prefix(messages) };
	snprintf(e.what, sizeof(e.what), "libbpf cannot load the object: %s (%s)", e.message,
		 strerror(-err));
	bq_findings_add(&v->findings, &e, NULL, NULL);
}

static void pass_log(const struct verify *v, const char *messages)
{
	if (!v->opts.log)
		return;
	v->opts.log(messages, v->opts.arg);
	v->opts.log(v->log, v->opts.arg);
}

/* Return true if a program is left to load. Loading none would still parse the kernel's BTF. */
static bool has_programs(const struct bpf_object *obj)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
		if (bpf_program__autoload(prog))
			return true;
	return false;
}

/*
 * Report why the load failed with ERR. Return 1 if an attempt without the refused program may find
 * more, 0 if not, -errno on failure.
 */
static int explain(struct verify *v, const struct bpf_object *obj, char *messages, int err)
{
	const struct bpf_program *prog = find_refused(obj, messages);

	if (prog) {
		err = explain_program(v, obj, prog);
		return err ? bq_fail(v->error, BQDISC_ERROR_REFUSED, -err, "%s: %s", v->path,
				     strerror(-err))
			   : 1;
	}
	if (bq_kernel_check(v->error))
		return -ENOTSUP;
	explain_object(v, messages, err);
	return 0;
}

/* Load OBJ once. Return as explain() does. */
static int attempt(struct verify *v, struct bpf_object *obj, char **messages)
{
	int err;

	if (!has_programs(obj))
		return 0;
	err = bpf_object__load(obj);
	fflush(libbpf_messages);
	pass_log(v, *messages);
	if (err)
		return explain(v, obj, *messages, err);
	return v->opts.unsafe ? 0 : bq_init_options_check(&v->findings, obj, v->error);
}

/* Report why the object could not be opened. Return 0, or -ENOENT if there is no file. */
static int explain_unopened(struct verify *v, char *messages, int err)
{
	/* libbpf returns ENOENT for an object without BTF too. */
	if (access(v->path, F_OK))
		return bq_fail(v->error, BQDISC_ERROR_USAGE, ENOENT, "%s: no such file", v->path);
	explain_object(v, messages, -err);
	return 0;
}

/* Check the object before its first load. Return 0, or -errno if no load is possible. */
static int check_before_load(struct verify *v, const struct bpf_object *obj)
{
	if (!bq_object_check(&v->findings, obj))
		return bq_fail(v->error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s: no struct Qdisc_ops in SEC(\".struct_ops.link\"); add one",
			       v->path);
	return bq_system_check_caps(v->error);
}

/* Open the object and load it once, with libbpf's messages captured. Return as attempt() does. */
static int load_once(struct verify *v, bool first)
{
	struct bpf_object *obj;
	char *messages = NULL;
	size_t size;
	int err = 0;

	v->log[0] = '\0';
	libbpf_messages = open_memstream(&messages, &size);
	if (!libbpf_messages)
		return bq_fail(v->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	obj = open_object(v);
	err = obj ? 0 : errno;
	fflush(libbpf_messages);
	if (!obj)
		err = explain_unopened(v, messages, err);
	else if (first)
		err = check_before_load(v, obj);
	if (obj && !err)
		err = attempt(v, obj, &messages);
	if (obj && first && err >= 0)
		bq_object_check_names_taken(&v->findings, obj);
	bpf_object__close(obj);
	fclose(libbpf_messages);
	libbpf_messages = NULL;
	free(messages);
	return err;
}

/* Load the object until no program is refused. Return 0, or -errno with findings or on failure. */
static int load_all(struct verify *v)
{
	int err = load_once(v, true);

	while (err > 0)
		err = load_once(v, false);
	if (err || !v->findings.n)
		return err;
	return bq_fail(v->error, v->findings.error_class, EINVAL, "%s: %d finding%s", v->path,
		       v->findings.n, v->findings.n == 1 ? "" : "s");
}

int bq_verify(const char *file, const struct bqdisc_verify_opts *opts, struct bq_error *error)
{
	struct verify v = { .error = error, .path = file, .opts = *opts };
	libbpf_print_fn_t print;
	int err;

	v.findings.opts = &v.opts;
	v.log = malloc(LOG_BYTES);
	if (!v.log)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	print = libbpf_set_print(capture_libbpf);
	err = load_all(&v);
	libbpf_set_print(print);
	while (v.n_refused)
		free(v.refused[--v.n_refused]);
	free(v.log);
	return err;
}
