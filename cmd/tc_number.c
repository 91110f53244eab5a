// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sizes, rates and times as tc writes them. */
#include <inttypes.h>

#include "tc.h"

/* Write in the largest unit of which BYTES is nearly a multiple. */
const char *tc_write_size(uint64_t bytes, char buf[TC_TEXT_MAX])
{
	static const struct {
		const char *name;
		uint64_t bytes, near;
	} units[] = { { "Gb", 1 << 30, 1024 }, { "Mb", 1 << 20, 1024 }, { "Kb", 1 << 10, 16 } };
	uint64_t count, whole;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		count = (bytes + units[i].bytes / 2) / units[i].bytes;
		whole = count * units[i].bytes;
		if (bytes >= units[i].bytes &&
		    (whole > bytes ? whole - bytes : bytes - whole) < units[i].near) {
			snprintf(buf, TC_TEXT_MAX, "%g%s", (double)count, units[i].name);
			return buf;
		}
	}
	snprintf(buf, TC_TEXT_MAX, "%" PRIu64 "b", bytes);
	return buf;
}

/* Write in a larger unit if that loses nothing, or if the number has more than three digits. */
const char *tc_write_rate(uint64_t bits, bool iec, char buf[TC_TEXT_MAX])
{
	static const char *const units[] = { "", "K", "M", "G", "T" };
	uint64_t kilo = iec ? 1024 : 1000;
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(units) && bits >= kilo &&
	       (bits % kilo == 0 || bits >= 1000 * kilo)) {
		bits /= kilo;
		i++;
	}
	snprintf(buf, TC_TEXT_MAX, "%" PRIu64 "%s%sbit", bits, units[i], i && iec ? "i" : "");
	return buf;
}

const char *tc_write_time(uint64_t ns, unsigned int unit, char buf[TC_TEXT_MAX])
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = { { "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 }, { "ns", 1 } };
	size_t i = 0;

	ns -= ns % unit;
	while (units[i].ns > unit && ns < units[i].ns)
		i++;
	if (units[i].ns == unit)
		snprintf(buf, TC_TEXT_MAX, "%" PRIu64 "%s", ns / unit, units[i].name);
	else
		snprintf(buf, TC_TEXT_MAX, "%.3g%s", (double)ns / (double)units[i].ns,
			 units[i].name);
	return buf;
}
