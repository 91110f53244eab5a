/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The descriptor of a qdisc: the one place where its words are written. Parsing, range errors,
 * help, JSON keys and the man page are derived from these rows.
 */
#ifndef BQ_QDISC_QDISC_H
#define BQ_QDISC_QDISC_H

#include "bqdisc.h"
#include "netlink/link.h"
#include "util/error.h"
#include "util/unit.h"

#define BQ_CONFIG_MAX 2048 /* bytes; a config struct is far smaller */

/* How the value of a row is reached on the command line. */
enum bq_follows {
	BQ_HAS_A_WORD = 0, /* the row's own name stands before it */
	BQ_MAY_FOLLOW,     /* it stands behind the value of the row before, or is left out */
	BQ_MUST_FOLLOW,    /* it stands behind the value of the row before */
};

/* A value that is typed and shown by name. Of several names of a value the first is shown. */
struct bq_choice {
	const char *name;
	uint64_t value;
};

/*
 * A row of options: one field of the config struct. A row with a word and those that follow it are
 * a clause: "delay TIME [JITTER [CORR]]". Clauses of the same name differ in their form, a second
 * word, and exclude each other: "loss random ..." and "loss state ...".
 */
struct bq_option {
	const char *name;
	const char *alias; /* another word for the same; NULL: there is none */
	const char *form;  /* the second word; NULL: there is none */
	bool plain;        /* the form may be left out */
	enum bq_follows follows;
	const char *key; /* JSON: name and unit */
	const char *metavar;
	const char *default_value; /* in words; the kernel side computes it */
	const char *help;
	enum bqdisc_unit unit;
	enum bq_notation as; /* how tc reads its number */
	uint64_t min, max;   /* both are legal; in people's unit; BQDISC_UNIT_NAME: its length */
	size_t offset,
		size; /* of the field, or of one of its elements; 4 or 8 bytes, or a name's */
	size_t count; /* elements of a field that is an array; else 0 */
	/* Two words without value instead of a name with one: the field is which of them it was. */
	const char *words[2];
	/* BQDISC_UNIT_NAME: words that it can be, besides others, up to NULL; or NULL */
	const char *const *names;
	/* BQDISC_UNIT_CHOICE, BQDISC_UNIT_BOOL: all that it can be, up to a name of NULL */
	const struct bq_choice *choices;
	uint32_t
		scale; /* people's unit times this is the field's: 8 for bits kept in bytes; 0: 1 */
	bool may_be_none;   /* UINT64_MAX in the field stands for "no limit" */
	bool optional;      /* nothing of the kind is done unless the clause is named */
	const char *absent; /* why it cannot be had yet, for options that are only known */
	/* Place + 1 of the option without which this does nothing: a preset goes with it. */
	uint32_t modifies;
};

/* A row of counters: one u64 of the stats struct. */
struct bq_counter {
	const char *key;
	const char *help;
	const char *group; /* heading of `bqdisc stats`: "drops", "flows" */
	enum bqdisc_unit unit;
	size_t offset;
	size_t count;          /* elements of an array of counters; else 0 */
	uint64_t bucket_ns;    /* a histogram of times: bound of its first value in ns; else 0 */
	enum bqdisc_fold fold; /* over the queues of a device */
	const char *warning;   /* printed by `bqdisc stats` if the counter is not 0; or NULL */
	bool deadline; /* a point of CLOCK_MONOTONIC, shown as the time until then; 0: none */
};

/* What of a configuration goes into its annex; `data` is malloc()ed, or NULL. */
struct bq_blob {
	void *data;
	uint32_t size;
};

/* A part of an instance's range of the arena, in bytes. */
struct bq_extent {
	uint64_t from, bytes;
};

#define BQ_EXTENTS_MAX 4
/* For *UNITS of bq_qdisc_memory(): as many as the options ask for. */
#define BQ_UNITS_MAX UINT32_MAX

struct bq_rules;

/* Words that are more than options, for help and completion; they come before the options there. */
struct bq_keyword {
	const char *name, *metavar, *help;
	const char *const *fields; /* words that may follow it, up to NULL; or NULL */
};

struct bqdisc_qdisc {
	const char *name;   /* what people type */
	const char *kind;   /* what the kernel registers; at most 15 characters */
	const char *object; /* bpf/OBJECT.bpf.c */
	const char *ops;    /* the variable of type struct Qdisc_ops in it */
	const char *summary;
	const char *description;
	const char *peer; /* in-tree, as tc takes it; NULL: of a built-in one, its own name */
	bool per_queue;   /* meant for one transmit queue: goes under mq where there are several */
	const struct bq_option *options; /* bit n of config.given is row n */
	size_t n_options;
	const struct bq_counter *counters;
	size_t n_counters;

	/* The instance struct: struct bq_instance, two banks of config, defaults, stats. Bytes. */
	size_t instance_size, config_offset, config_size, stats_offset;

	/* How many packets an instance with this configuration can hold. Built-in ones only. */
	uint32_t (*slots)(const void *config, const struct bq_dev_params *dev);
	/*
	 * For an object with an arena: how many bytes of it an instance with so many slots needs,
	 * and in *UNITS what they are made for. *UNITS holds the most that they may be. NULL: there
	 * is no arena.
	 */
	uint64_t (*memory)(const void *config, uint32_t slots, uint32_t *units);
	/*
	 * Which parts of that range get pages at attach; the programs ask for the others. Returns
	 * how many. NULL: all of it.
	 */
	size_t (*resident)(uint32_t slots, uint32_t units, struct bq_extent parts[BQ_EXTENTS_MAX]);
	/*
	 * How many bytes more of it so many slots need that a live instance is given in addition.
	 * NULL: one that has memory cannot grow.
	 */
	uint64_t (*growth)(uint32_t slots);
	uint64_t pool_memory; /* bytes of it for one instance that nobody prepared */
	/*
	 * What a qdisc cannot do: bpf/COMPANION.bpf.c does it from the device's egress hook, when
	 * the configuration needs it. NULL: never.
	 */
	const char *egress;
	bool (*needs_egress)(const void *config);
	/* Whether what it changes must be seen by checksums: the device is not to complete them. */
	bool (*needs_segments)(const void *config);

	/*
	 * Checks a whole configuration for what a row alone cannot tell, and fills in what follows
	 * from what was given; whatever it writes it writes again the same. NULL: there is nothing.
	 */
	int (*complete)(void *config, const struct bq_dev_params *dev, struct bq_error *error);
	/*
	 * For words that are more than options: bq_options_parse() with what its rows cannot say.
	 * ANNEX is what an earlier configuration had, or nothing; it is changed only on success.
	 * NULL: there are but options, and no annex.
	 */
	int (*parse)(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		     struct bq_blob *tables, struct bq_error *error);
	const struct bq_keyword *words; /* that parse() knows besides */
	size_t n_words;
	const struct bq_rules *rules; /* rule.h; NULL: it has none */

	/* Of an object that was brought (user_object.h). NULL: it is built in. */
	struct bq_user_object *user;
};

/* All qdiscs of one BPF object. Defined in lib/qdisc/OBJECT.c as bq_family_OBJECT. */
struct bq_family {
	const struct bqdisc_qdisc *qdiscs;
	size_t n_qdiscs;
};

const struct bqdisc_qdisc *bq_qdisc_find_kind(const char *kind);
/* As bqdisc_qdisc__next(), of those that are built in. */
const struct bqdisc_qdisc *bq_builtin_next(const struct bqdisc_qdisc *prev);

/* How many packets an instance of Q with this configuration can hold. */
uint32_t bq_qdisc_slots(const struct bqdisc_qdisc *q, const void *config,
			const struct bq_dev_params *dev);
/* Whether instances have memory in an arena. */
bool bq_qdisc_has_memory(const struct bqdisc_qdisc *q);
/*
 * How many bytes of it one with so many slots needs, and in *UNITS what they are made for: no more
 * than *UNITS was.
 */
uint64_t bq_qdisc_memory(const struct bqdisc_qdisc *q, const void *config, uint32_t slots,
			 uint32_t *units);

/* Which parts of them get pages at attach; returns how many. */
size_t bq_qdisc_resident(const struct bqdisc_qdisc *q, uint32_t slots, uint32_t units,
			 uint64_t range, struct bq_extent parts[BQ_EXTENTS_MAX]);

/* Bytes of kernel memory that an instance takes with so many slots and bytes of the arena. */
uint64_t bq_qdisc_cost(const struct bqdisc_qdisc *q, uint64_t slots, uint64_t range);
/* The same for one that is to be, with an annex of so many bytes. */
uint64_t bq_qdisc_cost_of(const struct bqdisc_qdisc *q, const void *config,
			  const struct bq_dev_params *dev, uint64_t tables_bytes);
struct bq_instance;
/* The same for one that is there. */
uint64_t bq_instance_memory(const struct bqdisc_qdisc *q, const struct bq_instance *id);

/*
 * Parses WORDS (name, value, name, value …) into CONFIG, which holds q->config_size zero bytes.
 * Every word is checked; the first that is wrong is reported, with the nearest right one.
 */
int bq_options_parse(const struct bqdisc_qdisc *q, int n, char *const words[], void *config,
		     struct bq_error *error);

/* The row that the clause of row N begins with. */
size_t bq_option_head(const struct bqdisc_qdisc *q, size_t n);
/* How many values a row has. */
size_t bq_option_count(const struct bq_option *option);
/* Value N of a row in CONFIG, in people's unit. */
uint64_t bq_option_get(const struct bq_option *option, const void *config, size_t n);
/* The name in CONFIG of a row that is one; else NULL. */
const char *bq_option_name(const struct bq_option *option, const void *config);
/* The name of VALUE in the choices of a row that has some; else NULL. */
const char *bq_choice_name(const struct bq_option *option, uint64_t value);
/* Whether row N was named, not left to its default. Every config struct begins with `given`. */
bool bq_option_is_set(const void *config, size_t n);
/* Hands every option of CONFIG to FN. */
void bq_options_each(const struct bqdisc_qdisc *q, const void *config, bqdisc_value_fn fn,
		     void *arg);
/* Copies the fields that CONFIG was not given from FROM; they still count as not given. */
void bq_options_apply_defaults(const struct bqdisc_qdisc *q, void *config, const void *from);
/*
 * Copies the fields that CONFIG was not given from FROM; they count as given if they do there. But
 * not those of a clause that was named: it replaces what was there of its name.
 */
void bq_options_merge(const struct bqdisc_qdisc *q, void *config, const void *from);
/*
 * Takes options away that do nothing without one that is not there, but for those named in OWN,
 * which are a mistake that somebody made.
 */
void bq_options_drop_idle(const struct bqdisc_qdisc *q, void *config, const void *own);
/* Whether A and B ask for the same: the same options named, with the same values. */
bool bq_options_same(const struct bqdisc_qdisc *q, const void *a, const void *b);

#endif
