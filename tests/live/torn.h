/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Types shared by torn.bpf.c and torn.c. */
#ifndef TORN_H
#define TORN_H

#include <bqdisc/instance.h>

#define TORN_WORDS 64
/* Passes over all words for each packet. More passes make it likelier to meet a change. */
#define TORN_LOOKS 16

struct torn_config {
	__u64 set_mask;
	__u64 words[TORN_WORDS]; /* all alike in every version */
};

struct torn_instance {
	struct bq_instance id;
	struct torn_config config[2];
	struct torn_config defaults;
	struct {
		__u64 packets;
		__u64 torn; /* packets that saw words of two versions */
	} stats;
};

#endif
