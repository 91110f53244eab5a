// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * flows: an open-loop sender of numbered UDP datagrams, the receiver that writes down when each
 * came, and the comparison of two such records, for tests of fq.
 *
 *   flows make KIND SEED PACKETS
 *                            prints a script of that kind (see `kinds` below)
 *   flows send SCRIPT        sends what the lines of SCRIPT say:
 *                            AT FLOW SIZE [prio N] [mark N] [time T] [rate R]
 *                            AT is when to send, ns after the start; T the packet's time stamp, ns
 *                            after the start (SO_TXTIME); R sets the socket's SO_MAX_PACING_RATE in
 *                            bytes a second. Each flow is a connected socket of its own. Prints
 *                            {"sent":N,"refused":N,"late_ns":MOST}
 *   flows receive DEV MS     what comes in from DEV within that time; prints a line a packet: its
 *                            number, its flow, nanoseconds since its sender started
 *   flows compare A B        two records; prints {"packets":N,"missing":N,"extra":N,"p99_ns":N,
 *                            "max_ns":N,"mean_ns":N,"swapped":N}: how far apart times are, and how
 *                            many packets left after one that A sent more than 20 us later
 *
 * A datagram carries its number, its flow and the start of its sender: both ends are on one machine
 * and share CLOCK_MONOTONIC. The receiver does not look at its socket before the end, so that it
 * takes no time from the sender.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <netinet/ip.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#define PORT 9000
#define MAX_FLOWS 1024
#define MAX_PACKETS 200000

struct datagram {
	uint64_t start;
	uint32_t number;
	uint32_t flow;
	char rest[1400];
};

struct order {
	uint64_t at, time, rate;
	uint32_t flow, size, prio, mark;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_of(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int open_flow(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct sock_txtime txtime = { .clockid = CLOCK_MONOTONIC };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 1 << 26;

	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_TXTIME, &txtime, sizeof(txtime)))
		die("flow");
	return fd;
}

static size_t read_script(const char *path, struct order *orders)
{
	char line[256], *word, *value;
	FILE *f = fopen(path, "r");
	size_t n = 0;

	if (!f)
		die(path);
	while (n < MAX_PACKETS && fgets(line, sizeof(line), f)) {
		struct order *o = &orders[n];

		memset(o, 0, sizeof(*o));
		o->rate = UINT64_MAX;
		o->prio = UINT32_MAX;
		o->at = strtoull(strtok(line, " \n"), NULL, 10);
		o->flow = (uint32_t)atoi(strtok(NULL, " \n")) % MAX_FLOWS;
		o->size = (uint32_t)atoi(strtok(NULL, " \n"));
		while ((word = strtok(NULL, " \n")) && (value = strtok(NULL, " \n"))) {
			uint64_t v = strtoull(value, NULL, 10);

			if (!strcmp(word, "prio"))
				o->prio = (uint32_t)v;
			else if (!strcmp(word, "mark"))
				o->mark = (uint32_t)v;
			else if (!strcmp(word, "time"))
				o->time = v;
			else
				o->rate = v;
		}
		n++;
	}
	fclose(f);
	return n;
}

static ssize_t send_one(int fd, const struct order *o, struct datagram *d)
{
	char control[CMSG_SPACE(sizeof(uint64_t))] = { 0 };
	struct iovec iov = { d, o->size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	uint64_t time = d->start + o->time;
	struct cmsghdr *c;

	if (o->rate != UINT64_MAX &&
	    setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &o->rate, sizeof(o->rate)))
		die("SO_MAX_PACING_RATE");
	if (o->prio != UINT32_MAX &&
	    setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &o->prio, sizeof(o->prio)))
		die("SO_PRIORITY");
	if (o->mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &o->mark, sizeof(o->mark)))
		die("SO_MARK");
	if (o->time) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_TXTIME;
		c->cmsg_len = CMSG_LEN(sizeof(time));
		memcpy(CMSG_DATA(c), &time, sizeof(time));
	}
	return sendmsg(fd, &msg, MSG_DONTWAIT);
}

static int send_script(const char *path)
{
	struct order *orders = calloc(MAX_PACKETS, sizeof(*orders));
	static int fds[MAX_FLOWS];
	size_t i, n = read_script(path, orders), sent = 0;
	uint64_t late, most_late = 0;
	const struct sched_param first = { .sched_priority = 1 };
	struct datagram d = { 0 };

	for (i = 0; i < n; i++)
		if (!fds[orders[i].flow])
			fds[orders[i].flow] = open_flow();
	mlockall(MCL_CURRENT);
	sched_setscheduler(0, SCHED_FIFO, &first);
	d.start = now_of(CLOCK_MONOTONIC) + 10000000;
	for (i = 0; i < n; i++) {
		d.number = (uint32_t)i;
		d.flow = orders[i].flow;
		/* To the instant: a sleep ends late. */
		while (now_of(CLOCK_MONOTONIC) < d.start + orders[i].at)
			;
		late = now_of(CLOCK_MONOTONIC) - d.start - orders[i].at;
		if (late > most_late)
			most_late = late;
		sent += send_one(fds[orders[i].flow], &orders[i], &d) >= 0;
	}
	printf("{\"sent\":%zu,\"refused\":%zu,\"late_ns\":%llu}\n", sent, n - sent,
	       (unsigned long long)most_late);
	return 0;
}

/* The kernel's time of arrival, CLOCK_REALTIME. */
static uint64_t arrival(struct msghdr *msg)
{
	struct timespec ts = { 0 };
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* CLOCK_REALTIME less CLOCK_MONOTONIC: of several tries the one that took the least time. */
static uint64_t realtime_offset(void)
{
	uint64_t before, real, after, best = UINT64_MAX, offset = 0;
	int i;

	for (i = 0; i < 100; i++) {
		before = now_of(CLOCK_MONOTONIC);
		real = now_of(CLOCK_REALTIME);
		after = now_of(CLOCK_MONOTONIC);
		if (after - before >= best)
			continue;
		best = after - before;
		offset = real - (before + after) / 2;
	}
	return offset;
}

static int receive(const char *dev, int ms)
{
	struct sockaddr_ll from = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)), on = 1, room = 1 << 30;
	uint64_t clocks = realtime_offset();
	struct timespec nap = { ms / 1000, ms % 1000 * 1000000 };
	struct {
		struct iphdr ip;
		struct udphdr udp;
		struct datagram d;
	} __attribute__((packed)) f;
	struct sockaddr_in port = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	char control[128];

	/* Somebody must listen, or the sender is told that nobody does. */
	if (bind(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&port, sizeof(port)))
		die("port");
	from.sll_ifindex = (int)if_nametoindex(dev);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (struct sockaddr *)&from, sizeof(from)))
		die(dev);
	nanosleep(&nap, NULL);
	for (;;) {
		struct iovec iov = { &f, sizeof(f) };
		struct msghdr msg = { .msg_iov = &iov,
				      .msg_iovlen = 1,
				      .msg_control = control,
				      .msg_controllen = sizeof(control) };
		ssize_t len = recvmsg(fd, &msg, MSG_DONTWAIT);

		if (len < 0)
			return 0;
		if (len >= (ssize_t)(sizeof(f.ip) + sizeof(f.udp) + 16) &&
		    f.ip.protocol == IPPROTO_UDP && f.udp.dest == htons(PORT))
			printf("%u %u %lld\n", f.d.number, f.d.flow,
			       (long long)(arrival(&msg) - clocks - f.d.start));
	}
}

/* --- scripts --- */

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

static void print_plain(int i)
{
	printf("%d %u %u prio %u\n", i * GAP, draw(20), 24 + draw(1300), draw(16));
}

/* Each packet has a time of its own, some in the past, in no order. */
static void print_stamped(int i)
{
	printf("%d %u %u prio %u time %d\n", i * GAP, draw(20), 24 + draw(1300), draw(16),
	       1 + i * GAP + (int)draw(20000000));
}

/* Each flow's packets have rising times. */
static void print_edt(int i)
{
	printf("%d %u %u prio %u time %d\n", i * GAP, draw(20), 24 + draw(1300), draw(16),
	       1 + i * GAP + 5000000);
}

/* All become due at the same time: what happens then is the scheduler's choice alone. */
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

/* One flow at one rate, as fast as it can be sent. */
static void print_single(int i)
{
	printf("%d 0 1000 rate 5000000\n", i * GAP);
}

static void print_mixed(int i)
{
	uint32_t flow = draw(30);

	if (flow < 8)
		printf("%d %u %u prio %u rate %u\n", i * GAP, flow, 100 + draw(1200), draw(16),
		       100000 * (flow + 1));
	else if (flow < 16)
		printf("%d %u %u prio %u time %d\n", i * GAP, flow, 24 + draw(1300), draw(16),
		       1 + i * GAP + (int)draw(8000000));
	else
		printf("%d %u %u prio %u\n", i * GAP, flow, 24 + draw(1300), draw(16));
}

static const struct {
	const char *name;
	void (*print)(int i);
} kinds[] = {
	{ "plain", print_plain }, { "stamped", print_stamped }, { "edt", print_edt },
	{ "burst", print_burst }, { "paced", print_paced },     { "single", print_single },
	{ "mixed", print_mixed },
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
	fprintf(stderr, "flows: no kind '%s'\n", kind);
	return 1;
}

/* --- comparing --- */

#define TOLERANCE 20000 /* ns */
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
static size_t count_swapped(const struct record *a, const struct record *b)
{
	int64_t latest = NEVER, time;
	size_t i, swapped = 0;

	for (i = 0; i < b->n; i++) {
		time = a->times[b->order[i]];
		if (time == NEVER)
			continue;
		swapped += latest != NEVER && time < latest - TOLERANCE;
		if (time > latest)
			latest = time;
	}
	return swapped;
}

static int compare(const char *path_a, const char *path_b)
{
	static int64_t apart[MAX_PACKETS];
	struct record *a = read_record(path_a), *b = read_record(path_b);
	size_t i, n = 0, missing = 0, extra = 0;
	int64_t sum = 0;

	for (i = 0; i < MAX_PACKETS; i++) {
		missing += a->times[i] != NEVER && b->times[i] == NEVER;
		extra += a->times[i] == NEVER && b->times[i] != NEVER;
		if (a->times[i] == NEVER || b->times[i] == NEVER)
			continue;
		apart[n] = llabs(a->times[i] - b->times[i]);
		sum += apart[n++];
	}
	qsort(apart, n, sizeof(apart[0]), by_size);
	printf("{\"packets\":%zu,\"missing\":%zu,\"extra\":%zu,\"p99_ns\":%lld,\"max_ns\":%lld,"
	       "\"mean_ns\":%lld,\"swapped\":%zu}\n",
	       n, missing, extra, n ? (long long)apart[(n - 1) * 99 / 100] : 0,
	       n ? (long long)apart[n - 1] : 0, n ? (long long)(sum / (int64_t)n) : 0,
	       count_swapped(a, b));
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 5 && !strcmp(argv[1], "make"))
		return make(argv[2], argv[3], atoi(argv[4]));
	if (argc == 3 && !strcmp(argv[1], "send"))
		return send_script(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "receive"))
		return receive(argv[2], atoi(argv[3]));
	if (argc == 4 && !strcmp(argv[1], "compare"))
		return compare(argv[2], argv[3]);
	fprintf(stderr, "usage: flows make KIND SEED PACKETS | send SCRIPT | receive DEV MS | "
			"compare A B\n");
	return 1;
}
