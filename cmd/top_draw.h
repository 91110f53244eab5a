/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Screen of bqdisc top: the only file that knows ncurses. */
#ifndef TOP_DRAW_H
#define TOP_DRAW_H

#include "top_read.h"

/* Content of the screen besides the rows. */
struct top_view {
	struct top_model *model;
	enum top_level level;
	const char *title;   /* such as "eth0"; "": all devices */
	const char *message; /* in the last line; NULL: the keys */
	size_t selected;     /* index in model->shown */
	size_t first;        /* index of the row at the top; top_draw() sets it */
	size_t page;         /* rows that the screen has; top_draw() sets it */
	double every;        /* seconds between readings */
	bool paused, typing; /* typing: into the filter */
};

/* Keys that are no characters. */
enum top_special {
	TOP_KEY_NONE = 256, /* the time is over, or the terminal got another size */
	TOP_KEY_UP,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_BACKSPACE,
	TOP_KEY_ESCAPE,
	TOP_KEY_CLOSED, /* the terminal is gone */
};

/* Take over the terminal. Return NULL, or the reason why that is not possible. */
const char *top_screen_open(bool color);
void top_screen_close(void);
/* Return the next key: a character, or one of enum top_special. Wait SECONDS for it at most. */
int top_screen_key(double seconds);

void top_draw(struct top_view *view);

#endif
