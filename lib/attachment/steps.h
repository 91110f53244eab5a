/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Steps of attach, change and detach. A command plans all of them before the first one changes
 * anything. Then --dry-run prints them, or they are executed.
 */
#ifndef BQ_ATTACHMENT_STEPS_H
#define BQ_ATTACHMENT_STEPS_H

#include "qdisc/qdisc.h"

#define BQ_STEPS_MAX 8
#define BQ_PRINTER_DEV_MAX 72 /* bytes: 15 characters, each of them quoted */

/* Output of --dry-run. */
struct bq_printer {
	const struct bqdisc_dry_run *to; /* NULL: the steps are executed */
	char dev[BQ_PRINTER_DEV_MAX];    /* quoted for a shell */
	bool printed;                    /* something was printed */
};

/*
 * Prepare the output. DEV is quoted, as the kernel permits nearly any character in the name of a
 * device, including ";" and "$".
 */
struct bq_printer bq_printer_for(const struct bqdisc_dry_run *to, const char *dev);
/* Print a line: a COMMAND for a shell, or a note. */
__attribute__((format(printf, 3, 4))) void bq_print(struct bq_printer *p, bool command,
						    const char *fmt, ...);

#define BQ_OPTION_WORDS_MAX 1024
/* Write the options that CONFIG sets in command-line syntax. Return BUF. */
const char *bq_print_options(const struct bqdisc_qdisc *q, const void *config,
			     char buf[BQ_OPTION_WORDS_MAX]);

struct bq_step {
	void (*print)(struct bq_printer *p, void *arg);
	/*
	 * Execute the step. Return 1 if it changed something, 0 if not, or -errno after undoing
	 * what it had changed.
	 */
	int (*run)(void *arg, struct bq_error *error);
	/*
	 * Undo the step, because a later one failed, of this device or of another. ERROR holds the
	 * message of that failure; append to it if this fails too. NULL: nothing to undo.
	 */
	void (*undo)(void *arg, struct bq_error *error);
};

struct bq_steps {
	size_t n;
	struct {
		const struct bq_step *step;
		void *arg;
	} v[BQ_STEPS_MAX];
};

void bq_steps_add(struct bq_steps *steps, const struct bq_step *step, void *arg);
/*
 * Print the steps if P has an output. Otherwise execute them; if one fails, undo those before it in
 * reverse order. Return 1 if something was, or would be, changed, 0 if not, or -errno.
 */
int bq_steps_perform(const struct bq_steps *steps, struct bq_printer *p, struct bq_error *error);
/* Undo STEPS, which were executed, in reverse order. */
void bq_steps_undo(const struct bq_steps *steps, struct bq_error *error);

#endif
