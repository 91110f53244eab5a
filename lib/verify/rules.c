// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The table of rules. A row is found by a pattern in what the kernel's verifier says (6.17 to 7.3)
 * or libbpf, and what it means is a template. The first row that fits stands: special ones first.
 *
 * In a pattern `*` stands for a run of characters without blanks, `...` for any. In a template
 *   {1}, {2}    what the first and second `*` stood for
 *   {op}        the operation: enqueue, dequeue, ...
 *   {callee}    the function called at the last step
 *   {giver}     the function that took the packet, {given} the line at which it did so
 *   {origin}    the function that gave out what was not released, {at} the line at which it did so
 *   {advice}    from the table of functions below
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/rules.h"

#define CAPTURE_MAX 96
#define PATTERNS_MAX 5

/* What a row looks at, and what it found. */
struct finding {
	const struct bq_log *log; /* NULL: there is none */
	const char *op;
	char captured[4][CAPTURE_MAX];
	const struct bq_log_step *giver, *origin;
	char callee[CAPTURE_MAX];
};

struct rule {
	const char *name;
	enum bqdisc_error_class error_class;
	const char *patterns[PATTERNS_MAX]; /* any of them; none: found by its name alone */
	bool (*holds)(struct finding *f);   /* NULL: nothing else need be so */
	bool path;                          /* how the program came there matters */
	const char *what;
	const char *remedy;
};

/* --- conditions --- */

static const struct bq_log_step *last_step(const struct finding *f)
{
	return f->log && f->log->n_steps ? &f->log->steps[f->log->n_steps - 1] : NULL;
}

/* "Unreleased reference id=* alloc_insn=*": the instruction that made the reference. */
static void find_origin(struct finding *f, char *name, size_t size)
{
	f->origin = f->log ? bq_log_step_at(f->log, atoi(f->captured[1])) : NULL;
	name[0] = '\0';
	if (f->origin)
		bq_log_callee(f->origin, name, size);
}

/* The reference is that to the argument, which is there from the beginning. */
static bool is_argument(struct finding *f)
{
	char name[CAPTURE_MAX];

	find_origin(f, name, sizeof(name));
	return !name[0] && f->op && !strcmp(f->op, "enqueue");
}

static bool is_exchanged(struct finding *f)
{
	char name[CAPTURE_MAX];

	find_origin(f, name, sizeof(name));
	return !strcmp(name, "bpf_kptr_xchg");
}

static bool is_from_call(struct finding *f)
{
	char name[CAPTURE_MAX];

	find_origin(f, name, sizeof(name));
	return name[0];
}

static bool in_dequeue(struct finding *f)
{
	return f->op && !strcmp(f->op, "dequeue");
}

/* The register {1} held a packet, which was given away since. */
static bool was_packet(struct finding *f)
{
	return f->log && bq_log_was_packet(f->log, atoi(f->captured[0]), &f->giver) && f->giver;
}

/* The same for the first argument of the call. */
static bool first_was_packet(struct finding *f)
{
	return f->log && bq_log_was_packet(f->log, 1, &f->giver) && f->giver;
}

static bool second_was_packet(struct finding *f)
{
	return f->log && bq_log_was_packet(f->log, 2, &f->giver) && f->giver;
}

static bool has_giver(struct finding *f)
{
	f->giver = f->log ? bq_log_argument_giver(f->log) : NULL;
	return f->giver;
}

/* libbpf puts a call of an impossible helper in the place of what it did not find. */
static bool calls_unknown(struct finding *f)
{
	const struct bq_log_step *last = last_step(f);
	char name[CAPTURE_MAX];

	return last && bq_log_callee(last, name, sizeof(name)) && !strcmp(name, "unknown");
}

/* --- functions that are missed, and what to use --- */

#define OLDER "it is of an older form of the BPF qdisc series: "
#define NO_CLASSES OLDER "a BPF qdisc has no classes, so keep several queues within it"
/* The flag KF_KPTR_GET went, and all functions that had it. */
#define KPTR_GET(ACQUIRE)                                                                          \
	"it was removed in 6.4: between bpf_rcu_read_lock() and bpf_rcu_read_unlock() read the "   \
	"pointer in place, and " ACQUIRE "() it to keep it longer"
#define ALL_HAVE(CALL) "call " CALL ", which 6.17 to 7.3 all have"
#define TCX "a tcx program on egress can, before it comes here"

static const struct {
	const char *name;
	const char *advice;
} functions[] = {
	{ "bpf_skb_acquire", OLDER "enqueue owns its packet from the start, so store the argument "
				   "itself with bpf_kptr_xchg() and leave this call out" },
	{ "bpf_skb_kptr_get", OLDER "a pointer in a map may be read in place, and "
				    "bpf_kptr_xchg(&place, NULL) takes the packet out" },
	{ "bpf_skb_release", OLDER "call bpf_qdisc_skb_drop() in enqueue, bpf_kfree_skb() "
				   "elsewhere" },
	{ "bpf_qdisc_set_skb_dequeue", OLDER "dequeue returns the packet that it took out" },
	{ "bpf_skb_tc_classify", OLDER "a tcx program on egress classifies, and hands over "
				       "skb->priority or mark" },
	{ "bpf_skb_set_dev", OLDER "nothing replaces it, leave it out" },
	{ "bpf_qdisc_create_child", NO_CLASSES },
	{ "bpf_qdisc_find_class", NO_CLASSES },
	{ "bpf_qdisc_enqueue", NO_CLASSES },
	{ "bpf_qdisc_dequeue", NO_CLASSES },
	{ "bpf_task_kptr_get", KPTR_GET("bpf_task_acquire") },
	{ "bpf_cgroup_kptr_get", KPTR_GET("bpf_cgroup_acquire") },
	{ "bpf_cpumask_kptr_get", KPTR_GET("bpf_cpumask_acquire") },
	{ "bpf_obj_new", ALL_HAVE("bpf_obj_new_impl(type, NULL)") },
	{ "bpf_obj_drop", ALL_HAVE("bpf_obj_drop_impl(object, NULL)") },
	{ "bpf_refcount_acquire", ALL_HAVE("bpf_refcount_acquire_impl(object, NULL)") },
	{ "bpf_list_push_back", ALL_HAVE("bpf_list_push_back_impl(head, node, NULL, 0)") },
	{ "bpf_list_push_front", ALL_HAVE("bpf_list_push_front_impl(head, node, NULL, 0)") },
	{ "bpf_rbtree_add", ALL_HAVE("bpf_rbtree_add_impl(root, node, less, NULL, 0)") },
	{ "bpf_qdisc_skb_drop", "only enqueue may: elsewhere a packet is freed with "
				"bpf_kfree_skb()" },
	{ "bpf_qdisc_watchdog_schedule", "only enqueue and dequeue may" },
	{ "bpf_qdisc_bstats_update", "only dequeue may: a packet is counted when it leaves" },
	{ "bpf_skb_store_bytes", "a packet cannot be changed in a qdisc: " TCX },
	{ "bpf_skb_ecn_set_ce", "a packet cannot be changed in a qdisc: " TCX },
	{ "bpf_skb_load_bytes", "read it through bpf_dynptr_from_skb() and bpf_dynptr_slice()" },
	{ "bpf_clone_redirect", "a qdisc cannot copy a packet: " TCX },
};

static const char *advice(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (!strcmp(functions[i].name, name))
			return functions[i].advice;
	return NULL;
}

/* {1} stands in the table above. */
static bool is_advised(struct finding *f)
{
	return advice(f->captured[0]);
}

/* --- the rows --- */

#define UNRELEASED "Unreleased reference id=* alloc_insn=*"
#define MISSING                                                                                    \
	"extern (func ksym) '*': not found in kernel or module BTFs",                              \
		"kfunc '*' is referenced but wasn't resolved"
#define NOT_OWNED                                                                                  \
	"arg#0 pointer type STRUCT sk_buff must point to scalar",                                  \
		"release kfunc * expects referenced PTR_TO_BTF_ID",                                \
		"release kernel function * expects refcounted PTR_TO_BTF_ID",                      \
		"must be referenced when passed to release function"

static const struct rule rules[] = {
	/* The packet has one owner. */
	{
		.name = "unreleased",
		.patterns = { UNRELEASED },
		.holds = is_argument,
		.path = true,
		.what = "{op} neither stores nor drops the packet on this path",
		.remedy = "call bpf_qdisc_skb_drop(skb, to_free) on it, or store the packet with "
			  "bpf_kptr_xchg(); the value returned frees nothing",
	},
	{
		.name = "exchanged_lost",
		.patterns = { UNRELEASED },
		.holds = is_exchanged,
		.path = true,
		.what = "{op} loses what bpf_kptr_xchg() handed out at {at}: the place may have "
			"held something, and on this path nobody releases it",
		.remedy = "look at the result, even where you know the place to be empty, and if "
			  "it is not NULL drop it, store it or return it",
	},
	{
		.name = "lost",
		.patterns = { UNRELEASED },
		.holds = is_from_call,
		.path = true,
		.what = "{op} loses on this path what {origin}() gave it at {at}",
		.remedy = "release it on every path: bpf_obj_drop_impl() an object, "
			  "bpf_kfree_skb() a packet, or put it into a list, a tree or a place",
	},
	{
		.name = "lost",
		.patterns = { UNRELEASED, "would lead to reference leak" },
		.path = true,
		.what = "{op} ends on this path and still owns something",
		.remedy = "release it, store it or return it on every path",
	},
	{
		.name = "returned_look",
		.patterns = { "At program exit the register R0 is not a known value "
			      "(untrusted_ptr" },
		.holds = in_dequeue,
		.path = true,
		.what = "dequeue returns a packet that it did not take out of its queue: reading "
			"the place is only a look, and the place goes on owning the packet",
		.remedy = "take it out, as skb = bpf_kptr_xchg(&place, NULL), and return that",
	},
	{
		.name = "returned_number",
		.patterns = { "At program exit the register R0 has" },
		.holds = in_dequeue,
		.path = true,
		.what = "dequeue returns a number, where a packet taken out of a queue or NULL is "
			"wanted",
		.remedy = "keep packets in owning pointers (struct sk_buff __kptr *), and return "
			  "what bpf_kptr_xchg(&place, NULL) took out of one",
	},
	{
		.name = "returned_other",
		.patterns = { "At program exit the register R0 is not a known value (*)" },
		.holds = in_dequeue,
		.path = true,
		.what = "dequeue returns something that is not a packet taken out of a queue",
		.remedy = "return what bpf_kptr_xchg(&place, NULL) took out, or NULL",
	},
	{
		.name = "used_after",
		.patterns = { "R* invalid mem access 'scalar'" },
		.holds = was_packet,
		.what = "{op} uses the packet after {giver}() took it at {given}",
		.remedy = "read what is needed, the length say, and write tstamp or cb, before "
			  "the packet is given away; afterwards the pointer is worth nothing",
	},
	{
		.name = "dropped_twice",
		.patterns = { NOT_OWNED },
		.holds = first_was_packet,
		.what = "{op} gives the packet to {callee}() after {giver}() took it at {given}",
		.remedy = "two pointers to a packet are two names of one reference, and it ends "
			  "once: let one function own the drop, and return right after it",
	},
	{
		.name = "not_owned",
		.patterns = { NOT_OWNED },
		.what = "{op} gives {callee}() something that it does not own",
		.remedy = "give away only the packet that enqueue got, or what bpf_kptr_xchg() "
			  "handed out",
	},
	{
		.name = "stored_twice",
		.patterns = { "R2 type=scalar expected=...ptr_" },
		.holds = second_was_packet,
		.what = "{op} stores the packet after {giver}() took it at {given}",
		.remedy = "a packet lies in one place: store it in one slot, and let queues hold "
			  "the number of the slot",
	},
	{
		.name = "read_again",
		.patterns = { "Reference may already be released" },
		.holds = has_giver,
		.what = "{op} reads the packet from its argument again, after {giver}() took it "
			"at {given}",
		.remedy = "the argument is the one reference there is; once given away it is gone",
	},
	{
		.name = "second_reference",
		.patterns = { "doesn't point to a type with bpf_refcount field",
			      "is neither owning or non-owning ref" },
		.what = "{op} wants a second reference to something that has only one",
		.remedy = "a packet has one owner: move it. A node of yours can have more with a "
			  "struct bpf_refcount in it",
	},
	{
		.name = "overwritten",
		.patterns = { "store to referenced kptr disallowed" },
		.what = "{op} writes an owning pointer with '=': what lay in that place would be "
			"lost",
		.remedy = "bpf_kptr_xchg() puts one packet in and hands the other one out",
	},
	/* Functions. */
	{
		.name = "function_replaced",
		.error_class = BQDISC_ERROR_UNSUPPORTED,
		.patterns = { MISSING },
		.holds = is_advised,
		.what = "this kernel has no function {1}()",
		.remedy = "{advice}",
	},
	{
		.name = "function_missing",
		.error_class = BQDISC_ERROR_UNSUPPORTED,
		.patterns = { MISSING },
		.what = "this kernel has no function {1}()",
		.remedy = "leave it out, or declare it __weak and ask bpf_ksym_exists() before "
			  "the call",
	},
	{
		.name = "function_changed",
		.error_class = BQDISC_ERROR_UNSUPPORTED,
		.patterns = { "extern (func ksym) '*': func_proto [...] incompatible" },
		.what = "{1}() has other arguments on this kernel than its declaration here",
		.remedy = "declare it as the kernel has it: the headers of bqdisc's kit do",
	},
	{
		.name = "function_not_allowed",
		.patterns = { "calling kernel function * is not allowed" },
		.holds = is_advised,
		.what = "{op} may not call {1}()",
		.remedy = "{advice}",
	},
	{
		.name = "function_not_allowed",
		.patterns = { "calling kernel function * is not allowed" },
		.what = "{op} may not call {1}()",
		.remedy = "it is not for qdiscs, or not for this operation: leave it out",
	},
	{
		.name = "helper_not_allowed",
		.patterns = { "program of this type cannot use helper *#", "unknown func *#" },
		.holds = is_advised,
		.what = "a qdisc may not call {1}()",
		.remedy = "{advice}",
	},
	{
		.name = "helper_not_allowed",
		.patterns = { "program of this type cannot use helper *#", "unknown func *#" },
		.what = "a qdisc may not call {1}()",
		.remedy = "leave it out: it is not for qdiscs, or not on this kernel",
	},
	{
		.name = "field_missing",
		.error_class = BQDISC_ERROR_UNSUPPORTED,
		.patterns = { "failed to resolve CO-RE relocation <*> [*] struct * " },
		.path = false,
		.what = "{op} reads {3}, which this kernel does not have",
		.remedy = "ask bpf_core_field_exists() before",
	},
	/* Writing, locking, looping. */
	{
		.name = "write_taken",
		.patterns = { "only read is supported" },
		.what = "{op} writes to a packet that it took out of its place, which on this "
			"kernel can only be read",
		.remedy = "write tstamp and cb in enqueue, before the packet is stored, and keep "
			  "beside the place what changes later",
	},
	{
		.name = "write_packet",
		.patterns = { "R* cannot write into rdonly_mem" },
		.what = "{op} writes into a packet's data, which a qdisc can only read",
		.remedy = "a tcx program on egress can change packets, before they come here",
	},
	{
		.name = "write_forbidden",
		.patterns = { "no write support to * at off *", "cannot write into ...ptr_*" },
		.what = "{op} writes a field of struct {1} that may not be written",
		.remedy = "of sk_buff tstamp and 20 bytes of cb can be written, of Qdisc limit, "
			  "q.qlen and qstats; mark and priority are set before, by a tcx program "
			  "on egress",
	},
	{
		.name = "write_forbidden",
		.patterns = { "write access at off * with size * beyond the member" },
		.what = "{op} writes beyond the end of a field that may be written",
		.remedy = "of cb 20 bytes can be written, the data of struct qdisc_skb_cb",
	},
	{
		.name = "unlocked",
		.patterns = { "must be held for bpf_*" },
		.what = "{op} calls {callee}() without the lock of its list or tree",
		.remedy = "bpf_spin_lock() and bpf_spin_unlock() around the call, with the lock "
			  "in the same value, though the qdisc's own lock excludes everyone; "
			  "slots need none",
	},
	{
		.name = "function_missing",
		.error_class = BQDISC_ERROR_UNSUPPORTED,
		.patterns = { "function calls are not allowed while holding a lock" },
		.holds = calls_unknown,
		.what = "{op} calls, under a lock, a function that this kernel does not have",
		.remedy = "of lists and trees 6.17 to 7.3 all have the functions with _impl at the "
			  "end of their names; the short names came with 7.2",
	},
	{
		.name = "called_locked",
		.patterns = { "function calls are not allowed while holding a lock",
			      "while holding a lock" },
		.what = "{op} calls {callee}() while it holds a lock",
		.remedy = "unlock first: under a lock only calls on its list or tree are allowed",
	},
	{
		.name = "left_locked",
		.patterns = { "bpf_spin_lock-ed region", "missing unlock" },
		.path = true,
		.what = "{op} ends on this path and still holds a lock",
		.remedy = "bpf_spin_unlock() on every path",
	},
	{
		.name = "unbounded",
		.patterns = { "infinite loop detected at insn *",
			      "The sequence of * jumps is too complex",
			      "BPF program is too large. Processed * insn" },
		.what = "{op} has a loop whose end the kernel cannot see",
		.remedy = "loop with bpf_for(i, 0, N), or ask can_loop in the loop's condition",
	},
	/* What any BPF program can do wrong. */
	{
		.name = "maybe_null",
		.patterns = { "R* invalid mem access '*_or_null", "Possibly NULL pointer passed to",
			      "R* type=*_or_null_* expected=", "R* type=*_or_null expected=" },
		.path = true,
		.what = "{op} uses a pointer that may be NULL",
		.remedy = "test it before",
	},
	{
		.name = "number_used",
		.patterns = { "R* invalid mem access 'scalar'" },
		.what = "{op} uses a number as a pointer",
		.remedy = "pointers that were stored as numbers are numbers; keep them in a place "
			  "with __kptr",
	},
	{
		.name = "untrusted",
		.patterns = { "must be referenced or trusted", "must be a rcu pointer" },
		.what = "{op} gives {callee}() a pointer that need not be valid any more",
		.remedy = "take a packet out of its place with bpf_kptr_xchg(); other things the "
			  "kernel may keep for RCU: those can be read in place between "
			  "bpf_rcu_read_lock() and bpf_rcu_read_unlock(), and acquired there",
	},
	{
		.name = "out_of_bounds",
		.patterns = { "invalid access to map value", "unbounded memory access",
			      "min value is negative", "max value is outside of the allowed memory",
			      "makes pkt pointer be out of bounds" },
		.path = true,
		.what = "{op} may reach outside of a value: the kernel does not see the index "
			"bounded",
		.remedy = "compare the index with the size right before, or mask it",
	},
	{
		.name = "place_moving",
		.patterns = { "has to be at the constant offset", "doesn't have constant offset" },
		.what = "{op} reaches an owning pointer, a lock, a list or a tree by an index "
			"within a value",
		.remedy = "give each a value of its own, and use the index as the map's key",
	},
	{
		.name = "uninitialised",
		.patterns = { "R* !read_ok" },
		.path = true,
		.what = "{op} uses a value that was never set on this path, or that a call has "
			"ended",
		.remedy = "set it on every path",
	},
	{
		.name = "stack",
		.patterns = { "combined stack size of ", "invalid write to stack", "stack depth" },
		.what = "{op} needs more stack than the 512 bytes there are",
		.remedy = "keep large things in a map",
	},
	/* The object as a whole. */
	{
		.name = "operation_unsupported",
		.patterns = { "attach to unsupported member * of struct Qdisc_ops" },
		.what = "{1} cannot be written in BPF",
		.remedy = "there are five operations: enqueue, dequeue, init, reset, destroy; a "
			  "live change of options goes through a map",
	},
	{
		.name = "licence",
		.patterns = { "from non-GPL", "have a GPL compatible license" },
		.what = "the object does not declare the licence GPL",
		.remedy = "char _license[] SEC(\"license\") = \"GPL\";",
	},
	{
		.name = "no_btf",
		.patterns = { "BTF is required, but is missing or corrupted" },
		.error_class = BQDISC_ERROR_USAGE,
		.what = "the object has no BTF",
		.remedy =
			"compile with clang -g; llvm-strip -g keeps it, llvm-strip alone does not",
	},
	/* Found by us, see verify.c. */
	{
		.name = "operation_missing",
		.what = "{1} missing: the kernel registers a qdisc only with all five operations",
		.remedy = "write an empty one where there is nothing to do; .reset must give "
			  "every packet back",
	},
	{
		.name = "name_bad",
		.what = "'{1}' cannot be a qdisc's name",
		.remedy = "1 to 15 letters, digits, '_' and '.'",
	},
	{
		.name = "name_taken",
		.what = "there is a qdisc '{1}' already, of the kernel's or of another program's",
		.remedy = "choose another .id, or attach it with --as NAME",
	},
	{
		.name = "options_read",
		.what = ".init reads its options by a pointer that is NULL when tc gives none: "
			"the kernel accepts that, and crashes",
		.remedy = "read them with bpf_probe_read_kernel(&to, size, opt), which fails on "
			  "NULL; --unsafe lets it pass",
	},
	{
		.name = "options_compared",
		.what = ".init compares the pointer to its options, though the kernel takes it "
			"for never NULL and deletes the comparison",
		.remedy = "read them with bpf_probe_read_kernel(&to, size, opt), which fails on "
			  "NULL; --unsafe lets it pass",
	},
};

#define N_RULES (sizeof(rules) / sizeof(rules[0]))

/* --- patterns --- */

static bool match_here(const char *pattern, const char *text, char (*captured)[CAPTURE_MAX],
		       size_t n);

/* PATTERN begins with a `*`: the word ends where the rest of the pattern goes on. */
static bool match_word(const char *pattern, const char *text, char (*captured)[CAPTURE_MAX],
		       size_t n)
{
	size_t len, max = strcspn(text, " ");

	if (!n || !max)
		return false;
	for (len = pattern[1] ? 1 : max; len <= max; len++) {
		if (!match_here(pattern + 1, text + len, captured + 1, n - 1))
			continue;
		snprintf(*captured, CAPTURE_MAX, "%.*s", (int)len, text);
		return true;
	}
	return false;
}

static bool match_here(const char *pattern, const char *text, char (*captured)[CAPTURE_MAX],
		       size_t n)
{
	for (; *pattern; pattern++, text++) {
		if (*pattern == '*')
			return match_word(pattern, text, captured, n);
		if (!strncmp(pattern, "...", 3)) {
			while (!match_here(pattern + 3, text, captured, n))
				if (!*text++)
					return false;
			return true;
		}
		if (*pattern != *text)
			return false;
	}
	return true;
}

static bool matches(const char *pattern, const char *text, struct finding *f)
{
	const char *from;

	memset(f->captured, 0, sizeof(f->captured));
	for (from = text; *from; from++)
		if (match_here(pattern, from, f->captured, 4))
			return true;
	return false;
}

static const struct rule *find_rule(struct finding *f, const char *said)
{
	const struct rule *r;
	size_t i;

	for (r = rules; r < rules + N_RULES; r++)
		for (i = 0; i < PATTERNS_MAX && r->patterns[i]; i++)
			if (matches(r->patterns[i], said, f) && (!r->holds || r->holds(f)))
				return r;
	return NULL;
}

/* --- templates --- */

static void write_line(const struct finding *f, const struct bq_log_step *step, char *to,
		       size_t size)
{
	const struct bq_log_line *line = f->log ? bq_log_line_of(f->log, step) : NULL;

	if (line)
		snprintf(to, size, "%s:%u", line->file, line->number);
	else
		snprintf(to, size, "an earlier line");
}

/* What stands for the word WORD of a template, into TO. */
static void expand_word(const struct finding *f, const char *word, char *to, size_t size)
{
	to[0] = '\0';
	if (word[0] >= '1' && word[0] <= '4')
		snprintf(to, size, "%s", f->captured[word[0] - '1']);
	else if (!strcmp(word, "op"))
		snprintf(to, size, "%s", f->op ? f->op : "the program");
	else if (!strcmp(word, "callee"))
		snprintf(to, size, "%s", f->callee[0] ? f->callee : "a function");
	else if (!strcmp(word, "advice"))
		snprintf(to, size, "%s", advice(f->captured[0]));
	else if (!strcmp(word, "giver") && f->giver)
		bq_log_callee(f->giver, to, size);
	else if (!strcmp(word, "origin") && f->origin)
		bq_log_callee(f->origin, to, size);
	else if (!strcmp(word, "given"))
		write_line(f, f->giver, to, size);
	else if (!strcmp(word, "at"))
		write_line(f, f->origin, to, size);
}

static void expand(const struct finding *f, const char *template, char *to, size_t size)
{
	char word[16];
	size_t len;

	while (*template && size > 1) {
		if (*template == '{' && sscanf(template, "{%15[^}]}", word) == 1) {
			expand_word(f, word, to, size);
			template += strlen(word) + 2;
			len = strlen(to);
		} else {
			*to = *template ++;
			len = 1;
		}
		to += len;
		size -= len;
	}
	*to = '\0';
}

static void apply(struct bq_explanation *e, const struct rule *r, struct finding *f)
{
	const struct bq_log_step *last = last_step(f);

	if (last)
		bq_log_callee(last, f->callee, sizeof(f->callee));
	e->rule = r->name;
	e->error_class = r->error_class ? r->error_class : BQDISC_ERROR_REFUSED;
	expand(f, r->what, e->what, sizeof(e->what));
	expand(f, r->remedy, e->remedy, sizeof(e->remedy));
	if (r->path && f->log)
		e->n_path = bq_log_branches(f->log, e->path, BQ_EXPLAIN_PATH_MAX, &e->omitted);
}

int bq_explain_log(struct bq_explanation *e, const struct bq_log *log, const char *op)
{
	struct finding f = { .log = log, .op = op };
	const struct rule *r;
	size_t i;

	*e = (struct bq_explanation){ .place = bq_log_place(log), .after = bq_log_outside(log) };
	for (i = 0; i < log->n_said; i++) {
		r = find_rule(&f, log->said[i]);
		if (!r)
			continue;
		e->said = log->said[i];
		apply(e, r, &f);
		return 0;
	}
	e->rule = "unknown";
	e->error_class = BQDISC_ERROR_REFUSED;
	/* Without an instruction it comes last, behind what was said of other functions. */
	e->said = !log->n_said ? "" : log->said[log->n_steps ? 0 : log->n_said - 1];
	snprintf(e->what, sizeof(e->what), "%s is refused, the kernel says: %s",
		 op ? op : "a program", e->said);
	return -ENOENT;
}

int bq_explain_line(struct bq_explanation *e, const char *line)
{
	struct finding f = { 0 };
	const struct rule *r = find_rule(&f, line);

	*e = (struct bq_explanation){ .said = line };
	if (!r)
		return -ENOENT;
	apply(e, r, &f);
	return 0;
}

void bq_explain_rule(struct bq_explanation *e, const char *name, const char *op, const char *arg)
{
	struct finding f = { .op = op };
	const struct rule *r;

	*e = (struct bq_explanation){ .rule = name };
	snprintf(f.captured[0], CAPTURE_MAX, "%s", arg ? arg : "");
	for (r = rules; r < rules + N_RULES; r++)
		if (!strcmp(r->name, name))
			apply(e, r, &f);
}
