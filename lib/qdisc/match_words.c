// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Converts text to struct bq_match and back. Addresses and ports are numeric; names are not
 * resolved.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "qdisc/match_words.h"
#include "util/array.h"

#define MAX_DSCP 63
#define MAX_PORT 65535

__attribute__((format(printf, 4, 5))) static int fail(struct bq_error *error, const char *field,
						      const char *word, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return bq_fail_word(error, word, "match %s: '%s' %s", field, word, what);
}

/* --- numbers, decimal or 0x...; the whole text must match --- */

static bool take_number(const char **text, uint64_t max, uint64_t *value)
{
	int base = !strncasecmp(*text, "0x", 2) ? 16 : 10;
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	size_t n = strspn(*text + (base == 16 ? 2 : 0), digits);

	if (!n || n > 18)
		return false;
	*value = strtoull(*text, NULL, base);
	*text += n + (base == 16 ? 2 : 0);
	return *value <= max;
}

/* --- fields --- */

static void make_mask(struct bq_address *mask, unsigned int bits)
{
	unsigned int i, n;

	for (i = 0; i < 4; i++) {
		n = bits > 32 * i ? bits - 32 * i : 0;
		mask->word[i] = !n ? 0 : htonl(n >= 32 ? UINT32_MAX : ~(UINT32_MAX >> n));
	}
}

static bool has_host_bits(const struct bq_net *net)
{
	uint32_t bits = 0;
	int i;

	for (i = 0; i < 4; i++)
		bits |= net->address.word[i] & ~net->mask.word[i];
	return bits;
}

/* Split "ADDRESS/BITS". BITS defaults to the length of the address. */
static int parse_address(const char *field, const char *word, struct bq_net *net, int *family,
			 uint64_t *bits, struct bq_error *error)
{
	const char *slash = strchr(word, '/'), *end = slash ? slash + 1 : NULL;
	char address[INET6_ADDRSTRLEN];
	size_t len = slash ? (size_t)(slash - word) : strlen(word);

	if (len >= sizeof(address))
		return fail(error, field, word, "is not an address; use one such as 10.0.0.0/8");
	memcpy(address, word, len);
	address[len] = '\0';
	*family = strchr(address, ':') ? 6 : 4;
	if (inet_pton(*family == 6 ? AF_INET6 : AF_INET, address, &net->address) != 1)
		return fail(error, field, word,
			    "is not an IPv4 or IPv6 address; names are not resolved");
	*bits = *family == 6 ? 128 : 32;
	if (end && (!take_number(&end, *bits, bits) || *end))
		return fail(error, field, word, "has a bad prefix length; use 0 to %d",
			    *family == 6 ? 128 : 32);
	return 0;
}

static char *format_net(const struct bq_net *net, int family, char *buf, size_t size)
{
	int bits = 0, i;
	size_t len;

	inet_ntop(family == 6 ? AF_INET6 : AF_INET, &net->address, buf, (socklen_t)size);
	for (i = 0; i < 4; i++)
		bits += __builtin_popcount(net->mask.word[i]);
	len = strlen(buf);
	if (bits != (family == 6 ? 128 : 32))
		snprintf(buf + len, size - len, "/%d", bits);
	return buf;
}

static int parse_net(const char *field, const char *word, struct bq_net *net,
		     struct bq_match *match, struct bq_error *error)
{
	char text[INET6_ADDRSTRLEN + 4];
	int family = 0, i, err;
	uint64_t bits;

	err = parse_address(field, word, net, &family, &bits, error);
	if (err)
		return err;
	make_mask(&net->mask, (unsigned int)bits);
	if (has_host_bits(net)) {
		for (i = 0; i < 4; i++)
			net->address.word[i] &= net->mask.word[i];
		return fail(error, field, word, "has bits outside of its prefix; use %s",
			    format_net(net, family, text, sizeof(text)));
	}
	if (match->family && match->family != family)
		return fail(error, field, word,
			    "is IPv%d and the other address IPv%d; use one family", family,
			    match->family);
	match->family = (uint8_t)family;
	return 0;
}

static int parse_src(const char *word, struct bq_match *match, struct bq_error *error)
{
	return parse_net("src", word, &match->src, match, error);
}

static int parse_dst(const char *word, struct bq_match *match, struct bq_error *error)
{
	return parse_net("dst", word, &match->dst, match, error);
}

static int parse_ports(const char *field, const char *word, struct bq_ports *ports,
		       struct bq_error *error)
{
	const char *text = word;
	uint64_t first, last;

	if (!take_number(&text, MAX_PORT, &first))
		return fail(error, field, word, "is not a port; use 0 to %d", MAX_PORT);
	last = first;
	if (*text == '-') {
		text++;
		if (!take_number(&text, MAX_PORT, &last))
			return fail(error, field, word, "does not end in a port; use 0 to %d",
				    MAX_PORT);
	}
	if (*text)
		return fail(error, field, word,
			    "is not a port or a range; use one such as 80 or 80-90");
	if (first > last)
		return fail(error, field, word, "begins after its end; swap the ports");
	ports->first = (uint16_t)first;
	ports->last = (uint16_t)last;
	return 0;
}

static int parse_sport(const char *word, struct bq_match *match, struct bq_error *error)
{
	return parse_ports("sport", word, &match->sport, error);
}

static int parse_dport(const char *word, struct bq_match *match, struct bq_error *error)
{
	return parse_ports("dport", word, &match->dport, error);
}

static const struct {
	const char *name;
	uint16_t number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", BQ_PROTO_ICMP },
};

#define N_PROTOCOLS ARRAY_SIZE(protocols)

static int parse_proto(const char *word, struct bq_match *match, struct bq_error *error)
{
	const char *text = word;
	uint64_t number;
	size_t i;

	for (i = 0; i < N_PROTOCOLS; i++)
		if (!strcmp(word, protocols[i].name)) {
			match->proto = protocols[i].number;
			return 0;
		}
	if (!take_number(&text, UINT8_MAX, &number) || *text)
		return fail(error, "proto", word,
			    "is not a protocol; use tcp, udp, icmp or 0 to 255");
	match->proto = (uint16_t)number;
	return 0;
}

static int parse_mark(const char *word, struct bq_match *match, struct bq_error *error)
{
	uint64_t mark, mask = UINT32_MAX;
	const char *text = word;

	if (!take_number(&text, UINT32_MAX, &mark))
		return fail(error, "mark", word, "is not a mark; use 0 to 0xffffffff");
	if (*text == '/') {
		text++;
		if (!take_number(&text, UINT32_MAX, &mask))
			return fail(error, "mark", word, "has a bad mask; use 0 to 0xffffffff");
	}
	if (*text)
		return fail(error, "mark", word, "is not a mark; use one such as 7 or 0x10/0xf0");
	if (mark & ~mask)
		return fail(error, "mark", word,
			    "has bits outside of its mask and matches nothing; clear them");
	match->mark = (uint32_t)mark;
	match->mark_mask = (uint32_t)mask;
	return 0;
}

static int parse_dscp(const char *word, struct bq_match *match, struct bq_error *error)
{
	const char *text = word;
	uint64_t dscp;

	if (!take_number(&text, MAX_DSCP, &dscp) || *text)
		return fail(error, "dscp", word, "is not a DSCP; use 0 to %d", MAX_DSCP);
	match->dscp = (uint8_t)dscp;
	return 0;
}

/* --- matches --- */

static const struct field {
	const char *name;
	uint8_t bit;
	int (*parse)(const char *word, struct bq_match *match, struct bq_error *error);
} fields[] = {
	{ "src", BQ_MATCH_SRC, parse_src },       { "dst", BQ_MATCH_DST, parse_dst },
	{ "sport", BQ_MATCH_SPORT, parse_sport }, { "dport", BQ_MATCH_DPORT, parse_dport },
	{ "proto", BQ_MATCH_PROTO, parse_proto }, { "mark", BQ_MATCH_MARK, parse_mark },
	{ "dscp", BQ_MATCH_DSCP, parse_dscp },
};

#define N_FIELDS ARRAY_SIZE(fields)

static const struct field *find_field(const char *word)
{
	size_t i;

	for (i = 0; i < N_FIELDS; i++)
		if (!strcmp(fields[i].name, word))
			return &fields[i];
	return NULL;
}

static int parse_field(const struct field *f, int n, char *const words[], struct bq_match *match,
		       struct bq_error *error)
{
	int err;

	if (match->fields & f->bit)
		return bq_fail_word(error, words[0], "match %s: given twice; give it once",
				    f->name);
	if (n < 2)
		return bq_fail_word(error, words[0],
				    "match %s: missing value; see 'bqdisc help netem'", f->name);
	err = f->parse(words[1], match, error);
	match->fields |= f->bit;
	return err;
}

int bq_match_parse(int n, char *const words[], struct bq_match *match, struct bq_error *error)
{
	struct bq_match m = { 0 };
	const struct field *f;
	int err, i = 0;

	if (n && !strcmp(words[0], "not"))
		m.negated = (uint8_t)++i;
	for (; i < n && (f = find_field(words[i])); i += 2) {
		err = parse_field(f, n - i, words + i, &m, error);
		if (err)
			return err;
	}
	if (m.fields) {
		*match = m;
		return i;
	}
	if (i < n)
		return bq_fail_word(error, words[i],
				    "match: unknown field '%s'; use " BQ_MATCH_METAVAR, words[i]);
	return bq_fail_word(error, NULL, "match: missing field; use " BQ_MATCH_METAVAR);
}

const char *const bq_match_words[] = { "not",   "src",  "dst",  "sport", "dport",
				       "proto", "mark", "dscp", NULL };

static const char *format_ports(const struct bq_ports *p, char *buf, size_t size)
{
	if (p->first == p->last)
		snprintf(buf, size, "%u", p->first);
	else
		snprintf(buf, size, "%u-%u", p->first, p->last);
	return buf;
}

static const char *format_proto(uint16_t proto, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < N_PROTOCOLS; i++)
		if (protocols[i].number == proto)
			return protocols[i].name;
	snprintf(buf, size, "%u", proto);
	return buf;
}

static const char *format_mark(const struct bq_match *m, char *buf, size_t size)
{
	if (m->mark_mask == UINT32_MAX)
		snprintf(buf, size, "%#x", m->mark);
	else
		snprintf(buf, size, "%#x/%#x", m->mark, m->mark_mask);
	return buf;
}

/* Return the value of the field BIT as text, in BUF or as a constant. */
static const char *format_field(const struct bq_match *m, uint8_t bit, char *buf, size_t size)
{
	switch (bit) {
	case BQ_MATCH_SRC:
		return format_net(&m->src, m->family, buf, size);
	case BQ_MATCH_DST:
		return format_net(&m->dst, m->family, buf, size);
	case BQ_MATCH_SPORT:
		return format_ports(&m->sport, buf, size);
	case BQ_MATCH_DPORT:
		return format_ports(&m->dport, buf, size);
	case BQ_MATCH_PROTO:
		return format_proto(m->proto, buf, size);
	case BQ_MATCH_MARK:
		return format_mark(m, buf, size);
	default:
		snprintf(buf, size, "%u", m->dscp);
		return buf;
	}
}

void bq_match_each_field(const struct bq_match *match, bqdisc_match_fn fn, void *arg)
{
	char value[INET6_ADDRSTRLEN + 4];
	size_t i;

	if (match->negated)
		fn("not", NULL, arg);
	for (i = 0; i < N_FIELDS; i++)
		if (match->fields & fields[i].bit)
			fn(fields[i].name, format_field(match, fields[i].bit, value, sizeof(value)),
			   arg);
}

struct buffer {
	char *buf;
	size_t size, len;
};

static void append_field(const char *field, const char *value, void *arg)
{
	struct buffer *t = arg;

	if (t->len < t->size)
		t->len += (size_t)snprintf(t->buf + t->len, t->size - t->len, " %s%s%s", field,
					   value ? " " : "", value ? value : "");
}

char *bq_match_format(const struct bq_match *match, char *buf, size_t size)
{
	struct buffer t = { .buf = buf, .size = size };

	t.len = (size_t)snprintf(buf, size, "match");
	bq_match_each_field(match, append_field, &t);
	return buf;
}
