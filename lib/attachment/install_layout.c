// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Plan of an installation: the number of instances, the room that they need, and the handles. */
#include <errno.h>
#include <stdlib.h>

#include "attachment/install.h"

void bq_install_set_room(struct bq_install *in)
{
	uint32_t n = in->queues ? in->queues : 1, units = in->most_units,
		 slots = bq_qdisc_slots(in->q, in->config, &in->dev->device);

	in->room = (struct bq_room){
		.instances = n,
		.wished = n * in->devices,
		.bytes = bq_qdisc_has_memory(in->q)
				 ? bq_qdisc_memory(in->q, in->config, slots, &units)
				 : 0,
	};
}

int bq_install_plan_layout(struct bq_install *in, struct bq_error *error)
{
	size_t n = in->room.instances, first = in->queues && !in->mq, i;
	struct bq_layout *layout = &in->layout;
	uint32_t handles[BQ_QUEUES_MOST + 1] = { in->handle };
	bool choose = !in->handle || in->handle == BQDISC_HANDLE_NEW || n + first > 1;
	int err = 0;

	if (choose)
		err = bq_undo_free_handles(&in->pinned->undo, &in->point, handles, n + first,
					   error);
	layout->v = calloc(n + first, sizeof(*layout->v));
	in->index = calloc(n, sizeof(*in->index));
	if (!err && (!layout->v || !in->index))
		err = bq_fail(error, BQDISC_ERROR_REFUSED, ENOMEM, "out of memory");
	if (err)
		return err;
	layout->with_mq = first;
	layout->mq = first ? handles[0] : in->mq;
	layout->n = n + first;
	for (i = 0; i < layout->n; i++) {
		layout->v[i].handle = handles[i];
		layout->v[i].parent = layout->mq && i >= first
					      ? layout->mq | (uint32_t)(i - first + 1)
					      : in->point.parent;
	}
	return 0;
}

void bq_install_free(struct bq_install *in)
{
	free(in->layout.v);
	free(in->index);
	in->layout.v = NULL;
	in->index = NULL;
}
