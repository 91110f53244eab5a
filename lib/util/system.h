/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The machine under us: is its kernel able, are we allowed, in which namespace are we. */
#ifndef BQ_UTIL_SYSTEM_H
#define BQ_UTIL_SYSTEM_H

#include "util/error.h"

/* -EPERM, naming the capability that is missing. */
int bq_system_check_caps(struct bq_error *error);
/* Moves this thread into the network namespace NETNS: a name under /run/netns, or a path. */
int bq_system_enter_netns(const char *netns, struct bq_error *error);
/* The cookie of the network namespace we are in: its identity for as long as the machine runs. */
int bq_system_net_cookie(uint64_t *cookie, struct bq_error *error);
/* CLOCK_MONOTONIC, ns: the clock that the programs read. */
uint64_t bq_system_now(void);

#define BQ_DEFAULT_MAX 16

/* What net.core.default_qdisc names. It is out of sight in all namespaces but the first. */
int bq_system_get_default(char kind[BQ_DEFAULT_MAX], struct bq_error *error);
int bq_system_set_default(const char *kind, struct bq_error *error);

#endif
