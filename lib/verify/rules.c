// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Table of rules for the messages of the verifier of 6.17 to 7.3, and of libbpf. The first rule
 * that matches is taken: special rules precede general ones.
 */
#include <stddef.h>

#include "verify/rules.h"
#include "util/array.h"

#define UNRELEASED "Unreleased reference id=* alloc_insn=*"
#define MISSING                                                                                    \
	"extern (func ksym) '*': not found in kernel or module BTFs",                              \
		"kfunc '*' is referenced but wasn't resolved"
#define NOT_OWNED                                                                                  \
	"arg#0 pointer type STRUCT sk_buff must point to scalar",                                  \
		"release kfunc * expects referenced PTR_TO_BTF_ID",                                \
		"release kernel function * expects refcounted PTR_TO_BTF_ID",                      \
		"must be referenced when passed to release function"

const struct bq_rule bq_rules[] = {
	/* Ownership: a packet has one owner. */
	{
		.name = "unreleased",
		.patterns = { UNRELEASED },
		.condition = bq_cond_leaks_argument,
		.show_path = true,
		.what = "{op} neither stores nor drops the packet on this path",
		.remedy = "call bpf_qdisc_skb_drop(skb, to_free), or store the packet with "
			  "bpf_kptr_xchg(); the return value frees nothing",
	},
	{
		.name = "exchanged_lost",
		.patterns = { UNRELEASED },
		.condition = bq_cond_leaks_xchg,
		.show_path = true,
		.what = "{op} leaks the pointer that bpf_kptr_xchg() returned at {origin_at}: the "
			"field may have held an object, and nothing releases it on this path",
		.remedy = "test the result, even if the field should be empty; if it is not NULL, "
			  "drop, store or return it",
	},
	{
		.name = "lost",
		.patterns = { UNRELEASED },
		.condition = bq_cond_leaks_call,
		.show_path = true,
		.what = "{op} leaks on this path the object that {origin}() returned at "
			"{origin_at}",
		.remedy =
			"release it on every path: bpf_obj_drop_impl() for an object, "
			"bpf_kfree_skb() for a packet; or add it to a list, a tree or a kptr field",
	},
	{
		.name = "lost",
		.patterns = { UNRELEASED, "would lead to reference leak" },
		.show_path = true,
		.what = "{op} ends on this path and still holds a reference",
		.remedy = "release it, store it or return it on every path",
	},
	{
		.name = "returned_borrowed",
		.patterns = { "At program exit the register R0 is not a known value "
			      "(untrusted_ptr" },
		.condition = bq_cond_in_dequeue,
		.show_path = true,
		.what = "dequeue returns a packet that it did not remove from its queue: reading "
			"a kptr field does not transfer ownership",
		.remedy = "remove it with skb = bpf_kptr_xchg(&field, NULL), and return skb",
	},
	{
		.name = "returned_number",
		.patterns = { "At program exit the register R0 has" },
		.condition = bq_cond_in_dequeue,
		.show_path = true,
		.what = "dequeue returns a number; it must return a packet removed from a queue, "
			"or NULL",
		.remedy = "keep packets in kptr fields (struct sk_buff __kptr *), and return the "
			  "result of bpf_kptr_xchg(&field, NULL)",
	},
	{
		.name = "returned_other",
		.patterns = { "At program exit the register R0 is not a known value (*)" },
		.condition = bq_cond_in_dequeue,
		.show_path = true,
		.what = "dequeue returns a value that is not a packet removed from a queue",
		.remedy = "return the result of bpf_kptr_xchg(&field, NULL), or NULL",
	},
	{
		.name = "used_after",
		.patterns = { "R* invalid mem access 'scalar'" },
		.condition = bq_cond_reg_was_packet,
		.what = "{op} uses the packet after {release}() took it at {released_at}",
		.remedy = "read or write the packet's fields (length, tstamp, cb) before that "
			  "call; afterwards the pointer is invalid",
	},
	{
		.name = "dropped_twice",
		.patterns = { NOT_OWNED },
		.condition = bq_cond_arg1_was_packet,
		.what = "{op} passes the packet to {callee}() after {release}() took it at "
			"{released_at}",
		.remedy = "drop a packet once: both pointers are the same reference; let one "
			  "function drop it, and return right after that",
	},
	{
		.name = "not_owned",
		.patterns = { NOT_OWNED },
		.what = "{op} passes {callee}() a pointer that it does not own",
		.remedy = "pass only enqueue's packet argument, or a pointer that bpf_kptr_xchg() "
			  "returned",
	},
	{
		.name = "stored_twice",
		.patterns = { "R2 type=scalar expected=...ptr_" },
		.condition = bq_cond_arg2_was_packet,
		.what = "{op} stores the packet after {release}() took it at {released_at}",
		.remedy = "store a packet once: keep it in one slot, and put the number of the "
			  "slot into the queues",
	},
	{
		.name = "read_again",
		.patterns = { "Reference may already be released" },
		.condition = bq_cond_argument_released,
		.what = "{op} reads the packet from its argument again after {release}() took it "
			"at {released_at}",
		.remedy = "do not use the argument after that call: it was the only reference",
	},
	{
		.name = "second_reference",
		.patterns = { "doesn't point to a type with bpf_refcount field",
			      "is neither owning or non-owning ref" },
		.what = "{op} needs a second reference to an object that can have only one",
		.remedy = "move the packet: it has one owner; a node type of your own can have "
			  "more with a struct bpf_refcount field",
	},
	{
		.name = "overwritten",
		.patterns = { "store to referenced kptr disallowed" },
		.what = "{op} assigns to a kptr field with '=': the pointer that it held would "
			"leak",
		.remedy = "use bpf_kptr_xchg(), which stores the new pointer and returns the old "
			  "one",
	},
	/* Functions that the kernel lacks or forbids. */
	{
		.name = "function_replaced",
		.error_class = BQDISC_ERROR_UNSUPPORTED,
		.patterns = { MISSING },
		.condition = bq_cond_has_replacement,
		.what = "this kernel has no function {1}()",
		.remedy = "{replacement}",
	},
	{
		.name = "function_missing",
		.error_class = BQDISC_ERROR_UNSUPPORTED,
		.patterns = { MISSING },
		.what = "this kernel has no function {1}()",
		.remedy = "remove the call, or declare the function __weak and test "
			  "bpf_ksym_exists() before the call",
	},
	{
		.name = "function_changed",
		.error_class = BQDISC_ERROR_UNSUPPORTED,
		.patterns = { "extern (func ksym) '*': func_proto [...] incompatible" },
		.what = "{1}() takes other arguments on this kernel than the object declares",
		.remedy = "declare it as this kernel does, or include the headers of bqdisc's kit",
	},
	{
		.name = "function_not_allowed",
		.patterns = { "calling kernel function * is not allowed" },
		.condition = bq_cond_has_replacement,
		.what = "{op} may not call {1}()",
		.remedy = "{replacement}",
	},
	{
		.name = "function_not_allowed",
		.patterns = { "calling kernel function * is not allowed" },
		.what = "{op} may not call {1}()",
		.remedy = "remove the call: the kernel does not allow it in a qdisc, or not in "
			  "this operation",
	},
	{
		.name = "helper_not_allowed",
		.patterns = { "program of this type cannot use helper *#", "unknown func *#" },
		.condition = bq_cond_has_replacement,
		.what = "a qdisc may not call {1}()",
		.remedy = "{replacement}",
	},
	{
		.name = "helper_not_allowed",
		.patterns = { "program of this type cannot use helper *#", "unknown func *#" },
		.what = "a qdisc may not call {1}()",
		.remedy = "remove the call: the helper is not available to qdiscs, or not on this "
			  "kernel",
	},
	{
		.name = "field_missing",
		.error_class = BQDISC_ERROR_UNSUPPORTED,
		.patterns = { "failed to resolve CO-RE relocation <*> [*] struct * " },
		.what = "{op} reads {3}, which this kernel does not have",
		.remedy = "test bpf_core_field_exists() before the read",
	},
	/* Write, locks and loops. */
	{
		.name = "write_taken",
		.patterns = { "only read is supported" },
		.what = "{op} writes to a packet that bpf_kptr_xchg() returned, which is "
			"read-only on this kernel",
		.remedy = "write tstamp and cb in enqueue, before the packet is stored; keep "
			  "values that change later beside the kptr field",
	},
	{
		.name = "write_packet",
		.patterns = { "R* cannot write into rdonly_mem" },
		.what = "{op} writes packet data, which is read-only in a qdisc",
		.remedy = "change packets in a tcx program on egress, which runs before the qdisc",
	},
	{
		.name = "write_forbidden",
		.patterns = { "no write support to * at off *", "cannot write into ...ptr_*" },
		.what = "{op} writes a field of struct {1} that is read-only",
		.remedy = "write only tstamp and 20 bytes of cb in sk_buff, and limit, q.qlen and "
			  "qstats in Qdisc; set mark and priority in a tcx program on egress",
	},
	{
		.name = "write_forbidden",
		.patterns = { "write access at off * with size * beyond the member" },
		.what = "{op} writes beyond the end of a writable field",
		.remedy = "write at most 20 bytes of cb: the data of struct qdisc_skb_cb",
	},
	{
		.name = "unlocked",
		.patterns = { "must be held for bpf_*" },
		.what = "{op} calls {callee}() without the lock of its list or tree",
		.remedy = "call bpf_spin_lock() before and bpf_spin_unlock() after, with the lock "
			  "in the same value: the verifier does not count the qdisc's lock; slots "
			  "need no lock",
	},
	{
		.name = "function_missing",
		.error_class = BQDISC_ERROR_UNSUPPORTED,
		.patterns = { "function calls are not allowed while holding a lock" },
		.condition = bq_cond_calls_unknown,
		.what = "{op} calls, under a lock, a function that this kernel does not have",
		.remedy = "use the list and tree functions whose names end in _impl: 6.17 to 7.3 "
			  "have them; the short names came with 7.2",
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
		.show_path = true,
		.what = "{op} ends on this path and still holds a lock",
		.remedy = "call bpf_spin_unlock() on every path",
	},
	{
		.name = "unbounded",
		.patterns = { "infinite loop detected at insn *",
			      "The sequence of * jumps is too complex",
			      "BPF program is too large. Processed * insn" },
		.what = "{op} has a loop that the verifier cannot prove to end",
		.remedy = "loop with bpf_for(i, 0, N), or add can_loop to the loop's condition",
	},
	/* Faults of any BPF program. */
	{
		.name = "maybe_null",
		.patterns = { "R* invalid mem access '*_or_null", "Possibly NULL pointer passed to",
			      "R* type=*_or_null_* expected=", "R* type=*_or_null expected=" },
		.show_path = true,
		.what = "{op} uses a pointer that may be NULL",
		.remedy = "test it for NULL before",
	},
	{
		.name = "number_used",
		.patterns = { "R* invalid mem access 'scalar'" },
		.what = "{op} uses a number as a pointer",
		.remedy = "keep the pointer in a kptr field (__kptr): a pointer that is stored as "
			  "a number is read as a number",
	},
	{
		.name = "untrusted",
		.patterns = { "must be referenced or trusted", "must be a rcu pointer" },
		.what = "{op} passes {callee}() a pointer that may be invalid",
		.remedy = "remove a packet from its field with bpf_kptr_xchg(); read other kptrs "
			  "between bpf_rcu_read_lock() and bpf_rcu_read_unlock(), and acquire them "
			  "there",
	},
	{
		.name = "out_of_bounds",
		.patterns = { "invalid access to map value", "unbounded memory access",
			      "min value is negative", "max value is outside of the allowed memory",
			      "makes pkt pointer be out of bounds" },
		.show_path = true,
		.what = "{op} may access memory outside of a value: the verifier knows no bound "
			"of the index",
		.remedy = "compare the index with the size right before the access, or mask it",
	},
	{
		.name = "offset_variable",
		.patterns = { "has to be at the constant offset", "doesn't have constant offset" },
		.what = "{op} accesses a kptr, lock, list or tree at a variable offset in a value",
		.remedy = "give each a value of its own, and use the index as the map's key",
	},
	{
		.name = "uninitialised",
		.patterns = { "R* !read_ok" },
		.show_path = true,
		.what = "{op} uses a value that was never set on this path, or that a call has "
			"overwritten",
		.remedy = "set it on every path",
	},
	{
		.name = "stack",
		.patterns = { "combined stack size of ", "invalid write to stack", "stack depth" },
		.what = "{op} needs more stack than the 512 bytes that a program has",
		.remedy = "keep large variables in a map",
	},
	/* Faults of the object as a whole. */
	{
		.name = "operation_unsupported",
		.patterns = { "attach to unsupported member * of struct Qdisc_ops" },
		.what = "{1} cannot be implemented in BPF",
		.remedy = "implement enqueue, dequeue, init, reset and destroy only; change "
			  "options at run time through a map",
	},
	{
		.name = "licence",
		.patterns = { "from non-GPL", "have a GPL compatible license" },
		.what = "the object does not declare the licence GPL",
		.remedy = "add char _license[] SEC(\"license\") = \"GPL\";",
	},
	{
		.name = "no_btf",
		.patterns = { "BTF is required, but is missing or corrupted" },
		.error_class = BQDISC_ERROR_USAGE,
		.what = "the object has no BTF",
		.remedy = "compile with clang -g; strip with llvm-strip -g, as llvm-strip alone "
			  "removes BTF",
	},
	/* Faults without a message: object_check.c and init_options.c find them. */
	{
		.name = "operation_missing",
		.what = "{1} missing: the kernel registers a qdisc only with all five operations",
		.remedy = "add an empty function where there is nothing to do; .reset must "
			  "release every packet",
	},
	{
		.name = "name_bad",
		.what = "'{1}' is not a valid qdisc name",
		.remedy = "use 1 to 15 letters, digits, '_' and '.'",
	},
	{
		.name = "name_taken",
		.what = "the name '{1}' is taken by a qdisc of the kernel or of another program",
		.remedy = "choose another .id, or attach it with --as NAME",
	},
	{
		.name = "options_read",
		.what = ".init reads its options through a pointer that is NULL when tc passes "
			"none: the verifier accepts this, and the kernel crashes",
		.remedy = "read them with bpf_probe_read_kernel(&to, size, opt), which fails on "
			  "NULL; --unsafe skips this check",
	},
	{
		.name = "options_compared",
		.what = ".init compares the pointer to its options: the verifier assumes that it "
			"is never NULL, and removes the comparison",
		.remedy = "read them with bpf_probe_read_kernel(&to, size, opt), which fails on "
			  "NULL; --unsafe skips this check",
	},
};

const size_t bq_n_rules = ARRAY_SIZE(bq_rules);
