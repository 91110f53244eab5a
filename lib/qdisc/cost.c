// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Kernel memory of an instance: slots, and its ranges of the arena. */
#include <bqdisc/instance.h>
#include <bqdisc/packets.h>

#include "qdisc/qdisc.h"

uint32_t bq_qdisc_slots(const struct bqdisc_qdisc *q, const void *config,
			const struct bq_dev_params *dev)
{
	return q->slots ? q->slots(q, config, dev) : 0;
}

bool bq_qdisc_has_memory(const struct bqdisc_qdisc *q)
{
	return q->memory;
}

uint64_t bq_qdisc_memory(const struct bqdisc_qdisc *q, const void *config, uint32_t slots,
			 uint32_t *units)
{
	return q->memory(q, config, slots, units);
}

uint64_t bq_qdisc_config_memory(const struct bqdisc_qdisc *q, const void *config)
{
	return q->config_memory ? q->config_memory(config) : 0;
}

/* Select what RECORDS packets take, and the first units. */
static size_t select_resident(const struct bqdisc_qdisc *q, uint32_t slots, uint32_t records,
			      uint32_t units, uint64_t range,
			      struct bq_extent parts[BQ_EXTENTS_MAX])
{
	if (q->resident)
		return q->resident(slots, records, units, parts);
	parts[0] = (struct bq_extent){ 0, range };
	return 1;
}

size_t bq_qdisc_resident(const struct bqdisc_qdisc *q, uint32_t slots, uint32_t units,
			 uint64_t range, struct bq_extent parts[BQ_EXTENTS_MAX])
{
	uint32_t records = slots < BQ_RECORDS_FIRST ? slots : BQ_RECORDS_FIRST;

	return select_resident(q, slots, records, units, range, parts);
}

uint64_t bq_qdisc_cost(const struct bqdisc_qdisc *q, uint64_t slots, uint64_t range)
{
	return q->instance_size + slots * sizeof(uint64_t) + range;
}

/*
 * Return all slots of an instance. Those of earlier growth steps are not recorded; each has at most
 * a fourth.
 */
static uint64_t all_slots(const struct bq_instance *id)
{
	uint64_t all = id->slots, step = id->slots;
	uint32_t i;

	for (i = 0; i < id->slots_step; i++) {
		step /= BQ_SLOTS_GROWTH;
		all += step;
	}
	return all;
}

/* Return the bytes of all ranges of an instance in the arena. */
static uint64_t all_ranges(const struct bq_instance *id)
{
	uint64_t all = (uint64_t)id->memory_held + id->tables[0].size + id->tables[1].size;
	uint32_t i;

	for (i = 0; i < BQ_SLOTS_STEPS; i++)
		all += id->more[i].size;
	return all;
}

uint64_t bq_instance_memory(const struct bqdisc_qdisc *q, const struct bq_instance *id)
{
	return bq_qdisc_cost(q, all_slots(id), all_ranges(id));
}

uint64_t bq_qdisc_cost_of(const struct bqdisc_qdisc *q, const void *config,
			  const struct bq_dev_params *dev, uint64_t tables_bytes)
{
	uint32_t units = BQ_UNITS_MAX, slots = bq_qdisc_slots(q, config, dev);
	uint64_t range = bq_qdisc_has_memory(q) ? bq_qdisc_memory(q, config, slots, &units) : 0;
	struct bq_extent parts[BQ_EXTENTS_MAX];
	size_t n = range ? select_resident(q, slots, slots, units, range, parts) : 0;

	for (range = bq_qdisc_config_memory(q, config); n--;)
		range += parts[n].bytes;
	return bq_qdisc_cost(q, slots, range + tables_bytes);
}

/* --- by part --- */

/* So many that what is rounded does not count, and fewer than the default options allow. */
#define SLOTS 65536
#define FLOWS 8192

static const uint64_t nothing_given[BQ_CONFIG_MAX / sizeof(uint64_t)];

static uint64_t range_for(const struct bqdisc_qdisc *q, uint32_t slots, uint32_t units)
{
	return q->memory ? q->memory(q, nothing_given, slots, &units) : 0;
}

struct bqdisc_state_bytes bqdisc_qdisc__state_bytes(const struct bqdisc_qdisc *q)
{
	uint64_t usual = range_for(q, SLOTS, FLOWS);
	struct bqdisc_state_bytes bytes = { .instance = q->instance_size };

	bytes.flow = (range_for(q, SLOTS, 2 * FLOWS) - usual) / FLOWS;
	bytes.packet = sizeof(uint64_t) + (range_for(q, 2 * SLOTS, FLOWS) - usual) / SLOTS;
	return bytes;
}

uint64_t bqdisc_qdisc__memory(const struct bqdisc_qdisc *q)
{
	static const struct bq_dev_params ordinary = { .mtu = 1500, .tx_queue_len = 1000 };

	return bq_qdisc_cost_of(q, nothing_given, &ordinary, 0);
}
