/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * End of attach --for. The programs check the expiry time themselves, but cannot detach the qdisc,
 * so a later command does. The caller holds the lock, and has swept the state: the sweep opens each
 * kind with an instance that expires.
 */
#ifndef BQ_ATTACHMENT_EXPIRE_H
#define BQ_ATTACHMENT_EXPIRE_H

#include "attachment/pinned.h"

/*
 * Detach expired qdiscs of the current namespace, which has the cookie NET_COOKIE. Return their
 * number. Failures are only warnings, as they do not concern the current command.
 */
int bq_expire(struct bq_pinned *pinned, uint64_t net_cookie, struct bq_error *error);

#endif
