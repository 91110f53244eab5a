// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * torn FILE.bpf.o DEV PACKETS: sends PACKETS through torn.bpf.c on DEV while the library's own
 * writer changes the configuration back to back. Prints {"packets":N,"changes":N,"torn":N}.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "bpf/kind.h"
#include "torn.h"

#define NAME "torn"
#define DIR BQ_PIN_DIR "/" NAME

static const struct bqdisc_qdisc torn = {
	.name = "torn",
	.instance_size = sizeof(struct torn_instance),
	.config_offset = offsetof(struct torn_instance, config),
	.config_size = sizeof(struct torn_config),
};

static void die(const char *what)
{
	fprintf(stderr, "torn: %s\n", what);
	exit(2);
}

static void pin(struct bpf_object *obj, const char *map)
{
	char path[64];

	snprintf(path, sizeof(path), DIR "/%s", map);
	if (bpf_map__pin(bpf_object__find_map_by_name(obj, map), path))
		die(path);
}

/* As bq_object_load() does. The link lives as long as this process. */
static void load(const char *file)
{
	const struct bq_table_size size = { .pool = 63, .prepared = 64 };
	struct bpf_object *obj = bpf_object__open(file);
	struct bq_error error = { 0 };

	if (!obj)
		die(file);
	bq_table_size_apply(obj, size);
	if (bpf_object__load(obj) || bq_table_size_write(obj, size))
		die(file);
	mkdir(BQ_PIN_DIR, 0700);
	if (mkdir(DIR, 0700))
		die(DIR);
	pin(obj, "instances");
	pin(obj, "usage");
	pin(obj, "places");
	pin(obj, "slots");
	pin(obj, "slots_pool");
	if (bq_kind_write_layout(DIR, &error))
		die(error.text);
	if (!bpf_map__attach_struct_ops(bpf_object__find_map_by_name(obj, "torn")))
		die("registration");
}

static pid_t start(const char *dev, const char *packets)
{
	char command[64];
	pid_t pid;

	snprintf(command, sizeof(command), "tc qdisc add dev %s root bq_torn", dev);
	if (system(command))
		die(command);
	pid = fork();
	if (pid)
		return pid;
	if (!freopen("/dev/null", "w", stdout))
		_exit(2);
	execlp("packets", "packets", "send", dev, packets, NULL);
	_exit(2);
}

static void fill(struct torn_config *config, __u64 version)
{
	int i;

	for (i = 0; i < TORN_WORDS; i++)
		config->words[i] = version;
}

int main(int argc, char *argv[])
{
	struct bq_error error = { 0 };
	struct torn_config config = { 0 };
	struct torn_instance *q;
	struct bq_kind kind;
	const struct bq_blob none = { 0 };
	__u64 changes = 0;
	pid_t sender;

	if (argc != 4)
		die("usage: torn FILE.bpf.o DEV PACKETS");
	load(argv[1]);
	if (bq_kind_open_usage(&kind, "bq_torn", &torn, NAME, &error) ||
	    bq_kind_open(&kind, &error))
		die(error.text);
	sender = start(argv[2], argv[3]);
	q = (struct torn_instance *)bq_kind_next(&kind, NULL);
	if (!q)
		die("no instance");
	while (!waitpid(sender, NULL, WNOHANG)) {
		fill(&config, ++changes);
		if (bq_kind_change(&kind, &q->id, &config, &none, &error))
			die(error.text);
	}
	printf("{\"packets\":%llu,\"changes\":%llu,\"torn\":%llu}\n", q->stats.packets, changes,
	       q->stats.torn);
	return 0;
}
