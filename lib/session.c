// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "brought.h"
#include "machine.h"
#include "object.h"
#include "session.h"

/* A newer caller's unknown tail must be zero: it asks for nothing that we would ignore. */
int bq_opts_copy(void *to, size_t to_size, const void *from, struct bq_report *rep)
{
	const char *bytes = from;
	size_t i, size;

	memset(to, 0, to_size);
	if (!from)
		return 0;
	memcpy(&size, from, sizeof(size));
	for (i = to_size; i < size; i++)
		if (bytes[i])
			return bq_fail(rep, BQDISC_FAULT_USAGE, E2BIG,
				       "libbqdisc is older than its caller and misses an option");
	memcpy(to, from, size < to_size ? size : to_size);
	return 0;
}

struct bqdisc *bqdisc__open(const struct bqdisc_opts *user_opts)
{
	struct bqdisc *bq = calloc(1, sizeof(*bq));
	struct bqdisc_opts opts;

	if (!bq)
		return NULL;
	bq->broken = bq_opts_copy(&opts, sizeof(opts), user_opts, &bq->rep);
	bq->rep.warn = opts.warn;
	bq->rep.log = opts.log;
	bq->rep.verbose = opts.verbose;
	bq_object_log_to(&bq->rep);
	if (!bq->broken && opts.netns)
		bq->broken = bq_machine_enter_netns(opts.netns, &bq->rep);
	if (!bq->broken)
		bq->broken = bq_machine_net_cookie(&bq->net_cookie, &bq->rep);
	return bq;
}

void bqdisc__close(struct bqdisc *bq)
{
	/* libbpf outlives the session and must not write into its report. */
	bq_object_log_to(NULL);
	bq_brought_forget();
	free(bq);
}

const char *bqdisc__message(const struct bqdisc *bq)
{
	return bq->rep.text;
}

enum bqdisc_fault bqdisc__fault(const struct bqdisc *bq)
{
	return bq->rep.fault;
}
