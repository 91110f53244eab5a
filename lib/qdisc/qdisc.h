/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Descriptors of qdiscs. Parsing, range errors, help, JSON keys and the man page are derived from
 * these rows, so that they agree.
 */
#ifndef BQ_QDISC_QDISC_H
#define BQ_QDISC_QDISC_H

#include "bqdisc.h"
#include "netlink/link.h"
#include "util/error.h"
#include "util/unit.h"

#define BQ_CONFIG_MAX 2048 /* bytes; a config struct is far smaller */
#define BQ_KIND_MAX 16     /* of the kernel, with the zero at the end */

/* Syntax of a row's value on the command line. */
enum bq_follows {
	BQ_HAS_A_WORD = 0, /* it follows the row's own keyword */
	BQ_MAY_FOLLOW,     /* it follows the value of the previous row, or is omitted */
	BQ_MUST_FOLLOW,    /* it follows the value of the previous row */
};

/* A named value. If a value has several names, the first is printed. */
struct bq_choice {
	const char *name;
	uint64_t value;
};

/*
 * A row of options: one field of the config struct. A row with a keyword and the rows that follow
 * it form a clause, such as "delay TIME [JITTER [CORR]]". Clauses of the same name differ in their
 * form, a second keyword, and exclude each other: "loss random ..." and "loss state ...".
 */
struct bq_option {
	/* A third keyword; and the name of the option that this one replaces. NULL: none. */
	const char *alias2, *excludes;
	const char *name;
	const char *alias; /* another keyword for the same option; NULL: none */
	const char *form;  /* the second keyword; NULL: none */
	bool plain;        /* the form may be omitted */
	enum bq_follows follows;
	const char *key; /* JSON: name and unit */
	const char *metavar;
	const char *default_value; /* as text; the BPF program computes it */
	const char *help;
	enum bqdisc_unit unit;
	enum bq_notation as; /* notation of the number in tc */
	/* inclusive, in the unit of the command line; BQDISC_UNIT_NAME: of its length */
	uint64_t min, max;
	size_t offset, size; /* bytes of the field, or of one element; 4 or 8, or those of a name */
	size_t count;        /* elements if the field is an array; else 0 */
	/*
	 * Two keywords without value instead of a name with one. The field is the index of the
	 * word.
	 */
	const char *words[2];
	/* BQDISC_UNIT_NAME: well-known strings, up to NULL; or NULL. */
	const char *const *names;
	/* BQDISC_UNIT_CHOICE, BQDISC_UNIT_BOOL: all values, up to a name of NULL. */
	const struct bq_choice *choices;
	uint32_t
		/*
		 * factor from the unit of the command line to the field's: 8 for bits kept in
		 * bytes; 0: 1
		 */
		scale;
	bool may_be_none; /* UINT64_MAX in the field stands for "no limit" */
	bool optional;    /* the feature is off unless the user names the clause */
	/* Words of tc for the in-tree qdisc: */
	bool not_in_tc;    /* it has none */
	bool in_tc_always; /* its default differs, so the value is always given */
	uint32_t tc_step;  /* it reads no finer values than multiples of this; 0: 1 */
	uint64_t tc_max;   /* its greatest value; 0: that of the row */
	/* Index + 1 of the option that this one modifies. A preset is dropped along with it. */
	uint32_t modifies;
};

/* A row of counters: one u64 of the stats struct. */
struct bq_counter {
	const char *key;
	const char *help;
	const char *group; /* heading in `bqdisc stats`, such as "drops" or "flows" */
	enum bqdisc_unit unit;
	size_t offset;
	size_t count;   /* elements of an array of counters; else 0 */
	bool histogram; /* of values in `unit`; histogram.c has the bounds of its buckets */
	enum bqdisc_metric metric; /* ignored, and a gauge, if `fold` is no sum */
	enum bqdisc_fold fold;     /* over the queues of a device */
	const char *warning;       /* printed by `bqdisc stats` if the counter is not 0; or NULL */
	bool deadline; /* a point of CLOCK_MONOTONIC, printed as the remaining time; 0: none */
};

/* Tables of a configuration; `data` is malloc()ed, or NULL. */
struct bq_blob {
	void *data;
	uint32_t size;
};

/* A part of an instance's range of the arena, in bytes. */
struct bq_extent {
	uint64_t from, bytes;
};

/* Data for an instance's range of the arena; the caller frees `blob`. */
struct bq_arena_data {
	uint64_t at; /* offset in the range */
	struct bq_blob blob;
};

#define BQ_EXTENTS_MAX 4
/* Value of *UNITS for bq_qdisc_memory(): no limit besides the options. */
#define BQ_UNITS_MAX UINT32_MAX

struct bq_instance;
struct bq_flow_reader;
struct bq_rules;
struct bpf_object;

/* An ELF file in memory. */
struct bq_image {
	const void *bytes;
	size_t size;
};

/* Additions of a user object to loading and reading its kind (lib/user). DIR holds its pins. */
struct bq_user_ops {
	/* Adapt the object before it is loaded. */
	void (*adapt)(const struct bqdisc_qdisc *q, struct bpf_object *obj);
	/* Pin further maps of the loaded object, and the object itself. Return 0 or -errno. */
	int (*pin)(const struct bqdisc_qdisc *q, struct bpf_object *obj, const char *dir,
		   struct bq_error *error);
	/* Read the counters of a plain kind, in the order of its rows. Return 0 or -errno. */
	int (*read_counters)(const struct bqdisc_qdisc *q, const char *dir, uint64_t *counters);
};

/* Keywords that are not options, for help and completion, which list them before the options. */
struct bq_keyword {
	const char *name, *metavar, *help;
	const char *const *fields; /* keywords that may follow it, up to NULL; or NULL */
};

struct bqdisc_qdisc {
	const char *name;   /* name on the command line */
	const char *kind;   /* name in the kernel; at most 15 characters */
	const char *object; /* bpf/OBJECT.bpf.c, or the file of a user object */
	const char *ops;    /* its variable of type struct Qdisc_ops */
	const char *summary;
	const char *description;
	/* in-tree counterpart in tc's syntax; NULL: for a built-in one, its name */
	const char *peer;
	bool per_queue; /* serves one transmit queue, so attach under mq on multiqueue devices */
	/* .init refuses a qdisc without options */
	bool needs_options;
	const struct bq_option *options; /* bit n of config.given is row n */
	size_t n_options;
	const struct bq_counter *counters;
	size_t n_counters;

	/*
	 * Layout of the instance struct in bytes: struct bq_instance, two configs, defaults, stats.
	 */
	size_t instance_size, config_offset, config_size, stats_offset;
	size_t drops_offset, n_drops; /* array of struct bq_drop; 0: none */

	/*
	 * Return the packets that an instance with this configuration can hold. NULL: the object
	 * has no slots.
	 */
	uint32_t (*slots)(const struct bqdisc_qdisc *q, const void *config,
			  const struct bq_dev_params *dev);
	/*
	 * Return the bytes of the arena that an instance with SLOTS needs. *UNITS is the limit of
	 * units on entry and their number on return. NULL: the object has no arena.
	 */
	uint64_t (*memory)(const struct bqdisc_qdisc *q, const void *config, uint32_t slots,
			   uint32_t *units);
	/*
	 * Select the parts of that range that are populated for RECORDS of SLOTS packets; programs
	 * request the others. Return the number of parts. NULL: all of the range is populated.
	 */
	size_t (*resident)(uint32_t slots, uint32_t records, uint32_t units,
			   struct bq_extent parts[BQ_EXTENTS_MAX]);
	/*
	 * Return the additional bytes of the arena that a live instance needs for SLOTS more slots.
	 * NULL: an instance with memory cannot grow.
	 */
	uint64_t (*growth)(uint32_t slots);
	uint64_t pool_memory; /* bytes of the arena per pool instance */
	/*
	 * Return the bytes that CONFIG needs besides in the arena, or 0. The instance gets them
	 * with its first such configuration, and keeps them. NULL: 0.
	 */
	uint64_t (*config_memory)(const void *config);
	/*
	 * Set DATA to what programs read instead of CONFIG and its TABLES, which lie in the
	 * arena already. It is written before config version BANK of ID is put in force. MEMORY is
	 * the instance's range if a qdisc uses it, else NULL. Return 0, -ENOMEM, or -E2BIG if the
	 * instance has too few units. NULL: programs read the tables themselves.
	 */
	int (*compile)(const struct bq_instance *id, unsigned int bank, const char *memory,
		       const void *config, const struct bq_blob *tables,
		       struct bq_arena_data *data);
	/*
	 * Name of the egress program bpf/EGRESS.bpf.c, or NULL. It does what a qdisc cannot do, on
	 * the device's egress hook, if the configuration needs it.
	 */
	const char *egress;
	bool (*needs_egress)(const void *config);
	const char *without_egress; /* what it does not do without that program; or NULL */
	/*
	 * Return true if the device must not complete checksums, so that they detect changes by the
	 * qdisc.
	 */
	bool (*needs_segments)(const void *config);

	/*
	 * Check the configuration as a whole, and set fields that depend on others. Idempotent.
	 * Return 0 or -errno. NULL: not needed.
	 */
	int (*complete)(void *config, const struct bq_dev_params *dev, struct bq_error *error);
	/*
	 * Parse keywords that bq_options_parse() does not know. TABLES holds those of an earlier
	 * configuration, or nothing; it changes only on success. Return 0 or -errno. NULL: there
	 * are only options and no tables.
	 */
	int (*parse)(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		     struct bq_blob *tables, struct bq_error *error);
	const struct bq_keyword *words; /* additional keywords of parse() */
	size_t n_words;
	const struct bq_rules *rules;       /* see rule.h; NULL: no rules */
	const struct bq_flow_reader *flows; /* see flows.h; NULL: no flows */

	/* The following members are of user objects (user_object.h), and 0 if it is built in. */
	struct bq_image image;
	bool plain; /* the object was made without the kit */
	const struct bq_user_ops *user_ops;
};

/* All qdiscs of one BPF object. Defined in lib/qdisc/OBJECT.c as bq_family_OBJECT. */
struct bq_family {
	const struct bqdisc_qdisc *qdiscs;
	size_t n_qdiscs;
};

/* Return the built-in qdisc after PREV, or the first if PREV is NULL; NULL at the end. */
const struct bqdisc_qdisc *bq_builtin_next(const struct bqdisc_qdisc *prev);
/* Return the built-in qdisc with this name on the command line, or NULL. */
const struct bqdisc_qdisc *bq_builtin_find(const char *name);
/* Return the built-in qdisc with this name in the kernel, or NULL. */
const struct bqdisc_qdisc *bq_builtin_find_kind(const char *kind);
/* Return true if the qdisc is not built in. */
bool bq_qdisc_is_user(const struct bqdisc_qdisc *q);
/*
 * Return true for a built-in qdisc under its native name: that of the in-tree qdisc, whose options
 * its .init accepts. The descriptor is a copy of the built-in one (catalog.h).
 */
bool bq_qdisc_is_native(const struct bqdisc_qdisc *q);
/* Return true if A and B are the same qdisc, perhaps under different names in the kernel. */
bool bq_qdisc_same(const struct bqdisc_qdisc *a, const struct bqdisc_qdisc *b);

/* Return the packets that an instance of Q with this configuration can hold. */
uint32_t bq_qdisc_slots(const struct bqdisc_qdisc *q, const void *config,
			const struct bq_dev_params *dev);
/* Return true if instances have memory in an arena. */
bool bq_qdisc_has_memory(const struct bqdisc_qdisc *q);
/*
 * Return the bytes of the arena that an instance with SLOTS needs. *UNITS is the limit of units on
 * entry and their number on return.
 */
uint64_t bq_qdisc_memory(const struct bqdisc_qdisc *q, const void *config, uint32_t slots,
			 uint32_t *units);

/* Select the parts of that range that are populated at attach. Return their number. */
size_t bq_qdisc_resident(const struct bqdisc_qdisc *q, uint32_t slots, uint32_t units,
			 uint64_t range, struct bq_extent parts[BQ_EXTENTS_MAX]);

/* Return the bytes that CONFIG needs in the arena besides those of every configuration. */
uint64_t bq_qdisc_config_memory(const struct bqdisc_qdisc *q, const void *config);

/* Return the kernel memory of an instance with SLOTS and RANGE bytes of the arena, in bytes. */
uint64_t bq_qdisc_cost(const struct bqdisc_qdisc *q, uint64_t slots, uint64_t range);
/* Return the kernel memory of a new instance with TABLES_BYTES of tables, in bytes. */
uint64_t bq_qdisc_cost_of(const struct bqdisc_qdisc *q, const void *config,
			  const struct bq_dev_params *dev, uint64_t tables_bytes);
/* Return the kernel memory of an existing instance, in bytes. */
uint64_t bq_instance_memory(const struct bqdisc_qdisc *q, const struct bq_instance *id);

/*
 * Parse WORDS (name, value, name, value …) into CONFIG, which holds q->config_size zero bytes. The
 * error names the first invalid word, and the most similar valid one. Return 0 or -errno.
 */
int bq_options_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		     struct bq_error *error);

/* Return the first row of the clause that contains row N. */
size_t bq_option_head(const struct bqdisc_qdisc *q, size_t n);
/* Return the number of values of a row. */
size_t bq_option_count(const struct bq_option *option);
/* Return value N of a row in CONFIG, in the unit of the command line. */
uint64_t bq_option_get(const struct bq_option *option, const void *config, size_t n);
/* Return the string in CONFIG of a BQDISC_UNIT_NAME row; else NULL. */
const char *bq_option_name(const struct bq_option *option, const void *config);
/* Return the name of VALUE among the choices of a row; else NULL. */
const char *bq_choice_name(const struct bq_option *option, uint64_t value);
/* Return true if the user named row N. Every config struct begins with the set mask. */
bool bq_option_is_set(const void *config, size_t n);
/* Call FN for each option of CONFIG. */
void bq_options_each(const struct bqdisc_qdisc *q, const void *config, bqdisc_value_fn fn,
		     void *arg);
/* Copy the fields that are not set in CONFIG from FROM. They stay marked as not set. */
void bq_options_apply_defaults(const struct bqdisc_qdisc *q, void *config, const void *from);
/*
 * Copy the fields that are not set in CONFIG from FROM, with their set marks. Skip clauses of a
 * name that CONFIG sets, as a named clause replaces earlier ones of its name.
 */
void bq_options_merge(const struct bqdisc_qdisc *q, void *config, const void *from);
/*
 * Remove options that modify an option that is not set. Keep those set in OWN: the user named them,
 * so they are an error to report.
 */
void bq_options_drop_idle(const struct bqdisc_qdisc *q, void *config, const void *own);
/* Return true if A and B set the same options to the same values. */
bool bq_options_same(const struct bqdisc_qdisc *q, const void *a, const void *b);

#endif
