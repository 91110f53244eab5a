/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Declarations that the commands share. A command is one file with one x_main(). */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "bqdisc.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Options before the command. */
struct globals {
	bool json;
	bool verbose;
	const char *netns;
	const char *color; /* "auto", "always" or "never" */
};

/* Kinds of operands and option values, for completion. */
enum operand {
	OPERAND_NONE, /* end of a list; of an option value: nothing to complete */
	OPERAND_DEV,
	OPERAND_ATTACHED_DEV, /* a device with a qdisc of bqdisc */
	OPERAND_QDISC,
	OPERAND_LOADED, /* a qdisc whose kind is registered */
	OPERAND_TOPIC,  /* a command or a qdisc */
	OPERAND_COUNTER,
	OPERAND_OPTIONS, /* options of the qdisc, up to the end of the line */
	OPERAND_NETNS,
	OPERAND_COLOR,
};

struct global_option {
	const char *letter;  /* "-n", or NULL */
	const char *name;    /* "--netns" */
	const char *metavar; /* NULL: takes no value */
	enum operand value;
	const char *help;
	size_t offset; /* of a bool in struct globals, or of a const char * when it takes a value */
};

extern const struct global_option global_options[];
extern const size_t n_global_options;
/* Values of --color, up to NULL. */
extern const char *const color_words[];

/* Return the option with this letter or name, or NULL. */
const struct global_option *global_find(const char *word);
/* Parse the option at ARGV[0]. Return the words used; 0: not an option, -1: missing value. */
int global_take(struct globals *g, char *argv[]);

/* Exit status of apply --check. All others are classes of errors. */
#define STATUS_DIFFERS 5

/* An exit status, for help. */
struct exit_status {
	int status;
	const char *meaning;
};

extern const struct exit_status exit_statuses[];
extern const size_t n_exit_statuses;

/* An option of a command. x_main() parses it with a struct flag of the same name. */
struct command_option {
	const char *name;    /* "--force" */
	const char *metavar; /* NULL: takes no value */
	const char *help;
};

#define OPERANDS_MAX 4
#define OPTIONS_MAX 10

struct command {
	const char *name;
	const char *group; /* heading in the overview; equal for neighbours */
	/* argv[0] is the command. Return the exit status. */
	int (*main)(int argc, char *argv[], const struct globals *g);
	const char *usage;                   /* the operands, as in a synopsis */
	enum operand operands[OPERANDS_MAX]; /* the same for completion, up to OPERAND_NONE */
	const char *summary;
	const char *text;                           /* paragraphs, separated by an empty line */
	struct command_option options[OPTIONS_MAX]; /* up to one without a name */
	const char *examples;                       /* a command line each */
};

extern const struct command commands[];
extern const size_t n_commands;

int attach_main(int argc, char *argv[], const struct globals *g);
int apply_main(int argc, char *argv[], const struct globals *g);
int save_main(int argc, char *argv[], const struct globals *g);
int change_main(int argc, char *argv[], const struct globals *g);
int detach_main(int argc, char *argv[], const struct globals *g);
int adopt_main(int argc, char *argv[], const struct globals *g);
int monitor_main(int argc, char *argv[], const struct globals *g);
int sweep_main(int argc, char *argv[], const struct globals *g);
int show_main(int argc, char *argv[], const struct globals *g);
int stats_main(int argc, char *argv[], const struct globals *g);
int metrics_main(int argc, char *argv[], const struct globals *g);
int flows_main(int argc, char *argv[], const struct globals *g);
int drops_main(int argc, char *argv[], const struct globals *g);
int record_main(int argc, char *argv[], const struct globals *g);
int report_main(int argc, char *argv[], const struct globals *g);
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
 * Print the findings of verify on FILE to stderr, after a failure to attach it. Do nothing if FILE
 * is not a readable file *.o.
 */
void verify_explain(const struct globals *g, const char *file);
int verify_main(int argc, char *argv[], const struct globals *g);
int top_main(int argc, char *argv[], const struct globals *g);
int tc_main(int argc, char *argv[], const struct globals *g);
int complete_main(int argc, char *argv[], const struct globals *g);

const struct command *command_find(const char *name);
/* Return the name of the command nearest to WORD, or NULL. */
const char *command_nearest(const char *word);

/* Open a session for the globals. Exits if memory is out. */
struct bqdisc *session_open(const struct globals *g);
/* Print the session's message to stderr as one line. */
void session_print_message(const struct bqdisc *bq);
/* Return the exit status of its last failure. */
int session_status(const struct bqdisc *bq);
/* Print the session's message to stderr as one line, close it, and return the exit status. */
int session_fail(struct bqdisc *bq);

/* Print one line about a wrong command line to stderr. Return the exit status for it. */
__attribute__((format(printf, 1, 2))) int usage_error(const char *fmt, ...);
/* The same for operands that are missing: WHAT names them. */
int usage_missing(const char *command, const char *what);
/* The same for one operand too many. */
int usage_unexpected(const char *command, const char *word);
/* The same if DEV has no qdisc of bqdisc. */
int usage_not_attached(const char *dev);

/* A flag of a command: "--force", or "--parent CLASS" when it takes a value. */
struct flag {
	const char *name;
	bool *set;
	bool (*parse)(const char *text, void *value); /* NULL: takes no value */
	void *value;
	const char *wants; /* description of a valid value: "a class, such as 1:2" */
};

/*
 * Remove the flags from ARGV, at any place, and parse them. "--" ends the flags. Return the number
 * of words that are left in ARGV, or -1 after printing an error.
 */
int flags_take(int argc, char *argv[], const struct flag *flags, size_t n);

/* Error of flags_parse(): a message, and the word of ARGV that it is about. */
struct flags_error {
	const char *word;
	char text[512];
};

/* The same without printing. */
int flags_parse(int argc, char *argv[], const struct flag *flags, size_t n,
		struct flags_error *error);

/* --parent CLASS: "root" or "1:2", as tc writes it, into a uint32_t. */
#define PARENT_FLAG(variable)                                                                      \
	{                                                                                          \
		.name = "--parent", .parse = parse_parent, .value = (variable),                    \
		.wants = "a class, such as 1:2",                                                   \
	}
bool parse_parent(const char *text, void *parent);
/* Flags that say how to attach, into a struct bqdisc_attach_opts. */
#define ATTACH_FLAGS(opts)                                                                         \
	{ .name = "--force", .set = &(opts)->force }, { .name = "--root", .set = &(opts)->root },  \
		{ .name = "--mq", .set = &(opts)->mq },                                            \
		{ .name = "--memory",                                                              \
		  .parse = parse_size,                                                             \
		  .value = &(opts)->memory,                                                        \
		  .wants = "a size, such as 512mb" },                                              \
		PARENT_FLAG(&(opts)->parent),                                                      \
	{                                                                                          \
		.name = "--as", .parse = parse_text, .value = &(opts)->as, .wants = "a name"       \
	}
/* Any text, into a const char *. */
bool parse_text(const char *text, void *value);

/* A size with its unit, e.g. "512mb", into a uint64_t; not 0. */
bool parse_size(const char *text, void *bytes);

#endif
