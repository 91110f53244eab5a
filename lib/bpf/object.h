/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opens, loads and registers BPF objects. Independent of devices. */
#ifndef BQ_BPF_OBJECT_H
#define BQ_BPF_OBJECT_H

#include "bpf/table_size.h"
#include "qdisc/qdisc.h"

/* Send the messages of libbpf to the log callback of ERROR if verbose, else discard them. */
void bq_object_log_to(struct bq_error *error);

struct bpf_object;

/* Open the object of IMAGE. Return NULL with errno if libbpf cannot parse it. */
struct bpf_object *bq_object_open_image(const struct bq_image *image);
/* Open the embedded object bpf/NAME.bpf.c. Return NULL with errno on failure. */
struct bpf_object *bq_object_open_embedded(const char *name);
/* Open the object of Q. Return NULL with errno on failure. */
struct bpf_object *bq_object_open(const struct bqdisc_qdisc *q);
/*
 * Return the kernel memory that loading OBJ, the open object of Q, takes with a table of that SIZE,
 * in bytes. The sizes of its maps are set.
 */
uint64_t bq_object_cost(const struct bqdisc_qdisc *q, struct bpf_object *obj,
			struct bq_table_size size);

/*
 * Load OBJ, the open object of Q, with a table of that SIZE. Pin its maps into the directory DIR.
 * The kind is not registered yet. Return 0 or -errno.
 */
int bq_object_load(const struct bqdisc_qdisc *q, struct bpf_object *obj, struct bq_table_size size,
		   const char *dir, struct bq_error *error);
/*
 * Register the kind and pin its link into DIR. This is the last step of loading: a DIR without a
 * link was left by an interrupted command. Return 0, -EEXIST if the name is registered already, or
 * another -errno.
 */
int bq_object_register(const struct bqdisc_qdisc *q, struct bpf_object *obj, const char *dir,
		       struct bq_error *error);
void bq_object_close(struct bpf_object *obj);

/* Register the kind of a user object again, from its pins in DIR, unless it is registered. */
int bq_object_register_again(const char *dir);

#endif
