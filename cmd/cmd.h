/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the verbs share. A verb is one file with one x_main(); commands.c is the table of them. */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "bqdisc.h"

/* What stands before the verb on the command line. */
struct globals {
	bool json;
	bool verbose;
	const char *netns;
	const char *color; /* "auto", "always" or "never" */
};

/* An option that stands before the verb: a row of a table, as everything that help shows. */
struct global_option {
	const char *letter;  /* "-n", or NULL */
	const char *name;    /* "--netns" */
	const char *metavar; /* NULL: takes no value */
	const char *help;
	size_t offset; /* of a bool in struct globals, or of a const char * when it takes a value */
};

extern const struct global_option global_options[];
extern const size_t n_global_options;
/* What --color takes, up to a NULL. */
extern const char *const color_words[];

/* The row of that letter or name, or NULL. */
const struct global_option *global_find(const char *word);
/* The option at ARGV[0]. Returns how many words it took; 0: it is none, -1: its value lacks. */
int global_take(struct globals *g, char *argv[]);

/* What an exit status means. */
struct exit_status {
	enum bqdisc_error_class status;
	const char *meaning;
};

extern const struct exit_status exit_statuses[];
extern const size_t n_exit_statuses;

struct command {
	const char *name;
	/* argv[0] is the verb. Returns the exit status. */
	int (*main)(int argc, char *argv[], const struct globals *g);
	const char *synopsis; /* what follows the verb */
	const char *summary;
	const char *text; /* for `help COMMAND` */
};

extern const struct command commands[];
extern const size_t n_commands;

int attach_main(int argc, char *argv[], const struct globals *g);
int change_main(int argc, char *argv[], const struct globals *g);
int detach_main(int argc, char *argv[], const struct globals *g);
int sweep_main(int argc, char *argv[], const struct globals *g);
int show_main(int argc, char *argv[], const struct globals *g);
int stats_main(int argc, char *argv[], const struct globals *g);
int new_main(int argc, char *argv[], const struct globals *g);
int bench_main(int argc, char *argv[], const struct globals *g);
int list_main(int argc, char *argv[], const struct globals *g);
int help_main(int argc, char *argv[], const struct globals *g);
int version_main(int argc, char *argv[], const struct globals *g);
int doctor_main(int argc, char *argv[], const struct globals *g);
int load_main(int argc, char *argv[], const struct globals *g);
int unload_main(int argc, char *argv[], const struct globals *g);
int default_main(int argc, char *argv[], const struct globals *g);
/*
 * Of an object FILE that could not be attached or loaded: says on stderr what verify says of it,
 * if that finds anything. A word that is no file *.o is nothing.
 */
void verify_explain(const struct globals *g, const char *file);
int verify_main(int argc, char *argv[], const struct globals *g);
int complete_main(int argc, char *argv[], const struct globals *g);

const struct command *command_find(const char *name);
/* Nearest command, or NULL. */
const char *command_nearest(const char *word);

/* Opens a session as the globals ask; dies of lack of memory only. */
struct bqdisc *session_open(const struct globals *g);
/* Prints the session's message to stderr as one line, closes it, and returns the exit status. */
int session_fail(struct bqdisc *bq);

/* One line on stderr about a wrong command line; returns the exit status for it. */
__attribute__((format(printf, 1, 2))) int usage_error(const char *fmt, ...);

/* A flag of a verb: "--force", or "--parent CLASS" when it takes a value. */
struct flag {
	const char *name;
	bool *set;
	bool (*parse)(const char *text, void *value); /* NULL: takes no value */
	void *value;
	const char *wants; /* what a value should have been: "a class, such as 1:2" */
};

/*
 * Takes the flags out of ARGV, wherever they stand, and returns the number of words that are left
 * in it, or -1 after saying what is wrong. "--" ends the flags.
 */
int flags_take(int argc, char *argv[], const struct flag *flags, size_t n);

/* --parent CLASS: "root" or "1:2", as tc writes it, into a uint32_t. */
#define PARENT_FLAG(variable)                                                                      \
	{                                                                                          \
		.name = "--parent", .parse = parse_parent, .value = (variable),                    \
		.wants = "a class, such as 1:2",                                                   \
	}
bool parse_parent(const char *text, void *parent);
/* Any text, into a const char *. */
bool parse_text(const char *text, void *value);

/* A size as options have it, e.g. "512mb", into a uint64_t; not 0. */
bool parse_size(const char *text, void *bytes);

#endif
