/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* bqdisc tc: the qdisc commands of tc(8) for the qdiscs of bqdisc. */
#ifndef TC_H
#define TC_H

#include "cmd.h"

/* Exit statuses of tc. */
#define TC_USAGE 1
#define TC_REFUSED 2

/* The command line. */
struct tc_line {
	struct globals globals; /* its network namespace, and if it wants JSON */
	bool stats, pretty;
	bool iec;     /* -iec: rates in powers of 1024 */
	char **all;   /* the whole line for the real tc, up to NULL */
	char **plain; /* the same without -p and -c */
	int n;        /* words after the verb */
	char **words;
};

/* --- the real tc --- */

/* Replace this process with the real tc. Return the exit status of a failure. */
int tc_exec(const struct tc_line *line);
/*
 * Run the real tc with WORDS, the first of which is its name. Set *TEXT to its output, which the
 * caller frees. Return its exit status, or -1 if it cannot be run.
 */
int tc_capture(char *const words[], char **text);

/* --- the commands; return the exit status --- */

enum tc_verb {
	TC_ADD,
	TC_CHANGE,
	TC_REPLACE,
	TC_DELETE,
	TC_SHOW,
	TC_OTHER, /* of the real tc */
};

int tc_modify(enum tc_verb verb, const struct tc_line *line);
int tc_show(const struct tc_line *line);

/* Return the qdisc of bqdisc that serves KIND, or NULL. */
const struct bqdisc_qdisc *tc_find_kind(struct bqdisc *bq, const char *kind);

#define TC_WORD_MAX 64

/* A line "qdisc KIND HANDLE dev DEV root ..." of tc's output. */
struct tc_text {
	char kind[TC_WORD_MAX];
	char dev[TC_WORD_MAX]; /* empty: not in the line */
	uint32_t handle, parent;
};

/* Read a line. Return false if it does not begin a qdisc. */
bool tc_text_read(const char *line, struct tc_text *qdisc);

/* --- output --- */

/* A qdisc of bqdisc at an attach point. */
struct tc_shown {
	char *dev;
	uint32_t handle, parent;
	char kernel_kind[32], kind[32]; /* in the kernel, and in tc's output */
	char *options, *core, *xstats;  /* text, or members of JSON objects */
};

struct tc_shown_list {
	const struct tc_line *line;
	struct tc_shown *v;
	size_t n;
};

/* Print TEXT, the output of the real tc, with the options and counters of the qdiscs in LIST. */
void tc_merge_text(const struct tc_shown_list *list, const char *dev, const char *text);
void tc_merge_json(const struct tc_shown_list *list, const char *dev, const char *text);

/* Set the texts of SHOWN. */
void tc_shown_format(struct tc_shown *shown, const struct bqdisc_instance *inst,
		     const struct tc_line *line);

/* Write a value as tc does into BUF. Return BUF. */
#define TC_TEXT_MAX 32
const char *tc_write_size(uint64_t bytes, char buf[TC_TEXT_MAX]);
const char *tc_write_rate(uint64_t bits, bool iec, char buf[TC_TEXT_MAX]);
/* UNIT is the smallest unit in ns, 1 or 1000. */
const char *tc_write_time(uint64_t ns, unsigned int unit, char buf[TC_TEXT_MAX]);

#endif
