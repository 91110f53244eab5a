// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Conversion of bursts from ticks to bytes, by inverting the arithmetic of tc and of the kernel. */
#include <math.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>

#include "netlink/message.h"
#include "snapshot/tc_burst.h"

#define TICK_NS 64
#define TICKS_PER_US (1000.0 / TICK_NS)

typedef uint64_t (*ticks_fn)(uint64_t rate, uint64_t size);

static uint64_t ticks_of_whole_us(uint64_t rate, uint64_t size)
{
	return (uint64_t)((double)(uint64_t)(1e6 * ((double)size / (double)rate)) * TICKS_PER_US);
}

static uint64_t ticks_rounded_up(uint64_t rate, uint64_t size)
{
	return (uint64_t)ceil(1e6 * ((double)size / (double)rate) * TICKS_PER_US);
}

/* Compute as psched_ratecfg_precompute() and psched_l2t_ns(), which multiply and shift. */
static uint64_t ticks_of_kernel(uint64_t rate, uint64_t size)
{
	uint64_t factor = 1000000000, mult;
	unsigned int shift = 0;

	for (;;) {
		mult = factor / rate;
		if (mult & (1ULL << 31) || factor & (1ULL << 63))
			break;
		factor <<= 1;
		shift++;
	}
	return (size * (uint32_t)mult >> shift) / TICK_NS;
}

/* Return the smallest size near GUESS that TICKS_OF converts to TICKS, or 0. */
static uint64_t find_size(ticks_fn ticks_of, uint64_t rate, uint32_t ticks, double guess)
{
	uint64_t size = guess > 3 ? (uint64_t)guess - 2 : 1;
	unsigned int i;

	if (guess >= UINT32_MAX)
		return 0;
	for (i = 0; i < 5; i++)
		if (ticks_of(rate, size + i) == ticks)
			return size + i;
	return 0;
}

uint64_t bq_tc_burst_of_ticks(uint64_t bytes_per_s, uint32_t ticks)
{
	double rate = (double)bytes_per_s;
	uint64_t size;

	if (!bytes_per_s)
		return 0;
	size = find_size(ticks_of_whole_us, bytes_per_s, ticks,
			 ceil(ticks / TICKS_PER_US) * rate / 1e6);
	if (!size)
		size = find_size(ticks_rounded_up, bytes_per_s, ticks,
				 ticks / TICKS_PER_US * rate / 1e6);
	return size;
}

uint64_t bq_tc_burst_of_kernel(uint64_t bytes_per_s, uint32_t ticks)
{
	if (!bytes_per_s)
		return 0;
	return find_size(ticks_of_kernel, bytes_per_s, ticks,
			 (double)ticks * TICK_NS * (double)bytes_per_s / 1e9);
}

uint64_t bq_tc_rate64(const struct tc_ratespec *rate, const struct nlattr *options, uint16_t type)
{
	const struct nlattr *wide = bq_attr_find_in(options, type);

	return wide && mnl_attr_get_payload_len(wide) == 8 ? mnl_attr_get_u64(wide) : rate->rate;
}

void bq_tc_print_burst(struct bq_tc_line *w, const char *word, uint64_t bytes)
{
	if (!bytes)
		w->incomplete = true;
	bq_tc_print(w, "%s %u", word, (uint32_t)bytes);
}
