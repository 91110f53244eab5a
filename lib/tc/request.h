/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One command of tc, taken apart as tc does. */
#ifndef BQ_TC_REQUEST_H
#define BQ_TC_REQUEST_H

#include <stdint.h>

#include "tc/script.h"

enum bq_tc_object {
	BQ_TC_QDISC,
	BQ_TC_CLASS,
	BQ_TC_FILTER,
};

enum bq_tc_verb {
	BQ_TC_VERB_ADD,
	BQ_TC_VERB_CHANGE,
	BQ_TC_VERB_REPLACE,
	BQ_TC_VERB_DELETE,
	BQ_TC_VERB_SHOW, /* changes nothing */
};

struct bq_tc_request {
	int line;
	const char *netns; /* "-n NETNS"; NULL: none */
	enum bq_tc_object object;
	enum bq_tc_verb verb;
	const char *dev;
	uint32_t parent;  /* TC_H_ROOT, a class, or the qdisc of a filter; 0: none */
	uint32_t handle;  /* of a qdisc; id of a class; 0: none */
	const char *kind; /* NULL: none */
	int n;            /* number of words after the kind */
	char *const *words;
	/* Filters only. */
	uint16_t prio;        /* 0: the kernel chooses one */
	const char *protocol; /* NULL: none */
	const char *fhandle;  /* "handle" of the filter; NULL: none */
};

struct bqdisc_qdisc;

/* Return the qdisc of bqdisc that stands for KIND, a name in tc, or NULL. */
const struct bqdisc_qdisc *bq_tc_find_qdisc(const char *kind);

/* Read "10:", "10:1" or "root". Return false for another text. */
bool bq_tc_id_parse(const char *text, uint32_t *id);

/* Take C apart into R. Return false after adding a problem. */
bool bq_tc_request_parse(const struct bq_script_command *c, struct bq_tc_request *r,
			 struct bq_problems *problems);

#endif
