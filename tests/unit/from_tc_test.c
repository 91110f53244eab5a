// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* lib/tc: scripts of tc commands as operations of bqdisc, and options in the words of tc. */
#include <linux/pkt_sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "qdisc/qdisc.h"
#include "tc/intree.h"
#include "tc/plan.h"

static char text[4096];
static size_t len;

__attribute__((format(printf, 1, 2))) static void append(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	len += (size_t)vsnprintf(text + len, sizeof(text) - len, fmt, ap);
	va_end(ap);
	ck_assert_uint_lt(len, sizeof(text));
}

static void append_op(const struct bq_op *op)
{
	static const char *const verbs[] = { "attach", "change", "detach" };
	int i;

	append("%s%s %s", len ? "; " : "", verbs[op->verb], op->dev);
	if (op->verb != BQ_OP_DETACH)
		append(" %s", op->qdisc);
	for (i = 0; i < op->words.n; i++)
		append(" %s", op->words.v[i]);
	if (op->queues)
		append(" --mq %u", op->queues);
	if (op->parent != TC_H_ROOT)
		append(" --parent %x:%x", op->parent >> 16, TC_H_MIN(op->parent));
}

/* Return the operations, or the problems, or what is noted behind the operations. */
static const char *convert(const char *script)
{
	struct bq_plan plan;
	size_t i;

	*text = '\0';
	len = 0;
	ck_assert_int_eq(bq_plan_make(&plan, script), 0);
	for (i = 0; !plan.problems.n && i < plan.n; i++)
		append_op(&plan.v[i]);
	for (i = 0; i < plan.problems.n; i++)
		append("%s%d: %s", len ? "; " : "", plan.problems.v[i].line,
		       plan.problems.v[i].text);
	if (plan.netns)
		append(" in %s", plan.netns);
	for (i = 0; i < plan.notes.n; i++)
		append(" (%s)", plan.notes.v[i].text);
	bq_plan_free(&plan);
	return text;
}

struct row {
	const char *script, *result;
};

static void check_all(const struct row *rows, size_t n)
{
	const char *got;
	size_t i;

	for (i = 0; i < n; i++) {
		got = convert(rows[i].script);
		ck_assert_msg(!strcmp(got, rows[i].result), "'%s'\n  gives '%s'\n  not   '%s'",
			      rows[i].script, got, rows[i].result);
	}
}

/* The commands of one line. */
START_TEST(from_tc_lines)
{
	static const struct row rows[] = {
		{ "tc qdisc add dev eth0 root netem delay 10ms", "attach eth0 netem delay 10ms" },
		{ "tc qdisc replace dev eth0 root handle 1: fq", "attach eth0 fq" },
		{ "tc qdisc change dev eth0 root netem loss 1%", "change eth0 netem loss 1%" },
		{ "tc qdisc del dev eth0 root", "detach eth0" },
		{ "tc qdisc del dev eth0 root netem delay 5ms", "detach eth0" },
		{ "tc q a dev eth0 root pfifo limit 5", "attach eth0 pfifo limit 5" },
		{ "tc qdisc add dev eth0 parent 1:2 bfifo", "attach eth0 bfifo --parent 1:2" },
		{ "tc qdisc del dev eth0 parent 1:a", "detach eth0 --parent 1:a" },
		{ "tc qdisc add root dev eth0 bq_pfifo_hdrop limit 3",
		  "attach eth0 pfifo_head_drop limit 3" },
		{ "/usr/sbin/tc -s qdisc add dev eth0 root fq", "attach eth0 fq" },
		{ "sudo -E tc -n blue qdisc add dev eth0 root fq", "attach eth0 fq in blue" },
		{ "sudo ip netns exec red tc qdisc add dev e root fq", "attach e fq in red" },
		{ "nsenter --net=/a/b tc qdisc add dev e root fq", "attach e fq in /a/b" },
		{ "qdisc add dev eth0 root fq", "attach eth0 fq" },
		{ "tc qdisc show", "" },
		{ "tc -s -d qdisc", "" },
		{ "tc class show dev eth0", "" },
		{ "", "" },
	};

	check_all(rows, N(rows));
}
END_TEST

START_TEST(from_tc_lines_refused)
{
	static const struct row rows[] = {
		{ "tc qdisc add dev eth0 root sfq",
		  "1: sfq: no qdisc of bqdisc can stand for it; 'bqdisc list' lists them" },
		{ "tc qdisc add dev eth0 root netem dely 1ms",
		  "1: netem: unknown option 'dely'; the nearest is 'delay'" },
		{ "tc qdisc add dev eth0 root netem reorder 5%",
		  "1: netem: 'reorder' needs 'delay'; add delay TIME" },
		{ "tc qdisc add dev eth0 ingress",
		  "1: ingress: bqdisc acts on packets that leave a device; redirect arriving ones "
		  "to an ifb device and attach there" },
		{ "tc qdisc add dev eth0 root stab overhead 4 fq",
		  "1: stab: has no counterpart in bqdisc; leave it out" },
		{ "tc qdisc add dev eth0 netem",
		  "1: missing place of the qdisc; add root, or parent CLASS" },
		{ "tc qdisc add root fq", "1: missing device; add dev DEV" },
		{ "tc qdisc add dev eth0 root", "1: missing kind; add one such as netem" },
		{ "tc qdisc add dev", "1: dev: missing value; give one" },
		{ "tc qdisc add dev 'eth*' root fq",
		  "1: dev eth*: is not the name of one device; give one" },
		{ "tc qdisc add dev eth0 parent 1:x fq",
		  "1: '1:x': is not a handle or a class; use one such as 1: or 1:2" },
		{ "tc qdisc link dev eth0 root", "1: tc qdisc link: has no counterpart in bqdisc" },
		{ "tc chain add dev eth0", "1: tc chain: has no counterpart in bqdisc; run it with "
					   "tc" },
		{ "tc", "1: tc: missing command; give one such as tc qdisc add dev eth0 root "
			"netem" },
		{ "tc -b file",
		  "1: -b: is not read; give the commands of the file to --from-tc -" },
		{ "tc qdisc change dev eth0 root htb default 1",
		  "1: htb: no qdisc of bqdisc can stand for it; 'bqdisc list' lists them" },
		{ "tc filter add dev eth0 u32 match u32 0 0 flowid 1:1",
		  "1: filter: only those of a qdisc with a handle in the same script have a "
		  "counterpart in bqdisc" },
		{ "tc class add dev eth0 parent 1: classid 1:1 htb rate 1mbit",
		  "1: class: only 'add' below a qdisc of the same script has a counterpart in "
		  "bqdisc" },
		{ "ip link set eth0 up", "1: 'ip': is not a tc command; run it before" },
	};

	check_all(rows, N(rows));
}
END_TEST

/* Syntax of the shell. */
START_TEST(from_tc_shell)
{
	static const struct row rows[] = {
		{ "#!/bin/sh\nset -e\n\n# comment\ntc qdisc add dev a root fq # more\n",
		  "attach a fq" },
		{ "tc qdisc add \\\n  dev a root \\\r\n  fq\r\ntc qdisc add dev b root fq",
		  "attach a fq; attach b fq" },
		{ "tc qdisc del dev a root 2>/dev/null || true; tc qdisc add dev a root fq",
		  "attach a fq" },
		{ "tc qdisc del dev a root >/dev/null 2>&1 && tc qdisc add dev b root fq",
		  "detach a; attach b fq" },
		{ "tc qdisc del dev a root &>/dev/null || :\ntc qdisc add dev a root fq limit 2",
		  "attach a fq limit 2" },
		{ "\"tc\" qdisc add dev 'a' root n\"et\"em delay \"10ms\"",
		  "attach a netem delay 10ms" },
		{ "tc qdisc add dev a root fq limit 2 > log", "attach a fq limit 2" },
		{ "tc qdisc add dev $DEV root fq",
		  "1: '$DEV': is shell syntax; write out tc commands with their values" },
		{ "tc qdisc add dev \"${DEV}\" root fq",
		  "1: '${DEV}': is shell syntax; write out tc commands with their values" },
		{ "\ntc qdisc add dev `x` root fq\ntc qdisc add dev a root fq\nfoo | bar",
		  "2: '`x`': is shell syntax; write out tc commands with their values; "
		  "4: '|': is shell syntax; write out tc commands with their values" },
		{ "tc qdisc del dev a root || tc qdisc add dev a root fq",
		  "1: '||': is shell syntax; write out tc commands with their values" },
		{ "tc qdisc add dev a root fq &",
		  "1: '&': is shell syntax; write out tc commands with their values" },
		{ "tc qdisc add dev 'a root fq",
		  "1: ''a': is shell syntax; write out tc commands with their values" },
		{ "tc -n x qdisc add dev a root fq\ntc qdisc add dev b root fq",
		  "2: the lines before act in another network namespace; use one command for "
		  "each in x" },
	};

	check_all(rows, N(rows));
}
END_TEST

/* Lines for one device, of which the last counts. */
START_TEST(from_tc_sequences)
{
	static const struct row rows[] = {
		{ "tc qdisc del dev a root\ntc qdisc add dev a root fq", "attach a fq" },
		{ "tc qdisc add dev a root fq\ntc qdisc del dev a root", "detach a" },
		{ "tc qdisc add dev a root fq\ntc qdisc replace dev a root pfifo",
		  "attach a pfifo" },
		{ "tc qdisc add dev a root fq\ntc qdisc add dev a root pfifo",
		  "2: add: line 1 has set the same qdisc of a; use replace" },
		{ "tc qdisc add dev a root netem delay 1ms\ntc qdisc change dev a root netem delay "
		  "2ms",
		  "2: change: line 1 sets this qdisc of a; write both as one command" },
		{ "tc qdisc replace dev a parent 1:1 fq\ntc qdisc replace dev a parent "
		  "1:2 fq limit 3",
		  "attach a fq --parent 1:1; attach a fq limit 3 --parent 1:2" },
		{ "tc qdisc add dev a root handle 1: netem\ntc qdisc add dev a parent 2:1 pfifo",
		  "2: parent 2:1: the script has no qdisc 2: on a; give its 'handle' where it is "
		  "made" },
	};

	check_all(rows, N(rows));
}
END_TEST

#define NETEM "tc qdisc add dev a root handle 1: netem delay 100ms"
#define BELOW "\ntc qdisc add dev a parent 1:1 handle 10: "

/* One qdisc below another. */
START_TEST(from_tc_pairs)
{
	static const struct row rows[] = {
		/* 256 kbit/s hold 3200 bytes in 100 ms; 6200 bytes are five packets. */
		{ NETEM BELOW "tbf rate 256kbit buffer 1600 limit 3000",
		  "attach a netem delay 100ms rate 256kbit limit 5" },
		/* 12500 and 50000 + 4096 bytes. */
		{ NETEM " limit 50" BELOW "tbf rate 1mbit burst 32kbit latency 400ms",
		  "attach a netem delay 100ms rate 1mbit limit 44" },
		{ NETEM BELOW "tbf rate 8mbit burst 10000 limit 15140",
		  "attach a netem delay 100ms rate 8mbit limit 77" },
		{ NETEM BELOW "tbf rate 8mbit burst 15141 limit 15140",
		  "2: tbf burst: netem's rate has no burst; use at most 15140 bytes or 10ms of the "
		  "rate, or bqdisc "
		  "without tbf" },
		{ NETEM BELOW "tbf rate 1mbit burst 3kb limit 9kb peakrate 2mbit mtu 1500",
		  "2: tbf peakrate: has no counterpart in netem's rate" },
		{ NETEM " rate 1mbit" BELOW "tbf rate 1mbit burst 3kb limit 9kb",
		  "2: tbf: the netem beside it has a rate too; give one" },
		{ NETEM BELOW "pfifo limit 1000", "attach a netem delay 100ms" },
		{ NETEM BELOW "pfifo", "attach a netem delay 100ms" },
		{ NETEM " limit 20" BELOW "pfifo limit 20", "attach a netem delay 100ms limit 20" },
		{ NETEM BELOW "pfifo limit 10",
		  "2: pfifo limit: is less than netem's, and only for packets that are due; give "
		  "netem the limit instead" },
		{ NETEM BELOW "fq_codel", "2: fq_codel: below netem it has no counterpart in "
					  "bqdisc" },
		{ NETEM " delay 5" BELOW "pfifo", "1: netem delay: given twice; give it once" },
		{ "tc qdisc add dev a root handle 1: tbf rate 1mbit burst 4kb limit 9kb" BELOW
		  "netem delay 7ms loss 1%",
		  "attach a netem delay 7ms loss 1% rate 1mbit" },
		{ "tc qdisc add dev a root handle 1: pfifo" BELOW "netem delay 1ms",
		  "2: netem: has no counterpart at this place in bqdisc" },
		{ "tc qdisc replace dev a parent 5:3 handle 1: netem delay 100ms" BELOW
		  "tbf rate 256kbit buffer 1600 limit 3000",
		  "attach a netem delay 100ms rate 256kbit limit 5 --parent 5:3" },
	};

	check_all(rows, N(rows));
}
END_TEST

/* A tbf alone. */
START_TEST(from_tc_tbf)
{
	static const struct row rows[] = {
		{ "tc qdisc add dev a root tbf rate 1mbit burst 4kb limit 15140",
		  "attach a tbf rate 1mbit burst 4kb limit 15140" },
		{ "tc qdisc add dev a root tbf rate 1mbit maxburst 4kb latency 5ms peakrate 2mbit "
		  "minburst 2000 mpu 64 overhead 8 linklayer adsl",
		  "attach a tbf rate 1mbit maxburst 4kb latency 5ms peakrate 2mbit minburst 2000 "
		  "mpu 64 overhead 8 linklayer adsl" },
		{ "tc qdisc add dev a root tbf rate 1mbit burst 4kb limit 15140 latency 5ms",
		  "1: tbf: 'latency' and 'limit' exclude each other; give one" },
		{ "tc qdisc add dev a root tbf burst 4kb limit 15140",
		  "1: tbf: missing rate; add rate RATE" },
	};

	check_all(rows, N(rows));
}
END_TEST

START_TEST(from_tc_mq)
{
	static const struct row rows[] = {
		{ "tc qdisc add dev a root handle 1: mq\ntc qdisc add dev a parent 1:1 fq limit 9\n"
		  "tc qdisc add dev a parent 1:2 fq limit 9",
		  "attach a fq limit 9 --mq 2" },
		{ "tc qdisc add dev a root handle 1: mq\ntc qdisc add dev a parent 1:1 fq limit 9\n"
		  "tc qdisc add dev a parent 1:2 fq limit 8",
		  "3: mq: queue 1:2 differs from that of line 2; bqdisc gives all queues the same "
		  "options" },
		{ "tc qdisc add dev a root mq",
		  "1: mq: missing the qdiscs of its queues; add them as parent 1:1 and so on, and "
		  "give mq a handle" },
		{ "tc qdisc add dev a root handle 1: mq\ntc qdisc add dev a parent 1:1 sfq",
		  "2: sfq: no qdisc of bqdisc can stand for it; 'bqdisc list' lists them" },
	};

	check_all(rows, N(rows));
}
END_TEST

/* prio, with all priorities in band 1, or as it is by default. */
#define PRIO "tc qdisc add dev a root handle 1: prio priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
#define BAND3 "tc qdisc add dev a parent 1:3 handle 30: netem delay 200ms\n"
#define BAND2 "tc qdisc add dev a parent 1:2 netem loss 5%\n"
#define U32 "tc filter add dev a protocol ip parent 1:0 prio 3 u32 match "
#define FLOWER(protocol) "tc filter add dev a protocol " protocol " parent 1: prio 5 flower "

START_TEST(from_tc_filters)
{
	static const struct row rows[] = {
		{ PRIO BAND3 U32 "ip dst 1.2.3.4/32 flowid 1:3",
		  "attach a netem delay 200ms match dst 1.2.3.4/32" },
		{ PRIO BAND3 U32 "ip dport 80 0xffff flowid 1:3",
		  "attach a netem delay 200ms match dport 80 dst 0.0.0.0/0" },
		{ PRIO BAND3 U32 "ip src 10.0.0.0/8 match ip protocol 17 0xff flowid 1:3",
		  "attach a netem delay 200ms match src 10.0.0.0/8 proto 17" },
		{ PRIO BAND3 U32 "ip tos 0x28 0xfc flowid 1:3",
		  "attach a netem delay 200ms match dscp 10 dst 0.0.0.0/0" },
		{ PRIO BAND3 U32 "u32 0 0 flowid 1:3",
		  "attach a netem delay 200ms match dst 0.0.0.0/0" },
		{ PRIO BAND3 U32 "mark 7 0xff match tcp dst 9 0xffff classid 1:3",
		  "attach a netem delay 200ms match mark 0x7/0xff dport 9 dst 0.0.0.0/0" },
		{ PRIO BAND3 FLOWER(
			  "ip") "dst_ip 1.2.3.0/24 ip_proto tcp dst_port 80-90 flowid 1:3",
		  "attach a netem delay 200ms match dst 1.2.3.0/24 proto tcp dport 80-90" },
		{ PRIO BAND3 FLOWER("ipv6") "src_ip fe80::1 skip_hw ip_tos 0x20/0xfc classid 1:3",
		  "attach a netem delay 200ms match src fe80::1 dscp 8" },
		{ PRIO BAND3 FLOWER("ipv6") "ip_proto icmpv6 classid 1:3",
		  "attach a netem delay 200ms match proto 58 dst ::/0" },
		{ PRIO BAND3 "tc filter add dev a parent 1: handle 6 fw flowid 1:3",
		  "attach a netem delay 200ms match mark 6" },
		{ PRIO BAND3 "tc filter add dev a parent 1: matchall classid 1:3",
		  "attach a netem delay 200ms" },
		{ PRIO BAND3 U32 "ip dst 1.2.3.4 match u8 1 1 at 3 flowid 1:3",
		  "3: filter u32: 'u8' has no counterpart in the match of a rule" },
		{ PRIO BAND3 U32 "ip tos 0x10 0xff flowid 1:3",
		  "3: filter u32: 'tos' needs the mask 0xfc, which leaves out the bits of ECN" },
		{ PRIO BAND3 U32 "ip dport 80 0xff00 flowid 1:3",
		  "3: filter u32: 'dport' has no counterpart in the match of a rule" },
		{ PRIO BAND3 U32 "ip dst 1.2.3.4",
		  "3: filter u32: missing class; add flowid CLASS" },
		{ PRIO BAND3 U32 "ip dst 1.2.3.4 flowid 2:3",
		  "3: filter: prio has no class 2:3; add it" },
		{ PRIO BAND3 FLOWER("arp") "flowid 1:3",
		  "3: filter: protocol arp has no counterpart in a rule; use ip, ipv6 or all" },
		{ PRIO BAND3 "tc filter add dev a parent 1: bpf obj x flowid 1:3",
		  "3: filter bpf: has no counterpart in bqdisc; use u32, flower, fw or matchall" },
		{ PRIO BAND3 U32 "ip dst 1.2.3.4 flowid 1:3 action drop",
		  "3: filter u32: 'action' has no counterpart in the match of a rule" },
		{ PRIO BAND3 U32 "ip dst 1.2.3.4/8 flowid 1:3",
		  "1: match dst: '1.2.3.4/8' has bits outside of its prefix; use 1.0.0.0/8" },
	};

	check_all(rows, N(rows));
}
END_TEST

/* The first filter that matches decides. The kernel gives later ones a lower priority. */
START_TEST(from_tc_rules)
{
	static const struct row rows[] = {
		{ PRIO BAND2 BAND3 "tc filter add dev a parent 1: prio 2 handle 2 fw flowid 1:2\n"
				   "tc filter add dev a parent 1: prio 1 handle 3 fw flowid 1:3\n"
				   "tc filter add dev a parent 1: prio 2 handle 4 fw flowid 1:1",
		  "attach a netem delay 200ms match mark 3 rule loss 5% match mark 2 "
		  "rule match mark "
		  "4" },
		{ PRIO BAND2 BAND3
		  "tc filter add dev a parent 1: protocol all handle 2 fw flowid 1:2\n"
		  "tc filter add dev a protocol all handle 3 fw flowid 1:3",
		  "attach a netem delay 200ms match mark 3 rule loss 5% match mark 2" },
		{ PRIO BAND2 BAND3 "tc filter add dev a parent 1: prio 1 handle 2 fw flowid 1:2\n"
				   "tc filter add dev a parent 1: prio 2 handle 3 fw flowid 1:3\n"
				   "tc filter del dev a parent 1: prio 1",
		  "attach a netem delay 200ms match mark 3" },
		/* ssh stays as it is, all else is delayed. */
		{ "tc qdisc add dev a root handle 1: prio priomap 2 2 2 2 2 2 2 2 2 2 2 "
		  "2 2 2 2 2\n" BAND3
		  "tc filter add dev a parent 1: protocol all flower ip_proto tcp dst_port 22 "
		  "flowid 1:1",
		  "attach a netem match proto tcp dport 22 rule delay 200ms" },
		{ "tc qdisc add dev a root handle 1: prio\n" BAND3
		  "tc filter add dev a parent 1: handle 3 fw flowid 1:3",
		  "attach a netem delay 200ms match mark 3 (prio also sends packets of "
		  "priority 1 2 3 5 "
		  "to a netem; bqdisc does so only with packets that a filter selects)" },
		{ PRIO "tc qdisc add dev a parent 1:2 netem loss 5% limit 30\n"
		       "tc qdisc add dev a parent 1:3 netem delay 1ms limit 20\n"
		       "tc filter add dev a parent 1: prio 1 handle 2 fw flowid 1:2\n"
		       "tc filter add dev a parent 1: prio 2 handle 3 fw flowid 1:3",
		  "attach a netem limit 50 loss 5% match mark 2 rule delay 1ms match mark 3" },
		{ PRIO BAND3, "1: prio: no packet goes to a netem; there is nothing to attach" },
		{ PRIO "tc qdisc add dev a parent 1:3 drr",
		  "2: drr: below prio it has no counterpart in bqdisc" },
		{ PRIO BAND3 "tc qdisc add dev a parent 1:1 sfq\n" U32 "ip dst 1.2.3.4 flowid 1:3",
		  "attach a netem delay 200ms match dst 1.2.3.4" },
	};

	check_all(rows, N(rows));
}
END_TEST

/* Several bands of prio may have the same netem. */
#define ALIKE(band) "tc qdisc add dev a parent 1:" band " netem delay 5ms\n"
#define QUEUE(band) "tc qdisc add dev a parent 1:" band " netem delay 5ms limit 3\n"

START_TEST(from_tc_alike_bands)
{
	static const struct row rows[] = {
		/* All packets are delayed but those of the filter. */
		{ "tc qdisc add dev a root handle 1: prio bands 4\n" ALIKE("1") ALIKE("2")
			  ALIKE("3") "tc qdisc add dev a parent 1:4 handle 40: prio\n" U32
				     "ip dport 22 0xffff flowid 1:4",
		  "attach a netem match dport 22 dst 0.0.0.0/0 rule delay 5ms" },
		/* Three queues are not one. */
		{ "tc qdisc add dev a root handle 1: prio bands 4\n" QUEUE("1") QUEUE("2")
			  QUEUE("3") "tc qdisc add dev a parent 1:4 pfifo\n" U32
				     "ip dport 22 0xffff flowid 1:1",
		  "attach a netem limit 3 delay 5ms match dport 22 dst 0.0.0.0/0 (prio also sends "
		  "packets of priority 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 to a netem; bqdisc "
		  "does so only with packets that a filter selects)" },
	};

	check_all(rows, N(rows));
}
END_TEST

#define HTB "tc qdisc add dev a root handle 1: htb"
#define CLASS(id, words) "\ntc class add dev a parent 1: classid 1:" id " htb " words

START_TEST(from_tc_htb)
{
	static const struct row rows[] = {
		{ HTB
		  " default 1" CLASS("1", "rate 10mbit") "\ntc qdisc add dev a parent 1:1 netem "
							 "delay 5ms",
		  "attach a netem delay 5ms rate 10mbit" },
		{ HTB " default 0x10 r2q 5" CLASS("10", "rate 1mbit ceil 1000kbit burst 15k"),
		  "attach a netem rate 1mbit" },
		{ HTB CLASS("2",
			    "rate 1mbit") "\ntc qdisc add dev a parent 1:2 handle 2: netem loss "
					  "1%\ntc filter add dev a parent 1: protocol ip u32 "
					  "match ip dst 10.0.0.1 flowid 1:2",
		  "attach a netem loss 1% rate 1mbit match dst 10.0.0.1" },
		{ HTB CLASS("2", "rate 1mbit ceil 2mbit"),
		  "2: class htb ceil: differs from rate, and a rule of netem does not "
		  "borrow; use the "
		  "same" },
		{ HTB CLASS("1",
			    "rate 1mbit") "\ntc class add dev a parent 1:1 classid 1:2 htb rate "
					  "1mbit",
		  "3: class 1:2: is below another class; a rule of netem shares its rate with no "
		  "other" },
		{ HTB CLASS("1", "rate 1mbit") "\ntc qdisc add dev a parent 1:1 sfq",
		  "3: sfq: below htb it has no counterpart in bqdisc" },
	};

	check_all(rows, N(rows));
}
END_TEST

/* tc takes a time without a unit as microseconds. */
START_TEST(from_tc_times)
{
	static const struct row rows[] = {
		{ "tc qdisc add dev a root netem delay 5000 100 25.0 reorder 5 50 gap 3",
		  "attach a netem delay 5000us 100us 25.0 reorder 5 50 gap 3" },
		{ "tc qdisc add dev a root netem limit 9 latency 1e3 0 loss 7",
		  "attach a netem limit 9 latency 1e3us 0 loss 7" },
		{ "tc qdisc change dev a root netem slot distribution normal 800 1000 packets 7",
		  "change a netem slot distribution normal 800ns 1000ns packets 7" },
		{ "tc qdisc add dev a root netem slot 800 1000 bytes 64",
		  "attach a netem slot 800ns 1000ns bytes 64" },
		{ "tc qdisc add dev a root fq ce_threshold 5 quantum 3000 timer_slack 10000",
		  "attach a fq ce_threshold 5us quantum 3000 timer_slack 10000us" },
		{ PRIO "tc qdisc add dev a parent 1:3 netem delay 7\n" U32 "ip sport 1 0xffff "
		       "flowid 1:3",
		  "attach a netem delay 7us match sport 1 dst 0.0.0.0/0" },
		{ "tc qdisc add dev a root netem delay -5", "1: netem delay: '-5' is negative" },
	};

	check_all(rows, N(rows));
}
END_TEST

/* --- options in the words of tc --- */

static void append_note(const char *option, const char *why, void *arg)
{
	(void)arg;
	append(" (%s %s)", option, why);
}

static const char *in_tc(const char *qdisc, const char *options)
{
	const struct bq_dev_params dev = { .mtu = 1500, .tx_queue_len = 1000 };
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)] = { 0 };
	const struct bqdisc_qdisc *q = bq_builtin_find(qdisc);
	struct bq_words words = { 0 }, tc = { 0 };
	struct bq_error error = { 0 };
	char *copy = strdup(options), *word;
	int i;

	*text = '\0';
	len = 0;
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		bq_words_add(&words, "%s", word);
	ck_assert_msg(!bq_options_parse(q, words.n, words.v, config, &error), "%s", error.text);
	ck_assert(!q->complete || !q->complete(config, &dev, &error));
	bq_intree_words(q, config, &tc, append_note, NULL);
	for (i = 0; i < tc.n; i++)
		append("%s%s", len ? " " : "", tc.v[i]);
	bq_words_free(&words);
	bq_words_free(&tc);
	free(copy);
	return text;
}

START_TEST(from_tc_words_of_tc)
{
	static const struct {
		const char *qdisc, *options, *tc;
	} rows[] = {
		{ "pfifo", "", "" },
		{ "pfifo", "limit 55", "limit 55" },
		{ "bfifo", "limit 15kb", "limit 15360" },
		{ "netem", "limit 7 delay 10ms 1500us 25% distribution normal",
		  "limit 7 delay 10ms 1.5ms 25% distribution normal" },
		{ "netem", "limit 7 delay 0 distribution uniform noecn loss 1%",
		  "limit 7 delay 0 loss random 1%" },
		{ "netem", "delay 5ms", "limit 100000 delay 5ms" },
		{ "netem", "limit 7 rate 1mbit -5 48 3 ordered",
		  " (ordered has no word in tc) limit 7 rate 1mbit -5 48 3" },
		{ "netem", "limit 7 loss burst 10% 4 delay 1500ns",
		  " (delay 1.5us is rounded to microseconds) limit 7 delay 1us loss gemodel "
		  "2.77777778% 24.99999998%" },
		{ "fq", "maxrate 50gbit",
		  " (maxrate 50gbit is more than tc takes) maxrate "
		  "34359738.352kbit" },
		{ "netem", "limit 7 delay 5h 1s",
		  " (delay 18000s is more than tc takes) limit 7 delay 274.877906s 1s" },
		{ "netem", "limit 7 slot 5ns 8ns packets 3 bytes 4kb seed 5",
		  "limit 7 slot 5ns 8ns packets 3 bytes 4096 seed 5" },
		{ "fq", "limit 5 quantum 3kb nopacing maxrate 1mbit horizon_cap timer_slack 5ns",
		  "limit 5 quantum 3072 maxrate 1mbit nopacing timer_slack 5ns horizon_cap" },
		{ "fq", "bands 3 priomap 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 0 weights 90000 80000 70000",
		  "bands 3 priomap 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 0 weights 90000 80000 70000" },
	};
	size_t i;

	for (i = 0; i < N(rows); i++)
		ck_assert_str_eq(in_tc(rows[i].qdisc, rows[i].options), rows[i].tc);
}
END_TEST

/* Text that is no script must not crash, and changes nothing. */
START_TEST(from_tc_random)
{
	static const char *const pieces[] = {
		"tc ",   "qdisc ",   "add ",    "dev ",    "eth0 ",    "root ",  "parent ",
		"1:",    "1 ",       "handle ", "netem ",  "delay ",   "1ms ",   "\n",
		"\\\n",  "'",        "\"",      "$",       "|",        "||",     "&&",
		";",     "#",        ">",       "filter ", "u32 ",     "match ", "ip ",
		"dst ",  "1.2.3.4 ", "flowid ", "prio ",   "htb ",     "class ", "classid ",
		"rate ", "mq ",      "tbf ",    "del ",    "replace ", "true",   " ",
		"2>&1 ",
	};
	char script[512];
	struct bq_plan plan;
	size_t i, n;

	for (i = 0; i < 20000; i++) {
		for (*script = '\0', n = random_below(40); n; n--)
			strcat(script, pieces[random_below(N(pieces))]);
		ck_assert_int_eq(bq_plan_make(&plan, script), 0);
		bq_plan_free(&plan);
	}
}
END_TEST

Suite *from_tc_suite(void)
{
	Suite *s = suite_create("from_tc");

	ADD_TEST(s, from_tc_lines);
	ADD_TEST(s, from_tc_lines_refused);
	ADD_TEST(s, from_tc_shell);
	ADD_TEST(s, from_tc_sequences);
	ADD_TEST(s, from_tc_pairs);
	ADD_TEST(s, from_tc_tbf);
	ADD_TEST(s, from_tc_mq);
	ADD_TEST(s, from_tc_filters);
	ADD_TEST(s, from_tc_rules);
	ADD_TEST(s, from_tc_alike_bands);
	ADD_TEST(s, from_tc_htb);
	ADD_TEST(s, from_tc_times);
	ADD_TEST(s, from_tc_words_of_tc);
	ADD_TEST(s, from_tc_random);
	return s;
}
