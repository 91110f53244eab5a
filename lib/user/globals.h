/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Global variables of an object that was built without the kit, as options and counters. Integers
 * of 8 to 64 bits, bool and enums are supported; arrays, structs and pointers are skipped.
 *
 * `const volatile` variables (.rodata) and those with an initial value (.data) are options.
 * Variables without one (.bss), and those beside a lock or a list in .data, are counters. Word N +
 * 1 of the configuration is option N.
 *
 * The programs read the variables, not the configuration in the table of instances. That table only
 * records the user's options.
 */
#ifndef BQ_USER_GLOBALS_H
#define BQ_USER_GLOBALS_H

#include "bpf/kind.h"
#include "user/btf_rows.h"

#define BQ_GLOBAL_OPTIONS_MAX 64 /* as many as `given` has bits */
#define BQ_GLOBAL_COUNTERS_MAX 256
#define BQ_GLOBAL_SECTIONS_MAX 16

/* Location of one variable. */
struct bq_global {
	uint32_t section, offset, size; /* index, bytes, bytes */
	bool is_signed;
};

struct bq_globals {
	struct {
		char name[64]; /* such as ".data" or ".rodata.settings" */
		bool live;     /* user space may write its variables while programs run */
		bool counts;   /* has counters */
	} sections[BQ_GLOBAL_SECTIONS_MAX];
	uint32_t n_sections;
	struct bq_global options[BQ_GLOBAL_OPTIONS_MAX];
	struct bq_global counters[BQ_GLOBAL_COUNTERS_MAX];
};

/* Return the value in SECTION, sign-extended. */
uint64_t bq_global_get(const struct bq_global *at, const void *section);

/* Convert the variables to rows of options and counters. Return 0 or -ENOMEM. */
int bq_globals_describe(const struct bq_btf_view *v);

/* Write the initial values of the kind into OBJ before it is loaded. */
void bq_globals_write(struct bpf_object *obj, const struct bq_user_object *b);
/* Pin the maps of counters and live options into DIR. Return 0 or -errno. */
int bq_globals_pin(struct bpf_object *obj, const struct bq_user_object *b, const char *dir);
/* Read all counters of the kind in DIR into COUNTERS. Return 0 or -errno. */
int bq_globals_read(const struct bq_user_object *b, const char *dir, uint64_t *counters);

/* Return the first option that is constant after loading and differs between A and B, or NULL. */
const struct bq_option *bq_globals_constant_differs(const struct bqdisc_qdisc *q, const void *a,
						    const void *b);
/* Record CONFIG in an instance that no qdisc uses yet. */
void bq_globals_record(const struct bq_kind *kind, struct bq_instance *id, const void *config);
/*
 * Write the live options of CONFIG to the variables and record CONFIG. An interrupted command
 * leaves id->readers_pending set, so the next command writes them again. Return 0 or -errno.
 */
int bq_globals_change(const struct bq_kind *kind, struct bq_instance *id, const void *config,
		      struct bq_error *error);

#endif
