// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Data flow of packets in a verifier's log: through registers and the stack, up to a release. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/log_packet.h"

/*
 * Return the value of LOCATION ("R7" or "fp-8") in STATE, or NULL if STATE does not list it. The
 * value ends at the next blank.
 */
static const char *find_value(const char *state, const char *location)
{
	size_t len = strlen(location);
	const char *at;

	for (at = state; (at = strstr(at, location)); at += len)
		if ((at == state || at[-1] == ' ') && at[len] == '=')
			return at + len + 1;
	return NULL;
}

/* Return the value that the call at step I takes from the program, or NULL if it takes none. */
static const char *released_value(const struct bq_log *log, size_t i)
{
	const char *value, *argument;
	char name[64];

	if (!bq_log_callee(&log->steps[i], name, sizeof(name)))
		return NULL;
	if (!strcmp(name, "bpf_kptr_xchg"))
		argument = "R2";
	else if (!strcmp(name, "bpf_qdisc_skb_drop") || !strcmp(name, "bpf_kfree_skb"))
		argument = "R1";
	else
		return NULL;
	while (i-- > 0) {
		value = find_value(log->steps[i].state, argument);
		if (value) /* bpf_kptr_xchg(field, NULL) takes nothing */
			return value[0] == '0' ? NULL : value;
	}
	return NULL;
}

/* Return the reference of VALUE, as in "(id=3)" or "(id=3,ref_obj_id=3)"; 0 if it has none. */
static long reference_id(const char *value)
{
	const char *end = value + strcspn(value, " )");
	const char *id = strstr(value, "ref_obj_id=");

	if (!id || id > end)
		id = strstr(value, "id=");
	return id && id < end ? strtol(strchr(id, '=') + 1, NULL, 10) : 0;
}

/* Return the first call from step I on that takes the reference ID, or NULL. */
static const struct bq_log_step *find_release(const struct bq_log *log, size_t i, long id)
{
	const char *value;

	for (; i + 1 < log->n_steps; i++) {
		value = released_value(log, i);
		if (value && reference_id(value) == id)
			return &log->steps[i];
	}
	return NULL;
}

/* Only the argument is of a trusted type; a packet from bpf_kptr_xchg() is not. */
const struct bq_log_step *bq_log_argument_release(const struct bq_log *log)
{
	const char *value;
	size_t i;

	for (i = 0; i + 1 < log->n_steps; i++) {
		value = released_value(log, i);
		if (value && !strncmp(value, "trusted_ptr_sk_buff", strlen("trusted_ptr_sk_buff")))
			return &log->steps[i];
	}
	return NULL;
}

static bool is_packet(const char *value)
{
	const char *name = strstr(value, "ptr_");
	size_t len = strcspn(value, " (");

	return len > 7 && name && name < value + len && !strncmp(value + len - 7, "sk_buff", 7);
}

/*
 * Replace LOCATION ("r7", "fp-8") with the one that held its value before STEP. Return false if
 * STEP computed the value.
 */
static bool trace_back(const struct bq_log_step *step, char location[16])
{
	char to[8], from[8], how[4];
	int off;

	if (sscanf(step->text, "(bf) %7s = %7s", to, from) == 2 && !strcmp(to, location)) {
		snprintf(location, 16, "%s", from);
	} else if (sscanf(step->text, "(79) %7s = *(u64 *)(r10 %d)", to, &off) == 2 &&
		   !strcmp(to, location)) {
		snprintf(location, 16, "fp%d", off);
	} else if (sscanf(step->text, "(7b) *(u64 *)(r10 %d) = %7s", &off, from) == 2) {
		snprintf(to, sizeof(to), "fp%d", off);
		if (!strcmp(to, location))
			snprintf(location, 16, "%s", from);
	} else if (sscanf(step->text, "(%*[^)]) %7s %3s", to, how) == 2 && !strcmp(to, location)) {
		return strcmp(how, "=") != 0; /* "+=" keeps the object */
	}
	return true;
}

bool bq_log_was_packet(const struct bq_log *log, int reg, const struct bq_log_step **release)
{
	char location[16], name[16];
	const char *value;
	size_t i;

	*release = NULL;
	snprintf(location, sizeof(location), "r%d", reg);
	for (i = log->n_steps; i-- > 0;) {
		const struct bq_log_step *step = &log->steps[i];

		snprintf(name, sizeof(name), "%s", location);
		if (name[0] == 'r')
			name[0] = 'R';
		value = find_value(step->state, name);
		if (value && is_packet(value)) {
			*release = find_release(log, i, reference_id(value));
			return true;
		}
		/* The last step was refused: it changed no location. */
		if (i + 1 < log->n_steps && !trace_back(step, location))
			return false;
	}
	return false;
}
