// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Information that needs no privileges: the qdisc that a word names, and the presets. */
#include "qdisc/preset.h"
#include "session.h"
#include "user/user_object.h"

const struct bqdisc_qdisc *bqdisc__qdisc(struct bqdisc *bq, const char *word)
{
	return bq_user_object_find(word, NULL, &bq->error);
}

int bqdisc__each_preset(struct bqdisc *bq, bqdisc_preset_fn fn, void *arg)
{
	return bq_presets_each(fn, arg, &bq->error);
}
