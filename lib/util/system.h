/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* System: capabilities, network namespace, clock and default qdisc. */
#ifndef BQ_UTIL_SYSTEM_H
#define BQ_UTIL_SYSTEM_H

#include "util/error.h"

/* Return 0, or -EPERM with the missing capabilities in the message. */
int bq_system_check_caps(struct bq_error *error);

/* Enter the network namespace NETNS, a name below /run/netns or a path. Return 0 or -errno. */
int bq_system_enter_netns(const char *netns, struct bq_error *error);

/* Read the cookie of the current network namespace, unique until reboot. Return 0 or -errno. */
int bq_system_net_cookie(uint64_t *cookie, struct bq_error *error);

/* Return CLOCK_MONOTONIC in ns, the clock of bpf_ktime_get_ns(). */
uint64_t bq_system_now(void);

#define BQ_DEFAULT_MAX 16

/*
 * Read or write net.core.default_qdisc. Return 0 or -errno; -ENOENT outside of the initial network
 * namespace, which alone has the sysctl.
 */
int bq_system_get_default(char kind[BQ_DEFAULT_MAX], struct bq_error *error);
int bq_system_set_default(const char *kind, struct bq_error *error);

#endif
