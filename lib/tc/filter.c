// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Conversion of u32, flower, fw and matchall. The parser of `match` checks the values. */
#include <stdlib.h>
#include <string.h>

#include "tc/filter.h"
#include "util/array.h"

#define DSCP_MASK 0xfcu /* of the byte that tc calls tos */

struct converter {
	const struct bq_tc_request *r;
	int at; /* next word */
	struct bq_words *match;
	uint32_t *class;
	int family; /* of the packets: 4, 6, or 0 for all */
	bool has_address;
	struct bq_problems *problems;
};

static const char *word(const struct converter *c, int n)
{
	return c->at + n < c->r->n ? c->r->words[c->at + n] : NULL;
}

static bool fail(const struct converter *c, const char *what)
{
	return bq_problem(c->problems, c->r->line,
			  "filter %s: '%s' has no counterpart in the match of a rule", c->r->kind,
			  what);
}

static bool parse_number(const char *text, unsigned long *value)
{
	char *end;

	*value = text ? strtoul(text, &end, 0) : 0;
	return text && *text && !*end;
}

/* --- parts of a match --- */

static bool add_address(struct converter *c, const char *field, const char *address)
{
	bool any = bq_word_is(address, "any") || bq_word_is(address, "all") ||
		   bq_word_is(address, "0/0");

	bq_words_add(c->match, "%s", field);
	bq_words_add(c->match, "%s", !any ? address : c->family == 6 ? "::/0" : "0.0.0.0/0");
	c->has_address = true;
	return true;
}

static bool add_word(struct converter *c, const char *field, const char *value)
{
	bq_words_add(c->match, "%s", field);
	bq_words_add(c->match, "%s", value);
	return true;
}

static bool add_dscp(struct converter *c, unsigned long tos, unsigned long mask, const char *what)
{
	if (mask != DSCP_MASK || tos & ~mask)
		return bq_problem(c->problems, c->r->line,
				  "filter %s: '%s' needs the mask 0xfc, which leaves out the bits "
				  "of ECN",
				  c->r->kind, what);
	bq_words_add(c->match, "dscp");
	bq_words_add(c->match, "%lu", tos >> 2);
	return true;
}

/* A rule has no field for the protocol of the device's packets, but each address has a family. */
static void add_family(struct converter *c)
{
	if (c->family && !c->has_address)
		add_address(c, "dst", "any");
}

static bool set_class(struct converter *c, const char *text)
{
	if (text && bq_tc_id_parse(text, c->class))
		return true;
	return bq_problem(c->problems, c->r->line,
			  "filter: '%s' is not a class; use one such as "
			  "1:2",
			  text ? text : "");
}

static bool is_class_word(const char *text)
{
	return bq_word_is(text, "flowid") || bq_word_is(text, "classid");
}

/* --- u32 --- */

/* Parse "VALUE MASK" behind two words. */
static bool take_masked(struct converter *c, unsigned long *value, unsigned long *mask)
{
	if (!parse_number(word(c, 2), value) || !parse_number(word(c, 3), mask))
		return fail(c, word(c, 1));
	c->at += 4;
	return true;
}

static bool convert_port(struct converter *c, const char *field)
{
	unsigned long port, mask;
	const char *what = word(c, 1);

	if (!take_masked(c, &port, &mask))
		return false;
	if (mask != 0xffff)
		return fail(c, what);
	bq_words_add(c->match, "%s", field);
	bq_words_add(c->match, "%lu", port);
	return true;
}

static bool convert_protocol(struct converter *c)
{
	unsigned long protocol, mask;
	const char *what = word(c, 1);

	if (!take_masked(c, &protocol, &mask))
		return false;
	if (mask != 0xff)
		return fail(c, what);
	bq_words_add(c->match, "proto");
	bq_words_add(c->match, "%lu", protocol);
	return true;
}

/* Convert "ip dst ADDRESS", "ip dport PORT MASK" and the like. */
static bool convert_ip(struct converter *c)
{
	const char *field = word(c, 1), *value = word(c, 2);
	unsigned long tos, mask;

	if (!field || !value)
		return fail(c, word(c, 0));
	if (bq_word_is(field, "dst") || bq_word_is(field, "src")) {
		c->family = bq_word_is(word(c, 0), "ip6") ? 6 : 4;
		c->at += 3;
		return add_address(c, field, value);
	}
	if (bq_word_is(field, "dport") || bq_word_is(field, "sport"))
		return convert_port(c, field);
	if (bq_word_is(field, "protocol"))
		return convert_protocol(c);
	if (!bq_word_is(field, "tos") && !bq_word_is(field, "dsfield"))
		return fail(c, field);
	return take_masked(c, &tos, &mask) && add_dscp(c, tos, mask, field);
}

/* Convert one match behind the word "match". */
static bool convert_u32_match(struct converter *c)
{
	const char *what = word(c, 0), *field = word(c, 1);
	unsigned long value, mask;

	if (bq_word_is(what, "ip") || bq_word_is(what, "ip6"))
		return convert_ip(c);
	if ((bq_word_is(what, "tcp") || bq_word_is(what, "udp")) &&
	    (bq_word_is(field, "dst") || bq_word_is(field, "src")))
		return convert_port(c, bq_word_is(field, "dst") ? "dport" : "sport");
	if (!parse_number(field, &value) || !parse_number(word(c, 2), &mask))
		return fail(c, what ? what : "match");
	c->at += 3;
	if (bq_word_is(what, "mark")) {
		bq_words_add(c->match, "mark");
		bq_words_add(c->match, "%#lx/%#lx", value, mask);
		return true;
	}
	/* "u32 0 0" is how u32 matches all packets of the protocol. */
	return (bq_word_is(what, "u32") && !value && !mask) || fail(c, what);
}

static bool convert_u32(struct converter *c)
{
	const char *what;
	bool ok = true;

	while (ok && (what = word(c, 0))) {
		c->at++;
		if (bq_word_is(what, "match"))
			ok = convert_u32_match(c);
		else if (is_class_word(what))
			ok = set_class(c, word(c, 0)) && ++c->at;
		else
			ok = fail(c, what);
	}
	return ok;
}

/* --- flower --- */

/* tc reads a decimal or hexadecimal number, and the mask as hexadecimal. */
static bool convert_tos(struct converter *c, const char *text)
{
	const char *slash = strchr(text, '/');
	unsigned long mask = slash ? strtoul(slash + 1, NULL, 16) : 0xff, tos;
	char *end;

	tos = strtoul(text, &end, 10);
	if (*end && end != slash)
		tos = strtoul(text, NULL, 16);
	return add_dscp(c, tos, mask, "ip_tos");
}

/* A rule's "icmp" stands for both. */
static const char *protocol_name(const char *protocol)
{
	return bq_word_is(protocol, "icmp")     ? "1"
	       : bq_word_is(protocol, "icmpv6") ? "58"
						: protocol;
}

static bool convert_flower_key(struct converter *c, const char *key, const char *value)
{
	if (bq_word_is(key, "dst_ip"))
		return add_address(c, "dst", value);
	if (bq_word_is(key, "src_ip"))
		return add_address(c, "src", value);
	if (bq_word_is(key, "dst_port"))
		return add_word(c, "dport", value);
	if (bq_word_is(key, "src_port"))
		return add_word(c, "sport", value);
	if (bq_word_is(key, "ip_proto"))
		return add_word(c, "proto", protocol_name(value));
	if (bq_word_is(key, "ip_tos"))
		return convert_tos(c, value);
	return is_class_word(key) ? set_class(c, value) : fail(c, key);
}

static bool convert_flower(struct converter *c)
{
	const char *key;

	while ((key = word(c, 0))) {
		if (bq_word_is(key, "skip_hw")) {
			c->at++;
			continue;
		}
		if (!word(c, 1) || !convert_flower_key(c, key, word(c, 1)))
			return word(c, 1) ? false : fail(c, key);
		c->at += 2;
	}
	return true;
}

/* --- fw and matchall --- */

static bool convert_class_only(struct converter *c)
{
	const char *what;

	while ((what = word(c, 0))) {
		if (!is_class_word(what))
			return fail(c, what);
		if (!set_class(c, word(c, 1)))
			return false;
		c->at += 2;
	}
	return true;
}

static bool convert_fw(struct converter *c)
{
	if (!c->r->fhandle)
		return bq_problem(c->problems, c->r->line,
				  "filter fw: missing mark; give one as handle MARK");
	add_word(c, "mark", c->r->fhandle);
	return convert_class_only(c);
}

/* --- the filter --- */

static bool set_family(struct converter *c)
{
	const char *protocol = c->r->protocol;

	if (bq_word_is(protocol, "ip") || bq_word_is(protocol, "ipv4") ||
	    bq_word_is(protocol, "0x800"))
		c->family = 4;
	else if (bq_word_is(protocol, "ipv6") || bq_word_is(protocol, "ip6"))
		c->family = 6;
	else if (protocol && !bq_word_is(protocol, "all"))
		return bq_problem(c->problems, c->r->line,
				  "filter: protocol %s has no counterpart in a rule; use ip, ipv6 "
				  "or all",
				  protocol);
	return true;
}

bool bq_tc_filter_match(const struct bq_tc_request *r, struct bq_words *match, uint32_t *class,
			struct bq_problems *problems)
{
	static const struct {
		const char *kind;
		bool (*convert)(struct converter *c);
	} kinds[] = {
		{ "u32", convert_u32 },
		{ "flower", convert_flower },
		{ "fw", convert_fw },
		{ "matchall", convert_class_only },
	};
	struct converter c = { .r = r, .match = match, .class = class, .problems = problems };
	size_t i;

	*class = 0;
	if (!set_family(&c))
		return false;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (bq_word_is(r->kind, kinds[i].kind))
			break;
	if (i == ARRAY_SIZE(kinds))
		return bq_problem(problems, r->line,
				  "filter %s: has no counterpart in bqdisc; use u32, flower, fw or "
				  "matchall",
				  r->kind);
	if (!kinds[i].convert(&c))
		return false;
	if (!*class)
		return bq_problem(problems, r->line, "filter %s: missing class; add flowid CLASS",
				  r->kind);
	add_family(&c);
	return true;
}
