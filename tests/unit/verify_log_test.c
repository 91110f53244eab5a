// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Log parser and explanations of lib/verify. The logs are from kernels 6.18 and 7.3, shortened. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suites.h"
#include "verify/explain.h"
#include "verify/log_packet.h"

/* tests/verifier/fail_branches.bpf.c on 7.3 */
static const char branches[] =
	"0: R1=ctx() R10=fp0 refs=1\n"
	"; int BPF_PROG(branches_enqueue, struct sk_buff *skb, struct Qdisc *sch, @ mine.bpf.c:13\n"
	"0: (79) r6 = *(u64 *)(r1 +16)         ; R1=ctx() R6=trusted_ptr_bpf_sk_buff_ptr() refs=1\n"
	"1: (79) r3 = *(u64 *)(r1 +8)\n"
	"func 'enqueue' arg1 has btf_id 53693 type STRUCT 'Qdisc'\n"
	"2: R1=ctx() R3=trusted_ptr_Qdisc() refs=1\n"
	"2: (79) r2 = *(u64 *)(r1 +0)          ; R1=ctx() R2=trusted_ptr_sk_buff(id=1) refs=1\n"
	"; return ((const struct qdisc_skb_cb *)skb->cb)->pkt_len; @ qdisc.bpf.h:26\n"
	"3: (61) r1 = *(u32 *)(r2 +48)         ; R1=scalar() R2=trusted_ptr_sk_buff(id=1) refs=1\n"
	"; if (len > 9000) { @ mine.bpf.c:18\n"
	"4: (26) if w1 > 0x2328 goto pc+9      ; R1=scalar(smax=9000) refs=1\n"
	"; if (skb->priority == 7) { @ mine.bpf.c:22\n"
	"5: (61) r1 = *(u32 *)(r2 +140)        ; R1=scalar() R2=trusted_ptr_sk_buff(id=1) refs=1\n"
	"6: (56) if w1 != 0x7 goto pc+3        ; R1=7 refs=1\n"
	"; if (sch->q.qlen) @ mine.bpf.c:23\n"
	"7: (61) r1 = *(u32 *)(r3 +208)        ; R1=scalar() R3=trusted_ptr_Qdisc() refs=1\n"
	"8: (56) if w1 != 0x0 goto pc+14 23: R0=2 R10=fp0 refs=1\n"
	"; int BPF_PROG(branches_enqueue, struct sk_buff *skb, struct Qdisc *sch, @ mine.bpf.c:13\n"
	"23: (95) exit\n"
	"Unreleased reference id=1 alloc_insn=0\n"
	"\n"
	"Verification failed: Resource Lifetime Safety: Unreleased resource\n"
	"\n"
	"At:\n"
	"  branches_enqueue @ mine.bpf.c:13:5\n"
	"BPF_EXIT instruction in main prog would lead to reference leak\n"
	"processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 0\n";

/* fail_stored_twice.bpf.c on 6.18 */
static const char stored_twice[] =
	"0: R1=ctx() R10=fp0 refs=1\n"
	"; int BPF_PROG(stored_twice_enqueue, struct sk_buff *skb, struct Qdisc *sch, @ "
	"two.bpf.c:14\n"
	"0: (79) r6 = *(u64 *)(r1 +16)         ; R1=ctx() R6=trusted_ptr_bpf_sk_buff_ptr() refs=1\n"
	"1: (79) r7 = *(u64 *)(r1 +0)          ; R7=trusted_ptr_sk_buff(ref_obj_id=1) refs=1\n"
	"; struct sk_buff *old = bpf_kptr_xchg(&flow, skb); @ two.bpf.c:17\n"
	"2: (18) r1 = 0xff41609bc21dd530       ; R1=map_value(map=.bss.places,ks=4,vs=16) refs=1\n"
	"4: (bf) r2 = r7                       ; R2=trusted_ptr_sk_buff(ref_obj_id=1) refs=1\n"
	"5: (85) call bpf_kptr_xchg#194        ; R0=ptr_or_null_sk_buff(id=3,ref_obj_id=3) refs=3\n"
	"; if (old) @ two.bpf.c:19\n"
	"6: (15) if r0 == 0x0 goto pc+3        ; R0=ptr_sk_buff(ref_obj_id=3) refs=3\n"
	"; bpf_qdisc_skb_drop(old, to_free); @ two.bpf.c:20\n"
	"7: (bf) r1 = r0                       ; R0=ptr_sk_buff(ref_obj_id=3) "
	"R1=ptr_sk_buff(ref_obj_id=3) refs=3\n"
	"8: (bf) r2 = r6                       ; R2=trusted_ptr_bpf_sk_buff_ptr() refs=3\n"
	"9: (85) call bpf_qdisc_skb_drop#59843         ;\n"
	"; old = bpf_kptr_xchg(&timeline, skb); @ two.bpf.c:21\n"
	"10: (18) r1 = 0xff41609bc21dd538      ; R1=map_value(map=.bss.places,ks=4,vs=16,off=8)\n"
	"12: (bf) r2 = r7                      ; R2=scalar(id=4) R7=scalar(id=4)\n"
	"13: (85) call bpf_kptr_xchg#194\n"
	"R2 type=scalar expected=ptr_, trusted_ptr_, rcu_ptr_\n"
	"processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 1\n";

/* The packet is spilled to the stack, and the last pointer has an offset. */
static const char spilled[] =
	"0: (79) r7 = *(u64 *)(r1 +0)          ; R7=trusted_ptr_sk_buff(id=1) refs=1\n"
	"1: (7b) *(u64 *)(r10 -8) = r7         ; R7=trusted_ptr_sk_buff(id=1) "
	"fp-8=trusted_ptr_sk_buff(id=1)\n"
	"; bpf_kfree_skb(skb); @ mine.bpf.c:30\n"
	"2: (bf) r1 = r7                       ; R1=trusted_ptr_sk_buff(id=1) refs=1\n"
	"3: (85) call bpf_kfree_skb#100        ;\n"
	"; sum += skb->len; @ mine.bpf.c:31\n"
	"4: (79) r3 = *(u64 *)(r10 -8)         ; R3=scalar() fp-8=scalar()\n"
	"5: (07) r3 += 40                      ; R3=scalar()\n"
	"6: (61) r3 = *(u32 *)(r3 +0)\n"
	"R3 invalid mem access 'scalar'\n";

/* fail_unbounded.bpf.c on 7.3: the message is behind the jump. */
static const char unbounded[] =
	"; while (sch->q.qlen) @ mine.bpf.c:14\n"
	"5: (61) r4 = *(u32 *)(r3 +208)        ; R4=scalar() refs=1\n"
	"6: (56) if w4 != 0x0 goto pc-2 infinite loop detected at insn 5\n"
	"cur state: R1=trusted_ptr_sk_buff(id=1) R3=trusted_ptr_Qdisc() R10=fp0 refs=1\n"
	"old state: R1=trusted_ptr_sk_buff(id=1) R3=trusted_ptr_Qdisc() R10=fp0 refs=1\n"
	"processed 20 insns (limit 1000000)\n";

START_TEST(verify_log_is_taken_apart)
{
	struct bq_log log;

	ck_assert_int_eq(bq_log_parse(&log, branches), 0);
	ck_assert_uint_eq(log.n_steps, 10);
	ck_assert_int_eq(log.steps[9].insn, 23);
	ck_assert_str_eq(log.steps[9].text, "(95) exit");
	ck_assert_str_eq(log.steps[8].text, "(56) if w1 != 0x0 goto pc+14");
	ck_assert_ptr_eq(bq_log_last_step(&log), &log.steps[9]);
	ck_assert_str_eq(log.steps[6].state, "R1=7 refs=1");
	ck_assert_uint_eq(log.n_lines, 6);
	ck_assert_str_eq(log.lines[1].file, "qdisc.bpf.h");
	ck_assert_uint_eq(log.lines[1].number, 26);
	ck_assert_str_eq(log.lines[2].source, "if (len > 9000) {");
	/* The explanation by 7.3 behind it is ignored. */
	ck_assert_uint_eq(log.n_messages, 1);
	ck_assert_str_eq(log.messages[0], "Unreleased reference id=1 alloc_insn=0");
	bq_log_free(&log);
}
END_TEST

START_TEST(verify_log_path)
{
	struct bq_log_branch branch[8];
	struct bq_log log;
	size_t omitted;

	ck_assert_int_eq(bq_log_parse(&log, branches), 0);
	ck_assert_uint_eq(bq_log_branches(&log, branch, 8, &omitted), 3);
	ck_assert_uint_eq(omitted, 0);
	ck_assert_uint_eq(branch[0].line->number, 18);
	ck_assert_uint_eq(branch[0].next->number, 22);
	ck_assert_uint_eq(branch[2].line->number, 23);
	ck_assert_ptr_null(branch[2].next);
	/* The last branches are kept. */
	ck_assert_uint_eq(bq_log_branches(&log, branch, 1, &omitted), 1);
	ck_assert_uint_eq(omitted, 2);
	ck_assert_uint_eq(branch[0].line->number, 23);
	/* The fault line of the exit is the last one that is no head. */
	ck_assert_uint_eq(bq_log_error_line(&log)->number, 23);
	ck_assert_ptr_null(bq_log_line_before_header(&log));
	bq_log_free(&log);
}
END_TEST

/* A call that took another packet is no match. */
START_TEST(verify_log_release)
{
	const struct bq_log_step *release;
	struct bq_log log;

	ck_assert_int_eq(bq_log_parse(&log, stored_twice), 0);
	ck_assert(bq_log_was_packet(&log, 2, &release));
	ck_assert_int_eq(release->insn, 5);
	ck_assert(!bq_log_was_packet(&log, 1, &release));
	ck_assert_int_eq(bq_log_argument_release(&log)->insn, 5);
	bq_log_free(&log);
}
END_TEST

START_TEST(verify_log_release_over_the_stack)
{
	const struct bq_log_step *release;
	struct bq_log log;

	ck_assert_int_eq(bq_log_parse(&log, spilled), 0);
	ck_assert(bq_log_was_packet(&log, 3, &release));
	ck_assert_int_eq(release->insn, 3);
	bq_log_free(&log);
}
END_TEST

static void explain(const char *text, const char *op, const char *rule, const char *what)
{
	struct bq_explanation e;
	struct bq_log log;

	ck_assert_int_eq(bq_log_parse(&log, text), 0);
	ck_assert_int_eq(bq_explain_log(&e, &log, op), 0);
	ck_assert_str_eq(e.rule, rule);
	ck_assert_str_eq(e.what, what);
	ck_assert_int_eq(e.error_class, BQDISC_ERROR_REFUSED);
	bq_log_free(&log);
}

START_TEST(verify_rules_explain)
{
	explain(branches, "enqueue", "unreleased",
		"enqueue neither stores nor drops the packet on this path");
	explain(stored_twice, "enqueue", "stored_twice",
		"enqueue stores the packet after bpf_kptr_xchg() took it at two.bpf.c:17");
	explain(spilled, "reset", "used_after",
		"reset uses the packet after bpf_kfree_skb() took it at mine.bpf.c:30");
	explain(unbounded, "enqueue", "unbounded",
		"enqueue has a loop that the verifier cannot prove to end");
}
END_TEST

/* A program that reaches these limits would take minutes in a virtual machine. */
START_TEST(verify_rules_loops)
{
	static const char *const messages[] = {
		"BPF program is too large. Processed 1000001 insn\n",
		"The sequence of 8193 jumps is too complex.\n",
	};
	char log[256];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(log, sizeof(log),
			 "; for (i = 0; i < n; i++) @ a.c:3\n6: (07) r6 += 1   ; R6=9\n%s",
			 messages[i]);
		explain(log, "dequeue", "unbounded",
			"dequeue has a loop that the verifier cannot prove to end");
	}
}
END_TEST

/* One message has another cause when the reference is not that of the argument. */
START_TEST(verify_rules_depend_on_instructions)
{
	static const char log[] = "; p = new(); @ a.c:3\n"
				  "6: (85) call bpf_obj_new_impl#67936   ; R0=ptr_or_null_p(id=3)\n"
				  "; return 0; @ a.c:4\n"
				  "7: (95) exit\n"
				  "Unreleased reference id=3 alloc_insn=6\n";

	explain(log, "enqueue", "lost",
		"enqueue leaks on this path the object that bpf_obj_new_impl() returned at a.c:3");
}
END_TEST

START_TEST(verify_rules_object)
{
	struct bq_explanation e;

	ck_assert_int_eq(bq_explain_line(&e, "extern (func ksym) 'bpf_skb_release': not found in "
					     "kernel or module BTFs"),
			 0);
	ck_assert_str_eq(e.rule, "function_replaced");
	ck_assert_int_eq(e.error_class, BQDISC_ERROR_UNSUPPORTED);
	ck_assert_str_eq(e.what, "this kernel has no function bpf_skb_release()");
	ck_assert_int_eq(bq_explain_line(&e, "nothing that anyone knows"), -ENOENT);
}
END_TEST

/* Without a rule the explanation quotes the kernel. */
START_TEST(verify_rules_unknown)
{
	struct bq_explanation e;
	struct bq_log log;

	ck_assert_int_eq(bq_log_parse(&log, "Global function f() is odd\n"
					    "0: (95) exit\n"
					    "something new is wrong\nand more of it\n"),
			 0);
	ck_assert_int_eq(bq_explain_log(&e, &log, "init"), -ENOENT);
	ck_assert_str_eq(e.rule, "unknown");
	ck_assert_str_eq(e.what, "the kernel refuses init: something new is wrong");
	bq_log_free(&log);
}
END_TEST

/* A log may be truncated, and contains source text of an untrusted author. */
START_TEST(verify_log_survives_anything)
{
	static const char alphabet[] = "0123: (85)\n;@R=call bpf_kptr_xchg#r{}*.goto pc+-fp";
	struct bq_explanation e;
	struct bq_log log;
	char text[sizeof(branches) + 1];
	size_t i, len, round;

	for (round = 0; round < 5000; round++) {
		len = random_below(sizeof(branches));
		memcpy(text, round & 1 ? branches : stored_twice,
		       len < sizeof(stored_twice) ? len : sizeof(stored_twice) - 1);
		text[len < sizeof(stored_twice) ? len : sizeof(stored_twice) - 1] = '\0';
		for (i = random_below(20); i > 0 && text[0]; i--)
			text[random_below(strlen(text))] =
				alphabet[random_below(sizeof(alphabet) - 1)];
		if (bq_log_parse(&log, text))
			ck_abort_msg("no memory");
		bq_explain_log(&e, &log, random_below(2) ? "enqueue" : NULL);
		bq_log_free(&log);
		bq_explain_line(&e, text);
	}
}
END_TEST

Suite *verify_log_suite(void)
{
	Suite *s = suite_create("verify_log");

	ADD_TEST(s, verify_log_is_taken_apart);
	ADD_TEST(s, verify_log_path);
	ADD_TEST(s, verify_log_release);
	ADD_TEST(s, verify_log_release_over_the_stack);
	ADD_TEST(s, verify_rules_explain);
	ADD_TEST(s, verify_rules_loops);
	ADD_TEST(s, verify_rules_depend_on_instructions);
	ADD_TEST(s, verify_rules_object);
	ADD_TEST(s, verify_rules_unknown);
	ADD_TEST(s, verify_log_survives_anything);
	return s;
}
