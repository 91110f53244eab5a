/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Formatter of netlink attributes as words of a tc command. Rows describe them: attribute, word and
 * form of the value. An attribute without a row, or a value that tc cannot parse back exactly,
 * marks the line incomplete.
 */
#ifndef BQ_SNAPSHOT_TC_FORMAT_H
#define BQ_SNAPSHOT_TC_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/array.h"

struct nlattr;

/* Line of words that is being composed. */
struct bq_tc_line {
	char *text;
	size_t size, len;
	bool incomplete; /* tc has no words for a part: the line must not be run */
};

/* Append a blank and the text. Mark the line incomplete if it does not fit. */
__attribute__((format(printf, 2, 3))) void bq_tc_print(struct bq_tc_line *w, const char *fmt, ...);

enum bq_tc_form {
	BQ_TC_FORM_IGNORED, /* no word: read-only, or printed with another row */
	BQ_TC_FORM_COUNT,   /* unsigned number */
	BQ_TC_FORM_SIGNED,  /* 32 bits */
	BQ_TC_FORM_HEX,     /* with 0x */
	BQ_TC_FORM_CLASSID, /* 1:20 */
	BQ_TC_FORM_RATE,    /* bytes/s, printed in bits/s */
	BQ_TC_FORM_US,
	BQ_TC_FORM_NS,
	BQ_TC_FORM_LOG2,   /* printed as the power of two */
	BQ_TC_FORM_NAME,   /* one of the row's names, without a word */
	BQ_TC_FORM_TEXT,   /* string of letters, digits and ".-_" */
	BQ_TC_FORM_IP,     /* 4 or 16 bytes, printed with the prefix length */
	BQ_TC_FORM_MAC,    /* printed with its mask unless that is all ones */
	BQ_TC_FORM_PORT,   /* 16 bits in network order; a mask must be all ones */
	BQ_TC_FORM_NEST,   /* nested attributes, for print_nest() */
	BQ_TC_FORM_CUSTOM, /* for print() */
};

struct bq_tc_row {
	const char *word;
	enum bq_tc_form form;
	uint16_t attr; /* 0: the options are one struct */
	uint16_t of;   /* bytes of the attribute; 0: those of the value */
	uint8_t at;    /* offset of the value in the attribute, in bytes */
	uint8_t bytes;
	uint16_t mask;     /* attribute of the mask; 0: none */
	bool omit_default; /* print nothing for DEFAULT_VALUE, which tc and the kernel assume */
	uint32_t default_value;
	const char *const *names; /* indexed by value; empty: print nothing */
	size_t n_names;
	void (*print)(struct bq_tc_line *w, const void *value, const struct nlattr *options);
	void (*print_nest)(struct bq_tc_line *w, const struct nlattr *nest);
};

/* Rows of an attribute that is one value, and of a member of a struct. */
#define BQ_TC_WORD(w, a, f, n)                                                                     \
	{                                                                                          \
		.word = (w), .form = BQ_TC_FORM_##f, .attr = (a), .bytes = (n)                     \
	}
#define BQ_TC_WORD_UNLESS(w, a, f, n, u)                                                           \
	{                                                                                          \
		.word = (w), .form = BQ_TC_FORM_##f, .attr = (a), .bytes = (n),                    \
		.omit_default = true, .default_value = (u)                                         \
	}
#define BQ_TC_NAMED(a, n, table)                                                                   \
	{                                                                                          \
		.form = BQ_TC_FORM_NAME, .attr = (a), .bytes = (n), .names = (table),              \
		.n_names = ARRAY_SIZE(table)                                                       \
	}
#define BQ_TC_IGNORED(a)                                                                           \
	{                                                                                          \
		.form = BQ_TC_FORM_IGNORED, .attr = (a)                                            \
	}
#define BQ_TC_CUSTOM(a, n, fn)                                                                     \
	{                                                                                          \
		.form = BQ_TC_FORM_CUSTOM, .attr = (a), .bytes = (n), .print = (fn)                \
	}
#define BQ_TC_NESTED(a, fn)                                                                        \
	{                                                                                          \
		.form = BQ_TC_FORM_NEST, .attr = (a), .print_nest = (fn)                           \
	}
#define BQ_TC_FIELD(w, a, type, field, f)                                                          \
	{                                                                                          \
		.word = (w), .form = BQ_TC_FORM_##f, .attr = (a), .of = sizeof(type),              \
		.at = offsetof(type, field), .bytes = sizeof(((type *)0)->field)                   \
	}

struct bq_tc_rows {
	const struct bq_tc_row *v;
	size_t n;
};

#define BQ_TC_ROWS(table)                                                                          \
	{                                                                                          \
		table, ARRAY_SIZE(table)                                                           \
	}

struct bq_tc_kind {
	const char *kind;
	const struct bq_tc_rows *rows; /* NULL: ignore its options */
};

/* Print OPTIONS in the order of the rows. An attribute without a row marks the line incomplete. */
void bq_tc_print_rows(struct bq_tc_line *w, const struct bq_tc_rows *rows,
		      const struct nlattr *options);
/*
 * Print OPTIONS, which may be NULL, by the rows of KIND. Options of a kind that is not among the N
 * KINDS mark the line incomplete.
 */
void bq_tc_print_kind(struct bq_tc_line *w, const struct bq_tc_kind *kinds, size_t n,
		      const char *kind, const struct nlattr *options);

/* Printers of single forms, for the print functions of rows. */
void bq_tc_print_rate(struct bq_tc_line *w, const char *word, uint64_t bytes_per_s);
void bq_tc_print_us(struct bq_tc_line *w, const char *word, uint64_t us);
void bq_tc_print_numbers(struct bq_tc_line *w, const char *word, const uint8_t *v, size_t n);
void bq_tc_print_bands(struct bq_tc_line *w, int bands, const uint8_t *priomap, size_t n);
void bq_tc_print_text(struct bq_tc_line *w, const char *word, const char *text);
void bq_tc_print_classid(struct bq_tc_line *w, const char *word, uint32_t classid);

#endif
