/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libbqdisc: BPF queueing disciplines on network interfaces.
 *
 * A function that can fail returns 0 or a positive count on success, and -errno on failure. After a
 * failure, bqdisc__message() returns one line that names the problem and the fix.
 * bqdisc__error_class() returns the class of the error. The library never prints and never exits.
 * It keeps all state in the kernel.
 *
 * Not thread-safe: use one struct bqdisc per thread. opts.netns (-n) moves the calling thread into
 * that network namespace.
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
struct bqdisc_qdisc;    /* a descriptor of a qdisc: its options and counters */
struct bqdisc_instance; /* a snapshot of one attached qdisc */

/* Class of an error. The numbers are the exit statuses of bqdisc(8). */
enum bqdisc_error_class {
	BQDISC_ERROR_NONE = 0,
	BQDISC_ERROR_USAGE = 1,       /* invalid arguments */
	BQDISC_ERROR_REFUSED = 2,     /* the kernel refused the request */
	BQDISC_ERROR_FOREIGN = 3,     /* the device's qdisc was configured by another program */
	BQDISC_ERROR_UNSUPPORTED = 4, /* the running kernel lacks a feature */
};

/* Unit of a value. Keys of JSON output end in the unit's name (bqdisc_unit__name). */
enum bqdisc_unit {
	BQDISC_UNIT_COUNT,   /* a plain number */
	BQDISC_UNIT_PACKETS, /* "1000" */
	BQDISC_UNIT_BYTES,   /* "15000", "15kb", "1mbit": k is 1024, as in tc */
	BQDISC_UNIT_TIME,    /* stored in ns; "10ms", "1.5s"; text requires a unit */
	BQDISC_UNIT_RATE,    /* bits per second; "40mbit", "5mbps"; k is 1000, as in tc */
	BQDISC_UNIT_FLAG,    /* 0 or 1: one of two keywords */
	BQDISC_UNIT_PERCENT, /* stored as a fraction of 2^32 - 1; "0.5%" */
	BQDISC_UNIT_SIGNED,  /* bytes, possibly negative; two's complement */
	BQDISC_UNIT_NAME,    /* a string */
	BQDISC_UNIT_INTEGER, /* a number, possibly negative; two's complement */
	BQDISC_UNIT_BOOL,    /* 0 or 1: "false" or "true" */
	BQDISC_UNIT_CHOICE,  /* a number that is printed by name if it has one */
};

struct bqdisc_opts {
	size_t sz;         /* sizeof(struct bqdisc_opts) */
	const char *netns; /* a name under /run/netns, or a path; NULL: the current one */
	bool verbose;      /* send the messages of libbpf to `log` */
	/* Callback for warnings, one line each without newline; may be NULL. */
	void (*warn)(const char *line);
	/* Callback for the messages of libbpf, unchanged; may be NULL. */
	void (*log)(const char *text);
};

/*
 * Open a session. Return NULL only if memory is exhausted. Other errors are reported by the first
 * call that uses the session.
 */
struct bqdisc *bqdisc__open(const struct bqdisc_opts *opts);
void bqdisc__close(struct bqdisc *bq);
const char *bqdisc__message(const struct bqdisc *bq);
enum bqdisc_error_class bqdisc__error_class(const struct bqdisc *bq);

/* --- attach and detach --- */

/*
 * Callback for one step of a dry run. If COMMAND is true, TEXT is a shell command line of tc,
 * ethtool or bqdisc. Otherwise TEXT describes a step that these programs cannot express.
 */
typedef void (*bqdisc_step_fn)(const char *text, bool command, void *arg);

/* Dry run: print the steps and change nothing. */
struct bqdisc_dry_run {
	bqdisc_step_fn step;
	void *arg;
};

/* Report on the devices of a call. */
struct bqdisc_report {
	/*
	 * RESULT is what the call returns for the device DEV alone. If it is negative,
	 * bqdisc__message() describes the failure.
	 */
	void (*done)(const char *dev, int result, void *arg);
	void *arg;
};

/*
 * attach, change and detach act on a device, or on several: DEVS is a list of names and patterns of
 * glob(7), separated by commas, such as "eth0,veth*". A pattern matches alternative names too. If a
 * device has exactly the name DEVS, or that of an element, it is meant, whatever characters it has.
 * All devices are found before anything is changed. They are handled in the order of the list,
 * those of a pattern by their index, each once, under one lock.
 */
#define BQDISC_PARENT_ROOT 0xffffffffu
#define BQDISC_HANDLE_NEW 0xffffffffu
/*
 * Default limit of kernel memory for the instances of one attach, in bytes. It suffices for the
 * default configuration on 128 queues.
 */
#define BQDISC_MEMORY (UINT64_C(256) << 20)

struct bqdisc_attach_opts {
	size_t sz;
	uint32_t parent; /* BQDISC_PARENT_ROOT, or a class of mq: major << 16 | minor */
	bool force;      /* replace a qdisc that another program configured */
	const char *as;  /* name for the qdisc of an object file; NULL: its own name */
	/*
	 * Override the attach point on a device with several transmit queues. By default a
	 * per-queue qdisc is attached under mq, with one instance per queue. All other qdiscs are
	 * attached to the root.
	 */
	bool root, mq;
	/*
	 * Lifetime in ns; 0: unlimited. After this time the qdisc forwards all packets at once,
	 * even if no bqdisc process runs. The next call that takes the lock detaches it.
	 */
	uint64_t for_ns;
	/*
	 * Limit of kernel memory for all its instances, in bytes; 0: BQDISC_MEMORY. A request for
	 * more than half of the available memory is always refused.
	 */
	uint64_t memory;
	const struct bqdisc_dry_run *dry_run; /* NULL: apply the change */
	const struct bqdisc_report *report;   /* after success; NULL: none */
	/*
	 * Handle of the qdisc, if it is a single instance: major << 16, or BQDISC_HANDLE_NEW for a
	 * free one. A qdisc of bqdisc with another handle is then replaced. 0: keep its handle, or
	 * choose a free one.
	 */
	uint32_t handle;
	/*
	 * With `force`, do not record the qdisc that another program configured: detach restores
	 * the kernel's default.
	 */
	bool forget;
	/*
	 * Attach to each device alone: a failure leaves its own device unchanged and does not stop
	 * the others. The report has each device, on failures too.
	 */
	bool each;
};

/*
 * Attach the qdisc WORDS[0] to DEVS with the options WORDS[1..n-1], in tc's syntax. WORDS[0] may
 * also be an object file, FILE.bpf.o, or FILE.bpf.o:NAME if it contains several qdiscs. The kernel
 * keeps an undo record of the previous qdisc for detach. Arguments are validated before any
 * privilege is required. A failure leaves all devices unchanged: those that the call has changed
 * already get their previous qdisc or options again. Return 1 if changed, 0 if the devices already
 * have this configuration, -errno on failure.
 */
int bqdisc__attach(struct bqdisc *bq, const char *devs, int n, char *const words[],
		   const struct bqdisc_attach_opts *opts);

/*
 * Check WORDS and OPTS as attach does, as far as that is possible without a device. A rate in
 * percent is accepted, as devices have different speeds. Needs no privileges. Return 0, or -errno
 * and in *AT the index of the word at fault; 0 if the words do not go together.
 */
int bqdisc__check(struct bqdisc *bq, int n, char *const words[],
		  const struct bqdisc_attach_opts *opts, int *at);

/* Operation of bqdisc that stands for a command of tc. */
enum bqdisc_operation {
	BQDISC_OPERATION_ATTACH,
	BQDISC_OPERATION_CHANGE,
	BQDISC_OPERATION_DETACH,
};

struct bqdisc_from_tc_opts {
	size_t sz;
	bool force;                           /* as in attach */
	uint64_t for_ns;                      /* as in attach */
	uint64_t memory;                      /* as in attach */
	const struct bqdisc_dry_run *dry_run; /* as in attach; begins with the command of bqdisc */
	const struct bqdisc_report *report;   /* as in attach */
	/* Callback for each problem if there are several; may be NULL. */
	void (*problem)(const char *line, void *arg);
	/* Callback before the report of each operation; may be NULL. */
	void (*begin)(enum bqdisc_operation operation, void *arg);
	void *arg;
};

/*
 * Do what the tc commands in TEXT do, with the qdiscs of bqdisc: attach, change or detach. TEXT is
 * a line or a script of the shell that has only tc commands. Trees of qdiscs for which one of
 * bqdisc can stand are converted. A time without a unit is in microseconds, as for tc. "-n NETNS"
 * moves the calling thread into that network namespace.
 * All commands are converted and checked before anything changes. If an operation fails later,
 * devices that had no qdisc of bqdisc get their previous one again. Return 1 if changed, 0 if not,
 * -errno on failure.
 */
int bqdisc__attach_from_tc(struct bqdisc *bq, const char *text,
			   const struct bqdisc_from_tc_opts *opts);

struct bqdisc_change_opts {
	size_t sz;
	uint32_t parent;                      /* as in attach */
	const struct bqdisc_dry_run *dry_run; /* as in attach */
	uint64_t memory;                      /* as in attach */
	const struct bqdisc_report *report;   /* as in attach */
};

/*
 * Change the options named in WORDS (name, value, name, value ...) of the qdiscs on DEVS, without
 * detaching. No packet is lost or reordered, and each packet sees one consistent configuration.
 * Options that are not named keep their values. A failure leaves all devices unchanged. Return 1 if
 * changed, 0 if nothing differs, -errno on failure.
 */
int bqdisc__change(struct bqdisc *bq, const char *devs, int n, char *const words[],
		   const struct bqdisc_change_opts *opts);

struct bqdisc_detach_opts {
	size_t sz;
	uint32_t parent; /* as in attach */
	/* also replace queues that another program set under bqdisc's mq */
	bool force;
	const struct bqdisc_dry_run *dry_run; /* as in attach */
	const struct bqdisc_report *report;   /* on failures too; NULL: none */
};

/*
 * Restore the previous qdiscs of DEVS, or, if it is NULL, of all devices and classes of the
 * namespace that have a qdisc of bqdisc. A removed qdisc cannot come back with its packets and
 * counters, so a failure does not stop the others: the report has each. Return 1 if changed, 0 if
 * bqdisc has no qdisc there, -errno of the failure with the highest class.
 */
int bqdisc__detach(struct bqdisc *bq, const char *devs, const struct bqdisc_detach_opts *opts);

/*
 * Detach expired qdiscs of this namespace. Free the state of removed qdiscs and interrupted
 * commands. Every call that changes something does the same. Return the number of detached qdiscs,
 * or -errno.
 */
int bqdisc__sweep(struct bqdisc *bq);

/*
 * Call FN once for each network namespace that has a name of ip-netns(8) or a process. The current
 * namespace comes first. NETNS is a path for bqdisc_opts.netns, valid during the call. Namespaces
 * that the caller may not see are skipped: processes of other users require CAP_SYS_PTRACE.
 */
void bqdisc_netns__each(void (*fn)(const char *netns, void *arg), void *arg);

/* --- qdiscs of other programs --- */

struct bqdisc_adopt_opts {
	size_t sz;
	const struct bqdisc_report *report; /* for each device; NULL: none */
};

/*
 * Attach the egress programs of qdiscs of bqdisc that another program created, such as tc after
 * bqdisc__load(), on DEVS, or on all devices of the network namespace if DEVS is NULL. Return 1 if
 * one was attached, 0 if not, or the -errno of the last failure.
 */
int bqdisc__adopt(struct bqdisc *bq, const char *devs, const struct bqdisc_adopt_opts *opts);

/* --- changes as they happen --- */

enum bqdisc_event {
	BQDISC_EVENT_LISTENING, /* the first one: later changes are reported */
	BQDISC_EVENT_ATTACHED,  /* a qdisc of bqdisc came, whoever created it */
	BQDISC_EVENT_CHANGED,   /* it got other options */
	BQDISC_EVENT_EXPIRED,   /* its lifetime is over: it passes all packets */
	BQDISC_EVENT_DETACHED,  /* it is gone, alone or with its device */
	BQDISC_EVENT_LOST,      /* another program replaced what attach had put there */
	BQDISC_EVENT_DEFAULT,   /* net.core.default_qdisc changed */
	BQDISC_EVENT_ADOPTED,   /* its egress program was attached */
	BQDISC_EVENT_ERROR,     /* it could not be attached */
};

/* Return "listening", "attached", "changed" ... */
const char *bqdisc_event__name(enum bqdisc_event type);

struct bqdisc_monitor_event {
	enum bqdisc_event type;
	const char *dev;  /* NULL: the event is about no device */
	uint32_t parent;  /* of the qdisc; for several on a device, BQDISC_PARENT_ROOT */
	uint32_t handle;  /* 0: unknown */
	const char *kind; /* name of the qdisc, or of the default, in the kernel; NULL: unknown */
	const struct bqdisc_instance *instance; /* ATTACHED, CHANGED and EXPIRED; else NULL */
	const char *error;                      /* of ERROR: its message */
};

struct bqdisc_monitor_opts {
	size_t sz;
	/* Called for each event. A non-zero return value ends the call and becomes its result. */
	int (*event)(const struct bqdisc_monitor_event *event, void *arg);
	void *arg;
	bool adopt; /* do the same as bqdisc__adopt() now, and for each qdisc that comes later */
};

/*
 * Report changes of the qdiscs of bqdisc in the network namespace. The kernel notifies of qdiscs
 * that come and go. Commands of bqdisc are noticed at once, and the default qdisc within a second.
 * Changes that undo each other before they are noticed are not reported. Return only after a
 * failure, or if the callback ends it.
 */
int bqdisc__monitor(struct bqdisc *bq, const struct bqdisc_monitor_opts *opts);

/* --- kinds without a qdisc --- */

struct bqdisc_load_opts {
	size_t sz;
	/*
	 * Name in the kernel for the qdisc of an object file; NULL: its own name. For a built-in
	 * qdisc, its native name, that of the in-tree qdisc: tc's command lines for that then
	 * create bqdisc's. It must not be registered already.
	 */
	const char *as;
	bool force;   /* take the name of an in-tree module that is not loaded */
	bool dry_run; /* change nothing, and return 1 if it would change something */
};

/*
 * Register the kind of the qdisc NAME, or of the object file NAME, and keep it until unload. tc and
 * other programs can then create qdiscs of this kind. Without load, a kind is unregistered with its
 * last qdisc. Set *LOADED to the descriptor, unless LOADED is NULL. Return 1 if changed, 0 if
 * already loaded, -errno on failure.
 */
int bqdisc__load(struct bqdisc *bq, const char *name, const struct bqdisc_load_opts *opts,
		 const struct bqdisc_qdisc **loaded);

/* Owner of the name of a qdisc in the kernel. */
enum bqdisc_owner {
	BQDISC_OWNER_NONE,    /* no qdisc has it */
	BQDISC_OWNER_BQDISC,  /* it is registered by bqdisc */
	BQDISC_OWNER_MODULE,  /* a module of the kernel has it, which is not loaded */
	BQDISC_OWNER_KERNEL,  /* built into the kernel, or its module is loaded */
	BQDISC_OWNER_PROGRAM, /* another program registered it */
};

/* Return "none", "bqdisc", "module", "kernel" or "program". */
const char *bqdisc_owner__name(enum bqdisc_owner owner);

/*
 * Callback for the native name of a built-in qdisc Q, whose kind is that name. RESULT is as that of
 * bqdisc__load(), or 0 if another than bqdisc owns the name.
 */
typedef void (*bqdisc_native_fn)(const struct bqdisc_qdisc *q, enum bqdisc_owner owner, int result,
				 void *arg);
/*
 * Load each built-in qdisc under its native name, if the kernel lacks that one. With opts.force,
 * also if the kernel has it as a module that is not loaded. Each is loaded or not; a failure does
 * not stop the others. Return 1 if changed, 0 if not, or the -errno of the last failure.
 */
int bqdisc__load_missing(struct bqdisc *bq, const struct bqdisc_load_opts *opts,
			 bqdisc_native_fn fn, void *arg);
/*
 * Unregister the qdisc NAME under all its names in the kernel, now or with its last instance
 * (bqdisc__is_loaded). Return 1 if changed, 0 if it was not loaded, -errno on failure.
 */
int bqdisc__unload(struct bqdisc *bq, const char *name);

struct bqdisc_default {
	char kind[16];                    /* value of net.core.default_qdisc */
	const struct bqdisc_qdisc *qdisc; /* descriptor if it is a kind of bqdisc, else NULL */
	char previous[16];                /* the saved default; "" if none is recorded */
};

/* Read the default qdisc of new devices. */
int bqdisc__default(struct bqdisc *bq, struct bqdisc_default *def);
/*
 * Make NAME the default qdisc of new devices, for the whole system, and save the previous default.
 * Return 1 if changed, 0 if NAME is already the default, -errno on failure.
 */
int bqdisc__set_default(struct bqdisc *bq, const char *name);
/*
 * Restore the saved default. Return 1 if changed, 0 if the default is not a kind of bqdisc, -errno
 * on failure.
 */
int bqdisc__restore_default(struct bqdisc *bq);

/* --- instances --- */

/* Callback for one instance. A non-zero return value ends the walk and becomes its result. */
typedef int (*bqdisc_instance_fn)(const struct bqdisc_instance *inst, void *arg);

/*
 * Call FN for each instance of the namespace, or of DEVS if it is not NULL, as in attach. Their
 * order is that of the devices' indices. Queues of a device that were attached together count as
 * one instance, with folded counters.
 */
int bqdisc__each_instance(struct bqdisc *bq, const char *devs, bqdisc_instance_fn fn, void *arg);
/* Call FN for each queue separately, otherwise like bqdisc__each_instance(). */
int bqdisc__each_queue(struct bqdisc *bq, const char *devs, bqdisc_instance_fn fn, void *arg);

const char *bqdisc_instance__dev(const struct bqdisc_instance *inst);
uint32_t bqdisc_instance__ifindex(const struct bqdisc_instance *inst);
/* Return the number of queues that the instance combines; 0: a single qdisc. */
uint32_t bqdisc_instance__queues(const struct bqdisc_instance *inst);
/* Return true if a per-queue qdisc serves several queues alone because the user asked for it. */
bool bqdisc_instance__is_alone(const struct bqdisc_instance *inst);
/* Return the handle; for several queues, the handle of their mq. */
uint32_t bqdisc_instance__handle(const struct bqdisc_instance *inst);
uint32_t bqdisc_instance__parent(const struct bqdisc_instance *inst);
/* Return true if attach created the instance; false: another program, such as tc after load. */
bool bqdisc_instance__is_attached(const struct bqdisc_instance *inst);
/*
 * Return the time at which the instance came, in ns of CLOCK_BOOTTIME. An instance that replaces it
 * has another one.
 */
uint64_t bqdisc_instance__created(const struct bqdisc_instance *inst);
/*
 * Return false if the lifetime is unlimited. Otherwise set *NS to the remaining time; 0: expired.
 */
bool bqdisc_instance__expires(const struct bqdisc_instance *inst, uint64_t *ns);
const struct bqdisc_qdisc *bqdisc_instance__qdisc(const struct bqdisc_instance *inst);

/* Return the kernel memory reserved for the instance, in bytes. */
uint64_t bqdisc_instance__memory(const struct bqdisc_instance *inst);

/* Operation that combines a counter over several queues. */
enum bqdisc_fold {
	BQDISC_FOLD_SUM,
	BQDISC_FOLD_HIGHEST,
	BQDISC_FOLD_LOWEST, /* 0 means: no value */
};

uint64_t bqdisc_fold(enum bqdisc_fold fold, uint64_t a, uint64_t b);

/* Type of a counter as a metric, in the words of OpenMetrics. */
enum bqdisc_metric {
	BQDISC_METRIC_COUNTER, /* only rises */
	BQDISC_METRIC_GAUGE,   /* rises and falls */
	BQDISC_METRIC_UNKNOWN, /* a variable of a user object */
};

/*
 * State of the egress program. Some options need a program on the device's egress hook, before all
 * other programs. It does what a qdisc cannot do.
 */
enum bqdisc_egress {
	BQDISC_EGRESS_NONE,     /* the options need none */
	BQDISC_EGRESS_ACTIVE,   /* attached and first */
	BQDISC_EGRESS_SHADOWED, /* another program runs first, so this one ignores packets */
	BQDISC_EGRESS_DETACHED, /* another program removed it: attach again */
	BQDISC_EGRESS_MISSING,  /* another program created the qdisc: bqdisc__adopt() */
};

enum bqdisc_egress bqdisc_instance__egress(const struct bqdisc_instance *inst);

/* Offloads that the instance's options disable while it is attached. */
struct bqdisc_disabled_offloads {
	bool segments; /* senders put one segment into a packet, so that each is corrupted alone */
};

struct bqdisc_disabled_offloads
bqdisc_instance__disabled_offloads(const struct bqdisc_instance *inst);
/* Return "active", "shadowed", "detached" or "missing"; NULL if no egress program is needed. */
const char *bqdisc_egress__name(enum bqdisc_egress egress);
/* Return what the qdisc does not do without its egress program; NULL if it has none. */
const char *bqdisc_qdisc__without_egress(const struct bqdisc_qdisc *q);

/* One option or counter with its value. */
struct bqdisc_value {
	const char *name; /* such as "limit" */
	const char *key;  /* for JSON and scripts, such as "limit_packets" */
	const char *help;
	enum bqdisc_unit unit;
	enum bqdisc_fold fold;     /* counters only */
	enum bqdisc_metric metric; /* counters only */
	uint64_t value;            /* the sum, if there are several values */
	bool is_set;               /* the user named this option */
	bool none;                 /* unlimited; value is meaningless */
	const uint64_t *values;    /* all values */
	size_t count;
	/* FLAG, BOOL, CHOICE: the keyword of this value; NAME: the string itself; else NULL. */
	const char *word;
	const char *form;    /* second keyword after the name; NULL: none */
	bool follows;        /* no keyword of its own: printed after the previous value */
	const char *warning; /* counters only: text to print if the value is not 0, or NULL */
	const char *group;   /* counters only: "core", "drops", "flows" ... */
	/*
	 * counters only: values[n] counts what was below bqdisc_value__bound(n), but not below the
	 * bound of n - 1, in `unit`: ns (TIME) or packets. value is the number of all counted.
	 */
	bool histogram;
};

/*
 * Return the upper bound of bucket N of a histogram, which is not in the bucket any more.
 * UINT64_MAX: the last bucket, which has no bound.
 */
uint64_t bqdisc_value__bound(const struct bqdisc_value *v, size_t n);
/*
 * Return the middle of the bucket that holds the value at PER_MILLE of a histogram, such as 500 for
 * the median. The value differs by at most 12.5 %. UINT64_MAX: it is in the last bucket; 0 if
 * nothing was counted.
 */
uint64_t bqdisc_value__percentile(const struct bqdisc_value *v, unsigned int per_mille);

/*
 * Write an option in command-line syntax, such as "limit 100p", "nopacing" or "weights 1 2 3".
 * Return BUF. 512 bytes are enough.
 */
char *bqdisc_value__format(const struct bqdisc_value *value, char *buf, size_t size);

typedef void (*bqdisc_value_fn)(const struct bqdisc_value *value, void *arg);

void bqdisc_instance__each_option(const struct bqdisc_instance *inst, bqdisc_value_fn fn,
				  void *arg);
/* Call FN for each counter: first those of the core, then those of the qdisc. */
void bqdisc_instance__each_counter(const struct bqdisc_instance *inst, bqdisc_value_fn fn,
				   void *arg);

/*
 * Call FN for each tc command that makes the in-tree qdisc nearest to the instance, and as a note
 * for what tc has no words for. A set under mq has one command for mq and one for each queue.
 */
void bqdisc_instance__each_tc_command(const struct bqdisc_instance *inst, bqdisc_step_fn fn,
				      void *arg);

/* --- rules: different options for different packets, or classes --- */

struct bqdisc_rule; /* one rule of an instance, valid during the callback */
typedef void (*bqdisc_rule_fn)(const struct bqdisc_rule *rule, void *arg);

/* Call FN for each rule, in order. Do nothing if the only rule matches every packet. */
void bqdisc_instance__each_rule(const struct bqdisc_instance *inst, bqdisc_rule_fn fn, void *arg);
/*
 * Return the number of a rule or class, from 1. The options of rule 1 are those of the instance; a
 * class has its own.
 */
uint32_t bqdisc_rule__number(const struct bqdisc_rule *rule);
/* Return the name of a class, or NULL for a rule. */
const char *bqdisc_rule__class(const struct bqdisc_rule *rule);
/* Write the match in command-line syntax, "" for every packet. Return BUF. 256 bytes are enough. */
char *bqdisc_rule__match(const struct bqdisc_rule *rule, char *buf, size_t size);
/*
 * Call FN for each field of the match, in order, such as "dst" and "10.0.0.0/8". If the match is
 * negated, call it first for "not", with a value of NULL.
 */
typedef void (*bqdisc_match_fn)(const char *field, const char *value, void *arg);
void bqdisc_rule__each_field(const struct bqdisc_rule *rule, bqdisc_match_fn fn, void *arg);
void bqdisc_rule__each_option(const struct bqdisc_rule *rule, bqdisc_value_fn fn, void *arg);
void bqdisc_rule__each_counter(const struct bqdisc_rule *rule, bqdisc_value_fn fn, void *arg);

/* --- flows --- */

/* Key of a flow: what its packets have in common. */
struct bqdisc_flow_key {
	uint8_t family;           /* 4 or 6; 0: not IP */
	uint8_t protocol;         /* of IP */
	uint16_t ethertype;       /* if the packet is not IP */
	uint16_t sport, dport;    /* 0: the protocol has no ports */
	uint8_t src[16], dst[16]; /* in network byte order; of IPv4 the first 4 */
};

/*
 * Write the protocol, such as "tcp", "47", or "0x0806" if it is not IP. Return BUF. 32 bytes are
 * enough, as for the next two.
 */
char *bqdisc_flow_key__protocol(const struct bqdisc_flow_key *key, char *buf, size_t size);
/* Write the source or destination address; "" if the packet is not IP. 48 bytes are enough. */
char *bqdisc_flow_key__src(const struct bqdisc_flow_key *key, char *buf, size_t size);
char *bqdisc_flow_key__dst(const struct bqdisc_flow_key *key, char *buf, size_t size);
/* Write all of it, such as "tcp 10.0.0.1:5000 > [fe80::1]:80". 128 bytes are enough. */
char *bqdisc_flow_key__format(const struct bqdisc_flow_key *key, char *buf, size_t size);

enum bqdisc_flow_state {
	BQDISC_FLOW_IDLE,      /* has no packets */
	BQDISC_FLOW_READY,     /* waits for its turn */
	BQDISC_FLOW_THROTTLED, /* waits for the time of its next packet */
};

/* Return "idle", "ready" or "throttled". */
const char *bqdisc_flow_state__name(enum bqdisc_flow_state state);

/*
 * A flow with its counters, which begin when the flow or its socket is new. For a rule of netem,
 * packets and bytes are those that arrived; besides them only drops and backlog_packets are set.
 */
struct bqdisc_flow {
	uint64_t id;                /* of the flow in all calls, as long as it exists */
	uint32_t rule;              /* number of a rule or class, which has no key; 0: a flow */
	char class_name[32];        /* of a class; "": none */
	struct bqdisc_flow_key key; /* of its first packet */
	enum bqdisc_flow_state state;
	uint32_t band;
	uint64_t backlog_packets, backlog_bytes;
	uint64_t packets, bytes; /* sent */
	uint64_t drops;          /* packets dropped in the flow */
	uint64_t throttled_ns;   /* time for which it waited for its next packet's time */
	uint64_t rate;           /* bits per second at which it is paced; 0: it is not */
	uint64_t next_send_ns;   /* until its next packet may leave; 0: now */
	uint64_t delay_ns;       /* for which its next packet has waited */
};

typedef void (*bqdisc_flow_fn)(const struct bqdisc_flow *flow, void *arg);

/* Return true if the qdisc has flows, as fq, or rules, as netem. */
bool bqdisc_qdisc__has_flows(const struct bqdisc_qdisc *q);
/*
 * Call FN for each flow, in no order, or for each rule. Packets are sent meanwhile, so the counters
 * of a flow may differ by a packet. Return 0, -ENOTSUP if the qdisc has none, or another -errno.
 */
int bqdisc_instance__each_flow(const struct bqdisc_instance *inst, bqdisc_flow_fn fn, void *arg);

struct bqdisc_sockets; /* sockets of the network namespace, and the processes that have them */

/* Socket of a flow. */
struct bqdisc_socket {
	uint32_t uid;
	uint32_t pid;        /* of a process that has it; 0: unknown */
	const char *command; /* its name; NULL: unknown */
	const char *cgroup;  /* path below the mount of cgroup v2, such as "/a/b"; NULL: unknown */
};

/*
 * Read the TCP and UDP sockets of the session's network namespace, and with PROCESSES the open
 * files of all processes, which takes long on a large machine. Free them with
 * bqdisc_sockets__free(). Return NULL on failure.
 */
struct bqdisc_sockets *bqdisc__read_sockets(struct bqdisc *bq, bool processes);
/* Find the socket that sends the packets of KEY. Return false if it is none of these. */
bool bqdisc_sockets__find(const struct bqdisc_sockets *sockets, const struct bqdisc_flow_key *key,
			  struct bqdisc_socket *socket);
void bqdisc_sockets__free(struct bqdisc_sockets *sockets);

/* --- drops --- */

/* A dropped packet. */
struct bqdisc_drop {
	const char *reason;         /* key of the counter that counts it, such as "flows_plimit" */
	size_t n, count;            /* index of the value that does, and number of its values */
	uint64_t time_ns;           /* CLOCK_MONOTONIC */
	uint32_t bytes;             /* its length, as the kernel counts it */
	struct bqdisc_flow_key key; /* of its flow */
};

typedef void (*bqdisc_drop_fn)(const struct bqdisc_drop *drop, void *arg);

/* Return true if the qdisc records its drops: all that are built in. */
bool bqdisc_qdisc__notes_drops(const struct bqdisc_qdisc *q);
/* Call FN for the last drop of each reason for which there was one, in no order. */
void bqdisc_instance__each_last_drop(const struct bqdisc_instance *inst, bqdisc_drop_fn fn,
				     void *arg);

/* A packet that a followed qdisc has dropped. */
struct bqdisc_drop_event {
	const char *dev;
	uint32_t parent; /* of the qdisc */
	const struct bqdisc_qdisc *qdisc;
	struct bqdisc_drop drop;
	uint32_t missed; /* drops of this qdisc so far without an event, as they were too many */
};

struct bqdisc_follow_opts {
	size_t sz;
	/*
	 * Called for each drop, and at least once a second with an event of NULL. A non-zero return
	 * value ends the call and becomes its result.
	 */
	int (*event)(const struct bqdisc_drop_event *event, void *arg);
	void *arg;
};

/*
 * Follow the drops of all qdiscs on DEVS, as in attach. There are at most 1000 events a second of
 * each qdisc. A qdisc is followed by one process at a time. Return 0 when all of them are gone, or
 * -errno on failure.
 */
int bqdisc__follow_drops(struct bqdisc *bq, const char *devs,
			 const struct bqdisc_follow_opts *opts);

/* --- available qdiscs --- */

/* Return the qdisc after PREV, or the first one if PREV is NULL; NULL at the end. */
const struct bqdisc_qdisc *bqdisc__next_qdisc(struct bqdisc *bq, const struct bqdisc_qdisc *prev);
/* Return the qdisc of that name, or NULL. */
const struct bqdisc_qdisc *bqdisc__find_qdisc(struct bqdisc *bq, const char *name);
/* Return the name most similar to WORD, or NULL if none is similar. */
const char *bqdisc__nearest_qdisc(struct bqdisc *bq, const char *word);
/* Return true if the kind is registered, as far as this process can see. */
bool bqdisc__is_loaded(struct bqdisc *bq, const struct bqdisc_qdisc *q);
/* Return true if the kind stays registered until unload, because of bqdisc__load(). */
bool bqdisc__is_kept(struct bqdisc *bq, const struct bqdisc_qdisc *q);
/*
 * Return the qdisc that WORD names, or that the object file WORD contains. Return NULL on failure,
 * with a message and an error class. The result lives as long as the session.
 */
const struct bqdisc_qdisc *bqdisc__qdisc(struct bqdisc *bq, const char *word);
const char *bqdisc_qdisc__name(const struct bqdisc_qdisc *q);
/* Return the kind: the name in the kernel and in the output of tc. */
const char *bqdisc_qdisc__kind(const struct bqdisc_qdisc *q);
/* Return true if the kind is the native name of a built-in qdisc: see struct bqdisc_load_opts. */
bool bqdisc_qdisc__is_native(const struct bqdisc_qdisc *q);
const char *bqdisc_qdisc__summary(const struct bqdisc_qdisc *q);
/* Return the in-tree qdisc to compare with, in tc's syntax such as "pfifo limit 1000"; or NULL. */
const char *bqdisc_qdisc__counterpart(const struct bqdisc_qdisc *q);
/*
 * Write the arguments that select Q on the command line, quoted for a shell. They are its name, or
 * the object file if that still exists unchanged. "--as NAME" follows if NAME is not the object's
 * own name. Return BUF.
 */
char *bqdisc_qdisc__words(const struct bqdisc_qdisc *q, char *buf, size_t size);
/* Return true if Q serves one transmit queue, and so is attached under mq on multiqueue devices. */
bool bqdisc_qdisc__is_per_queue(const struct bqdisc_qdisc *q);
/* Return a description of a few sentences. */
const char *bqdisc_qdisc__description(const struct bqdisc_qdisc *q);

/*
 * Return the unit that tc assumes for word AT of WORDS, options of Q, if that is a time without a
 * unit, other than 0, which bqdisc refuses. Return NULL if nothing is missing.
 */
const char *bqdisc_qdisc__missing_unit(const struct bqdisc_qdisc *q, int at, char *const words[]);

/* Return the kernel memory of a default instance on an ordinary device, in bytes. */
uint64_t bqdisc_qdisc__memory(const struct bqdisc_qdisc *q);

/* Kernel memory of the parts of a qdisc's state, in bytes, without the packets themselves. */
struct bqdisc_state_bytes {
	uint64_t instance; /* one that has no flows and no packets */
	uint64_t flow;   /* on average, with its share of the indexes; 0: the qdisc has no flows */
	uint64_t packet; /* each that the limit allows */
};

struct bqdisc_state_bytes bqdisc_qdisc__state_bytes(const struct bqdisc_qdisc *q);

/* A keyword of a qdisc that is not an option, such as "match" or "rule". */
struct bqdisc_word_info {
	const char *name, *metavar, *help;
	const char *const *fields; /* keywords that may follow it, up to NULL; NULL: none */
};

typedef void (*bqdisc_word_fn)(const struct bqdisc_word_info *word, void *arg);
void bqdisc_qdisc__each_word(const struct bqdisc_qdisc *q, bqdisc_word_fn fn, void *arg);

/* One part of a preset: options, and the source of their numbers. */
struct bqdisc_preset_info {
	const char *name, *summary;
	const char *words, *source;
	bool first; /* the first part of this preset */
};

typedef void (*bqdisc_preset_fn)(const struct bqdisc_preset_info *part, void *arg);
/*
 * Call FN for each part of all presets, built-in ones and the user's. Return 0, or -errno if the
 * user's file cannot be read.
 */
int bqdisc__each_preset(struct bqdisc *bq, bqdisc_preset_fn fn, void *arg);

/* Static properties of an option. */
struct bqdisc_option_info {
	const char *name;
	const char *alias;         /* another keyword for the same option; NULL: none */
	const char *form;          /* second keyword after the name; NULL: none */
	bool follows;              /* no keyword of its own: its value follows the previous one */
	const char *synopsis;      /* full syntax, with the values that follow; "" if `follows` */
	const char *key;           /* for JSON, such as "limit_packets" */
	const char *metavar;       /* such as "PACKETS" */
	const char *default_value; /* as text */
	const char *help;
	enum bqdisc_unit unit;
	uint64_t min, max;
	size_t count;         /* number of values after the name; 0 for a flag */
	const char *words[2]; /* BQDISC_UNIT_FLAG: the keywords for 0 and 1 */
	/*
	 * Accepted strings, up to NULL; or NULL. BQDISC_UNIT_NAME accepts other strings too. BOOL
	 * and CHOICE accept only these.
	 */
	const char *const *names;
};

typedef void (*bqdisc_option_fn)(const struct bqdisc_option_info *option, void *arg);
void bqdisc_qdisc__each_option(const struct bqdisc_qdisc *q, bqdisc_option_fn fn, void *arg);
/* Call FN for the counters of every qdisc, then for Q's own. Values are 0. Q may be NULL. */
void bqdisc_qdisc__each_counter(const struct bqdisc_qdisc *q, bqdisc_value_fn fn, void *arg);

/* --- devices --- */

/* A device of the network namespace. */
struct bqdisc_device {
	const char *name;
	uint32_t ifindex;
	const char *kind; /* kind of link, such as "veth"; "": hardware, or the loopback device */
	char mac[64];     /* address of the link layer, such as "02:00:00:00:00:01"; "": none */
	const char *const *altnames; /* alternative names, up to NULL */
};

typedef void (*bqdisc_device_fn)(const struct bqdisc_device *dev, void *arg);

/* Call FN for each device of the network namespace, in no order. Return 0 or -errno. */
int bqdisc__each_device(struct bqdisc *bq, bqdisc_device_fn fn, void *arg);
/* Write the name of the driver of the device DEV, "" if unknown. Return BUF. 32 bytes suffice. */
char *bqdisc_device__driver(const char *dev, char *buf, size_t size);
/* Return the speed of the device DEV in bits per second; 0: unknown. */
uint64_t bqdisc_device__speed(const char *dev);

/* --- system requirements --- */

struct bqdisc_check {
	const char *name; /* such as "kernel version" */
	bool ok;
	const char *found;  /* such as "6.12.9" */
	const char *remedy; /* change that makes it pass; NULL if ok */
};

typedef void (*bqdisc_check_fn)(const struct bqdisc_check *check, void *arg);

/* Run every check. Return 0 if all pass, else -ENOTSUP or -EPERM with message and error class. */
int bqdisc__doctor(struct bqdisc *bq, bqdisc_check_fn fn, void *arg);

/* --- verification of object files --- */

/* A line of source. */
struct bqdisc_line {
	const char *file; /* without directories */
	unsigned int number;
	const char *source;
};

/* A branch on the path of the verifier: its line, and the line that ran after it. */
struct bqdisc_branch {
	struct bqdisc_line line;
	const struct bqdisc_line *next; /* NULL: the end of the program */
};

/* One problem of an object. */
struct bqdisc_finding {
	/* identifier for scripts, such as "unreleased"; "unknown": not classified */
	const char *rule;
	const char *operation;          /* Qdisc_ops member, such as "enqueue"; NULL: none */
	const char *program;            /* name of the function, or NULL */
	const struct bqdisc_line *line; /* NULL: unknown */
	/* If `line` is in a header: the last line of the program's own file before it; or NULL. */
	const struct bqdisc_line *after;
	const char *what;    /* description in plain English */
	const char *remedy;  /* the fix; "": unknown */
	const char *message; /* from the kernel or libbpf; "": none */
	const struct bqdisc_branch *path;
	size_t path_len;
	size_t path_omitted; /* number of earlier branches that are not in `path` */
	enum bqdisc_error_class error_class;
};

struct bqdisc_verify_opts {
	size_t sz;
	bool unsafe; /* accept programs that load but can crash the kernel */
	/* called with the name of each qdisc in the object */
	void (*kind)(const char *kind, void *arg);
	void (*finding)(const struct bqdisc_finding *finding, void *arg);
	void (*log)(const char *text, void *arg); /* messages of libbpf and the verifier */
	void *arg;
};

/*
 * Load the BPF object FILE and release it again. Nothing is registered and nothing stays loaded.
 * `finding` is called for each problem, program by program. Return 0 if there is none, -errno
 * otherwise.
 */
int bqdisc__verify(struct bqdisc *bq, const char *file, const struct bqdisc_verify_opts *opts);

/* --- text --- */

/*
 * Return "packets", "bytes", "ns", "bits_per_second", "percent", "flag", "name", "integer", "bool",
 * "choice" or "count".
 */
const char *bqdisc_unit__name(enum bqdisc_unit unit);
/* Write a size of memory, rounded, such as "1.5 MB". Return BUF. 32 bytes are enough. */
char *bqdisc_size__round(uint64_t bytes, char *buf, size_t size);
/* Return the suffixes that a value of UNIT may have, such as "b, kb, mb, gb"; "" if none. */
const char *bqdisc_unit__words(enum bqdisc_unit unit);
/*
 * Write VALUE for reading, rounded to four digits, such as "1.235s", "34.36gbit" or "64kb". A time
 * above a year becomes "no limit". Return BUF. 32 bytes are enough.
 */
char *bqdisc_unit__round(enum bqdisc_unit unit, uint64_t value, char *buf, size_t size);
/*
 * Write VALUE exactly, in command-line syntax such as "5p" or "1.5ms". Return BUF. 32 bytes are
 * enough.
 */
char *bqdisc_unit__format(enum bqdisc_unit unit, uint64_t value, char *buf, size_t size);
/* Parse all of TEXT, such as "10ms", into *VALUE. Return false if TEXT is not valid for UNIT. */
bool bqdisc_unit__parse(enum bqdisc_unit unit, const char *text, uint64_t *value);
/* Return the candidate most similar to WORD by edit distance, or NULL if none is similar. */
const char *bqdisc_word__nearest(const char *word, const char *const *candidates, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
