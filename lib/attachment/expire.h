/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The end of attach --for. The programs see for themselves that their time is over; here the qdisc
 * is detached, which they cannot do. Whoever calls holds the lock.
 */
#ifndef BQ_ATTACHMENT_EXPIRE_H
#define BQ_ATTACHMENT_EXPIRE_H

#include "util/error.h"

/*
 * Detaches what has expired in the namespace we are in, whose cookie is given; returns how many. A
 * failure is a warning: whoever calls is about something else.
 */
int bq_expire(uint64_t net_cookie, struct bq_error *error);

#endif
