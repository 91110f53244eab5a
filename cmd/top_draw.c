// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "top_draw.h"

#ifndef HAVE_NCURSES

const char *top_screen_open(bool color)
{
	(void)color;
	return "this build of bqdisc lacks ncurses; build it again with libncurses-dev";
}

void top_screen_close(void)
{
}

int top_screen_key(double seconds)
{
	(void)seconds;
	return TOP_KEY_CLOSED;
}

void top_draw(struct top_view *view)
{
	(void)view;
}

#else

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE_MS 25    /* after an escape, time for the rest of a function key */
#define ALARM 1         /* color pair */
#define DETAILS 4       /* lines */
#define DETAILS_FROM 16 /* lines of the screen */
#define SPARK_MIN 8     /* columns */
#define NAME_MORE 12    /* columns that a wide terminal adds to the name */
#define FLOW_MORE 48
#define TEXT_MAX 32

struct column {
	enum top_column column;
	const char *heading;
	int width;
};

static const struct column columns[] = {
	{ TOP_NAME, "DEVICE", 12 },  { TOP_QDISC, "QDISC", 8 },     { TOP_BITS, "RATE", 9 },
	{ TOP_PACKETS, "PKT/S", 7 }, { TOP_BACKLOG, "BACKLOG", 8 }, { TOP_P50, "P50", 7 },
	{ TOP_P99, "P99", 7 },       { TOP_DROPS, "DROP/S", 6 },
};

/* --- terminal --- */

static bool utf8;

const char *top_screen_open(bool color)
{
	/* Not LC_NUMERIC: bqdisc prints numbers with a point. */
	setlocale(LC_CTYPE, "");
	utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (!newterm(NULL, stdout, stdin))
		return "the terminal's type is unknown; set TERM to a known one";
	cbreak();
	noecho();
	keypad(stdscr, true);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	if (color && has_colors()) {
		start_color();
		use_default_colors();
		init_pair(ALARM, COLOR_RED, -1);
	}
	return NULL;
}

void top_screen_close(void)
{
	endwin();
}

int top_screen_key(double seconds)
{
	int key;

	timeout(seconds > 0 ? (int)ceil(seconds * 1000) : 0);
	errno = 0;
	key = getch();
	switch (key) {
	case ERR:
		return errno && errno != EINTR ? TOP_KEY_CLOSED : TOP_KEY_NONE;
	case KEY_UP:
		return TOP_KEY_UP;
	case KEY_DOWN:
		return TOP_KEY_DOWN;
	case KEY_PPAGE:
		return TOP_KEY_PAGE_UP;
	case KEY_NPAGE:
		return TOP_KEY_PAGE_DOWN;
	case KEY_HOME:
		return TOP_KEY_HOME;
	case KEY_END:
		return TOP_KEY_END;
	case '\r':
	case '\n':
	case KEY_ENTER:
	case KEY_RIGHT:
		return TOP_KEY_ENTER;
	case '\b':
	case 127:
	case KEY_BACKSPACE:
	case KEY_LEFT:
		return TOP_KEY_BACKSPACE;
	case 27:
		return TOP_KEY_ESCAPE;
	default:
		return key < 256 ? key : TOP_KEY_NONE;
	}
}

/* --- values --- */

/* Write VALUE in WIDTH columns, with k or M if it is too long. */
static void write_count(double value, int width, char text[TEXT_MAX])
{
	static const char suffixes[] = " kMGT";
	const char *suffix = suffixes;

	if (value > 0 && value < 9.95 && value != floor(value)) {
		snprintf(text, TEXT_MAX, "%.1f", value);
		return;
	}
	while (snprintf(text, TEXT_MAX, suffix == suffixes ? "%.0f" : "%.0f%c", value, *suffix) >
		       width &&
	       suffix[1]) {
		value /= 1000;
		suffix++;
	}
}

static enum bqdisc_unit unit_of(enum top_column column)
{
	switch (column) {
	case TOP_BITS:
		return BQDISC_UNIT_RATE;
	case TOP_P50:
	case TOP_P99:
		return BQDISC_UNIT_TIME;
	default:
		return BQDISC_UNIT_COUNT;
	}
}

static const char *write_number(enum top_column column, double value, int width,
				char text[TEXT_MAX])
{
	if (isnan(value))
		snprintf(text, TEXT_MAX, "-");
	else if (isinf(value))
		snprintf(text, TEXT_MAX, "longer");
	else if (column == TOP_BACKLOG)
		bqdisc_size__round((uint64_t)value, text, TEXT_MAX);
	else if (unit_of(column) == BQDISC_UNIT_COUNT)
		write_count(value, width, text);
	else
		bqdisc_unit__round(unit_of(column), (uint64_t)value, text, TEXT_MAX);
	return text;
}

static const char *write_cell(const struct top_row *row, const struct column *c,
			      char text[TEXT_MAX])
{
	if (c->column == TOP_NAME)
		return row->last.name;
	if (c->column == TOP_QDISC)
		return row->last.qdisc;
	return write_number(c->column, row->value[c->column], c->width, text);
}

/* --- lines --- */

/* Draw the history of COLUMN, WIDTH columns wide. Return its highest value. */
static double draw_spark(int y, int x, const struct top_row *row, enum top_column column, int width)
{
	static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { "_", ".", "-", "=", "+", "*", "%", "#" };
	signed char levels[TOP_HISTORY];
	double max = top_row_levels(row, column, (size_t)width, levels);
	int i;

	move(y, x);
	for (i = 0; i < width; i++)
		addstr(levels[i] < 0 ? " " : (utf8 ? blocks : ascii)[(int)levels[i]]);
	return max;
}

static int table_width(enum top_level level)
{
	size_t i;
	int width = 0;

	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (top_level_has(level, columns[i].column))
			width += columns[i].width + 1;
	return width;
}

/* Give the name what a wide terminal has left; flows have long names. */
static int name_width(enum top_level level)
{
	int most = level == TOP_FLOWS ? FLOW_MORE : NAME_MORE;
	int left = COLS - table_width(level) - (level == TOP_FLOWS ? 0 : SPARK_MIN);

	return columns[0].width + (left > most ? most : left > 0 ? left : 0);
}

static bool is_alarm(const struct top_row *row, enum top_column column)
{
	return column == TOP_DROPS && row->value[TOP_DROPS] > 0;
}

static const char *heading_of(enum top_level level, const struct column *c)
{
	static const char *const names[] = { "DEVICE", "QUEUE", "FLOW" };

	if (c->column == TOP_NAME)
		return names[level];
	return level == TOP_FLOWS && c->column == TOP_P99 ? "DELAY" : c->heading;
}

/* Draw a cell, or the heading if ROW is NULL. Return the column behind it. */
static int draw_cell(int y, int x, const struct top_view *view, const struct top_row *row,
		     const struct column *c)
{
	int width = c->column == TOP_NAME ? name_width(view->level) : c->width;
	bool left = c->column == TOP_NAME || c->column == TOP_QDISC;
	const char *cell;
	int mark = A_NORMAL;
	char text[TEXT_MAX];

	cell = row ? write_cell(row, c, text) : heading_of(view->level, c);
	if (row && is_alarm(row, c->column))
		mark = (int)(A_BOLD | COLOR_PAIR(ALARM));
	if (!row && c->column == view->model->sort)
		mark = (int)A_UNDERLINE;
	attron(mark);
	mvprintw(y, x, left ? "%-*.*s" : "%*.*s", width, width, cell);
	attroff(mark);
	return x + width + 1;
}

/* Draw a row, or the headings if it is NULL. */
static void draw_row(int y, const struct top_view *view, const struct top_row *row)
{
	size_t i;
	int x = 0, width;

	mvprintw(y, 0, "%*s", COLS, ""); /* the gaps of a row that is selected */
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (top_level_has(view->level, columns[i].column))
			x = draw_cell(y, x, view, row, &columns[i]);
	width = COLS - x < TOP_HISTORY ? COLS - x : TOP_HISTORY;
	if (width < SPARK_MIN)
		return;
	attroff(A_REVERSE);
	if (row)
		draw_spark(y, x, row, TOP_BITS, width);
	else
		mvprintw(y, x, "%-*.*s", width, width, "RATE");
}

static void draw_title(const struct top_view *view)
{
	static const char *const rows[] = { "qdisc", "queue", "flow" };
	const struct top_model *m = view->model;
	char bits[TEXT_MAX], packets[TEXT_MAX], drops[TEXT_MAX];

	attron(A_BOLD);
	mvprintw(0, 0, "bqdisc top%s%.40s", *view->title ? " " : "", view->title);
	attroff(A_BOLD);
	printw(": %zu %s%s, %s, %s packets/s, %s drops/s", m->n_shown, rows[view->level],
	       m->n_shown == 1 ? "" : "s",
	       write_number(TOP_BITS, top_model_sum(m, TOP_BITS), 9, bits),
	       write_number(TOP_PACKETS, top_model_sum(m, TOP_PACKETS), 9, packets),
	       write_number(TOP_DROPS, top_model_sum(m, TOP_DROPS), 9, drops));
	if (view->paused) {
		attron(A_REVERSE);
		mvaddstr(0, COLS > 8 ? COLS - 8 : 0, " paused ");
		attroff(A_REVERSE);
	}
}

/* Draw the history of the selected row in the lines from Y on. */
static void draw_details(int y, enum top_level level, const struct top_row *row)
{
	static const enum top_column shown[DETAILS] = { TOP_BITS, TOP_BACKLOG, TOP_P99, TOP_DROPS };
	const char *const names[DETAILS] = { "rate", "backlog",
					     level == TOP_FLOWS ? "delay" : "p99", "drops/s" };
	char text[TEXT_MAX];
	double max;
	int i;

	for (i = 0; i < DETAILS; i++) {
		mvprintw(y + i, 0, "%-7s", names[i]);
		max = draw_spark(y + i, 8, row, shown[i], TOP_HISTORY);
		if (!isnan(max))
			mvprintw(y + i, 8 + TOP_HISTORY + 1, "%s",
				 write_number(shown[i], max, 9, text));
	}
}

static void draw_last_line(const struct top_view *view)
{
	move(LINES - 1, 0);
	if (view->message)
		printw("%.*s", COLS - 1, view->message);
	else if (view->typing || (view->model->filter && *view->model->filter))
		printw("filter: %s%s", view->model->filter, view->typing ? "_" : "");
	else
		printw("%.*s", COLS - 1, "? help  q quit");
}

/* --- screen --- */

static void scroll_to_selected(struct top_view *view, int page)
{
	size_t rows = page > 0 ? (size_t)page : 1;

	view->page = rows;
	if (view->selected < view->first)
		view->first = view->selected;
	if (view->selected >= view->first + rows)
		view->first = view->selected - rows + 1;
	if (view->first + rows > view->model->n_shown)
		view->first = view->model->n_shown > rows ? view->model->n_shown - rows : 0;
}

void top_draw(struct top_view *view)
{
	const struct top_model *m = view->model;
	bool details = LINES >= DETAILS_FROM && view->selected < m->n_shown;
	int page = LINES - 3 - (LINES >= DETAILS_FROM ? DETAILS : 0);
	size_t i;

	erase();
	scroll_to_selected(view, page);
	draw_title(view);
	attron(A_BOLD);
	draw_row(1, view, NULL);
	attroff(A_BOLD);
	for (i = 0; i < view->page && view->first + i < m->n_shown; i++) {
		attrset(view->first + i == view->selected ? A_REVERSE : A_NORMAL);
		draw_row(2 + (int)i, view, m->shown[view->first + i]);
		attrset(A_NORMAL);
	}
	if (details)
		draw_details(LINES - 1 - DETAILS, view->level, m->shown[view->selected]);
	draw_last_line(view);
	refresh();
}

#endif
