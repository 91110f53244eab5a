/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Messages of parity.c: options as tc sends them for in-tree qdiscs, and mutations of them. The
 * number of a message and the seed determine it.
 */
#ifndef PARITY_H
#define PARITY_H

#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define MOST_ATTRS 4096
#define MOST_BYTES 65531 /* payload of the largest attribute */
#define MOST_TABLE 20000 /* values; the kernels take 16384 */

/* Attribute types that older versions of linux/pkt_sched.h lack. */
enum { TYPE_CE_SELECTOR = 10, TYPE_CE_MASK };
enum { TYPE_PRNG_SEED = 14, TYPE_PRIOMAP = 16, TYPE_WEIGHTS, TYPE_OFFLOAD_HORIZON };

/* Counters of a kind: one an attribute type, and these. */
enum { AT_STRUCT = 0, AT_UNKNOWN = 20, AT_WHOLE, AT_NOTHING, AT_END };

struct attr {
	uint16_t type;
	uint16_t stated; /* in the header instead of the true length; 0: the true one */
	size_t size;
	unsigned char *data;
};

struct message {
	bool absent;    /* no TCA_OPTIONS */
	uint16_t flags; /* of the type of TCA_OPTIONS */
	size_t struct_size;
	unsigned char head[32]; /* struct before the attributes */
	size_t n;
	struct attr attrs[MOST_ATTRS];
	size_t cut, tail; /* bytes taken off the end, and added */
	uint32_t touched; /* 1 << AT_... of what was mutated */
};

/* Part of a recorded message. */
struct part {
	uint16_t type;
	size_t size;
	const void *data;
};

struct record {
	struct tc_netem_qopt qopt;
	struct part parts[8];
};

struct kind {
	const char *in_tree, *ours;
	size_t struct_size;
	uint16_t last_type;
	const struct record *records;
	size_t n_records;
};

/* --- recorded messages --- */

#define PART(type, ...)                                                                            \
	{                                                                                          \
		type, sizeof(__VA_ARGS__), &(__VA_ARGS__)                                          \
	}
#define U32(type, value) PART(type, (const uint32_t){ value })
#define U64(type, value) PART(type, (const uint64_t){ value })
#define TABLE(type, values)                                                                        \
	{                                                                                          \
		type, (values) * sizeof(int16_t), table                                            \
	}
#define NESTED(of, type, ...)                                                                      \
	PART(TCA_NETEM_LOSS, (const struct {                                                       \
		     struct nlattr head;                                                           \
		     struct of model;                                                              \
	     }){ { NLA_HDRLEN + sizeof(struct of), type }, { __VA_ARGS__ } })

#define PERCENT(n) ((uint32_t)(42949672.95 * (n)))
#define MS(n) ((n)*1000000ull)
#define TICKS(ms) ((uint32_t)(MS(ms) / 64))

static int16_t table[MOST_TABLE];
static uint32_t cells[256]; /* rate table of a link with cells of 53 bytes */

static const struct record netem_records[] = {
	{ { .limit = 1000 }, {} },
	{ { .latency = TICKS(10), .limit = 1000 }, { U64(TCA_NETEM_LATENCY64, MS(10)) } },
	{ { TICKS(100), 1000, .jitter = TICKS(20) },
	  { PART(TCA_NETEM_CORR, (const struct tc_netem_corr){ .delay_corr = PERCENT(25) }),
	    U64(TCA_NETEM_LATENCY64, MS(100)), U64(TCA_NETEM_JITTER64, MS(20)) } },
	{ { TICKS(20), 1000, .jitter = TICKS(5) },
	  { U64(TCA_NETEM_LATENCY64, MS(20)), U64(TCA_NETEM_JITTER64, MS(5)),
	    TABLE(TCA_NETEM_DELAY_DIST, 4096) } },
	{ { TICKS(20), 1000, .jitter = TICKS(5) }, { TABLE(TCA_NETEM_DELAY_DIST, 16384) } },
	{ { .limit = 1000, .loss = PERCENT(5) },
	  { PART(TCA_NETEM_CORR, (const struct tc_netem_corr){ .loss_corr = PERCENT(25) }) } },
	{ { .limit = 1000 },
	  { NESTED(tc_netem_gimodel, NETEM_LOSS_GI, PERCENT(2), PERCENT(98), 0, 0,
		   PERCENT(100)) } },
	{ { .limit = 1000 },
	  { NESTED(tc_netem_gemodel, NETEM_LOSS_GE, PERCENT(1), PERCENT(10), PERCENT(30),
		   42949) } },
	{ { .limit = 1000, .loss = PERCENT(5) }, { U32(TCA_NETEM_ECN, 1) } },
	{ { .limit = 1000, .duplicate = PERCENT(1) },
	  { PART(TCA_NETEM_CORR, (const struct tc_netem_corr){ .dup_corr = PERCENT(50) }) } },
	{ { .limit = 1000 },
	  { PART(TCA_NETEM_CORRUPT, (const struct tc_netem_corrupt){ PERCENT(1), PERCENT(2) }) } },
	{ { .latency = TICKS(10), .limit = 1000, .gap = 5 },
	  { PART(TCA_NETEM_REORDER, (const struct tc_netem_reorder){ PERCENT(25), PERCENT(50) }),
	    U64(TCA_NETEM_LATENCY64, MS(10)) } },
	{ { .limit = 1000 },
	  { PART(TCA_NETEM_RATE, (const struct tc_netem_rate){ 125000, 20, 48, 5 }) } },
	{ { .limit = 1000 },
	  { U64(TCA_NETEM_RATE64, 12500000000),
	    PART(TCA_NETEM_RATE, (const struct tc_netem_rate){ .rate = ~0u }) } },
	{ { .limit = 1000 },
	  { PART(TCA_NETEM_SLOT, (const struct tc_netem_slot){ MS(10), MS(20), 3, 4000, 0, 0 }) } },
	{ { .limit = 1000 },
	  { PART(TCA_NETEM_SLOT,
		 (const struct tc_netem_slot){ .dist_delay = MS(5), .dist_jitter = MS(1) }),
	    TABLE(TCA_NETEM_SLOT_DIST, 4096) } },
	{ { .latency = TICKS(1), .limit = 10 }, { U64(TYPE_PRNG_SEED, 42) } },
	{ { TICKS(100), 77, PERCENT(1), 3, PERCENT(1), TICKS(20) },
	  { PART(TCA_NETEM_CORR, (const struct tc_netem_corr){ PERCENT(25), 1, 2 }),
	    PART(TCA_NETEM_REORDER, (const struct tc_netem_reorder){ PERCENT(25), PERCENT(50) }),
	    PART(TCA_NETEM_CORRUPT, (const struct tc_netem_corrupt){ .probability = PERCENT(1) }),
	    NESTED(tc_netem_gemodel, NETEM_LOSS_GE, PERCENT(1), PERCENT(10), PERCENT(30), 0),
	    PART(TCA_NETEM_SLOT, (const struct tc_netem_slot){ MS(10), MS(20), 3, 4000, 0, 0 }),
	    PART(TCA_NETEM_RATE, (const struct tc_netem_rate){ 125000, -14, 48, -5 }),
	    U32(TCA_NETEM_ECN, 1), U64(TYPE_PRNG_SEED, 1ull << 60) } },
};

static const struct record fq_records[] = {
	{ {}, {} },
	{ {}, { U32(TCA_FQ_PLIMIT, 77), U32(TCA_FQ_FLOW_PLIMIT, 7) } },
	{ {}, { U32(TCA_FQ_QUANTUM, 3028), U32(TCA_FQ_INITIAL_QUANTUM, 15140) } },
	{ {}, { U32(TCA_FQ_RATE_ENABLE, 0), U32(TCA_FQ_FLOW_MAX_RATE, 1000000) } },
	{ {}, { U32(TCA_FQ_FLOW_DEFAULT_RATE, 1000), U32(TCA_FQ_LOW_RATE_THRESHOLD, 10000) } },
	{ {}, { U32(TCA_FQ_BUCKETS_LOG, 6), U32(TCA_FQ_ORPHAN_MASK, 255) } },
	{ {}, { U32(TCA_FQ_FLOW_REFILL_DELAY, 40000), U32(TCA_FQ_CE_THRESHOLD, 5000) } },
	{ {}, { U32(TCA_FQ_TIMER_SLACK, 5000), U32(TCA_FQ_HORIZON, 3000000) } },
	{ {}, { PART(TCA_FQ_HORIZON_DROP, (const uint8_t){ 0 }), U32(TYPE_OFFLOAD_HORIZON, 0) } },
	{ {},
	  { PART(TYPE_PRIOMAP,
		 (const struct tc_prio_qopt){
			 3, { 1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 } }) } },
	{ {}, { PART(TYPE_WEIGHTS, (const int32_t[3]){ 589824, 196608, 65536 }) } },
	{ {},
	  { U32(TCA_FQ_PLIMIT, 100), U32(TCA_FQ_QUANTUM, 2000), U32(TCA_FQ_CE_THRESHOLD, ~0u),
	    U32(TCA_FQ_TIMER_SLACK, 10000), U32(TCA_FQ_HORIZON, 10000000),
	    PART(TCA_FQ_HORIZON_DROP, (const uint8_t){ 1 }),
	    PART(TYPE_WEIGHTS, (const int32_t[3]){ 16384, 20000, 30000 }),
	    U32(TYPE_OFFLOAD_HORIZON, 0) } },
};

#define RATE(rate_, ...)                                                                           \
	{                                                                                          \
		.linklayer = TC_LINKLAYER_ETHERNET, .rate = (rate_), __VA_ARGS__                   \
	}
#define TBF(...) PART(TCA_TBF_PARMS, (const struct tc_tbf_qopt){ __VA_ARGS__ })
#define CELLS(type)                                                                                \
	{                                                                                          \
		type, sizeof(cells), cells                                                         \
	}

static const struct record tbf_records[] = {
	{ {}, { TBF(.rate = RATE(1250000), .limit = 30000), U32(TCA_TBF_BURST, 5000) } },
	{ {}, { TBF(.rate = RATE(1250000), .limit = 30000, .buffer = TICKS(4)) } },
	{ {},
	  { TBF(.rate = RATE(1250000, .overhead = 20, .mpu = 64), .limit = 30000,
		.buffer = TICKS(4)) } },
	{ {},
	  { TBF(.rate = RATE(1250000), .peakrate = RATE(2500000), .limit = 30000),
	    U32(TCA_TBF_BURST, 50000), U32(TCA_TBF_PBURST, 1600) } },
	{ {},
	  { TBF(.rate = RATE(1250000), .peakrate = RATE(2500000), .limit = 30000,
		.buffer = TICKS(40), .mtu = TICKS(1)) } },
	{ {},
	  { TBF(.rate = RATE(~0u), .limit = 3000000), U64(TCA_TBF_RATE64, 12500000000),
	    U32(TCA_TBF_BURST, 5000000) } },
	{ {},
	  { TBF(.rate = RATE(~0u), .peakrate = RATE(~0u), .limit = 3000000),
	    U64(TCA_TBF_RATE64, 12500000000), U64(TCA_TBF_PRATE64, 12500000001),
	    U32(TCA_TBF_BURST, 5000000), U32(TCA_TBF_PBURST, 9000) } },
	{ {},
	  { TBF(.rate = { .cell_log = 3, .cell_align = -1, .rate = 125000, .overhead = 8 },
		.limit = 30000),
	    U32(TCA_TBF_BURST, 5000), CELLS(TCA_TBF_RTAB) } },
	{ {},
	  { TBF(.rate = { .cell_log = 3, .rate = 125000 },
		.peakrate = { .cell_log = 3, .rate = 250000, .mpu = 100 }, .limit = 30000),
	    U32(TCA_TBF_BURST, 5000), CELLS(TCA_TBF_RTAB), U32(TCA_TBF_PBURST, 1600),
	    CELLS(TCA_TBF_PTAB) } },
};

static const struct record fq_codel_records[] = {
	{ {}, {} },
	{ {}, { U32(TCA_FQ_CODEL_LIMIT, 77), U32(TCA_FQ_CODEL_FLOWS, 65536) } },
	{ {}, { U32(TCA_FQ_CODEL_TARGET, 5000), U32(TCA_FQ_CODEL_INTERVAL, 100000) } },
	{ {}, { U32(TCA_FQ_CODEL_QUANTUM, 1514), U32(TCA_FQ_CODEL_DROP_BATCH_SIZE, 64) } },
	{ {}, { U32(TCA_FQ_CODEL_ECN, 0), U32(TCA_FQ_CODEL_MEMORY_LIMIT, 32 << 20) } },
	{ {},
	  { U32(TCA_FQ_CODEL_CE_THRESHOLD, 1000), PART(TYPE_CE_SELECTOR, (const uint8_t){ 1 }),
	    PART(TYPE_CE_MASK, (const uint8_t){ 3 }) } },
	{ {},
	  { U32(TCA_FQ_CODEL_TARGET, 5000), U32(TCA_FQ_CODEL_LIMIT, 10240),
	    U32(TCA_FQ_CODEL_INTERVAL, 100000), U32(TCA_FQ_CODEL_ECN, 1),
	    U32(TCA_FQ_CODEL_QUANTUM, 300), U32(TCA_FQ_CODEL_DROP_BATCH_SIZE, 1),
	    U32(TCA_FQ_CODEL_MEMORY_LIMIT, 1 << 20), U32(TCA_FQ_CODEL_FLOWS, 7) } },
};

/* The limit is the first word of the struct. */
static const struct record fifo_records[] = { { { .latency = 1000 }, {} },
					      { { .latency = 0 }, {} },
					      { { .latency = 3000000 }, {} } };

static const struct kind kinds[] = {
	{ "netem", "bq_netem", sizeof(struct tc_netem_qopt), TYPE_PRNG_SEED, netem_records,
	  ARRAY_SIZE(netem_records) },
	{ "fq", "bq_fq", 0, TYPE_OFFLOAD_HORIZON, fq_records, ARRAY_SIZE(fq_records) },
	{ "tbf", "bq_tbf", 0, TCA_TBF_PBURST, tbf_records, ARRAY_SIZE(tbf_records) },
	{ "fq_codel", "bq_fq_codel", 0, TYPE_CE_MASK, fq_codel_records,
	  ARRAY_SIZE(fq_codel_records) },
	{ "pfifo", "bq_pfifo", sizeof(struct tc_fifo_qopt), 0, fifo_records,
	  ARRAY_SIZE(fifo_records) },
	{ "bfifo", "bq_bfifo", sizeof(struct tc_fifo_qopt), 0, fifo_records,
	  ARRAY_SIZE(fifo_records) },
	{ "pfifo_head_drop", "bq_pfifo_hdrop", sizeof(struct tc_fifo_qopt), 0, fifo_records,
	  ARRAY_SIZE(fifo_records) },
};

/* --- random numbers --- */

static uint64_t random_state;

static uint32_t draw(size_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state >> 32) % below);
}

static void seed_message(uint64_t seed, uint64_t number)
{
	int i;

	random_state = (seed + 1) * 0x9e3779b97f4a7c15ull + (number + 1) * 0xbf58476d1ce4e5b9ull;
	for (i = 0; i < 8; i++)
		draw(2);
}

/* A value at the edge of some range, or any. */
static uint64_t draw_edge(void)
{
	static const uint64_t edges[] = { 0,          1,          2,          3,
					  4,          18,         64,         16383,
					  16384,      65536,      1u << 20,   0x7fffffff,
					  0x80000000, 0xffffffff, 1ull << 32, 1ull << 40,
					  1ull << 47, 1ull << 62, 1ull << 63 };
	uint64_t edge = edges[draw(ARRAY_SIZE(edges))];

	switch (draw(6)) {
	case 0:
		return edge + 1;
	case 1:
		return edge - 1;
	case 2:
		return (uint64_t)draw(1ull << 32) << 32 | draw(1ull << 32);
	}
	return edge;
}

/* --- building --- */

static unsigned char pool[1 << 20];
static size_t pool_used;

static unsigned char *take_bytes(size_t size)
{
	unsigned char *bytes = pool + pool_used;

	if (pool_used + size > sizeof(pool))
		abort();
	pool_used += NLA_ALIGN(size);
	memset(bytes, 0, size);
	return bytes;
}

static void fill(unsigned char *bytes, size_t size)
{
	while (size--)
		*bytes++ = (unsigned char)draw(256);
}

static struct attr *add_attr(struct message *m, uint16_t type, const void *data, size_t size)
{
	struct attr *a = &m->attrs[m->n];

	if (m->n == MOST_ATTRS)
		return NULL;
	m->n++;
	*a = (struct attr){ .type = type, .size = size, .data = take_bytes(size) };
	if (data)
		memcpy(a->data, data, size);
	return a;
}

static void start_message(struct message *m, const struct kind *kind, const struct record *r)
{
	const struct part *p;

	pool_used = 0;
	m->absent = false;
	m->flags = 0;
	m->struct_size = kind->struct_size;
	m->n = m->cut = m->tail = 0;
	m->touched = 0;
	memset(m->head, 0, sizeof(m->head));
	memcpy(m->head, &r->qopt, kind->struct_size);
	for (p = r->parts; p < r->parts + ARRAY_SIZE(r->parts) && p->type; p++)
		add_attr(m, p->type, p->data, p->size);
}

/* Write the options to BYTES. Return their length. */
static size_t write_message(const struct message *m, unsigned char *bytes)
{
	size_t i, len = m->struct_size;

	memcpy(bytes, m->head, len);
	for (i = 0; i < m->n; i++) {
		const struct attr *a = &m->attrs[i];
		size_t whole = NLA_ALIGN(NLA_HDRLEN + a->size);
		struct nlattr head = { (uint16_t)(NLA_HDRLEN + a->size), a->type };

		if (len + whole > MOST_BYTES)
			break;
		if (a->stated)
			head.nla_len = a->stated;
		memset(bytes + len, 0, whole);
		memcpy(bytes + len, &head, sizeof(head));
		memcpy(bytes + len + NLA_HDRLEN, a->data, a->size);
		len += whole;
	}
	len -= m->cut < len ? m->cut : len;
	for (i = 0; i < m->tail && len < MOST_BYTES; i++)
		bytes[len++] = (unsigned char)(i * 37 + 1);
	return len;
}

/* --- mutations --- */

static void touch(struct message *m, const struct kind *kind, uint16_t type)
{
	uint16_t plain = type & 0x3fff;

	m->touched |= 1u << (plain && plain <= kind->last_type ? plain : AT_UNKNOWN);
}

static void change_word(unsigned char *bytes, size_t size)
{
	size_t width = (size_t)1 << draw(4);
	uint64_t value = draw_edge();

	if (draw(2))
		width = size % 8 || draw(2) ? 4 : 8;
	while (width > size)
		width /= 2;
	if (width)
		memcpy(bytes + draw(size / width) * width, &value, width);
}

static void change_size(struct attr *a)
{
	static const size_t tables[] = { 0, 1, 2, 3, 32766, 32767, 32768, 32769, 32770, 39998 };
	size_t size = draw(3) ? a->size + draw(9) - 4 : draw(48);
	unsigned char *data;

	if (a->size >= 4096 || !draw(40))
		size = tables[draw(ARRAY_SIZE(tables))];
	if (size > 60000)
		size = 0;
	data = take_bytes(size);
	fill(data, size);
	memcpy(data, a->data, size < a->size ? size : a->size);
	a->data = data;
	a->size = size;
}

/* Change the header of a nested attribute, or put another one behind it. */
static void change_nested(struct attr *a)
{
	static const uint16_t types[] = { 0, 1, 2, 3, 0x8001, 0x4002, 0x3fff };
	struct nlattr head = { 0, types[draw(ARRAY_SIZE(types))] };
	size_t at = a->size >= 48 && draw(2) ? NLA_ALIGN(a->size / 2) : 0, room = 4 + draw(28);
	unsigned char *data;

	head.nla_len = (uint16_t)(draw(3) ? 4 + draw(28) : draw(6));
	if (draw(2)) {
		if (a->size >= at + NLA_HDRLEN)
			memcpy(a->data + at, &head, draw(2) ? 2 : NLA_HDRLEN);
		return;
	}
	data = take_bytes(NLA_ALIGN(a->size) + room);
	memcpy(data, a->data, a->size);
	fill(data + NLA_ALIGN(a->size), room);
	if (!draw(3))
		head.nla_len = (uint16_t)room;
	memcpy(data + NLA_ALIGN(a->size), &head, NLA_HDRLEN);
	a->size = NLA_ALIGN(a->size) + room;
	a->data = data;
}

static void change_stated(struct attr *a)
{
	uint32_t length = (uint32_t)(NLA_HDRLEN + a->size);

	a->stated = (uint16_t)(draw(2) ? length + draw(17) - 8 : draw(3) ? draw(8) : draw(65536));
	if (!a->stated)
		a->stated = 1;
}

static void change_type(struct attr *a, const struct kind *kind)
{
	static const uint16_t flags[] = { 0x8000, 0x4000, 0xc000 };

	if (draw(2))
		a->type ^= flags[draw(ARRAY_SIZE(flags))];
	else
		a->type = (uint16_t)(draw(4) ? draw(kind->last_type + 4u) : draw(65536));
}

/* Add a copy of attribute I, or an attribute of any type and bytes, at the end or before others. */
static void insert(struct message *m, const struct kind *kind, size_t i)
{
	size_t size = draw(4) ? draw(10) * 4 : draw(40);
	struct attr *a, moved;

	if (i < m->n && draw(2)) {
		a = add_attr(m, m->attrs[i].type, m->attrs[i].data, m->attrs[i].size);
		if (a && draw(2))
			change_word(a->data, a->size);
	} else {
		a = add_attr(m, (uint16_t)draw(kind->last_type + 4u), NULL, size);
		if (a && draw(2))
			fill(a->data, size);
		else if (a)
			change_word(a->data, size);
	}
	if (!a)
		return;
	touch(m, kind, a->type);
	i = draw(m->n);
	moved = m->attrs[i];
	m->attrs[i] = *a;
	*a = moved;
}

/* Add many attributes that nobody knows, which must be skipped. */
static void stuff(struct message *m, const struct kind *kind)
{
	size_t count = draw(8) ? 20 + draw(40) : draw(3000);

	while (count--)
		if (!add_attr(m, (uint16_t)(kind->last_type + 1 + draw(9)), NULL, draw(3) * 2))
			break;
	m->touched |= 1u << AT_UNKNOWN;
	insert(m, kind, draw(m->n + 1));
}

static void mutate_attr(struct message *m, const struct kind *kind, size_t i)
{
	struct attr *a = &m->attrs[i];

	touch(m, kind, a->type);
	switch (draw(9)) {
	case 0:
	case 1:
		change_size(a);
		break;
	case 2:
		change_stated(a);
		break;
	case 3:
		change_type(a, kind);
		touch(m, kind, a->type);
		break;
	case 4:
		memmove(a, a + 1, (m->n - i - 1) * sizeof(*a));
		m->n--;
		break;
	case 5:
	case 6:
		if (kind->struct_size && (a->type & 0x3fff) == TCA_NETEM_LOSS) {
			change_nested(a);
			break;
		} /* fallthrough */
	default:
		change_word(a->data, a->size);
	}
}

static void mutate_whole(struct message *m)
{
	m->touched |= 1u << AT_WHOLE;
	switch (draw(5)) {
	case 0:
		m->absent = true;
		break;
	case 1:
		m->flags = draw(2) ? 0x8000 : 0x4000;
		break;
	case 2:
		m->cut = MOST_BYTES;
		break;
	case 3:
		m->cut = 1 + draw(40);
		break;
	default:
		m->tail = 1 + draw(8);
	}
}

static void mutate_once(struct message *m, const struct kind *kind)
{
	uint32_t what = draw(20);

	if (!what) {
		mutate_whole(m);
	} else if (m->struct_size && (what < 4 || !kind->last_type)) {
		m->touched |= 1u << AT_STRUCT;
		change_word(m->head, m->struct_size);
		if (!kind->last_type && draw(2))
			mutate_whole(m);
	} else if (what == 4) {
		stuff(m, kind);
	} else if (!m->n || what < 8) {
		insert(m, kind, draw(m->n + 1));
	} else {
		mutate_attr(m, kind, draw(m->n));
	}
}

/* Make message NUMBER of KIND: a recorded one, most often with some mutations. */
static void make_message(struct message *m, const struct kind *kind, uint64_t seed, uint64_t number)
{
	uint32_t i, n;

	seed_message(seed, number);
	start_message(m, kind, &kind->records[draw(kind->n_records)]);
	n = draw(20) ? 1 + draw(3) : 0;
	for (i = 0; i < n; i++)
		mutate_once(m, kind);
	if (!m->touched)
		m->touched = 1u << AT_NOTHING;
}

static void make_table(void)
{
	int i;

	for (i = 0; i < MOST_TABLE; i++)
		table[i] = (int16_t)(i * 7 % 32768 - 16384);
	for (i = 0; i < 256; i++)
		cells[i] = (uint32_t)((i * 8 + 8 + 47) / 48 * 53 * 125);
}

#endif
