/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows that a command has read (flow_rows.c); the command flows (flows.c, flows_output.c). */
#ifndef FLOW_ROWS_H
#define FLOW_ROWS_H

#include "json_writer.h"
#include "output.h"

enum sort { SORT_BACKLOG, SORT_RATE, SORT_DROPS, SORT_DELAY };

struct row {
	uint32_t ifindex, parent;
	struct bqdisc_flow flow;
	uint64_t rate; /* bits per second that it was sent with; 0: not measured */
};

struct rows {
	struct row *v;
	size_t n;
};

/* Add the flows of INST, in no order; none if its qdisc has none. Aborts if memory is out. */
void rows_add(struct rows *rows, const struct bqdisc_instance *inst);
/* Sort by device, parent and flow, as rows_growth() needs it. */
void rows_sort(struct rows *rows);
/* Return the bytes that a flow has sent since BEFORE; all that it has sent if it is new. */
uint64_t rows_growth(const struct rows *before, const struct row *row);
void rows_free(struct rows *rows);

#define RULES_MAX 65 /* with none at 0 */
#define MATCH_MAX 256

struct flows {
	const struct globals *g;
	enum sort sort;
	uint64_t top;              /* most flows of an instance to print; 0: all */
	size_t instances, printed; /* all, and those that keep flows */
	const char *without;       /* the name of a qdisc that keeps none */
	/* For --sort rate: all flows at `start` (CLOCK_MONOTONIC, s), by device, parent and id. */
	struct rows before;
	double start;
	struct bqdisc_sockets *sockets;
	struct json_writer *json; /* with -j: of an object for each instance; else NULL */
	/* The instance that is read, and its flows in the order to print. */
	const struct bqdisc_instance *inst;
	struct rows rows;
	char matches[RULES_MAX][MATCH_MAX]; /* of its rules: "" matches every packet */
};

/* Write the members of a key into an object. */
void flows_put_key(struct json_writer *w, const struct bqdisc_flow_key *key);
/* Print the rows as text, or write them as JSON. */
void flows_print(const struct flows *f);

#endif
