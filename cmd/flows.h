/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows that a command has read (flows.c) and prints (flows_output.c). */
#ifndef FLOWS_H
#define FLOWS_H

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
	json_t *all; /* with -j: an object for each instance; else NULL */
	/* The instance that is read, and its flows in the order to print. */
	const struct bqdisc_instance *inst;
	struct rows rows;
};

/* Print the rows as text, or add them to the JSON. */
void flows_print(const struct flows *f);

#endif
