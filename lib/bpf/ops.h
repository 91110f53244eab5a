/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Qdiscs that a BPF object defines, before it is loaded. */
#ifndef BQ_BPF_OPS_H
#define BQ_BPF_OPS_H

#include <stdbool.h>
#include <stddef.h>

struct bpf_map;
struct bpf_object;
struct bpf_program;

/* Return true if MAP is a struct Qdisc_ops. */
bool bq_ops_is(const struct bpf_object *obj, const struct bpf_map *map);

/* Return the member NAME of the qdisc in MAP and its SIZE in bytes; NULL if the type has none. */
void *bq_ops_member(const struct bpf_object *obj, const struct bpf_map *map, const char *name,
		    size_t *size);

/* Return the program that implements operation OP of the qdisc in MAP, or NULL. */
struct bpf_program *bq_ops_program_of(const struct bpf_object *obj, const struct bpf_map *map,
				      const char *op);

/* Return the name of the operation that PROG implements, or NULL. The name lives as long as OBJ. */
const char *bq_ops_name_of(const struct bpf_object *obj, const struct bpf_program *prog);

/* Exclude PROG from the object: it is not loaded, and its operations stay unset. */
void bq_ops_leave_out(struct bpf_object *obj, struct bpf_program *prog);

#endif
