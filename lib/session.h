/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* State of a session. */
#ifndef BQ_SESSION_H
#define BQ_SESSION_H

#include "user/catalog.h"

struct bqdisc {
	struct bq_error error;
	uint64_t net_cookie;
	struct bq_catalog catalog;
	int broken; /* -errno of bqdisc__open(), which the first call reports */
};

#endif
