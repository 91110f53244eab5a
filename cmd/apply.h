/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * State of devices as a file: lines of words as they are typed. apply_words.c splits lines into
 * words, apply_files.c reads files, apply_parse.c parses lines, apply_match.c finds their devices,
 * apply_run.c and apply_attach.c bring the devices to that state, and apply_report.c prints what
 * was done.
 */
#ifndef APPLY_H
#define APPLY_H

#include "cmd.h"

#define PROBLEMS_MAX 10 /* that are printed */

/* --- words --- */

struct apply_place {
	const char *file;
	int line, column; /* from 1; the column in bytes */
};

struct apply_word {
	char *text;
	struct apply_place at;
	bool quoted; /* at least in part: no keyword, no selector */
};

/* Words of a line, which may continue on the next ones. */
struct apply_words {
	struct apply_word *v;
	size_t n, room;
	struct apply_place end; /* behind the last word */
};

/* Reads the words of a text. They take the place of the text, which changes. */
struct apply_reader {
	char *at;
	struct apply_place place; /* of `at` */
	/* Called for a line that cannot be split; then the next one is read. */
	void (*problem)(const struct apply_place *at, const char *text, void *arg);
	void *arg;
};

/* Read the next line that has words. Return false at the end of the text. */
bool apply_read_words(struct apply_reader *r, struct apply_words *words);

/* --- lines --- */

enum apply_verb {
	APPLY_ATTACH,
	APPLY_NONE,    /* leave the devices alone */
	APPLY_DEFAULT, /* of new devices */
	APPLY_LOAD,    /* a kind */
};

enum apply_compare { APPLY_EQUAL, APPLY_LESS, APPLY_LESS_EQUAL, APPLY_MORE, APPLY_MORE_EQUAL };

/* Properties of a device that must all hold. NULL, or of the speed 0: not asked for. */
struct apply_selector {
	const char *names; /* names and patterns, separated by commas, as for attach */
	const char *driver, *kind, *mac;
	uint64_t speed; /* bits per second */
	enum apply_compare compare;
};

struct apply_file {
	struct apply_file *next;
	char *name; /* for messages */
	char *dir;  /* paths of its lines are relative to it */
	char *text;
	int depth; /* number of files that include it */
};

struct apply_line {
	enum apply_verb verb;
	const struct apply_file *file;
	int number;
	const char *netns; /* NULL: that of the command */
	struct apply_selector selector;
	char **argv; /* owns the array, not the words */
	int n;       /* words behind argv[0], without flags: the qdisc and its options */
	struct bqdisc_attach_opts opts;
	bool force;   /* of load */
	bool enforce; /* replace qdiscs of other programs, now and later */
	char *text;   /* the qdisc, its options and flags, as in the file */
};

struct apply_config {
	struct bqdisc *bq; /* to check the qdiscs and their options */
	struct apply_file *files;
	struct apply_line *lines;
	size_t n, room;
	size_t n_problems;
	char *problems[PROBLEMS_MAX]; /* the first ones: "FILE:LINE:COLUMN: problem; fix" */
};

/*
 * Read the lines of the file PATH, of stdin if it is "-", or of all files *.conf of a directory, in
 * the order of their names. Lines that are wrong are problems.
 */
void apply_config_read(struct apply_config *c, const char *path);
void apply_config_free(struct apply_config *c);
/* Read the files that PATTERN names, relative to the file FROM. */
void apply_include(struct apply_config *c, const struct apply_file *from,
		   const struct apply_word *pattern);
/* Parse a line, and add it to the configuration. */
void apply_parse_line(struct apply_config *c, const struct apply_file *file,
		      const struct apply_words *words);
__attribute__((format(printf, 3, 4))) void
apply_problem(struct apply_config *c, const struct apply_place *at, const char *fmt, ...);
/* Go to the directory of a file. Return what apply_leave() needs to come back. */
int apply_enter(const struct apply_file *file);
void apply_leave(int from);
/* Print the name of a device or namespace to OUT, so that apply reads it as that. */
void apply_print_name(const char *name, FILE *out);

/* --- devices --- */

struct apply_device {
	struct bqdisc_device d; /* with strings of its own */
	bool untouched;         /* the last line for it is none */
};

/* Line that is in force for a device; of several with another parent, each. */
struct apply_target {
	const struct apply_device *dev;
	const struct apply_line *line;
	bool done; /* it has an item */
};

struct apply_state {
	struct apply_device *devs;
	size_t n, room;
	bool strange; /* a name has characters of patterns or lists */
	struct apply_target *targets;
	size_t n_targets, targets_room;
};

/*
 * Read the devices of the session's namespace, but for DEV only that one, and find the lines of
 * NETNS in force for each. Return 0 or -errno. Free S in either case.
 */
int apply_match(struct apply_state *s, struct bqdisc *bq, const struct apply_config *c,
		const char *netns, const char *dev);
/* Return true if NAME stands for itself in a list of names and patterns. */
bool apply_is_plain(const char *name);
/* Return true if no device has that name, or that alternative name. */
bool apply_is_absent(const struct apply_state *s, const char *name);
void apply_state_free(struct apply_state *s);

/* --- what is done --- */

enum apply_action {
	APPLY_UNCHANGED,
	APPLY_ABSENT, /* the device, or its network namespace, does not exist */
	APPLY_ATTACHED,
	APPLY_CHANGED, /* it had the same qdisc with other options */
	APPLY_DETACHED,
	APPLY_SET_DEFAULT,
	APPLY_LOADED,
};

/* A device, or the default or a kind, and what becomes of it. */
struct apply_item {
	enum apply_action action;
	const char *netns;
	char *dev; /* NULL: the default, or a kind */
	uint32_t parent;
	char *before, *after; /* as lines have it, without devices; NULL: nothing of bqdisc */
	char *error;          /* NULL: none */
	const struct apply_line *line;
};

struct apply_items {
	struct apply_item *v;
	size_t n, room;
	int status; /* exit status of the first error */
};

struct apply_opts {
	bool dry_run; /* change nothing */
	bool check;   /* the same, and tell by the exit status if something differs */
	bool prune;
	bool enforce;    /* only lines with --enforce, in the current namespace */
	const char *dev; /* NULL: all */
};

/* A qdisc that attach has created. */
struct apply_present {
	char *dev, *text; /* text: as lines have it */
	const struct bqdisc_qdisc *q;
	uint32_t ifindex, parent;
};

/* Work in one network namespace. */
struct apply_run {
	const struct apply_config *c;
	const struct apply_opts *opts;
	const struct bqdisc_dry_run *dry_run; /* NULL: change the devices */
	struct apply_items *items;
	struct bqdisc *bq;
	const char *netns; /* of the lines */
	struct apply_state state;
	struct apply_present *present;
	size_t n_present, room;
	const struct apply_line *line; /* that is attached */
	const char *qdisc;             /* name of its qdisc */
	size_t at;                     /* target whose result is expected next */
};

struct apply_item *apply_add_item(struct apply_run *r, enum apply_action action, const char *dev,
				  const struct apply_line *line);
/* Keep the message of the session with the item. */
void apply_set_error(const struct apply_run *r, struct apply_item *item);
/* Attach what LINE says to its devices. */
void apply_attach_line(struct apply_run *r, const struct apply_line *line);

/* Bring all devices to the state of the lines, or with a dry run find out what differs. */
void apply_run(const struct apply_config *c, const struct apply_opts *opts, const struct globals *g,
	       struct apply_items *items);
/* Do the same with the files PATH, and free ITEMS. Print problems. Return the exit status. */
int apply_path(const char *path, const struct apply_opts *opts, const struct globals *g);
/* Print what was done, or what would be. Return the number of changes. */
size_t apply_report(const struct apply_items *items, const struct apply_opts *opts,
		    const struct globals *g);

#endif
