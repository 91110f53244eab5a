// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* save: print the state of the devices as lines that apply reads. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "file.h"
#include "memory.h"
#include "option_words.h"

/* --- lines --- */

static void save_kinds(struct bqdisc *bq, FILE *out)
{
	const struct bqdisc_qdisc *q = NULL;
	char words[2 * PATH_MAX + 256];

	while ((q = bqdisc__next_qdisc(bq, q))) {
		if (!bqdisc__is_kept(bq, q))
			continue;
		fprintf(out, "load %s", bqdisc_qdisc__words(q, words, sizeof(words)));
		if (bqdisc_qdisc__is_native(q))
			fprintf(out, " --as %s", bqdisc_qdisc__kind(q));
		fputc('\n', out);
	}
}

static int save_default(struct bqdisc *bq, FILE *out)
{
	struct bqdisc_default def;
	int err = bqdisc__default(bq, &def);

	if (!err && def.qdisc)
		fprintf(out, "default %s\n", bqdisc_qdisc__name(def.qdisc));
	return err;
}

static int save_instance(const struct bqdisc_instance *inst, void *out)
{
	uint64_t left;

	if (!bqdisc_instance__is_attached(inst))
		return 0;
	/* A file has no lifetimes: it says what should be. */
	if (bqdisc_instance__expires(inst, &left))
		fputs("# for some time only: ", out);
	apply_print_name(bqdisc_instance__dev(inst), out);
	fputc(' ', out);
	attach_words_print(inst, out);
	fputc('\n', out);
	return 0;
}

/* Write all lines to *TEXT, so that a file or a pipe gets all of them, or nothing. */
static int save(struct bqdisc *bq, bool initial, char **text, size_t *size)
{
	FILE *out = check_memory(open_memstream(text, size));
	int err = 0;

	save_kinds(bq, out);
	if (initial)
		err = save_default(bq, out);
	if (!err)
		err = bqdisc__each_instance(bq, NULL, save_instance, out);
	if (fclose(out))
		abort();
	return err;
}

/* --- the file --- */

/* Apply may read the file at any time. */
static int write_file(const char *path, const char *text, size_t size)
{
	if (file_replace(path, text, size, true))
		return 0;
	fprintf(stderr, "bqdisc: save: cannot write '%s': %s\n", path, strerror(errno));
	return BQDISC_ERROR_REFUSED;
}

int save_main(int argc, char *argv[], const struct globals *g)
{
	struct bqdisc *bq;
	char *text = NULL;
	size_t size = 0;
	int status = 0;

	argc = flags_take(argc, argv, NULL, 0);
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc > 2)
		return usage_unexpected("save", argv[2]);
	if (g->json)
		return usage_error("save: has no JSON; use 'bqdisc -j show'");
	bq = session_open(g);
	if (save(bq, !g->netns, &text, &size)) {
		free(text);
		return session_fail(bq);
	}
	bqdisc__close(bq);
	if (argc < 2 || !strcmp(argv[1], "-"))
		fwrite(text, 1, size, stdout);
	else
		status = write_file(argv[1], text, size);
	free(text);
	return status;
}
