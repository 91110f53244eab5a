// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * flows: an open-loop sender of numbered UDP datagrams, the watcher that writes down when each
 * left, and the comparison of two such records, for tests of fq.
 *
 *   flows make KIND SEED PACKETS
 *                            prints a script of that kind (see `kinds` below)
 *   flows send SCRIPT [in-phase]
 *                            sends what the lines of SCRIPT say:
 *                            AT FLOW SIZE [prio N] [mark N] [time T] [rate R]
 *                            AT is when to send, ns after the start; T the packet's time stamp, ns
 *                            after the start (SO_TXTIME); R sets the socket's SO_MAX_PACING_RATE in
 *                            bytes a second. Each flow is a connected socket of its own. Prints
 *                            {"sent":N,"refused":N,"late_ns":MOST}
 *   flows watch DEV          what leaves through DEV until SIGTERM; prints a line a packet: its
 *                            number, its flow, nanoseconds since its sender started
 *   flows receive DEV MS     the same of what comes in from DEV within that time
 *   flows span DEV           the same, of any packets: {"packets":N,"ns":FROM-FIRST-TO-LAST}
 *   flows compare A A2 B EACH TOLERANCE
 *                            records; prints {"packets":N,"missing":N,"extra":N,"p99_ns":N,
 *                            "max_ns":N,"mean_ns":N,"swapped":N}: how far times in B are from the
 *                            nearer of A and A2, and how many packets left after one that A sent
 *                            more than TOLERANCE ns later. Of packets that A sent back to back,
 *                            the n-th is excused n times EACH ns.
 *
 * A datagram carries its number, its flow and the start of its sender: both are on one machine and
 * share CLOCK_MONOTONIC. The watcher does not look before the end, so that it takes no time from
 * the sender.
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
#include <signal.h>
#include <stdbool.h>
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
#define RING_BYTES (1u << 23)
#define FRAME_BYTES 256u /* cuts packets off behind their headers and ours */
#define SECOND 1000000000ull
/*
 * When in a second a sender in phase starts. The kernel's own timers, the tick above all, keep to
 * multiples of their periods: so they meet the same packets in each run. Most run at whole seconds.
 */
#define PHASE 300000000ull

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

static int send_script(const char *path, bool in_phase)
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
	d.start = in_phase ? (now_of(CLOCK_MONOTONIC) / SECOND + 1) * SECOND + PHASE
			   : now_of(CLOCK_MONOTONIC) + 10000000;
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

static void end_of_wait(int signal)
{
	(void)signal;
}

/*
 * A ring that the kernel copies packets into: none is kept, which would make the kernel look for
 * memory every few dozen packets.
 */
static char *open_ring(const char *dev, int *fd)
{
	struct sockaddr_ll from = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int version = TPACKET_V2, stamp = SOF_TIMESTAMPING_SOFTWARE, on = 1;
	struct tpacket_req req = {
		.tp_block_size = RING_BYTES / 64,
		.tp_block_nr = 64,
		.tp_frame_size = FRAME_BYTES,
		.tp_frame_nr = RING_BYTES / FRAME_BYTES,
	};
	char *ring;

	from.sll_ifindex = (int)if_nametoindex(dev);
	*fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (*fd < 0 || setsockopt(*fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(*fd, SOL_PACKET, PACKET_TIMESTAMP, &stamp, sizeof(stamp)) ||
	    setsockopt(*fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(*fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)))
		die("ring");
	ring = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (ring == MAP_FAILED || bind(*fd, (struct sockaddr *)&from, sizeof(from)))
		die(dev);
	return ring;
}

static void print_frame(const struct tpacket2_hdr *frame, uint64_t clocks)
{
	const struct {
		struct iphdr ip;
		struct udphdr udp;
		struct datagram d;
	} __attribute__((packed)) *f = (const void *)((const char *)frame + frame->tp_net);
	uint64_t time = frame->tp_sec * SECOND + frame->tp_nsec;

	if (frame->tp_snaplen >= sizeof(f->ip) + sizeof(f->udp) + 16 &&
	    f->ip.protocol == IPPROTO_UDP && f->udp.dest == htons(PORT))
		printf("%u %u %lld\n", f->d.number, f->d.flow,
		       (long long)(time - clocks - f->d.start));
}

/* The ring once SIGTERM has come. */
static const char *watch(const char *dev)
{
	const struct sigaction end = { .sa_handler = end_of_wait };
	char *ring;
	int fd;

	sigaction(SIGTERM, &end, NULL);
	ring = open_ring(dev, &fd);
	pause();
	return ring;
}

/* Frame N, or NULL behind the last. */
static const struct tpacket2_hdr *frame_at(const char *ring, size_t n)
{
	const struct tpacket2_hdr *frame = (const void *)(ring + n * FRAME_BYTES);

	if (n >= RING_BYTES / FRAME_BYTES || !(frame->tp_status & TP_STATUS_USER))
		return NULL;
	return frame;
}

static int print_departures(const char *dev)
{
	uint64_t clocks = realtime_offset();
	const struct tpacket2_hdr *frame;
	const char *ring = watch(dev);
	size_t n;

	for (n = 0; (frame = frame_at(ring, n)); n++)
		print_frame(frame, clocks);
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

static int print_span(const char *dev)
{
	const struct tpacket2_hdr *frame, *last = NULL;
	const char *ring = watch(dev);
	uint64_t first = 0, ns = 0;
	size_t n;

	for (n = 0; (frame = frame_at(ring, n)); n++) {
		last = frame;
		if (!n)
			first = frame->tp_sec * SECOND + frame->tp_nsec;
	}
	if (last)
		ns = last->tp_sec * SECOND + last->tp_nsec - first;
	printf("{\"packets\":%zu,\"ns\":%llu}\n", n, (unsigned long long)ns);
	return 0;
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
/* Times to send lie where the sender only looks at the clock: work that meets work is noise. */
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

static const struct {
	const char *name;
	void (*print)(int i);
} kinds[] = {
	{ "plain", print_plain }, { "stamped", print_stamped }, { "edt", print_edt },
	{ "burst", print_burst }, { "paced", print_paced },     { "single", print_single },
	{ "mixed", print_mixed }, { "idle", print_idle },
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

/* What is excused of each packet: NS for each that A sent right before it, back to back. */
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

/* How far packet N of B is from the nearer one of A and A2. */
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
	if (argc == 3 && !strcmp(argv[1], "send"))
		return send_script(argv[2], false);
	if (argc == 4 && !strcmp(argv[1], "send") && !strcmp(argv[3], "in-phase"))
		return send_script(argv[2], true);
	if (argc == 3 && !strcmp(argv[1], "watch"))
		return print_departures(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "receive"))
		return receive(argv[2], atoi(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "span"))
		return print_span(argv[2]);
	if (argc == 7 && !strcmp(argv[1], "compare"))
		return compare(argv + 2, atoi(argv[5]), atoi(argv[6]));
	fprintf(stderr,
		"usage: flows make KIND SEED PACKETS | send SCRIPT [in-phase] | watch DEV | "
		"receive DEV MS | span DEV | compare A A2 B EACH TOLERANCE\n");
	return 1;
}
