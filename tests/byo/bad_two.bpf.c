// SPDX-License-Identifier: GPL-2.0-only
// expect: it has several qdiscs, (good other|other good); give .*:NAME
#include "good.bpf.h"

SEC(".struct_ops.link")
struct Qdisc_ops other = {
	.enqueue = (void *)good_enqueue,
	.dequeue = (void *)good_dequeue,
	.init = (void *)good_init,
	.reset = (void *)good_reset,
	.destroy = (void *)good_destroy,
	.id = "other",
};
