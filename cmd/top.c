// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bqdisc top: reads, draws and waits for keys, in one thread. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "output.h"
#include "top_draw.h"
#include "watch.h"

#define FILTER_MAX 32
#define DEPTH_MAX 3 /* devices, queues, flows */
#define TITLE_MAX (TOP_DEV_MAX + TOP_NAME_MAX)

#define KEYS "jk move, Enter open, Esc back, s sort, r reverse, / filter, space pause, q quit"

struct top {
	struct bqdisc *bq;
	const char *devs; /* of the command line; NULL: all */
	struct top_model model;
	struct top_view view;
	/* By depth: the rows that are shown, and the row that was opened to see them. */
	struct top_place places[DEPTH_MAX];
	struct top_reading opened[DEPTH_MAX];
	size_t depth; /* index of both; 0: devices */
	char title[TITLE_MAX];
	struct top_key selected;
	bool follow; /* keep the row `selected`, instead of the first one */
	char filter[FILTER_MAX];
	double next; /* time of the next reading */
	bool quit;
};

/* --- selection --- */

/* Select the row that was selected, wherever it is now, or the nearest if it is gone. */
static void keep_selection(struct top *top)
{
	struct top_view *view = &top->view;
	size_t n = top->model.n_shown, found;

	if (!top->follow) {
		view->selected = 0;
		return;
	}
	found = top_model_find(&top->model, &top->selected);
	if (found < n)
		view->selected = found;
	else if (view->selected >= n)
		view->selected = n ? n - 1 : 0;
}

static void select_row(struct top *top, size_t index)
{
	size_t n = top->model.n_shown;

	if (!n)
		return;
	top->view.selected = index < n ? index : n - 1;
	top->selected = top->model.shown[top->view.selected]->last.key;
	top->follow = index > 0;
}

/* --- readings --- */

static void take_reading(struct top *top)
{
	top->view.message = top_read(top->bq, &top->places[top->depth], &top->model)
				    ? bqdisc__message(top->bq)
				    : NULL;
	top->next = clock_seconds() + top->view.every;
	keep_selection(top);
}

/* "eth0", or "eth0 1:2" */
static void write_title(struct top *top)
{
	const struct top_reading *opened = &top->opened[top->depth];

	if (!top->depth || top->places[top->depth - 1].level == TOP_DEVICES)
		snprintf(top->title, sizeof(top->title), "%s", opened->name);
	else
		snprintf(top->title, sizeof(top->title), "%s %s", opened->dev, opened->name);
}

/* Show other rows from now on. Their rates are known after the next reading. */
static void go_to(struct top *top, size_t depth)
{
	top->depth = depth;
	top->view.level = top->places[depth].level;
	write_title(top);
	if (!top_level_has(top->view.level, top->model.sort))
		top->model.sort = TOP_BITS;
	top->view.paused = false;
	*top->filter = '\0';
	top_model_clear(&top->model);
	take_reading(top);
}

static void open_row(struct top *top)
{
	size_t depth = top->depth + 1;
	struct top_reading *opened;

	if (top->view.selected >= top->model.n_shown || depth == DEPTH_MAX)
		return;
	opened = &top->opened[depth];
	*opened = top->model.shown[top->view.selected]->last;
	if (!opened->has_queues && !opened->has_flows) {
		top->view.message = "this qdisc has no queues or flows";
		return;
	}
	top->places[depth] = (struct top_place){
		.level = opened->has_queues ? TOP_QUEUES : TOP_FLOWS,
		.devs = opened->dev,
		.key = opened->key,
	};
	top->follow = false;
	go_to(top, depth);
}

/* Go back to the row from which the rows were opened. */
static void go_back(struct top *top)
{
	if (!top->depth)
		return;
	top->selected = top->opened[top->depth].key;
	top->follow = true;
	go_to(top, top->depth - 1);
}

/* --- keys --- */

static void show_again(struct top *top)
{
	top_model_show(&top->model);
	keep_selection(top);
}

static void filter_key(struct top *top, int key)
{
	size_t len = strlen(top->filter);

	if (key == TOP_KEY_ENTER || key == TOP_KEY_ESCAPE)
		top->view.typing = false;
	if (key == TOP_KEY_ESCAPE)
		len = 0;
	else if (key == TOP_KEY_BACKSPACE && len)
		len--;
	else if (key >= ' ' && key <= '~' && len + 1 < FILTER_MAX)
		top->filter[len++] = (char)key;
	top->filter[len] = '\0';
	show_again(top);
}

static void sort_by_next(struct top *top)
{
	do
		top->model.sort = (top->model.sort + 1) % TOP_COLUMNS;
	while (!top_level_has(top->view.level, top->model.sort));
	show_again(top);
}

static void pause_or_go_on(struct top *top)
{
	top->view.paused = !top->view.paused;
	if (!top->view.paused)
		take_reading(top);
}

/* Move the selection. Return false if the key has another meaning. */
static bool move_key(struct top *top, int key)
{
	size_t at = top->view.selected, page = top->view.page;

	switch (key) {
	case TOP_KEY_UP:
	case 'k':
		select_row(top, at ? at - 1 : 0);
		return true;
	case TOP_KEY_DOWN:
	case 'j':
		select_row(top, at + 1);
		return true;
	case TOP_KEY_PAGE_UP:
		select_row(top, at > page ? at - page : 0);
		return true;
	case TOP_KEY_PAGE_DOWN:
		select_row(top, at + page);
		return true;
	case TOP_KEY_HOME:
		select_row(top, 0);
		return true;
	case TOP_KEY_END:
		select_row(top, SIZE_MAX);
		return true;
	default:
		return false;
	}
}

static void command_key(struct top *top, int key)
{
	switch (key) {
	case TOP_KEY_ENTER:
		open_row(top);
		break;
	case TOP_KEY_BACKSPACE:
	case TOP_KEY_ESCAPE:
		go_back(top);
		break;
	case 's':
		sort_by_next(top);
		break;
	case 'r':
		top->model.reverse = !top->model.reverse;
		show_again(top);
		break;
	case '/':
		top->view.typing = true;
		break;
	case ' ':
		pause_or_go_on(top);
		break;
	case '?':
		top->view.message = KEYS;
		break;
	case 'q':
	case TOP_KEY_CLOSED:
		top->quit = true;
		break;
	}
}

static void run(struct top *top)
{
	int key;

	while (!top->quit) {
		top_draw(&top->view);
		key = top_screen_key(top->view.paused ? 3600 : top->next - clock_seconds());
		if (key != TOP_KEY_NONE)
			top->view.message = NULL;
		if (top->view.typing && key < TOP_KEY_CLOSED && key != TOP_KEY_NONE)
			filter_key(top, key);
		else if (!move_key(top, key))
			command_key(top, key);
		if (!top->view.paused && clock_seconds() >= top->next)
			take_reading(top);
	}
}

/* --- command --- */

/* Return the operands as one list with commas, or NULL. The caller frees it. */
static char *join(int n, char *const words[])
{
	size_t size = 0, len = 0;
	char *list;
	int i;

	for (i = 0; i < n; i++)
		size += strlen(words[i]) + 1;
	list = size ? malloc(size) : NULL;
	for (i = 0; list && i < n; i++)
		len += (size_t)sprintf(list + len, "%s%s", i ? "," : "", words[i]);
	return list;
}

static int start(struct top *top, const struct globals *g)
{
	const char *problem;

	top->model.filter = top->filter;
	top->view.model = &top->model;
	top->places[0].devs = top->devs;
	top->view.title = top->title;
	/* Report a failure of the first reading as other commands do. */
	if (top_read(top->bq, &top->places[top->depth], &top->model))
		return session_fail(top->bq);
	problem = top_screen_open(output_wants_color(g));
	if (problem) {
		bqdisc__close(top->bq);
		return usage_error("top: %s", problem);
	}
	top->next = clock_seconds() + top->view.every;
	run(top);
	top_screen_close();
	bqdisc__close(top->bq);
	return 0;
}

int top_main(int argc, char *argv[], const struct globals *g)
{
	struct top top = { .view.every = 1 };
	const struct flag flags[] = {
		{ .name = "--every",
		  .parse = watch_parse,
		  .value = &top.view.every,
		  .wants = "a number of seconds, at least 0.1" },
	};
	/* Without callbacks: a warning would be printed into the screen. */
	const struct bqdisc_opts opts = { .sz = sizeof(opts), .netns = g->netns };
	char *devs;
	int status;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (g->json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return usage_error("top: needs a terminal; use 'bqdisc stats --watch 1' instead");
	devs = join(argc - 1, argv + 1);
	top.devs = devs;
	top.bq = bqdisc__open(&opts);
	if (!top.bq)
		abort();
	status = start(&top, g);
	top_model_clear(&top.model);
	free(devs);
	return status;
}
