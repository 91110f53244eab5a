/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Egress program of an attachment: one link serves all its instances. The caller holds the lock. */
#ifndef BQ_ATTACHMENT_EGRESS_H
#define BQ_ATTACHMENT_EGRESS_H

#include "attachment/egress_program.h"
#include "attachment/steps.h"

/*
 * Attach and switch on the egress program that CONFIG needs. V holds the N instances of one device,
 * V[0] and those of the other queues. Return 1 if changed, 0 if nothing differs or CONFIG needs
 * none, -errno on failure.
 */
int bq_egress_attach(const struct bq_kind *kind, struct bq_instance *const v[], size_t n,
		     uint32_t ifindex, const void *config, struct bq_error *error);
/* Return true if all N instances have the same egress program, and it is on the hook of IFINDEX. */
bool bq_egress_is_complete(struct bq_instance *const v[], size_t n, uint32_t ifindex);
/* Detach their egress program. */
void bq_egress_detach(struct bq_instance *const v[], size_t n);
/* Remove what the active configuration does not need: the offload setting, or the whole program. */
void bq_egress_release(const struct bq_kind *kind, struct bq_instance *const v[], size_t n);

/* Print that the device gets back the segments that the egress program KEY has limited, if any. */
void bq_print_segments(struct bq_printer *p, uint64_t key);
/* Print the removal of the egress program KEY of Q. */
void bq_print_egress_removal(struct bq_printer *p, const struct bqdisc_qdisc *q, uint64_t key);

#endif
