/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Metrics of all instances for Prometheus: printed, written to a file, or served. */
#ifndef METRICS_H
#define METRICS_H

#include <regex.h>

#include "cmd.h"

struct device_filter {
	bool given;
	regex_t regex;
};

struct metrics {
	const struct globals *g;
	struct device_filter include, exclude;
};

enum metrics_format {
	METRICS_OPENMETRICS,
	METRICS_TEXT, /* Prometheus' older text format, which node_exporter and promtool read */
};

/* Write the metrics to OUT. Return 0, or an exit status after printing a message to stderr. */
int metrics_write(const struct metrics *m, enum metrics_format format, FILE *out);
/* The same into *TEXT, which the caller frees also after a failure. */
int metrics_buffer(const struct metrics *m, enum metrics_format format, char **text, size_t *size);

/*
 * Serve the metrics by HTTP at ADDRESS ("PORT", "ADDRESS:PORT"), or on the socket that systemd
 * passed ("systemd"), until SIGTERM or SIGINT. Return the exit status.
 */
int metrics_listen(const struct metrics *m, const char *address);

#endif
