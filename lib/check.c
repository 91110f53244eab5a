// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Implements check: the words of attach, without a device. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "util/opts.h"

int bq_check_words(struct bq_batch *b, const char *as)
{
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)] = { 0 };
	const struct bq_command c = { .batch = b, .bq = b->bq, .error = &b->bq->error };
	struct bq_blob tables = { 0 };
	const struct bqdisc_qdisc *q;
	int err = bq_command_parse_qdisc(&c, as, &q, config, &tables);

	free(tables.data);
	return err;
}

/* Return the index of the word at fault; 0 if the message is about all of them. */
static int find_word(const struct bq_error *error, int n, char *const words[])
{
	int i;

	for (i = 0; i < n; i++)
		if (error->word >= words[i] && error->word <= words[i] + strlen(words[i]))
			return i;
	return 0;
}

int bqdisc__check(struct bqdisc *bq, int n, char *const words[],
		  const struct bqdisc_attach_opts *user_opts, int *at)
{
	struct bq_batch b = { .bq = bq, .n_words = n, .words = words };
	struct bqdisc_attach_opts opts = { 0 };
	int err = bq_batch_begin(&b, &opts, sizeof(opts), user_opts);

	bq->error.any_dev = true;
	bq->error.word = NULL;
	if (!err)
		err = bq_command_check_opts(&opts, &bq->error);
	if (!err)
		err = bq_check_words(&b, opts.as);
	bq->error.any_dev = false;
	*at = err ? find_word(&bq->error, n, words) : 0;
	return err;
}
