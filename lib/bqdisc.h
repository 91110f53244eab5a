/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libbqdisc: BPF queueing disciplines on network interfaces.
 *
 * A function that can fail returns 0 or a positive count when done and -errno otherwise; then
 * bqdisc__message() is one line that says what happened and what to do, and bqdisc__error_class()
 * says whose doing it was. The library never prints, never exits and keeps no state but the
 * kernel's. Not thread-safe: one struct bqdisc a thread, and -n (opts.netns) moves the calling
 * thread into that network namespace.
 */
#ifndef BQDISC_H
#define BQDISC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define BQDISC_VERSION "0.1.0"

struct bqdisc;          /* a session: one network namespace, one message */
struct bqdisc_qdisc;    /* what a qdisc is: its options and counters */
struct bqdisc_instance; /* one attached qdisc, as it was when it was read */

/* Why a call failed. The numbers are bqdisc's exit statuses. */
enum bqdisc_error_class {
	BQDISC_ERROR_NONE = 0,
	BQDISC_ERROR_USAGE = 1,       /* what was asked for makes no sense */
	BQDISC_ERROR_REFUSED = 2,     /* the kernel said no */
	BQDISC_ERROR_FOREIGN = 3,     /* the device's qdisc is someone else's */
	BQDISC_ERROR_UNSUPPORTED = 4, /* this kernel cannot do it */
};

/* What a value counts. Keys of JSON output end in the unit's name (bqdisc_unit__suffix). */
enum bqdisc_unit {
	BQDISC_UNIT_COUNT,   /* a plain number */
	BQDISC_UNIT_PACKETS, /* "1000" */
	BQDISC_UNIT_BYTES,   /* "15000", "15kb", "1mbit": k is 1024, as in tc */
	BQDISC_UNIT_TIME,    /* ns inside; "10ms", "1.5s"; the unit is required */
	BQDISC_UNIT_RATE,    /* bits a second; "40mbit", "5mbps"; k is 1000, as in tc */
	BQDISC_UNIT_FLAG,    /* 0 or 1: one of two words */
	BQDISC_UNIT_PERCENT, /* of 2^32 - 1 inside; "0.5%" */
	BQDISC_UNIT_SIGNED,  /* bytes, of which there can be less than none; two's complement */
	BQDISC_UNIT_NAME,    /* a word */
	BQDISC_UNIT_INTEGER, /* a number that may be negative; two's complement */
	BQDISC_UNIT_BOOL,    /* 0 or 1: "false" or "true" */
	BQDISC_UNIT_CHOICE,  /* a number that is shown by name, if it has one */
};

struct bqdisc_opts {
	size_t sz;         /* sizeof(struct bqdisc_opts) */
	const char *netns; /* a name under /run/netns, or a path; NULL: where we are */
	bool verbose;      /* hand libbpf's own log to `log` */
	/* Warnings that do not stop the work, one line each without newline; may be NULL. */
	void (*warn)(const char *line);
	/* libbpf's log, as it comes; may be NULL. */
	void (*log)(const char *text);
};

/* Opens a session. Returns NULL only when memory is out; a failure shows in the first call. */
struct bqdisc *bqdisc__open(const struct bqdisc_opts *opts);
void bqdisc__close(struct bqdisc *bq);
const char *bqdisc__message(const struct bqdisc *bq);
enum bqdisc_error_class bqdisc__error_class(const struct bqdisc *bq);

/* --- attach and detach --- */

/*
 * One step of what would be done: if COMMAND a line for a shell, of tc, ethtool or bqdisc, else
 * what these have no words for.
 */
typedef void (*bqdisc_step_fn)(const char *text, bool command, void *arg);

/* Asks for the steps instead of the deed: nothing is changed then. */
struct bqdisc_dry_run {
	bqdisc_step_fn step;
	void *arg;
};

#define BQDISC_PARENT_ROOT 0xffffffffu
/*
 * The instances of one attach take so much memory without a question, in bytes: enough for the
 * default configuration on 128 queues.
 */
#define BQDISC_MEMORY (UINT64_C(256) << 20)

struct bqdisc_attach_opts {
	size_t sz;
	uint32_t parent; /* BQDISC_PARENT_ROOT, or a class of mq: major << 16 | minor */
	bool force;      /* replace a qdisc that someone else configured */
	const char *as;  /* the name of the qdisc that an object file brings; NULL: its own */
	/*
	 * On a device with several transmit queues a qdisc that is meant for one queue goes under
	 * mq, with an instance for each; any other to the root. These ask for one or the other.
	 */
	bool root, mq;
	/*
	 * After so many ns the qdisc lets everything through at once, whether or not anybody of us
	 * still runs; and the next call that takes the lock detaches it. 0: it stays.
	 */
	uint64_t for_ns;
	/*
	 * Most bytes of kernel memory that all its instances may take; 0: BQDISC_MEMORY. More than
	 * half of what is available is refused in any case.
	 */
	uint64_t memory;
	const struct bqdisc_dry_run *dry_run; /* NULL: it is done */
};

/*
 * Brings DEV to carry the qdisc WORDS[0] with the options WORDS[1..n-1], in tc's words. WORDS[0]
 * may be an object file as well, FILE.bpf.o, or FILE.bpf.o:NAME when it has several qdiscs. What
 * was there is recorded in the kernel for detach. Everything typed is checked before any privilege
 * is needed; a failure leaves the device as it was.
 * Returns 1 when it was done, 0 when it was so already.
 */
int bqdisc__attach(struct bqdisc *bq, const char *dev, int n, char *const words[],
		   const struct bqdisc_attach_opts *opts);

struct bqdisc_change_opts {
	size_t sz;
	uint32_t parent;                      /* as in attach */
	const struct bqdisc_dry_run *dry_run; /* as in attach */
	uint64_t memory;                      /* as in attach */
};

/*
 * Changes the options named in WORDS (name, value, name, value ...) of what is attached to DEV,
 * live: no packet is lost or reordered, and each sees one whole configuration. The others keep
 * their values. Returns 1 when it was done, 0 when it was so already.
 */
int bqdisc__change(struct bqdisc *bq, const char *dev, int n, char *const words[],
		   const struct bqdisc_change_opts *opts);

struct bqdisc_detach_opts {
	size_t sz;
	uint32_t parent;                      /* as in attach */
	bool force;                           /* even what someone else put under our mq */
	const struct bqdisc_dry_run *dry_run; /* as in attach */
};

/* Puts back what was there before attach. Returns 1 when it was done, 0 when nothing is ours. */
int bqdisc__detach(struct bqdisc *bq, const char *dev, const struct bqdisc_detach_opts *opts);

/*
 * Detaches what has expired in this namespace, and takes back what ended qdiscs and killed runs
 * left, as every call that changes something does. Returns how many qdiscs were detached.
 */
int bqdisc__sweep(struct bqdisc *bq);

/*
 * Calls FN for each network namespace that a name of ip-netns(8) or a process leads to, this one
 * first, each once, with a path for bqdisc_opts.netns that holds during the call. What the caller
 * may not see is left out: processes of others take CAP_SYS_PTRACE.
 */
void bqdisc_netns__each(void (*fn)(const char *netns, void *arg), void *arg);

/* --- kinds without a qdisc --- */

struct bqdisc_load_opts {
	size_t sz;
	const char *as; /* the name of the qdisc that an object file brings; NULL: its own */
};

/*
 * Registers the kind of the qdisc NAME, or of the object file NAME, and keeps it until unload, so
 * that tc and others can make qdiscs of it. Without that it goes with its last qdisc. *LOADED,
 * unless LOADED is NULL, is what it is. Returns 1 when it was done, 0 when it was so already.
 */
int bqdisc__load(struct bqdisc *bq, const char *name, const struct bqdisc_load_opts *opts,
		 const struct bqdisc_qdisc **loaded);
/*
 * Does not keep it any longer: it goes now, or with its last qdisc (bqdisc_qdisc__is_loaded).
 * Returns 1 when it was done, 0 when it was so already.
 */
int bqdisc__unload(struct bqdisc *bq, const char *name);

struct bqdisc_default {
	char kind[16];                    /* what net.core.default_qdisc names */
	const struct bqdisc_qdisc *qdisc; /* if that is ours, else NULL */
	char previous[16]; /* what it was before ours; "" when that is not recorded */
};

/* Reads what qdisc new devices get. */
int bqdisc__default(struct bqdisc *bq, struct bqdisc_default *def);
/*
 * Makes NAME what new devices get, on the whole machine. What it was before is recorded. Returns 1
 * when it was done, 0 when it was so already.
 */
int bqdisc__set_default(struct bqdisc *bq, const char *name);
/* Puts back what was recorded. Returns 1 when it was done, 0 when the default is none of ours. */
int bqdisc__restore_default(struct bqdisc *bq);

/* --- instances --- */

/* Called for each instance; a non-zero return stops the walk and becomes its result. */
typedef int (*bqdisc_instance_fn)(const struct bqdisc_instance *inst, void *arg);

/*
 * Walks the instances of the namespace, or of DEV alone when it is not NULL. The queues of a device
 * that were attached together are one, with counters folded.
 */
int bqdisc__each_instance(struct bqdisc *bq, const char *dev, bqdisc_instance_fn fn, void *arg);
/* The same, each queue by itself. */
int bqdisc__each_queue(struct bqdisc *bq, const char *dev, bqdisc_instance_fn fn, void *arg);

const char *bqdisc_instance__dev(const struct bqdisc_instance *inst);
uint32_t bqdisc_instance__ifindex(const struct bqdisc_instance *inst);
/* How many queues it is the whole of; 0: it is one qdisc. */
uint32_t bqdisc_instance__queues(const struct bqdisc_instance *inst);
/* Whether it serves several queues alone, though it is meant for one: attached so on purpose. */
bool bqdisc_instance__is_alone(const struct bqdisc_instance *inst);
/* Of several queues, their mq's. */
uint32_t bqdisc_instance__handle(const struct bqdisc_instance *inst);
uint32_t bqdisc_instance__parent(const struct bqdisc_instance *inst);
/* False: it stays for ever. Otherwise *NS is what is left, 0 when its time is over. */
bool bqdisc_instance__expires(const struct bqdisc_instance *inst, uint64_t *ns);
const struct bqdisc_qdisc *bqdisc_instance__qdisc(const struct bqdisc_instance *inst);

/* Kernel memory that is set aside for it, in bytes. */
uint64_t bqdisc_instance__memory(const struct bqdisc_instance *inst);

/* What a counter of several queues is together. */
enum bqdisc_fold {
	BQDISC_FOLD_SUM,
	BQDISC_FOLD_HIGHEST,
	BQDISC_FOLD_LOWEST, /* where 0 says that there is none */
};

uint64_t bqdisc_fold(enum bqdisc_fold fold, uint64_t a, uint64_t b);

/*
 * Some options need an egress program: a program on the device's egress hook, before all others,
 * which does what a qdisc cannot.
 */
enum bqdisc_egress {
	BQDISC_EGRESS_NONE,     /* none is needed */
	BQDISC_EGRESS_ACTIVE,   /* at work */
	BQDISC_EGRESS_SHADOWED, /* another program is before it: it leaves the packets alone */
	BQDISC_EGRESS_DETACHED, /* somebody took it away: attach again */
};

enum bqdisc_egress bqdisc_instance__egress(const struct bqdisc_instance *inst);

/* What is turned off on the device meanwhile, because of the instance's options. */
struct bqdisc_disabled_offloads {
	bool segments; /* senders put one segment into a packet, so that each is corrupted alone */
};

struct bqdisc_disabled_offloads
bqdisc_instance__disabled_offloads(const struct bqdisc_instance *inst);
/* Return "active", "shadowed" or "detached"; NULL if no egress program is needed. */
const char *bqdisc_egress__name(enum bqdisc_egress egress);

/* One option or counter with its value. */
struct bqdisc_value {
	const char *name; /* "limit" */
	const char *key;  /* "limit_packets": for JSON and scripts */
	const char *help;
	enum bqdisc_unit unit;
	enum bqdisc_fold fold;  /* of a counter */
	uint64_t value;         /* of several, their sum */
	bool is_set;            /* an option that was named at attach, not a default */
	bool none;              /* there is no such limit; value says nothing */
	const uint64_t *values; /* all of them */
	size_t count;
	/* FLAG, BOOL, CHOICE: the word for this value; NAME: it. NULL: there is none. */
	const char *word;
	const char *form;    /* a second word behind the name; NULL: there is none */
	bool follows;        /* it has no word of its own: it stands behind the value before it */
	const char *warning; /* of a counter: text of a warning if it is not 0; or NULL */
	const char *group;   /* of a counter: "core", "drops", "flows" ... */
	/*
	 * Of a counter that is a histogram of times: values[n] counts times below bucket_ns << n,
	 * and the last one all others. 0: it is none.
	 */
	uint64_t bucket_ns;
};

/*
 * Writes an option as it is typed, e.g. "limit 100p", "nopacing", "weights 1 2 3"; returns BUF. 512
 * bytes are enough.
 */
char *bqdisc_value__format(const struct bqdisc_value *value, char *buf, size_t size);

typedef void (*bqdisc_value_fn)(const struct bqdisc_value *value, void *arg);

void bqdisc_instance__each_option(const struct bqdisc_instance *inst, bqdisc_value_fn fn,
				  void *arg);
/* The core's counters first, then the qdisc's own. */
void bqdisc_instance__each_counter(const struct bqdisc_instance *inst, bqdisc_value_fn fn,
				   void *arg);

/* --- rules: what is done to some packets, and what to others --- */

struct bqdisc_rule; /* one of an instance, while it is told */
typedef void (*bqdisc_rule_fn)(const struct bqdisc_rule *rule, void *arg);

/* Tells all rules in their order, unless there is but one, which is for every packet. */
void bqdisc_instance__each_rule(const struct bqdisc_instance *inst, bqdisc_rule_fn fn, void *arg);
/* From 1; the options of the first are the instance's. */
uint32_t bqdisc_rule__number(const struct bqdisc_rule *rule);
/* Writes whom it is for as it is typed, "" for every packet; returns BUF. 256 bytes are enough. */
char *bqdisc_rule__match(const struct bqdisc_rule *rule, char *buf, size_t size);
/*
 * Call FN for each field of the match, in order: "dst" and "10.0.0.0/8". First for "not", without a
 * value, if the match is negated.
 */
typedef void (*bqdisc_match_fn)(const char *field, const char *value, void *arg);
void bqdisc_rule__each_field(const struct bqdisc_rule *rule, bqdisc_match_fn fn, void *arg);
void bqdisc_rule__each_option(const struct bqdisc_rule *rule, bqdisc_value_fn fn, void *arg);
void bqdisc_rule__each_counter(const struct bqdisc_rule *rule, bqdisc_value_fn fn, void *arg);

/* --- what there is to attach --- */

/* The qdisc after PREV, or the first one when PREV is NULL; NULL at the end. */
const struct bqdisc_qdisc *bqdisc_qdisc__next(const struct bqdisc_qdisc *prev);
/* The qdisc of that name, or NULL. */
const struct bqdisc_qdisc *bqdisc_qdisc__find(const char *name);
/* The name nearest to WORD, or NULL when none is near. */
const char *bqdisc_qdisc__nearest(const char *word);
/*
 * The qdisc that WORD names, or that the object file WORD has in it; NULL with message and fault.
 * It lives as long as the session.
 */
const struct bqdisc_qdisc *bqdisc__qdisc(struct bqdisc *bq, const char *word);
const char *bqdisc_qdisc__name(const struct bqdisc_qdisc *q);
/* The kernel's name for it: what tc shows. */
const char *bqdisc_qdisc__kind(const struct bqdisc_qdisc *q);
/* Whether it is registered, as far as we can see. */
bool bqdisc_qdisc__is_loaded(const struct bqdisc_qdisc *q);
const char *bqdisc_qdisc__summary(const struct bqdisc_qdisc *q);
/* The in-tree qdisc to compare it with, as tc takes it: "pfifo limit 1000"; or NULL. */
const char *bqdisc_qdisc__counterpart(const struct bqdisc_qdisc *q);
/* The object file that it was brought in; NULL: it is built in. */
const char *bqdisc_qdisc__file(const struct bqdisc_qdisc *q);
/*
 * Writes what names Q on the command line, for a shell: its name, or of an object file that is
 * still there, unchanged, the file and --as NAME if that is not the object's own; returns BUF.
 */
char *bqdisc_qdisc__words(const struct bqdisc_qdisc *q, char *buf, size_t size);
/* Whether it is meant for one transmit queue, and goes under mq where there are several. */
bool bqdisc_qdisc__is_per_queue(const struct bqdisc_qdisc *q);
/* What it does, in a few sentences. */
const char *bqdisc_qdisc__description(const struct bqdisc_qdisc *q);

/* Kernel memory of an instance with default options on an ordinary device, in bytes. */
uint64_t bqdisc_qdisc__memory(const struct bqdisc_qdisc *q);

/* A word of the qdisc's that is no option: "match", "rule". */
struct bqdisc_word_info {
	const char *name, *metavar, *help;
	const char *const *fields; /* words that may follow it, up to NULL; NULL: none */
};

typedef void (*bqdisc_word_fn)(const struct bqdisc_word_info *word, void *arg);
void bqdisc_qdisc__each_word(const struct bqdisc_qdisc *q, bqdisc_word_fn fn, void *arg);

/* A part of a preset: options, and where their numbers are from. */
struct bqdisc_preset_info {
	const char *name, *summary;
	const char *words, *source;
	bool first; /* the first part of this preset */
};

typedef void (*bqdisc_preset_fn)(const struct bqdisc_preset_info *part, void *arg);
/* Tells all presets, and the user's own. Not 0: the file of those cannot be read. */
int bqdisc__each_preset(struct bqdisc *bq, bqdisc_preset_fn fn, void *arg);

/* An option as a row of a table. */
struct bqdisc_option_info {
	const char *name;
	const char *alias;         /* another word for the same; NULL: there is none */
	const char *form;          /* a second word behind the name; NULL: there is none */
	bool follows;              /* it has no word of its own: it stands behind the one before */
	const char *synopsis;      /* all that is typed, with what follows; "" for what does */
	const char *key;           /* "limit_packets": for JSON */
	const char *metavar;       /* "PACKETS" */
	const char *default_value; /* in words */
	const char *help;
	enum bqdisc_unit unit;
	uint64_t min, max;
	size_t count;         /* how many values follow the name; 0 for a flag */
	const char *words[2]; /* BQDISC_UNIT_FLAG: the words for 0 and 1 */
	/*
	 * BQDISC_UNIT_NAME: the words that it can be besides others, up to NULL; BOOL, CHOICE: all
	 * that it can be; or NULL
	 */
	const char *const *names;
	const char *absent; /* why it cannot be had yet; NULL: it can */
};

typedef void (*bqdisc_option_fn)(const struct bqdisc_option_info *option, void *arg);
void bqdisc_qdisc__each_option(const struct bqdisc_qdisc *q, bqdisc_option_fn fn, void *arg);
/* Counters that every qdisc has, then Q's own; values are 0. Q may be NULL. */
void bqdisc_qdisc__each_counter(const struct bqdisc_qdisc *q, bqdisc_value_fn fn, void *arg);

/* --- can this machine do it --- */

struct bqdisc_check {
	const char *name; /* "kernel version" */
	bool ok;
	const char *found;  /* "6.12.9" */
	const char *remedy; /* what to change; NULL when ok */
};

typedef void (*bqdisc_check_fn)(const struct bqdisc_check *check, void *arg);

/* Runs every check. Returns 0 when all are ok, else -ENOTSUP or -EPERM with message and fault. */
int bqdisc__doctor(struct bqdisc *bq, bqdisc_check_fn fn, void *arg);

/* --- will the kernel take it --- */

/* A line of source. */
struct bqdisc_line {
	const char *file; /* without directories */
	unsigned int number;
	const char *source;
};

/* A line at which the program could have gone another way, and where it went on. */
struct bqdisc_branch {
	struct bqdisc_line line;
	const struct bqdisc_line *next; /* NULL: the end of the program */
};

/* One thing that is wrong with an object. */
struct bqdisc_finding {
	const char *rule;      /* "unreleased": a name for programs; "unknown" if we know no more */
	const char *operation; /* "enqueue"; NULL: it is not of one */
	const char *program;   /* the function's name, or NULL */
	const struct bqdisc_line *line; /* NULL: not known */
	/* When `line` is in a header: the last line of the program's own file before; or NULL. */
	const struct bqdisc_line *after;
	const char *what;    /* in plain words */
	const char *remedy;  /* "": none is known */
	const char *message; /* of the kernel or of libbpf; "": none */
	const struct bqdisc_branch *path;
	size_t path_len;
	size_t path_omitted; /* branches before those in `path` */
	enum bqdisc_error_class error_class;
};

struct bqdisc_verify_opts {
	size_t sz;
	bool unsafe; /* lets pass what the kernel accepts and may die of */
	void (*kind)(const char *kind, void *arg); /* the name of each qdisc in the object */
	void (*finding)(const struct bqdisc_finding *finding, void *arg);
	void (*log)(const char *text, void *arg); /* what libbpf and the verifier wrote */
	void *arg;
};

/*
 * Loads the BPF object FILE and lets go of it: nothing is registered, nothing stays. What is wrong
 * is handed to `finding`, one program after the other. Returns 0 when all is well.
 */
int bqdisc__verify(struct bqdisc *bq, const char *file, const struct bqdisc_verify_opts *opts);

/* --- text --- */

/*
 * "packets", "bytes", "ns", "bits_per_second", "percent", "flag", "name", "integer", "bool",
 * "choice" or "count".
 */
const char *bqdisc_unit__name(enum bqdisc_unit unit);
/* Write a size of memory, rounded: "1.5 MB". Return BUF. 32 bytes are enough. */
char *bqdisc_size__round(uint64_t bytes, char *buf, size_t size);
/* The units that a value of UNIT may carry: "b, kb, mb, gb". "" when it has none. */
const char *bqdisc_unit__words(enum bqdisc_unit unit);
/*
 * Write VALUE to be read, rounded to four digits: "1.235s", "34.36gbit", "64kb", and "no limit" for
 * a time above a year. Return BUF. 32 bytes are enough.
 */
char *bqdisc_unit__round(enum bqdisc_unit unit, uint64_t value, char *buf, size_t size);
/* Write VALUE exactly, as it is typed: "5p", "1.5ms". Return BUF. 32 bytes are enough. */
char *bqdisc_unit__format(enum bqdisc_unit unit, uint64_t value, char *buf, size_t size);
/* Parses all of TEXT, as "10ms", into people's unit; false when it is none of that unit. */
bool bqdisc_unit__parse(enum bqdisc_unit unit, const char *text, uint64_t *value);
/* Of SIZE candidates the one nearest to WORD by edit distance, or NULL when none is near. */
const char *bqdisc_word__nearest(const char *word, const char *const *candidates, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
