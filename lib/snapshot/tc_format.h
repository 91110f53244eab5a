/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attributes in tc's words, told by rows: which attribute, which word, which form its value takes.
 * What no row covers, and a value that tc cannot read back as it is, stays unsaid. Of the room of
 * libmnl.
 */
#ifndef BQ_SNAPSHOT_TC_FORMAT_H
#define BQ_SNAPSHOT_TC_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlattr;

/* A line in the making. */
struct bq_tc_line {
	char *text;
	size_t size, len;
	bool unsaid; /* something is missing: the line must not be run */
};

/* Adds a blank and the text. */
__attribute__((format(printf, 2, 3))) void bq_tc_print(struct bq_tc_line *w, const char *fmt, ...);

enum bq_tc_form {
	BQ_TC_FORM_IGNORED, /* no word: the kernel only tells it, or another row reads it */
	BQ_FORM_COUNT,      /* an unsigned number */
	BQ_FORM_SIGNED,     /* 32 bits */
	BQ_FORM_HEX,        /* with 0x */
	BQ_FORM_CLASSID,    /* 1:20 */
	BQ_FORM_RATE,       /* bytes a second, written in bits a second */
	BQ_FORM_US,
	BQ_FORM_NS,
	BQ_FORM_LOG2,      /* the power of two itself is written */
	BQ_FORM_NAME,      /* one of the row's names, without a word before it */
	BQ_FORM_TEXT,      /* a string of letters, digits and ".-_" */
	BQ_FORM_IP,        /* 4 or 16 bytes, with the length of a mask */
	BQ_FORM_MAC,       /* with a mask, unless it is whole */
	BQ_FORM_PORT,      /* 16 bits of the network's order; a mask must be whole */
	BQ_FORM_NEST,      /* of attributes: the row's function for it */
	BQ_TC_FORM_CUSTOM, /* the row's function */
};

struct bq_tc_row {
	const char *word;
	enum bq_tc_form form;
	uint16_t attr; /* 0: the options themselves are a struct */
	uint16_t of;   /* bytes of the attribute; 0: as many as the value has */
	uint8_t at;    /* where in the attribute the value is */
	uint8_t bytes;
	uint16_t mask; /* attribute of the value's mask; 0: it has none */
	bool silent;   /* for the value USUAL, which tc and kernel take when nothing is said */
	uint32_t usual;
	const char *const *names; /* by value; an empty one: nothing is said */
	size_t n_names;
	void (*say)(struct bq_tc_line *w, const void *value, const struct nlattr *options);
	void (*say_nest)(struct bq_tc_line *w, const struct nlattr *nest);
};

/* The usual rows: of an attribute that is one value, and of a field of a struct. */
#define BQ_TC_WORD(w, a, f, n)                                                                     \
	{                                                                                          \
		.word = (w), .form = BQ_FORM_##f, .attr = (a), .bytes = (n)                        \
	}
#define BQ_TC_WORD_UNLESS(w, a, f, n, u)                                                           \
	{                                                                                          \
		.word = (w), .form = BQ_FORM_##f, .attr = (a), .bytes = (n), .silent = true,       \
		.usual = (u)                                                                       \
	}
#define BQ_TC_NAMED(a, n, table)                                                                   \
	{                                                                                          \
		.form = BQ_FORM_NAME, .attr = (a), .bytes = (n), .names = (table),                 \
		.n_names = sizeof(table) / sizeof((table)[0])                                      \
	}
#define BQ_TC_IGNORED(a)                                                                           \
	{                                                                                          \
		.form = BQ_TC_FORM_IGNORED, .attr = (a)                                            \
	}
#define BQ_TC_CUSTOM(a, n, fn)                                                                     \
	{                                                                                          \
		.form = BQ_TC_FORM_CUSTOM, .attr = (a), .bytes = (n), .say = (fn)                  \
	}
#define BQ_TC_NESTED(a, fn)                                                                        \
	{                                                                                          \
		.form = BQ_FORM_NEST, .attr = (a), .say_nest = (fn)                                \
	}
#define BQ_FIELD(w, a, type, field, f)                                                             \
	{                                                                                          \
		.word = (w), .form = BQ_FORM_##f, .attr = (a), .of = sizeof(type),                 \
		.at = offsetof(type, field), .bytes = sizeof(((type *)0)->field)                   \
	}

struct bq_tc_rows {
	const struct bq_tc_row *v;
	size_t n;
};

#define BQ_TC_ROWS(table)                                                                          \
	{                                                                                          \
		table, sizeof(table) / sizeof((table)[0])                                          \
	}

struct bq_tc_kind {
	const char *kind;
	const struct bq_tc_rows *rows; /* NULL: nothing is said of its options */
};

/* Says the OPTIONS in the order of the rows; unsaid is an attribute that none of them knows. */
void bq_tc_print_rows(struct bq_tc_line *w, const struct bq_tc_rows *rows,
		      const struct nlattr *options);
/* The same by the rows of KIND; unsaid are options, if there are any, of a kind not among the N. */
void bq_tc_print_kind(struct bq_tc_line *w, const struct bq_tc_kind *kinds, size_t n,
		      const char *kind, const struct nlattr *options);

/* The forms, for what is written by hand. */
void bq_tc_print_rate(struct bq_tc_line *w, const char *word, uint64_t bytes_per_s);
void bq_tc_print_us(struct bq_tc_line *w, const char *word, uint64_t us);
void bq_tc_print_numbers(struct bq_tc_line *w, const char *word, const uint8_t *v, size_t n);
void bq_tc_print_bands(struct bq_tc_line *w, int bands, const uint8_t *priomap, size_t n);
void bq_tc_print_text(struct bq_tc_line *w, const char *word, const char *text);
void bq_tc_print_classid(struct bq_tc_line *w, const char *word, uint32_t classid);

/*
 * The number of bytes of which tc's own arithmetic (tc_calc_xmittime()) makes a time of TICKS at a
 * rate; a tick is 64 ns. There are two: tc 6.1 cuts the time to whole microseconds first, tc of
 * 2025 and later rounds up the ticks. Of ticks that both could have made the older is believed: it
 * makes but every sixteenth number, which the newer hits by chance only. 0: no tc made that.
 */
uint64_t bq_tc_burst_of_ticks(uint64_t bytes_per_s, uint32_t ticks);
/* The same where the kernel computes the time (psched_ratecfg_precompute(), psched_l2t_ns()). */
uint64_t bq_tc_burst_of_kernel(uint64_t bytes_per_s, uint32_t ticks);

#endif
