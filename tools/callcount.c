// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counts the calls of each instrumented function (gcc -finstrument-functions). At exit it writes
 * lines "COUNT ADDRESS" to the file that CALLCOUNT names; addresses are those of the ELF file.
 * tools/callcount links it into bqdisc and resolves the addresses.
 */
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define UNTRACED __attribute__((no_instrument_function))
#define MAX_FUNCTIONS 65536 /* a power of two, far above the number of functions */

static struct {
	uintptr_t function;
	uint64_t calls;
} table[MAX_FUNCTIONS];

void __cyg_profile_func_enter(void *function, void *caller) UNTRACED;
void __cyg_profile_func_exit(void *function, void *caller) UNTRACED;

void __cyg_profile_func_enter(void *function, void *caller)
{
	uintptr_t f = (uintptr_t)function;
	size_t i = f / 16 % MAX_FUNCTIONS;

	(void)caller;
	while (table[i].function && table[i].function != f)
		i = (i + 1) % MAX_FUNCTIONS;
	table[i].function = f;
	table[i].calls++;
}

void __cyg_profile_func_exit(void *function, void *caller)
{
	(void)function;
	(void)caller;
}

/* The first object is the program itself. */
UNTRACED static int find_base(struct dl_phdr_info *info, size_t size, void *base)
{
	(void)size;
	*(uintptr_t *)base = info->dlpi_addr;
	return 1;
}

UNTRACED __attribute__((destructor)) static void write_counts(void)
{
	const char *path = getenv("CALLCOUNT");
	FILE *f = path ? fopen(path, "we") : NULL;
	uintptr_t base = 0;
	size_t i;

	if (!f)
		return;
	dl_iterate_phdr(find_base, &base);
	for (i = 0; i < MAX_FUNCTIONS; i++)
		if (table[i].calls)
			fprintf(f, "%llu %#lx\n", (unsigned long long)table[i].calls,
				(unsigned long)(table[i].function - base));
	fclose(f);
}
