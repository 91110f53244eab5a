/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink attributes of .init's options, for parsers of an in-tree qdisc's options (init.bpf.h).
 * They accept, refuse and ignore what lib/nlattr.c of Linux 7.3 does for the same policy:
 *
 *   static const struct bq_attr_policy foo_policy[] = {
 *           [TCA_FOO_LIMIT] = { BQ_ATTR_U32 },
 *   };
 *
 *   struct bq_attrs attrs = {};
 *   int err = bq_attrs_parse(&attrs, bq_address(&q->scratch, opt), sizeof(struct nlattr), len,
 *                            foo_policy, BQ_ATTR_TYPES(foo_policy));
 *
 *   if (!err && bq_attr_get(&attrs, TCA_FOO_LIMIT, &limit, sizeof(limit)))
 *           ...
 *
 * Every attribute must meet the policy. Of several with one type, the last counts. Types that the
 * policy does not reach are ignored, and so is everything from a malformed attribute on.
 *
 * Guarantees: no read outside of the options; an invalid address is an error, not a crash. Cost:
 * nothing a packet.
 */
#ifndef BQDISC_ATTR_BPF_H
#define BQDISC_ATTR_BPF_H

#include <bqdisc/instance.bpf.h>
#include <bqdisc/qdisc.bpf.h>

#define ERANGE 34

/* Attributes of the longest options, as the options are an attribute of at most 64 KB too. */
#define BQ_ATTRS_MOST (1u << 14)

#define BQ_ATTR_NESTED 0x8000    /* NLA_F_NESTED */
#define BQ_ATTR_TYPE_MASK 0x3fff /* without the flags NLA_F_NESTED and NLA_F_NET_BYTEORDER */

#define BQ_ATTR_HEAD 4
#define BQ_ATTR_ALIGN(size) (((size) + 3u) & ~3u)

/* Rules for a payload. The strict ones follow strict_start_type of struct nla_policy. */
enum bq_attr_rule {
	BQ_ATTR_RULE_ANY,    /* any size */
	BQ_ATTR_RULE_LEAST,  /* `size` bytes or more, else -ERANGE */
	BQ_ATTR_RULE_NEST,   /* empty, or `size` bytes or more, else -ERANGE */
	BQ_ATTR_RULE_MOST,   /* as BQ_ATTR_RULE_LEAST, and 32 bits of at most `most` */
	BQ_ATTR_RULE_UP_TO,  /* `most` bytes or fewer, else -ERANGE */
	BQ_ATTR_RULE_STRICT, /* `size` bytes and not marked as nested, else -EINVAL */
	BQ_ATTR_RULE_BINARY, /* not marked as nested, else -EINVAL; `size` bytes, else -ERANGE */
};

struct bq_attr_policy {
	u8 rule; /* enum bq_attr_rule */
	u8 size; /* bytes */
	u32 most;
};

/* Initialisers of struct bq_attr_policy. */
#define BQ_ATTR_LEAST(bytes) .rule = BQ_ATTR_RULE_LEAST, .size = (bytes)
#define BQ_ATTR_STRICT(bytes) .rule = BQ_ATTR_RULE_STRICT, .size = (bytes)
#define BQ_ATTR_BINARY(bytes) .rule = BQ_ATTR_RULE_BINARY, .size = (bytes)
#define BQ_ATTR_NEST .rule = BQ_ATTR_RULE_NEST, .size = BQ_ATTR_HEAD
#define BQ_ATTR_MOST(number) .rule = BQ_ATTR_RULE_MOST, .size = sizeof(u32), .most = (number)
#define BQ_ATTR_UP_TO(bytes) .rule = BQ_ATTR_RULE_UP_TO, .most = (bytes)
#define BQ_ATTR_U32 BQ_ATTR_LEAST(sizeof(u32))
#define BQ_ATTR_U64 BQ_ATTR_LEAST(sizeof(u64))

/* Number of types that a policy covers, from 0 on. */
#define BQ_ATTR_TYPES(policy) (sizeof(policy) / sizeof((policy)[0]))
#define BQ_ATTR_TYPES_MOST 24

/* Payload of an attribute: its offset from the start of the options' own attribute, and bytes. */
struct bq_attr {
	u16 at; /* 0: absent */
	u16 size;
};

struct bq_attrs {
	u64 base; /* address of the options' attribute */
	struct bq_attr types[BQ_ATTR_TYPES_MOST];
};

/* Position in a sequence of attributes. */
struct bq_attr_walk {
	u32 at, end; /* offsets from the options' attribute */
	u32 type;
	bool nested;
	struct bq_attr attr;
};

/* Read the next attribute. Return false at the end, or at a malformed attribute. */
static __always_inline bool bq_attr_next(struct bq_attr_walk *w, u64 base)
{
	struct {
		u16 len, type;
	} head = {};

	if (w->at + BQ_ATTR_HEAD > w->end ||
	    bpf_probe_read_kernel(&head, sizeof(head), (void *)(base + w->at)) ||
	    head.len < BQ_ATTR_HEAD || w->at + head.len > w->end)
		return false;
	w->attr.at = w->at + BQ_ATTR_HEAD;
	w->attr.size = head.len - BQ_ATTR_HEAD;
	w->type = head.type & BQ_ATTR_TYPE_MASK;
	w->nested = head.type & BQ_ATTR_NESTED;
	w->at += BQ_ATTR_ALIGN(head.len);
	return true;
}

/* Return 0, or the error of lib/nlattr.c if the attribute violates the rule. */
static __always_inline int bq_attr_check(const struct bq_attr_walk *w, u64 base,
					 const struct bq_attr_policy *policy)
{
	u32 word = 0, size = policy->size;

	switch (policy->rule) {
	case BQ_ATTR_RULE_LEAST:
		return w->attr.size < size ? -ERANGE : 0;
	case BQ_ATTR_RULE_NEST:
		return w->attr.size && w->attr.size < size ? -ERANGE : 0;
	case BQ_ATTR_RULE_MOST:
		if (w->attr.size < size ||
		    bpf_probe_read_kernel(&word, sizeof(word), (void *)(base + w->attr.at)))
			return -ERANGE;
		return word > policy->most ? -ERANGE : 0;
	case BQ_ATTR_RULE_UP_TO:
		return w->attr.size > policy->most ? -ERANGE : 0;
	case BQ_ATTR_RULE_STRICT:
		return w->nested || w->attr.size != size ? -EINVAL : 0;
	case BQ_ATTR_RULE_BINARY:
		if (w->nested)
			return -EINVAL;
		return w->attr.size != size ? -ERANGE : 0;
	}
	return 0;
}

/*
 * Find the attributes of the options at address BASE, from offset FROM to the end of LEN bytes of
 * payload. Return 0 or the first error.
 */
static __always_inline int bq_attrs_parse(struct bq_attrs *attrs, u64 base, u32 from, u32 len,
					  const struct bq_attr_policy *policy, u32 types)
{
	struct bq_attr_walk w = { .at = from, .end = BQ_ATTR_HEAD + len };
	u32 i;
	int err;

	attrs->base = base;
	bpf_for(i, 0, BQ_ATTRS_MOST) {
		if (!bq_attr_next(&w, base))
			break;
		/* Type 0 has no policy and no reader. A test for it would hide the bound. */
		if (w.type >= types)
			continue;
		err = bq_attr_check(&w, base, &policy[w.type]);
		if (err)
			return err;
		attrs->types[w.type] = w.attr;
	}
	return 0;
}

/*
 * Copy the first SIZE bytes of the payload, which the policy guarantees, to VALUE. Return false if
 * there is no such attribute.
 */
static __always_inline bool bq_attr_get(const struct bq_attrs *attrs, u32 type, void *value,
					u32 size)
{
	u32 at = attrs->types[type].at;

	return at && !bpf_probe_read_kernel(value, size, (void *)(attrs->base + at));
}

#endif
