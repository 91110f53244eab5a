// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * scripts: what flows.c is to send, and the comparison of what it saw leaving, for tests of fq.
 *
 *   scripts make KIND SEED PACKETS
 *                            prints a script of that kind (see `kinds` below)
 *   scripts compare A A2 B EACH TOLERANCE
 *                            records of `flows watch`; prints {"packets":N,"missing":N,"extra":N,
 *                            "p99_ns":N,"max_ns":N,"mean_ns":N,"swapped":N}: how far times in B are
 *                            from the nearer of A and A2, and how many packets left after one that
 *                            A sent more than TOLERANCE ns later. Of packets that A sent back to
 *                            back, the n-th is excused n times EACH ns.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PACKETS 200000

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t seed;

/* xorshift64*: the same everywhere. */
static uint32_t draw(uint32_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)((seed * 0x2545f4914f6cdd1dull) >> 33) % below;
}

#define GAP 60000 /* ns between packets: the sender needs some 20 us for one */
/* Departure times fall where the sender only spins. Work at the same time would add noise. */
#define QUIET (GAP * 2 / 3)

static void print_plain(int i)
{
	printf("%d %u %u prio %u\n", i * GAP, draw(20), 24 + draw(1300), draw(16));
}

/* Each packet has a time of its own, some in the past, in no order. */
static void print_stamped(int i)
{
	printf("%d %u %u prio %u time %d\n", i * GAP, draw(20), 24 + draw(1300), draw(16),
	       (i + (int)draw(333)) * GAP + QUIET + (int)draw(1000));
}

/* Each flow's packets have rising times. */
static void print_edt(int i)
{
	printf("%d %u %u prio %u time %d\n", i * GAP, draw(20), 24 + draw(1300), draw(16),
	       (i + 83) * GAP + QUIET);
}

/* All packets are due at the same time, so that the order depends on the scheduler alone. */
static void print_burst(int i)
{
	printf("%d %u %u prio %u time %u\n", i * GAP, draw(40), 24 + draw(1300), draw(16),
	       90000000);
}

static void print_paced(int i)
{
	uint32_t flow = draw(20);

	printf("%d %u %u prio 0 rate %u\n", i * GAP, flow, 100 + draw(1200), 50000 * (flow + 1));
}

/*
 * One flow at one rate, with some 50 packets waiting. fq sends the 15 packets of its initial
 * quantum at once, and from then on its quantum of 3028 bytes every ninth GAP, in the phase of the
 * fifteenth packet. What is sent later is half a GAP beside that: no work meets work. In the end
 * three are sent while three leave: a long drain makes the kernel give back memory now and then.
 */
static void print_single(int i)
{
	int at = i < 15 ? i * GAP + GAP / 2 : i < 100 ? i * GAP : (100 + (i - 100) * 3) * GAP;

	printf("%d 0 1000 rate %d\n", at, (int)(3028ull * 1000000000 / (9 * GAP)));
}

static void print_mixed(int i)
{
	uint32_t flow = draw(30);

	if (flow < 8)
		printf("%d %u %u prio %u rate %u\n", i * GAP, flow, 100 + draw(1200), draw(16),
		       100000 * (flow + 1));
	else if (flow < 16)
		printf("%d %u %u prio %u time %d\n", i * GAP, flow, 24 + draw(1300), draw(16),
		       (i + (int)draw(133)) * GAP + QUIET + (int)draw(1000));
	else
		printf("%d %u %u prio %u\n", i * GAP, flow, 24 + draw(1300), draw(16));
}

/*
 * Bursts of three packets, paced, 8 ms and 45 ms apart in turn in each of four flows: far enough
 * from a refill_delay of 20 ms for the in-tree qdisc, which counts it in jiffies.
 */
static void print_idle(int i)
{
	int flow = i / 3 % 4, k = i / 12;

	printf("%d %d %u rate 1000000\n",
	       (k / 2 * 53 + k % 2 * 8 + flow * 2) * 1000000 + i % 3 * GAP, flow, 900 + draw(400));
}

/*
 * More than can be sent, for all three bands: of 15 packets 9, 4 and 2 go to bands 0, 1 and 2, so
 * that band 0 is the first to be empty. All are due when the last has come.
 */
static void print_bands(int i)
{
	int k = i % 15, prio = k < 9 ? 6 : k < 13 ? 0 : 1;

	printf("%d %d 1400 prio %d time 1000000000\n", i * GAP, k, prio);
}

/* As print_edt(), by three clocks: CLOCK_REALTIME, CLOCK_MONOTONIC and CLOCK_TAI. */
static void print_clocks(int i)
{
	static const int clocks[] = { 0, 1, 11 };

	printf("%d %d %u clock %d time %d\n", i * GAP, i % 3, 24 + draw(1300), clocks[i % 3],
	       (i + 83) * GAP + QUIET);
}

static const struct {
	const char *name;
	void (*print)(int i);
} kinds[] = {
	{ "plain", print_plain },   { "stamped", print_stamped }, { "edt", print_edt },
	{ "burst", print_burst },   { "paced", print_paced },     { "single", print_single },
	{ "mixed", print_mixed },   { "idle", print_idle },       { "bands", print_bands },
	{ "clocks", print_clocks },
};

static int make(const char *kind, const char *seed_text, int packets)
{
	size_t k;
	int i;

	seed = (strtoull(seed_text, NULL, 10) + 1) * 0x9e3779b97f4a7c15ull;
	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (strcmp(kinds[k].name, kind))
			continue;
		for (i = 0; i < packets; i++)
			kinds[k].print(i);
		return 0;
	}
	fprintf(stderr, "scripts: no kind '%s'\n", kind);
	return 1;
}

/* --- comparing --- */

#define BACK_TO_BACK 20000 /* ns: a gap that is only what sending takes */
#define NEVER INT64_MIN

struct record {
	int64_t times[MAX_PACKETS]; /* by number; NEVER when it did not come */
	uint32_t order[MAX_PACKETS];
	size_t n;
};

static struct record *read_record(const char *path)
{
	struct record *r = calloc(1, sizeof(*r));
	FILE *f = fopen(path, "r");
	unsigned int number, flow;
	long long time;
	size_t i;

	if (!f || !r)
		die(path);
	for (i = 0; i < MAX_PACKETS; i++)
		r->times[i] = NEVER;
	while (r->n < MAX_PACKETS && fscanf(f, "%u %u %lld", &number, &flow, &time) == 3) {
		if (number >= MAX_PACKETS)
			continue;
		r->times[number] = time;
		r->order[r->n++] = number;
	}
	fclose(f);
	return r;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Packets of B that left after one that in A left more than TOLERANCE later than they. */
static size_t count_swapped(const struct record *a, const struct record *b, int64_t tolerance)
{
	int64_t latest = NEVER, time;
	size_t i, swapped = 0;

	for (i = 0; i < b->n; i++) {
		time = a->times[b->order[i]];
		if (time == NEVER)
			continue;
		swapped += latest != NEVER && time < latest - tolerance;
		if (time > latest)
			latest = time;
	}
	return swapped;
}

/* Set each packet's allowance: NS for each packet that A sent directly before it, back to back. */
static void excuse_runs(const struct record *a, int64_t ns, int64_t *excused)
{
	int64_t before = NEVER, run = 0;
	size_t i;

	for (i = 0; i < a->n; i++) {
		run = before != NEVER && a->times[a->order[i]] - before < BACK_TO_BACK ? run + 1
										       : 0;
		before = a->times[a->order[i]];
		excused[a->order[i]] = run * ns;
	}
}

/* Return the distance of packet N of B from the nearer one of A and A2. */
static int64_t distance(const struct record *a, const struct record *a2, const struct record *b,
			size_t n)
{
	int64_t first = llabs(a->times[n] - b->times[n]), second;

	if (a2->times[n] == NEVER)
		return first;
	second = llabs(a2->times[n] - b->times[n]);
	return second < first ? second : first;
}

static int compare(char *paths[], int64_t ns, int64_t tolerance)
{
	static int64_t apart[MAX_PACKETS], excused[MAX_PACKETS];
	struct record *a = read_record(paths[0]), *a2 = read_record(paths[1]);
	struct record *b = read_record(paths[2]);
	size_t i, n = 0, missing = 0, extra = 0;
	int64_t sum = 0;

	excuse_runs(a, ns, excused);
	for (i = 0; i < MAX_PACKETS; i++) {
		missing += a->times[i] != NEVER && b->times[i] == NEVER;
		extra += a->times[i] == NEVER && b->times[i] != NEVER;
		if (a->times[i] == NEVER || b->times[i] == NEVER)
			continue;
		apart[n] = distance(a, a2, b, i);
		apart[n] = apart[n] > excused[i] ? apart[n] - excused[i] : 0;
		sum += apart[n++];
	}
	qsort(apart, n, sizeof(apart[0]), by_size);
	printf("{\"packets\":%zu,\"missing\":%zu,\"extra\":%zu,\"p99_ns\":%lld,\"max_ns\":%lld,"
	       "\"mean_ns\":%lld,\"swapped\":%zu}\n",
	       n, missing, extra, n ? (long long)apart[(n - 1) * 99 / 100] : 0,
	       n ? (long long)apart[n - 1] : 0, n ? (long long)(sum / (int64_t)n) : 0,
	       count_swapped(a, b, tolerance));
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 5 && !strcmp(argv[1], "make"))
		return make(argv[2], argv[3], atoi(argv[4]));
	if (argc == 7 && !strcmp(argv[1], "compare"))
		return compare(argv + 2, atoi(argv[5]), atoi(argv[6]));
	fprintf(stderr, "usage: scripts make KIND SEED PACKETS | compare A A2 B EACH TOLERANCE\n");
	return 1;
}
