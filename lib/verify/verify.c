// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Whether the kernel would take an object: it is loaded and closed again. What it says is explained
 * by rules.c; what it does not say is looked for here.
 *
 * libbpf ends at the first program that is refused. So the object is opened again without that one,
 * until the rest loads: then each program has been seen.
 */
#include <ctype.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "util/system.h"
#include "bpf/object.h"
#include "bpf/ops.h"
#include "verify/verify.h"
#include "bpf/kernel.h"
#include "bpf/pin.h"
#include "netlink/qdisc.h"
#include "verify/opt_flow.h"
#include "verify/rules.h"

/* The kernel keeps the end of a log that is longer. Pages that it does not fill are never made. */
#define LOG_BYTES (16u << 20)
#define REFUSED_MAX 64

struct verify {
	struct bq_error *error;
	const char *path;
	struct bqdisc_verify_opts opts;
	char *log;                  /* of the program that was loaded last */
	char *refused[REFUSED_MAX]; /* programs that are not tried again */
	size_t n_refused;
	int n_findings;
	enum bqdisc_error_class error_class; /* of all findings */
};

/* libbpf's print hook takes no argument of ours. */
static FILE *libbpf_said;

static int note_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return level == LIBBPF_WARN && libbpf_said ? vfprintf(libbpf_said, fmt, ap) : 0;
}

/* --- findings --- */

static struct bqdisc_line public_line(const struct bq_log_line *line)
{
	return (struct bqdisc_line){ line->file, line->number, line->source };
}

static void tell(struct verify *v, const struct bq_explanation *e, const char *op,
		 const char *program)
{
	struct bqdisc_branch path[BQ_EXPLAIN_PATH_MAX];
	struct bqdisc_line next[BQ_EXPLAIN_PATH_MAX], line, after;
	struct bqdisc_finding finding = {
		.rule = e->rule,
		.operation = op,
		.program = program,
		.what = e->what,
		.remedy = e->remedy,
		.message = e->said ? e->said : "",
		.path = path,
		.path_len = e->n_path,
		.path_omitted = e->omitted,
		.error_class = e->error_class,
	};
	size_t i;

	for (i = 0; i < e->n_path; i++) {
		path[i] = (struct bqdisc_branch){ .line = public_line(e->path[i].line) };
		if (!e->path[i].next)
			continue;
		next[i] = public_line(e->path[i].next);
		path[i].next = &next[i];
	}
	if (e->place) {
		line = public_line(e->place);
		finding.line = &line;
	}
	if (e->after) {
		after = public_line(e->after);
		finding.after = &after;
	}
	/* What is missing on this kernel matters less than what no kernel would take. */
	if (!v->n_findings++ || e->error_class < v->error_class)
		v->error_class = e->error_class;
	if (v->opts.finding)
		v->opts.finding(&finding, v->opts.arg);
}

static void tell_rule(struct verify *v, const char *rule, const char *op, const char *arg)
{
	struct bq_explanation e;

	bq_explain_rule(&e, rule, op, arg);
	tell(v, &e, op, NULL);
}

/* --- what can be seen without the kernel --- */

static void check_operations(struct verify *v, const struct bpf_object *obj,
			     const struct bpf_map *map)
{
	static const char *const needed[] = { "enqueue", "dequeue", "init", "reset", "destroy" };
	char missing[64] = "", last[16] = "";
	size_t i, n = 0;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (bq_ops_program_of(obj, map, needed[i]))
			continue;
		snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), "%s.%s",
			 n++ ? ", " : "", needed[i]);
		snprintf(last, sizeof(last), ".%s", needed[i]);
	}
	if (!n)
		return;
	snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), " %s",
		 n == 1 ? "is" : "are");
	tell_rule(v, "operation_missing", NULL, missing);
}

/* As bpf_obj_name_cpy() of the kernel has it. */
static bool is_name(const char *name, size_t size)
{
	size_t i, len = strnlen(name, size);

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '.')
			return false;
	return len > 0 && len < size;
}

static void check_name(struct verify *v, const struct bpf_object *obj, const struct bpf_map *map)
{
	size_t size = 0;
	const char *id = bq_ops_member(obj, map, "id", &size);
	char name[BQ_TC_KIND_MAX + 1];

	snprintf(name, sizeof(name), "%.*s", (int)size, id ? id : "");
	if (!is_name(name, BQ_TC_KIND_MAX))
		tell_rule(v, "name_bad", NULL, name);
	else if (v->opts.kind)
		v->opts.kind(name, v->opts.arg);
}

static int check_statically(struct verify *v, const struct bpf_object *obj)
{
	struct bpf_map *map;
	int n = 0;

	bpf_object__for_each_map(map, obj) {
		if (!bq_ops_is(obj, map))
			continue;
		n++;
		check_operations(v, obj, map);
		check_name(v, obj, map);
	}
	if (!n)
		return bq_fail(v->error, BQDISC_ERROR_USAGE, EINVAL,
			       "%s: has no struct Qdisc_ops in SEC(\".struct_ops.link\"); add one",
			       v->path);
	return bq_system_check_caps(v->error);
}

/* Our own kinds are loaded under their names: that is no fault. */
static void check_taken(struct verify *v, const struct bpf_object *obj)
{
	char path[BQ_PIN_PATH_MAX], name[BQ_TC_KIND_MAX + 1];
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj) {
		size_t size = 0;
		const char *id = bq_ops_is(obj, map) ? bq_ops_member(obj, map, "id", &size) : NULL;

		snprintf(name, sizeof(name), "%.*s", (int)size, id ? id : "");
		if (is_name(name, BQ_TC_KIND_MAX) && access(bq_pin_kind(name, path), F_OK) &&
		    !bq_pin_out_of_sight(name) && bq_tc_has_kind(name))
			tell_rule(v, "name_taken", NULL, name);
	}
}

/* --- .init's options --- */

static const struct bpf_line_info *find_info(const struct bpf_program *prog, size_t insn)
{
	const struct bpf_line_info *info = bpf_program__line_info(prog), *found = NULL;
	uint32_t i, n = bpf_program__line_info_cnt(prog);

	for (i = 0; info && i < n && info[i].insn_off <= insn; i++)
		found = &info[i];
	return found;
}

/* Tells of an instruction in the form in which the verifier would. */
static void tell_use(struct verify *v, const struct bpf_object *obj, const struct bpf_program *prog,
		     size_t insn, enum bq_opt_use use)
{
	const struct bpf_line_info *info = find_info(prog, insn);
	const struct btf *btf = bpf_object__btf(obj);
	struct bq_log_line line;
	struct bq_explanation e;
	const char *slash;

	bq_explain_rule(&e, use == BQ_OPT_READ ? "options_read" : "options_compared", "init", NULL);
	if (info) {
		line.file = btf__name_by_offset(btf, info->file_name_off);
		slash = strrchr(line.file, '/');
		line.file = slash ? slash + 1 : line.file;
		line.source = btf__name_by_offset(btf, info->line_off);
		line.source += strspn(line.source, " \t");
		line.number = BPF_LINE_INFO_LINE_NUM(info->line_col);
		e.place = &line;
	}
	tell(v, &e, "init", bpf_program__name(prog));
}

/* A line is told of once, though it may be several instructions. */
static void tell_uses(struct verify *v, const struct bpf_object *obj,
		      const struct bpf_program *prog, const enum bq_opt_use *uses, size_t n)
{
	const struct bpf_line_info *last = NULL, *info;
	bool told = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (uses[i] == BQ_OPT_NONE)
			continue;
		info = find_info(prog, i);
		if (told && (!info || (last && info->line_col >> 10 == last->line_col >> 10)))
			continue;
		tell_use(v, obj, prog, i, uses[i]);
		told = true;
		last = info;
	}
}

static int check_options(struct verify *v, const struct bpf_object *obj,
			 const struct bpf_program *prog)
{
	size_t n = bpf_program__insn_cnt(prog);
	enum bq_opt_use *uses = calloc(n, sizeof(*uses));
	int err = uses ? bq_opt_check(bpf_program__insns(prog), n, uses) : -ENOMEM;

	if (err > 0)
		tell_uses(v, obj, prog, uses, n);
	free(uses);
	if (err < 0)
		return bq_fail(
			v->error, BQDISC_ERROR_REFUSED, -err,
			"cannot follow the options through %s: %s; --unsafe skips this check",
			bpf_program__name(prog), strerror(-err));
	return 0;
}

/* Of the .init programs that the kernel accepted. */
static int check_inits(struct verify *v, const struct bpf_object *obj)
{
	struct bpf_program *prog;
	const char *op;
	int err = 0;

	bpf_object__for_each_program(prog, obj) {
		op = bq_ops_name_of(obj, prog);
		if (!err && op && !strcmp(op, "init") && bpf_program__fd(prog) >= 0)
			err = check_options(v, obj, prog);
	}
	return err;
}

/* --- loading --- */

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

/* The program that libbpf says was refused; NULL: it came to none. */
static const struct bpf_program *find_refused(const struct bpf_object *obj, const char *said)
{
	struct bpf_program *prog;
	char sentence[256];

	bpf_object__for_each_program(prog, obj) {
		snprintf(sentence, sizeof(sentence), "prog '%s': BPF program load failed",
			 bpf_program__name(prog));
		if (strstr(said, sentence))
			return prog;
	}
	return NULL;
}

/* Explains why PROG was refused, and takes it out of the next attempt. */
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
	tell(v, &e, op, name);
	bq_log_free(&log);
	if (v->n_refused == REFUSED_MAX)
		return -E2BIG;
	v->refused[v->n_refused] = strdup(name);
	return v->refused[v->n_refused++] ? 0 : -ENOMEM;
}

static char *without_prefix(char *line)
{
	static const char prefix[] = "libbpf: ";

	return line + (strncmp(line, prefix, strlen(prefix)) ? 0 : strlen(prefix));
}

/* The object was refused, as a whole or before it came to a program. SAID is cut into lines. */
static void explain_object(struct verify *v, char *said, int err)
{
	struct bq_explanation e;
	char *line, *rest = said;

	while ((line = strsep(&rest, "\n")))
		if (!bq_explain_line(&e, without_prefix(line))) {
			tell(v, &e, NULL, NULL);
			return;
		}
	e = (struct bq_explanation){ .rule = "unknown",
				     .error_class = BQDISC_ERROR_REFUSED,
				     .said = without_prefix(said) };
	snprintf(e.what, sizeof(e.what), "it cannot be loaded: %s (%s)", e.said, strerror(-err));
	tell(v, &e, NULL, NULL);
}

static void pass_log(const struct verify *v, const char *said)
{
	if (!v->opts.log)
		return;
	v->opts.log(said, v->opts.arg);
	v->opts.log(v->log, v->opts.arg);
}

/* Whether there is anything left to load: reading the kernel's types for nothing takes a while. */
static bool has_programs(const struct bpf_object *obj)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
		if (bpf_program__autoload(prog))
			return true;
	return false;
}

/* libbpf ended at ERR. Returns 1 when another attempt, without a program, may find more. */
static int explain(struct verify *v, const struct bpf_object *obj, char *said, int err)
{
	const struct bpf_program *prog = find_refused(obj, said);

	if (prog) {
		err = explain_program(v, obj, prog);
		return err ? bq_fail(v->error, BQDISC_ERROR_REFUSED, -err, "%s: %s", v->path,
				     strerror(-err))
			   : 1;
	}
	if (bq_kernel_check(v->error))
		return -ENOTSUP;
	explain_object(v, said, err);
	return 0;
}

/* One attempt. Returns as explain(). */
static int attempt(struct verify *v, struct bpf_object *obj, char **said)
{
	int err;

	if (!has_programs(obj))
		return 0;
	err = bpf_object__load(obj);
	fflush(libbpf_said);
	pass_log(v, *said);
	if (err)
		return explain(v, obj, *said, err);
	return v->opts.unsafe ? 0 : check_inits(v, obj);
}

static int explain_unopened(struct verify *v, char *said, int err)
{
	/* libbpf says ENOENT of an object without BTF as well. */
	if (access(v->path, F_OK))
		return bq_fail(v->error, BQDISC_ERROR_USAGE, ENOENT, "no file '%s'; check the path",
			       v->path);
	explain_object(v, said, -err);
	return 0;
}

/* Opens the object and tries it, with libbpf's words caught in SAID. Returns as attempt(). */
static int load_once(struct verify *v, bool first)
{
	struct bpf_object *obj;
	char *said = NULL;
	size_t size;
	int err = 0;

	v->log[0] = '\0';
	libbpf_said = open_memstream(&said, &size);
	if (!libbpf_said)
		return bq_fail(v->error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	obj = open_object(v);
	err = obj ? 0 : errno;
	fflush(libbpf_said);
	if (!obj)
		err = explain_unopened(v, said, err);
	else if (first)
		err = check_statically(v, obj);
	if (obj && !err)
		err = attempt(v, obj, &said);
	if (obj && first && err >= 0)
		check_taken(v, obj);
	bpf_object__close(obj);
	fclose(libbpf_said);
	libbpf_said = NULL;
	free(said);
	return err;
}

static int load(struct verify *v)
{
	int err = load_once(v, true);

	while (err > 0)
		err = load_once(v, false);
	if (err || !v->n_findings)
		return err;
	return bq_fail(v->error, v->error_class, EINVAL, "%s: refused, %d problem%s", v->path,
		       v->n_findings, v->n_findings == 1 ? "" : "s");
}

int bq_verify(const char *file, const struct bqdisc_verify_opts *opts, struct bq_error *error)
{
	struct verify v = { .error = error, .path = file, .opts = *opts };
	libbpf_print_fn_t print;
	int err;

	v.log = malloc(LOG_BYTES);
	if (!v.log)
		return bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	print = libbpf_set_print(note_libbpf);
	err = load(&v);
	libbpf_set_print(print);
	while (v.n_refused)
		free(v.refused[--v.n_refused]);
	free(v.log);
	return err;
}
