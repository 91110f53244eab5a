/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shell text of tc commands, split into commands of words. */
#ifndef BQ_TC_SCRIPT_H
#define BQ_TC_SCRIPT_H

#include "tc/words.h"

/* One command: what follows "tc". */
struct bq_script_command {
	int line;          /* of its first word, from 1 */
	const char *netns; /* "ip netns exec NETNS"; NULL: none */
	char **words;
	int n;
};

struct bq_script {
	char *buf;    /* words point into it */
	char **words; /* of all commands */
	struct bq_script_command *v;
	size_t n;
};

/*
 * Split TEXT: commands end with a line, ";" or "&&". Comments, continuation with "\", quotes,
 * "sudo", a path before tc, redirections and "|| true" are understood. "qdisc ...", as in a file
 * for tc -batch, is a command too. Everything else of a shell is a problem. Return 0 or -ENOMEM.
 */
int bq_script_parse(const char *text, struct bq_script *s, struct bq_problems *problems);
void bq_script_free(struct bq_script *s);

#endif
