// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lexer of shell text. Words are written in place: unquoted, they are never longer. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tc/script.h"
#include "util/array.h"

struct lexer {
	const char *at; /* next character */
	char *to;       /* where the next word is written */
	int line;
	struct bq_script *s;
	struct bq_script_command *c; /* the command that is being read */
	struct bq_problems *problems;
	bool is_fallback; /* the command follows "||" */
	bool is_bad;      /* a problem of this command was reported */
	bool is_skipped;  /* the next word is the file of a redirection */
};

static void fail(struct lexer *x, const char *what, int len)
{
	if (!x->is_bad)
		bq_problem(x->problems, x->line,
			   "'%.*s': is shell syntax; write out tc commands with their values", len,
			   what);
	x->is_bad = true;
}

/* --- words --- */

/* Return true if C ends a word that is not quoted. */
static bool ends_word(char c)
{
	return !c || strchr(" \t\r\n;&|<>()`$", c);
}

/* Skip a backslash before a newline. */
static bool skip_continuation(struct lexer *x)
{
	int n = x->at[0] == '\\' ? 1 + (x->at[1] == '\r') : 0;

	if (!n || x->at[n] != '\n')
		return false;
	x->at += n + 1;
	x->line++;
	return true;
}

/* Read up to the closing quote. */
static void read_quoted(struct lexer *x)
{
	const char *begin = x->at;
	char quote = *x->at++;

	while (*x->at && *x->at != quote) {
		if (quote == '"' && skip_continuation(x))
			continue;
		if (quote == '"' && strchr("$`", *x->at))
			fail(x, x->at, (int)strcspn(x->at, " \t\r\n\""));
		if (quote == '"' && x->at[0] == '\\' && x->at[1] && strchr("\\\"$`", x->at[1]))
			x->at++;
		x->line += *x->at == '\n';
		*x->to++ = *x->at++;
	}
	if (*x->at)
		x->at++;
	else
		fail(x, begin, (int)strcspn(begin, " \t\r\n"));
}

static void read_word(struct lexer *x)
{
	char *word = x->to;

	while (!ends_word(*x->at)) {
		if (skip_continuation(x))
			continue;
		if (*x->at == '\'' || *x->at == '"') {
			read_quoted(x);
			continue;
		}
		if (x->at[0] == '\\' && x->at[1])
			x->at++;
		*x->to++ = *x->at++;
	}
	*x->to++ = '\0';
	if (x->is_skipped) {
		x->is_skipped = false;
		return;
	}
	if (!x->c->n)
		x->c->line = x->line;
	x->c->words[x->c->n++] = word;
}

/* --- commands --- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void drop_words(struct bq_script_command *c, int n)
{
	n = n < c->n ? n : c->n;
	c->words += n;
	c->n -= n;
}

static void drop_sudo(struct bq_script_command *c)
{
	if (!c->n || (strcmp(base_name(c->words[0]), "sudo") && strcmp(c->words[0], "doas")))
		return;
	drop_words(c, 1);
	while (c->n && c->words[0][0] == '-')
		drop_words(c, strcmp(c->words[0], "-u") && strcmp(c->words[0], "-g") ? 1 : 2);
}

/* Take "ip netns exec NETNS" and "nsenter --net=PATH". */
static void take_netns(struct bq_script_command *c)
{
	if (c->n > 4 && !strcmp(base_name(c->words[0]), "ip") && !strcmp(c->words[1], "netns") &&
	    !strcmp(c->words[2], "exec")) {
		c->netns = c->words[3];
		drop_words(c, 4);
	} else if (c->n > 2 && !strcmp(base_name(c->words[0]), "nsenter") &&
		   !strncmp(c->words[1], "--net=", 6)) {
		c->netns = c->words[1] + 6;
		drop_words(c, 2);
	}
}

/* Return true for a command that does nothing here. */
static bool is_idle(const struct bq_script_command *c)
{
	static const char *const idle[] = { "true", ":", "set" };

	return bq_word_is_any(c->words[0], idle, ARRAY_SIZE(idle));
}

static bool is_batch_line(const struct bq_script_command *c)
{
	static const char *const objects[] = { "qdisc", "class", "filter" };

	return bq_word_is_any(c->words[0], objects, ARRAY_SIZE(objects));
}

/* Keep the command if it is one of tc. */
static void check_command(struct lexer *x)
{
	struct bq_script_command *c = x->c;

	drop_sudo(c);
	take_netns(c);
	drop_sudo(c);
	if (!c->n || is_idle(c))
		return;
	if (x->is_fallback) {
		fail(x, "||", 2);
		return;
	}
	if (!strcmp(base_name(c->words[0]), "tc"))
		drop_words(c, 1);
	else if (!is_batch_line(c)) {
		bq_problem(x->problems, c->line, "'%s': is not a tc command; run it before",
			   c->words[0]);
		return;
	}
	x->s->n++;
}

/* End the command, and begin the next one, which may be the fallback of this one. */
static void end_command(struct lexer *x, bool fallback)
{
	char **next = x->c->words + x->c->n;

	if (x->c->n && !x->is_bad)
		check_command(x);
	x->c = &x->s->v[x->s->n];
	*x->c = (struct bq_script_command){ .words = next };
	x->is_fallback = fallback;
	x->is_bad = x->is_skipped = false;
}

/* Skip ">FILE", "2>FILE", ">>FILE", "&>FILE" or "2>&1". */
static void redirect(struct lexer *x)
{
	struct bq_script_command *c = x->c;
	const char *last = c->n ? c->words[c->n - 1] : "";

	/* The number of the descriptor was read as a word, if it stands before it without blank. */
	if (last[0] && !last[1] && isdigit((unsigned char)last[0]) && x->at[-1] == last[0])
		c->n--;
	x->at += strspn(x->at, "&>");
	x->is_skipped = true;
}

static void read_operator(struct lexer *x)
{
	if (!strncmp(x->at, "&>", 2) || *x->at == '>') {
		redirect(x);
	} else if (!strncmp(x->at, "&&", 2) || !strncmp(x->at, "||", 2)) {
		x->at += 2;
		end_command(x, x->at[-1] == '|');
	} else if (*x->at == ';') {
		x->at++;
		end_command(x, false);
	} else {
		fail(x, x->at, (int)strcspn(x->at + 1, " \t\r\n;") + 1);
		x->at += strcspn(x->at + 1, " \t\r\n;") + 1;
	}
}

/* Read a word, a comment or an operator. */
static void read_next(struct lexer *x)
{
	if (skip_continuation(x))
		return;
	if (strchr(" \t\r", *x->at)) {
		x->at++;
	} else if (*x->at == '#') {
		x->at += strcspn(x->at, "\n");
	} else if (*x->at == '\n') {
		end_command(x, false);
		x->line++;
		x->at++;
	} else if (ends_word(*x->at)) {
		read_operator(x);
	} else {
		read_word(x);
	}
}

int bq_script_parse(const char *text, struct bq_script *s, struct bq_problems *problems)
{
	size_t len = strlen(text);
	struct lexer x = { .at = text, .line = 1, .s = s, .problems = problems };

	*s = (struct bq_script){
		.buf = malloc(2 * len + 2),
		.words = calloc(len + 1, sizeof(*s->words)),
		.v = calloc(len + 2, sizeof(*s->v)),
	};
	if (!s->buf || !s->words || !s->v) {
		bq_script_free(s);
		return -ENOMEM;
	}
	x.to = s->buf;
	x.c = s->v;
	x.c->words = s->words;
	while (*x.at)
		read_next(&x);
	end_command(&x, false);
	return 0;
}

void bq_script_free(struct bq_script *s)
{
	free(s->buf);
	free(s->words);
	free(s->v);
	*s = (struct bq_script){ 0 };
}
