// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * jq for guests: evaluates simple filters itself, and executes the real jq for all others. The real
 * one (1.6) compiles its library of functions at each start, which takes 0.2 s under emulation.
 *
 * Simple filters, with -c or -r: PATH, PATH | length, PATH | PATH, [PATH, ...] and
 * [.[] | select(.NAME)][0]PATH. Results that the real one may print differently (fractions, large
 * numbers, objects that are not compact) are left to it too.
 */
#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define REAL "/usr/bin/jq"
#define MAX_INPUT (16 << 20)
#define MAX_EXACT (INT64_C(1) << 53)
#define MAX_NAME 64
#define FIRST_WITH "[.[] | select(."

static bool compact, raw;
static char *input, *output;
static size_t n_input, n_output;
static char **arguments;

static _Noreturn void exec_real(void)
{
	int fd;

	if (input) {
		fd = memfd_create("input", 0);
		if (fd < 0 || write(fd, input, n_input) != (ssize_t)n_input ||
		    lseek(fd, 0, SEEK_SET) || dup2(fd, STDIN_FILENO) < 0)
			_exit(127);
	}
	execv(REAL, arguments);
	_exit(127);
}

static void skip_spaces(const char **at)
{
	while (**at == ' ')
		++*at;
}

static bool skip(const char **at, const char *text)
{
	size_t n = strlen(text);

	skip_spaces(at);
	if (strncmp(*at, text, n))
		return false;
	*at += n;
	return true;
}

static bool read_name(const char **at, char *name)
{
	size_t n = 0;

	while (n < MAX_NAME - 1 && (isalnum((unsigned char)(*at)[n]) || (*at)[n] == '_'))
		n++;
	memcpy(name, *at, n);
	name[n] = '\0';
	*at += n;
	return n && !isdigit((unsigned char)*name);
}

static json_t *member(json_t *value, const char *name)
{
	json_t *found;

	if (json_is_null(value))
		return value;
	if (!json_is_object(value))
		exec_real(); /* an error, which it tells */
	found = json_object_get(value, name);
	return found ? found : json_null();
}

static json_t *element(json_t *value, long index)
{
	json_t *found;

	if (json_is_null(value))
		return value;
	if (!json_is_array(value))
		exec_real();
	found = json_array_get(value, (size_t)index);
	return found ? found : json_null();
}

/* Follow .a.b[0].c from VALUE, and move *AT behind it. */
static json_t *steps(const char **at, json_t *value)
{
	char name[MAX_NAME], *end;
	long index;

	for (;;) {
		if (**at == '[') {
			index = strtol(*at + 1, &end, 10);
			if (!isdigit((unsigned char)(*at)[1]) || *end != ']')
				exec_real();
			*at = end + 1;
			value = element(value, index);
		} else if (**at == '.') {
			++*at;
			if (!read_name(at, name))
				exec_real();
			value = member(value, name);
		} else {
			return value;
		}
	}
}

static json_t *path(const char **at, json_t *value)
{
	if (!skip(at, "."))
		exec_real();
	if (isalpha((unsigned char)**at) || **at == '_')
		--*at;
	return steps(at, value);
}

static json_t *first_with(const char **at, json_t *value)
{
	json_t *one, *found = NULL;
	char name[MAX_NAME];
	size_t i;

	if (!read_name(at, name) || !skip(at, ")][0]") || !json_is_array(value))
		exec_real();
	json_array_foreach(value, i, one)
		if (!found && !json_is_null(member(one, name)) && !json_is_false(member(one, name)))
			found = one;
	return steps(at, found ? found : json_null());
}

static json_t *array(const char **at, json_t *value)
{
	json_t *all = json_array();

	do
		json_array_append(all, path(at, value));
	while (skip(at, ","));
	if (!skip(at, "]"))
		exec_real();
	return all;
}

static json_t *length(json_t *value)
{
	if (json_is_null(value))
		return json_integer(0);
	if (!json_is_array(value) && !json_is_object(value))
		exec_real();
	return json_integer((json_int_t)(json_is_array(value) ? json_array_size(value)
							      : json_object_size(value)));
}

static json_t *stage(const char **at, json_t *value)
{
	if (skip(at, FIRST_WITH))
		return first_with(at, value);
	if (skip(at, "["))
		return array(at, value);
	if (skip(at, "length"))
		return length(value);
	return path(at, value);
}

static json_t *evaluate(const char *filter, json_t *value)
{
	do
		value = stage(&filter, value);
	while (skip(&filter, "|"));
	skip_spaces(&filter);
	if (*filter)
		exec_real();
	return value;
}

/* Return true if jq and json_dumpf() print VALUE the same. */
static bool prints_the_same(const json_t *value)
{
	const char *key, *c;
	json_t *one;
	size_t i;

	json_object_foreach((json_t *)value, key, one) if (!prints_the_same(one)) return false;
	json_array_foreach(value, i, one)
		if (!prints_the_same(one))
			return false;
	for (c = json_string_value(value); c && *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return !json_is_real(value) && llabs(json_integer_value(value)) <= MAX_EXACT;
}

/* Print VALUE to memory: standard output must be empty if the real jq is needed after all. */
static void print(json_t *value)
{
	FILE *to = open_memstream(&output, &n_output);
	bool container = json_is_array(value) || json_is_object(value);

	if (!to || !prints_the_same(value) || (container && !compact))
		exec_real();
	if (raw && json_is_string(value))
		fputs(json_string_value(value), to);
	else
		json_dumpf(value, to, JSON_COMPACT | JSON_ENCODE_ANY);
	fputc('\n', to);
	fclose(to);
}

static const char *read_arguments(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-c"))
			compact = true;
		else if (!strcmp(argv[i], "-r"))
			raw = true;
		else
			exec_real();
	}
	if (i != argc - 1 && i != argc - 2)
		exec_real();
	return argv[i];
}

static void read_input(const char *file)
{
	FILE *from = file ? fopen(file, "r") : stdin;

	if (!from)
		exec_real();
	input = malloc(MAX_INPUT);
	if (!input)
		exit(127);
	n_input = fread(input, 1, MAX_INPUT, from);
	if (n_input == MAX_INPUT)
		exit(127);
}

int main(int argc, char **argv)
{
	const char *filter;
	json_error_t error;
	json_t *value;

	arguments = argv;
	filter = read_arguments(argc, argv);
	if (!*filter || strpbrk(filter, "\"'{}$?/@*+;:=!<>"))
		exec_real();
	read_input(filter == argv[argc - 1] ? NULL : argv[argc - 1]);
	value = json_loadb(input, n_input, JSON_DECODE_ANY, &error);
	if (!value) /* no value, several values or an error */
		exec_real();
	print(evaluate(filter, value));
	fwrite(output, 1, n_output, stdout);
	return 0;
}
