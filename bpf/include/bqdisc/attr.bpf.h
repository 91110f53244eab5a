/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink attributes of .init's options, for parsers of an in-tree qdisc's options (init.bpf.h):
 *
 *   static __always_inline int foo_read_attr(void *q, const struct bq_attr *attr)
 *   {
 *           ... attr->type, and bq_attr_read(attr, &value, size)
 *   }
 *
 *   u64 from = bq_address(&q->scratch, opt) + sizeof(struct nlattr);
 *
 *   return bq_attrs_each(from, from + len, foo_read_attr, q);
 *
 * Guarantees: no read outside of FROM and END; an invalid address is an error, not a crash. Cost:
 * nothing a packet.
 */
#ifndef BQDISC_ATTR_BPF_H
#define BQDISC_ATTR_BPF_H

#include <bqdisc/instance.bpf.h>
#include <bqdisc/qdisc.bpf.h>

#define ERANGE 34
#define EOPNOTSUPP 95

/* Maximum attributes of one message, more than twice what any qdisc defines. */
#define BQ_MAX_ATTRS 32

/* Mask that removes the flags NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
#define BQ_ATTR_TYPE_MASK 0x3fff

struct bq_attr {
	u64 from; /* address of the payload */
	u32 size; /* of the payload, in bytes */
	u32 type;
};

/* Read the attribute at *FROM and advance *FROM. Return 1, 0 at the end, or -EINVAL. */
static __always_inline int bq_attr_next(struct bq_attr *attr, u64 *from, u64 end)
{
	struct {
		u16 len, type;
	} head = {};

	if (*from + sizeof(head) > end)
		return 0;
	if (bpf_probe_read_kernel(&head, sizeof(head), (void *)*from) || head.len < sizeof(head) ||
	    *from + head.len > end)
		return -EINVAL;
	attr->from = *from + sizeof(head);
	attr->size = head.len - sizeof(head);
	attr->type = head.type & BQ_ATTR_TYPE_MASK;
	*from += (head.len + 3u) & ~3u;
	return 1;
}

/* Copy the first bytes of the payload, SIZE at most. Return 0 or -EINVAL. */
static __always_inline int bq_attr_read(const struct bq_attr *attr, void *value, u32 size)
{
	u32 some = attr->size < size ? attr->size : size;

	return some && bpf_probe_read_kernel(value, some, (void *)attr->from) ? -EINVAL : 0;
}

/* Read one attribute into OBJECT. Return 0 or a negative errno. */
typedef int bq_attr_fn(void *object, const struct bq_attr *attr);

/*
 * Call READ, which is inlined, for each attribute from FROM to END. Return 0, the first error of
 * READ, or -EINVAL if an attribute is malformed or there are more than BQ_MAX_ATTRS.
 */
static __always_inline int bq_attrs_each(u64 from, u64 end, bq_attr_fn read, void *object)
{
	struct bq_attr attr = {};
	u32 i;
	int err;

	bpf_for(i, 0, BQ_MAX_ATTRS) {
		err = bq_attr_next(&attr, &from, end);
		if (err <= 0)
			return err;
		err = read(object, &attr);
		if (err)
			return err;
	}
	return -EINVAL;
}

#endif
