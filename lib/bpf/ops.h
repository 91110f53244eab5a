/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The qdiscs that a BPF object defines, before it is loaded. A part of libbpf's room. */
#ifndef BQ_BPF_OPS_H
#define BQ_BPF_OPS_H

#include <stdbool.h>
#include <stddef.h>

struct bpf_map;
struct bpf_object;
struct bpf_program;

/* Whether MAP is a struct Qdisc_ops. */
bool bq_ops_is(const struct bpf_object *obj, const struct bpf_map *map);

/* The member NAME of the qdisc in MAP, SIZE bytes; NULL when the object's type has none. */
void *bq_ops_member(const struct bpf_object *obj, const struct bpf_map *map, const char *name,
		    size_t *size);

/* The program that is operation OP of the qdisc in MAP; NULL: there is none. */
struct bpf_program *bq_ops_program_of(const struct bpf_object *obj, const struct bpf_map *map,
				      const char *op);

/* Which operation PROG is, of some qdisc; NULL: of none. The name lives as long as OBJ. */
const char *bq_ops_name_of(const struct bpf_object *obj, const struct bpf_program *prog);

/* Takes PROG out of the object: it is not loaded, and the operations that it is are missing. */
void bq_ops_leave_out(struct bpf_object *obj, struct bpf_program *prog);

#endif
