// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "util/system.h"
#include "bpf/object.h"
#include "session.h"
#include "util/opts.h"

struct bqdisc *bqdisc__open(const struct bqdisc_opts *user_opts)
{
	struct bqdisc *bq = calloc(1, sizeof(*bq));
	struct bqdisc_opts opts;

	if (!bq)
		return NULL;
	bq->broken = bq_opts_copy(&opts, sizeof(opts), user_opts, &bq->error);
	bq->error.warn = opts.warn;
	bq->error.log = opts.log;
	bq->error.verbose = opts.verbose;
	bq_object_log_to(&bq->error);
	if (!bq->broken && opts.netns)
		bq->broken = bq_system_enter_netns(opts.netns, &bq->error);
	if (!bq->broken)
		bq->broken = bq_system_net_cookie(&bq->net_cookie, &bq->error);
	return bq;
}

void bqdisc__close(struct bqdisc *bq)
{
	/* libbpf outlives the session and must not write into its error. */
	bq_object_log_to(NULL);
	bq_catalog_free(&bq->catalog);
	free(bq);
}

const char *bqdisc__message(const struct bqdisc *bq)
{
	return bq->error.text;
}

enum bqdisc_error_class bqdisc__error_class(const struct bqdisc *bq)
{
	return bq->error.error_class;
}
