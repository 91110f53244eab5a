// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Plugin of tc for the kinds of bqdisc. tc opens q_KIND.so in its directory and looks for the
 * symbol KIND_qdisc_util; all kinds are in one file with a link for each. It uses no function of
 * tc, and one struct whose beginning is the same in all releases since iproute2 4.16.
 */
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tc/attrs.h"

/* Members of tc's struct that later releases appended are NULL in SPARE. */
struct qdisc_util {
	struct qdisc_util *next;
	const char *id;
	int (*parse_qopt)(const struct qdisc_util *qu, int argc, char **argv, struct nlmsghdr *n,
			  const char *dev);
	int (*print_qopt)(const struct qdisc_util *qu, FILE *f, struct rtattr *opt);
	int (*print_xstats)(const struct qdisc_util *qu, FILE *f, struct rtattr *xstats);
	void *spare[11];
};

#define REQUEST_MAX 65536 /* bytes of tc's buffer */
#define USUAL_MTU 1500    /* bytes; the default of netem's limit depends on it */
#define USUAL_QUEUE 1000

/* Read the speed of a device in Mbit/s, as a share of which a rate may be given. */
int bq_dev_speed(const char *name, uint32_t *mbit)
{
	char path[64];
	int speed = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/net/%.15s/speed", name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &speed) != 1)
		speed = -1;
	fclose(file);
	*mbit = (uint32_t)speed;
	return speed > 0 ? 0 : -1;
}

static int parse_options(const struct bqdisc_qdisc *q, int argc, char **argv,
			 struct bq_attrs *attrs, struct bq_error *error)
{
	const struct bq_dev_params dev = { .mtu = USUAL_MTU, .tx_queue_len = USUAL_QUEUE };
	uint64_t config[BQ_CONFIG_MAX / sizeof(uint64_t)] = { 0 };
	struct bq_blob tables = { 0 };
	int err;

	err = q->parse ? q->parse(q, argc, argv, config, &tables, error)
		       : bq_options_parse(q, argc, argv, config, error);
	if (!err && q->complete)
		err = q->complete(config, &dev, error);
	if (!err)
		err = bq_attrs_write(q, config, &tables, attrs, error);
	free(tables.data);
	return err;
}

/* Append TCA_OPTIONS to the request. */
static int append(struct nlmsghdr *n, const struct bq_attrs *attrs)
{
	struct rtattr *options = (struct rtattr *)((char *)n + NLMSG_ALIGN(n->nlmsg_len));

	if (NLMSG_ALIGN(n->nlmsg_len) + RTA_LENGTH(attrs->len) > REQUEST_MAX) {
		fputs("bqdisc: the tables are too long for a request; use 'bqdisc attach'\n",
		      stderr);
		return -1;
	}
	options->rta_type = TCA_OPTIONS;
	options->rta_len = (unsigned short)RTA_LENGTH(attrs->len);
	memcpy(RTA_DATA(options), attrs->data, attrs->len);
	n->nlmsg_len = NLMSG_ALIGN(n->nlmsg_len) + RTA_LENGTH(attrs->len);
	return 0;
}

static int parse(const struct qdisc_util *qu, int argc, char **argv, struct nlmsghdr *n,
		 const char *dev)
{
	const struct bqdisc_qdisc *q = bq_builtin_find_kind(qu->id);
	static struct bq_attrs attrs;
	struct bq_error error = { .dev = dev };

	if (argc && !strcmp(argv[0], "help")) {
		fprintf(stderr, "Options of %s: see 'bqdisc help %s' and bqdisc-%s(8)\n", qu->id,
			q->name, q->name);
		return -1;
	}
	if (parse_options(q, argc, argv, &attrs, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return -1;
	}
	return attrs.len ? append(n, &attrs) : 0;
}

/* The kernel reports no options of a BPF qdisc. 'bqdisc show' has them. */
static int print(const struct qdisc_util *qu, FILE *f, struct rtattr *opt)
{
	(void)qu;
	(void)f;
	(void)opt;
	return 0;
}

#define KIND(kind)                                                                                 \
	__attribute__((visibility("default"))) struct qdisc_util kind##_qdisc_util = {             \
		.id = #kind,                                                                       \
		.parse_qopt = parse,                                                               \
		.print_qopt = print,                                                               \
	}

KIND(bq_pfifo);
KIND(bq_bfifo);
KIND(bq_pfifo_hdrop);
KIND(bq_fq);
KIND(bq_fq_codel);
KIND(bq_netem);
KIND(bq_tbf);
KIND(bq_hfq);
