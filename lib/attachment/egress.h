/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Egress program of an attachment: one serves all its instances. The caller holds the lock. */
#ifndef BQ_ATTACHMENT_EGRESS_H
#define BQ_ATTACHMENT_EGRESS_H

#include "attachment/egress_program.h"

/*
 * Attach and switch on the egress program that CONFIG needs. V holds the N instances of one device,
 * V[0] and those of the other queues. Return 1 if changed, 0 if nothing differs or CONFIG needs
 * none, -errno on failure.
 */
int bq_egress_attach(const struct bq_kind *kind, struct bq_instance *const v[], size_t n,
		     uint32_t ifindex, const void *config, struct bq_error *error);
/* Detach their egress program. */
void bq_egress_detach(struct bq_instance *const v[], size_t n);
/* Remove what the active configuration does not need: the offload setting, or the whole program. */
void bq_egress_release(const struct bq_kind *kind, struct bq_instance *const v[], size_t n);

#endif
