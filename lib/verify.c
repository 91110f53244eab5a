// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "session.h"
#include "util/opts.h"
#include "verify/verify.h"

int bqdisc__verify(struct bqdisc *bq, const char *file, const struct bqdisc_verify_opts *user_opts)
{
	struct bqdisc_verify_opts opts;
	int err = bq->broken;

	if (!err)
		err = bq_opts_copy(&opts, sizeof(opts), user_opts, &bq->error);
	return err ? err : bq_verify(file, &opts, &bq->error);
}
