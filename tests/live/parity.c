// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * parity: sends the same options to an in-tree qdisc and to bqdisc's, and compares the answers.
 *
 *   parity SEED FIRST COUNT COMPARED KIND IN_TREE OURS
 *
 * Messages FIRST to FIRST + COUNT - 1 of in-tree KIND and SEED go to device IN_TREE with KIND and
 * to device OURS with bqdisc's kind. Of COMPARED messages that both accept, about evenly spread,
 * the resulting options are compared too: in the kernel's dump and in `bqdisc -j show`. Prints each
 * difference that is not a documented one, counts by attribute, and a line of JSON. Exits 1 if
 * there is a difference. `parity SEED N 1 1 KIND IN_TREE OURS` repeats message N.
 */
#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <math.h>
#include <net/if.h>
#include <stdio.h>

#include "netem.h"
#include "parity.h"

#define ROOM (2 * 65536)
#define PRINTED 20 /* differences */

static struct mnl_socket *nl;
static struct message message;
static unsigned char bytes[MOST_BYTES + 8];
static size_t length;

/* --- requests --- */

static struct nlmsghdr *begin(char *buf, uint16_t type, uint16_t flags, unsigned int ifindex)
{
	static uint32_t seq;
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++seq;
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_ifindex = (int)ifindex;
	tcm->tcm_parent = TC_H_ROOT;
	tcm->tcm_handle = 0x00770000;
	return nlh;
}

/* Send a request. Return 0 or the kernel's errno. */
static int talk(struct nlmsghdr *nlh, mnl_cb_t fn, void *arg)
{
	static char buf[ROOM];
	ssize_t n;
	int ret = 1;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return errno;
	while (ret > 0) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n < 0)
			return errno;
		ret = mnl_cb_run(buf, (size_t)n, nlh->nlmsg_seq, mnl_socket_get_portid(nl), fn,
				 arg);
	}
	return ret < 0 ? errno : 0;
}

static int new_qdisc(unsigned int ifindex, const char *kind)
{
	static char buf[ROOM];
	struct nlmsghdr *nlh = begin(buf, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex);

	mnl_attr_put_strz(nlh, TCA_KIND, kind);
	if (!message.absent)
		mnl_attr_put(nlh, TCA_OPTIONS | message.flags, length, bytes);
	return talk(nlh, NULL, NULL);
}

static void delete_qdisc(unsigned int ifindex)
{
	static char buf[1024];
	int err = talk(begin(buf, RTM_DELQDISC, 0, ifindex), NULL, NULL);

	if (!err)
		return;
	fprintf(stderr, "message cannot be deleted: %s\n", strerror(err));
	exit(2);
}

/* --- resulting options --- */

/* The in-tree qdisc's attributes by type, copied from its dump, and its struct. */
static struct {
	unsigned char data[32][64];
	size_t size[32];
	struct tc_netem_qopt qopt;
} dumped;

static void keep_attr(const struct nlattr *a)
{
	uint16_t type = mnl_attr_get_type(a), size = mnl_attr_get_payload_len(a);

	if (type >= ARRAY_SIZE(dumped.size) || size > sizeof(dumped.data[0]))
		return;
	dumped.size[type] = size;
	memcpy(dumped.data[type], mnl_attr_get_payload(a), size);
}

static int keep_options(const struct nlmsghdr *nlh, void *arg)
{
	const struct kind *kind = arg;
	const struct nlattr *attr;
	const char *from, *end, *at;

	mnl_attr_for_each(attr, nlh, sizeof(struct tcmsg))
	{
		if (mnl_attr_get_type(attr) != TCA_OPTIONS)
			continue;
		from = mnl_attr_get_payload(attr);
		end = from + mnl_attr_get_payload_len(attr);
		memcpy(&dumped.qopt, from, kind->struct_size);
		for (at = from + NLA_ALIGN(kind->struct_size);
		     mnl_attr_ok((const struct nlattr *)at, (int)(end - at));
		     at = (const char *)mnl_attr_next((const struct nlattr *)at))
			keep_attr((const struct nlattr *)at);
	}
	return MNL_CB_OK;
}

static uint64_t dumped_number(unsigned int type)
{
	uint64_t number = 0;

	memcpy(&number, dumped.data[type], dumped.size[type] < 8 ? dumped.size[type] : 8);
	return number;
}

static uint32_t dumped_word(unsigned int type, size_t n)
{
	uint32_t word;

	memcpy(&word, dumped.data[type] + 4 * n, sizeof(word));
	return word;
}

static char shown[65536];
static unsigned int values, values_differ;

/* Return the value of KEY in the options that bqdisc shows, or NULL. */
static const char *shown_value(const char *key)
{
	const char *options = strstr(shown, "\"options\":");
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = options ? strstr(options, quoted) : NULL;
	if (!at)
		return NULL;
	at += strlen(quoted);
	at += strspn(at, " \"[");
	return strncmp(at, "null", 4) ? at : NULL;
}

static void differs(const char *key, const char *in_tree, const char *ours)
{
	values_differ++;
	if (values_differ <= PRINTED)
		printf("difference: %s is %s in-tree, and bqdisc's %.40s\n", key, in_tree,
		       ours ? ours : "null");
}

/* Expect an integer from LOW to HIGH; null stands for 0. */
static void want_between(const char *key, int64_t low, int64_t high)
{
	const char *value = shown_value(key);
	int64_t is = !value                       ? 0
		     : !strncmp(value, "true", 4) ? 1
						  : (int64_t)strtoull(value, NULL, 10);
	char text[64];

	values++;
	if (is >= low && is <= high)
		return;
	snprintf(text, sizeof(text), "%" PRId64 " to %" PRId64, low, high);
	differs(key, text, value);
}

static void want(const char *key, uint64_t number)
{
	want_between(key, (int64_t)number, (int64_t)number);
}

/* Expect a probability. bqdisc prints ten digits. */
static void want_share(const char *key, uint32_t share)
{
	const char *value = shown_value(key);
	double is = value ? strtod(value, NULL) * UINT32_MAX / 100 : 0;
	char text[32];

	values++;
	if (fabs(is - share) < 2)
		return;
	snprintf(text, sizeof(text), "%u of 2^32 - 1", share);
	differs(key, text, value);
}

static void want_array(const char *key, size_t n, uint32_t (*element)(size_t i))
{
	const char *value = shown_value(key);
	char *end = (char *)value, text[32];
	size_t i;

	values++;
	for (i = 0; i < n && end; i++) {
		if (strtoul(end, &end, 10) != element(i)) {
			snprintf(text, sizeof(text), "%u at %zu", element(i), i);
			differs(key, text, value);
			return;
		}
		end += strspn(end, ", ");
	}
	if (!value)
		differs(key, "an array", NULL);
}

static uint32_t priomap_at(size_t i)
{
	return dumped.data[TYPE_PRIOMAP][4 + i];
}
static uint32_t weight_at(size_t i)
{
	return dumped_word(TYPE_WEIGHTS, i);
}

/* The kernel keeps refill_delay in jiffies, of 10 ms at most, and rounds up. */
static void compare_fq(void)
{
	int64_t refill = (int64_t)dumped_number(TCA_FQ_FLOW_REFILL_DELAY) * 1000;
	uint64_t rate = dumped_number(TCA_FQ_FLOW_MAX_RATE);
	uint64_t ce = dumped_number(TCA_FQ_CE_THRESHOLD);

	want("limit_packets", dumped_number(TCA_FQ_PLIMIT));
	want("flow_limit_packets", dumped_number(TCA_FQ_FLOW_PLIMIT));
	want("quantum_bytes", dumped_number(TCA_FQ_QUANTUM));
	want("initial_quantum_bytes", dumped_number(TCA_FQ_INITIAL_QUANTUM));
	want("pacing", dumped_number(TCA_FQ_RATE_ENABLE));
	want("maxrate_bits_per_second", rate == ~0u ? 0 : rate * 8);
	want("buckets", 1u << dumped_number(TCA_FQ_BUCKETS_LOG));
	want_between("refill_delay_ns", refill > 10000000 ? refill - 10000000 : 0, refill);
	want("orphan_mask", dumped_number(TCA_FQ_ORPHAN_MASK));
	want("low_rate_threshold_bits_per_second", dumped_number(TCA_FQ_LOW_RATE_THRESHOLD) * 8);
	want("ce_threshold_ns", ce == ~0u ? 0 : ce * 1000);
	want("timer_slack_ns", dumped_number(TCA_FQ_TIMER_SLACK));
	want("horizon_ns", dumped_number(TCA_FQ_HORIZON) * 1000);
	want("horizon_drop", dumped_number(TCA_FQ_HORIZON_DROP) != 0);
	want("offload_horizon_ns", dumped_number(TYPE_OFFLOAD_HORIZON) * 1000);
	want_array("priomap", 16, priomap_at);
	want_array("weights_bytes", 3, weight_at);
}

static void compare_loss(void)
{
	const struct nlattr *model = (const void *)dumped.data[TCA_NETEM_LOSS];

	if (!dumped.size[TCA_NETEM_LOSS]) {
		want_share("loss_percent", dumped.qopt.loss);
		if (dumped.qopt.loss)
			want_share("loss_correlation_percent", dumped_word(TCA_NETEM_CORR, 1));
		return;
	}
	if (mnl_attr_get_type(model) == NETEM_LOSS_GI) {
		want_share("loss_p13_percent", dumped_word(TCA_NETEM_LOSS, 1));
		want_share("loss_p31_percent", dumped_word(TCA_NETEM_LOSS, 2));
		want_share("loss_p32_percent", dumped_word(TCA_NETEM_LOSS, 3));
		want_share("loss_p14_percent", dumped_word(TCA_NETEM_LOSS, 4));
		want_share("loss_p23_percent", dumped_word(TCA_NETEM_LOSS, 5));
		return;
	}
	want_share("loss_p_percent", dumped_word(TCA_NETEM_LOSS, 1));
	want_share("loss_r_percent", dumped_word(TCA_NETEM_LOSS, 2));
	want_share("loss_1_h_percent", ~dumped_word(TCA_NETEM_LOSS, 3));
	want_share("loss_1_k_percent", dumped_word(TCA_NETEM_LOSS, 4));
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void compare_rate(void)
{
	uint64_t rate = dumped_word(TCA_NETEM_RATE, 0);

	if (dumped.size[TCA_NETEM_RATE64])
		rate = dumped_number(TCA_NETEM_RATE64);
	want("rate_bits_per_second", least(rate, NETEM_MAX_RATE) * 8);
	if (!rate)
		return;
	want("rate_overhead_bytes", (uint64_t)(int32_t)dumped_word(TCA_NETEM_RATE, 1));
	want("rate_cell_size_bytes", dumped_word(TCA_NETEM_RATE, 2));
	want("rate_cell_overhead_bytes", (uint64_t)(int32_t)dumped_word(TCA_NETEM_RATE, 3));
}

/* The dump has no tables, without which the distribution of the slots says nothing. */
static void compare_slot(void)
{
	struct tc_netem_slot slot;

	memcpy(&slot, dumped.data[TCA_NETEM_SLOT], sizeof(slot));
	if (!dumped.size[TCA_NETEM_SLOT])
		return;
	want("packets_per_slot_packets", (uint64_t)slot.max_packets);
	want("bytes_per_slot_bytes", (uint64_t)slot.max_bytes);
	if (shown_value("slot_distribution")) {
		want("slot_delay_ns", least((uint64_t)slot.dist_delay, NETEM_MAX_TIME));
		want("slot_jitter_ns", (uint64_t)slot.dist_jitter);
		return;
	}
	want("slot_ns", least((uint64_t)slot.min_delay, NETEM_MAX_TIME));
	want("slot_max_ns", least((uint64_t)slot.max_delay, NETEM_MAX_TIME));
}

/*
 * Return the last attribute of TYPE before the first malformed one, behind FROM bytes; NULL: there
 * is none.
 */
static const struct nlattr *last_attr(size_t from, uint16_t type)
{
	const struct nlattr *a = (const struct nlattr *)(bytes + from), *last = NULL;

	for (; mnl_attr_ok(a, (int)(bytes + length - (unsigned char *)a)); a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == type)
			last = a;
	return last;
}

/* Correlations and reordering without the share or the gap that they belong to have no effect. */
static void compare_netem(void)
{
	want("limit_packets", dumped.qopt.limit);
	want("delay_ns", least(dumped_number(TCA_NETEM_LATENCY64), NETEM_MAX_TIME));
	want("jitter_ns", dumped_number(TCA_NETEM_JITTER64));
	want_share("delay_correlation_percent", dumped_word(TCA_NETEM_CORR, 0));
	want_share("duplicate_percent", dumped.qopt.duplicate);
	if (dumped.qopt.duplicate)
		want_share("duplicate_correlation_percent", dumped_word(TCA_NETEM_CORR, 2));
	want_share("corrupt_percent", dumped_word(TCA_NETEM_CORRUPT, 0));
	if (dumped_word(TCA_NETEM_CORRUPT, 0))
		want_share("corrupt_correlation_percent", dumped_word(TCA_NETEM_CORRUPT, 1));
	if (dumped.qopt.gap) {
		want("gap_packets", dumped.qopt.gap);
		want_share("reorder_percent", dumped_word(TCA_NETEM_REORDER, 0));
		want_share("reorder_correlation_percent", dumped_word(TCA_NETEM_REORDER, 1));
	}
	want("ecn", dumped_number(TCA_NETEM_ECN) != 0);
	if (last_attr(sizeof(dumped.qopt), TYPE_PRNG_SEED))
		want("seed", dumped_number(TYPE_PRNG_SEED));
	compare_loss();
	compare_rate();
	compare_slot();
}

/* Compute as psched_ns_t2l(). */
static uint64_t bytes_of_ticks(const struct tc_ratespec *rate, uint64_t bytes_per_s, uint32_t ticks)
{
	uint64_t len = least((uint64_t)ticks * 64, UINT32_MAX) * bytes_per_s / 1000000000;

	if (rate->linklayer == TC_LINKLAYER_ATM)
		len = len / 53 * 48;
	return least(len > rate->overhead ? len - rate->overhead : 0, UINT32_MAX);
}

/* Compare a burst: that of the message in bytes, or what the kernel makes of its ticks. */
static void want_burst(const char *key, uint16_t type, const struct tc_ratespec *rate,
		       uint64_t bytes_per_s, uint32_t ticks)
{
	const struct nlattr *burst = last_attr(0, type);

	want(key, burst ? mnl_attr_get_u32(burst) : bytes_of_ticks(rate, bytes_per_s, ticks));
}

static uint64_t rate_of(const struct tc_ratespec *rate, unsigned int wide)
{
	return dumped.size[wide] ? dumped_number(wide) : rate->rate;
}

static void compare_tbf(void)
{
	struct tc_tbf_qopt qopt;
	uint64_t rate, peak;
	const char *layer = shown_value("linklayer");

	memcpy(&qopt, dumped.data[TCA_TBF_PARMS], sizeof(qopt));
	rate = rate_of(&qopt.rate, TCA_TBF_RATE64);
	peak = rate_of(&qopt.peakrate, TCA_TBF_PRATE64);
	want("rate_bits_per_second", rate * 8);
	want("peakrate_bits_per_second", peak * 8);
	want("limit_bytes", qopt.limit);
	want("overhead_bytes", qopt.rate.overhead);
	want("mpu_bytes", qopt.rate.mpu);
	want_burst("burst_bytes", TCA_TBF_BURST, &qopt.rate, rate, qopt.buffer);
	if (peak)
		want_burst("mtu_bytes", TCA_TBF_PBURST, &qopt.peakrate, peak, qopt.mtu);
	values++;
	if (!layer || !strncmp(layer, "atm", 3) != (qopt.rate.linklayer == TC_LINKLAYER_ATM))
		differs("linklayer", qopt.rate.linklayer == TC_LINKLAYER_ATM ? "atm" : "ethernet",
			layer);
}

/* Expect a time that the in-tree qdisc keeps in units of 1024 ns, and prints in us. */
static void want_codel_time(const char *key, unsigned int type)
{
	int64_t us = (int64_t)dumped_number(type);

	want_between(key, us * 1000, (us + 2) * 1000);
}

static void compare_fq_codel(void)
{
	want("limit_packets", dumped_number(TCA_FQ_CODEL_LIMIT));
	want("flows", dumped_number(TCA_FQ_CODEL_FLOWS));
	want("quantum_bytes", dumped_number(TCA_FQ_CODEL_QUANTUM));
	want("ecn", dumped_number(TCA_FQ_CODEL_ECN));
	want("memory_limit_bytes", dumped_number(TCA_FQ_CODEL_MEMORY_LIMIT));
	want("drop_batch_packets", dumped_number(TCA_FQ_CODEL_DROP_BATCH_SIZE));
	want_codel_time("target_ns", TCA_FQ_CODEL_TARGET);
	want_codel_time("interval_ns", TCA_FQ_CODEL_INTERVAL);
	want_codel_time("ce_threshold_ns", TCA_FQ_CODEL_CE_THRESHOLD);
	/* Dumped with a threshold only. */
	if (!dumped.size[TCA_FQ_CODEL_CE_THRESHOLD])
		return;
	want("ce_threshold_selector", dumped_number(TYPE_CE_SELECTOR));
	want("ce_threshold_mask", dumped_number(TYPE_CE_MASK));
}

static void compare_fifo(const struct kind *kind)
{
	want(!strcmp(kind->in_tree, "bfifo") ? "limit_bytes" : "limit_packets",
	     dumped.qopt.latency);
}

/* Compare the options of both qdiscs. Return false if they differ. */
static bool compare(const struct kind *kind, unsigned int in_tree, const char *ours)
{
	static char buf[1024];
	unsigned int before = values_differ;
	char command[64];
	size_t n;
	FILE *f;

	memset(&dumped, 0, sizeof(dumped));
	if (talk(begin(buf, RTM_GETQDISC, NLM_F_ECHO, in_tree), keep_options, (void *)kind))
		return false;
	snprintf(command, sizeof(command), "bqdisc -j show --all %s 2>/dev/null", ours);
	f = popen(command, "r");
	n = f ? fread(shown, 1, sizeof(shown) - 1, f) : 0;
	shown[n] = 0;
	if (!f || pclose(f))
		return false;
	if (!kind->last_type)
		compare_fifo(kind);
	else if (kind->struct_size)
		compare_netem();
	else if (!strcmp(kind->in_tree, "tbf"))
		compare_tbf();
	else if (!strcmp(kind->in_tree, "fq_codel"))
		compare_fq_codel();
	else
		compare_fq();
	return values_differ == before;
}

/* --- answers --- */

struct count {
	unsigned int messages, accepted, refused, errno_differs, class_differs, documented;
};

/*
 * Differences that are intended. ERR and OURS are the errno of each side.
 *
 * netem without TCA_OPTIONS: the in-tree netem refuses it. mq creates its children, and the core a
 * default qdisc, without options; bqdisc's netem must not leave a device without a queue.
 */
static bool is_documented(const struct kind *kind, int err, int ours)
{
	return message.absent && !strcmp(kind->in_tree, "netem") && err == EINVAL && !ours;
}

static void count(struct count *c, const struct kind *kind, int err, int ours)
{
	bool documented = err != ours && is_documented(kind, err, ours);

	c->messages++;
	c->accepted += !err && !ours;
	c->refused += err && ours;
	c->documented += documented;
	c->class_differs += !documented && !err != !ours;
	c->errno_differs += !documented && err && ours && err != ours;
}

static const char *type_name(const struct kind *kind, unsigned int type)
{
	static const char *const netem[] = { "struct",  "CORR",      "DELAY_DIST", "REORDER",
					     "CORRUPT", "LOSS",      "RATE",       "ECN",
					     "RATE64",  "PAD",       "LATENCY64",  "JITTER64",
					     "SLOT",    "SLOT_DIST", "PRNG_SEED" };
	static const char *const fq[] = { "struct",
					  "PLIMIT",
					  "FLOW_PLIMIT",
					  "QUANTUM",
					  "INITIAL_QUANTUM",
					  "RATE_ENABLE",
					  "FLOW_DEFAULT_RATE",
					  "FLOW_MAX_RATE",
					  "BUCKETS_LOG",
					  "FLOW_REFILL_DELAY",
					  "ORPHAN_MASK",
					  "LOW_RATE_THRESHOLD",
					  "CE_THRESHOLD",
					  "TIMER_SLACK",
					  "HORIZON",
					  "HORIZON_DROP",
					  "PRIOMAP",
					  "WEIGHTS",
					  "OFFLOAD_HORIZON" };
	static const char *const tbf[] = { "struct", "PARMS",   "RTAB",  "PTAB",
					   "RATE64", "PRATE64", "BURST", "PBURST" };
	static const char *const fq_codel[] = { "struct",       "TARGET",       "LIMIT",
						"INTERVAL",     "ECN",          "FLOWS",
						"QUANTUM",      "CE_THRESHOLD", "DROP_BATCH",
						"MEMORY_LIMIT", "CE_SELECTOR",  "CE_MASK" };
	static const char *const others[] = { "unknown attributes", "the whole", "nothing" };

	if (type >= AT_UNKNOWN)
		return others[type - AT_UNKNOWN];
	if (!kind->last_type)
		return "struct";
	if (!strcmp(kind->in_tree, "tbf"))
		return tbf[type];
	if (!strcmp(kind->in_tree, "fq_codel"))
		return fq_codel[type];
	return kind->struct_size ? netem[type] : fq[type];
}

static void print_message(const struct kind *kind, uint64_t number, int err, int ours)
{
	size_t i;

	printf("difference: %s message %" PRIu64 ": in-tree %s, bqdisc %s:", kind->in_tree, number,
	       err ? strerror(err) : "accepts", ours ? strerror(ours) : "accepts");
	if (message.absent)
		printf(" no options");
	for (i = 0; i < length && i < 160 && !message.absent; i++)
		printf("%s%02x", i % 4 ? "" : " ", bytes[i]);
	printf(" (%zu bytes)\n", length);
}

static void print_counts(const struct kind *kind, const struct count *counts)
{
	unsigned int type;

	for (type = 0; type < AT_END; type++) {
		const struct count *c = &counts[type];

		if (c->messages)
			printf("# %s %s: %u messages, %u accepted, %u refused, %u with another "
			       "errno, %u documented, %u differ\n",
			       kind->in_tree, type_name(kind, type), c->messages, c->accepted,
			       c->refused, c->errno_differs, c->documented, c->class_differs);
	}
}

struct run {
	const struct kind *kind;
	uint64_t seed, first, messages, compared;
	unsigned int in_tree, ours;
	const char *ours_name;
	struct count counts[AT_END], all;
	uint64_t taken,
		done; /* messages that both accepted, and those whose options were compared */
	unsigned int printed;
};

/* Compare options once for each so many accepted messages; about half are accepted. */
static bool is_sample(const struct run *r)
{
	uint64_t step = r->compared ? r->messages / r->compared / 3 : 0;

	return r->done < r->compared && (step < 2 || r->taken % step == 0);
}

static void try_message(struct run *r, uint64_t number)
{
	unsigned int type;
	int err, ours;

	make_message(&message, r->kind, r->seed, number);
	length = write_message(&message, bytes);
	err = new_qdisc(r->in_tree, r->kind->in_tree);
	ours = new_qdisc(r->ours, r->kind->ours);
	for (type = 0; type < AT_END; type++)
		if (message.touched >> type & 1)
			count(&r->counts[type], r->kind, err, ours);
	count(&r->all, r->kind, err, ours);
	if (err != ours && !is_documented(r->kind, err, ours) && r->printed++ < PRINTED)
		print_message(r->kind, number, err, ours);
	if (!err && !ours) {
		r->taken++;
		if (is_sample(r)) {
			r->done++;
			if (!compare(r->kind, r->in_tree, r->ours_name) && r->printed++ < PRINTED)
				print_message(r->kind, number, err, ours);
		}
	}
	if (!err)
		delete_qdisc(r->in_tree);
	if (!ours)
		delete_qdisc(r->ours);
}

static int run_all(struct run *r)
{
	uint64_t i;

	for (i = 0; i < r->messages; i++)
		try_message(r, r->first + i);
	print_counts(r->kind, r->counts);
	printf("{\"kind\":\"%s\",\"seed\":%" PRIu64 ",\"messages\":%u,\"accepted\":%u,"
	       "\"refused\":%u,\"documented\":%u,\"errno_differs\":%u,\"class_differs\":%u,"
	       "\"compared\":%" PRIu64 ",\"values\":%u,\"values_differ\":%u}\n",
	       r->kind->in_tree, r->seed, r->all.messages, r->all.accepted, r->all.refused,
	       r->all.documented, r->all.errno_differs, r->all.class_differs, r->done, values,
	       values_differ);
	return r->all.class_differs || r->all.errno_differs || values_differ || !r->all.accepted;
}

int main(int argc, char *argv[])
{
	static struct run r;
	int one = 1;
	size_t i;

	if (argc != 8)
		return 2;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].in_tree, argv[5]))
			r.kind = &kinds[i];
	r.seed = strtoull(argv[1], NULL, 10);
	r.first = strtoull(argv[2], NULL, 10);
	r.messages = strtoull(argv[3], NULL, 10);
	r.compared = strtoull(argv[4], NULL, 10);
	r.in_tree = if_nametoindex(argv[6]);
	r.ours = if_nametoindex(argv[7]);
	r.ours_name = argv[7];
	nl = mnl_socket_open(NETLINK_ROUTE);
	if (!r.kind || !r.in_tree || !r.ours || !nl ||
	    mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return 2;
	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &one, sizeof(one));
	make_table();
	return run_all(&r);
}
