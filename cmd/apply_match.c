// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds the devices of the lines of apply, and for each device the lines in force. */
#include <fnmatch.h>
#include <string.h>

#include "apply.h"
#include "memory.h"

/* --- devices --- */

static char *copy(const char *text)
{
	return check_memory(strdup(text));
}

static void add_device(const struct bqdisc_device *dev, void *arg)
{
	struct apply_state *s = arg;
	struct bqdisc_device *d;
	const char **names;
	size_t n = 0;

	s->devs = extend_array(s->devs, s->n, &s->room, sizeof(*s->devs));
	while (dev->altnames[n])
		n++;
	names = check_memory(calloc(n + 1, sizeof(*names)));
	d = &s->devs[s->n].d;
	s->devs[s->n++].untouched = false;
	*d = *dev;
	d->name = copy(dev->name);
	s->strange |= !apply_is_plain(dev->name);
	d->kind = copy(dev->kind);
	d->altnames = names;
	while (n--) {
		names[n] = copy(dev->altnames[n]);
		s->strange |= !apply_is_plain(names[n]);
	}
}

static int by_index(const void *a, const void *b)
{
	const struct apply_device *one = a, *other = b;

	return (one->d.ifindex > other->d.ifindex) - (one->d.ifindex < other->d.ifindex);
}

void apply_state_free(struct apply_state *s)
{
	const char *const *name;
	size_t i;

	for (i = 0; i < s->n; i++) {
		for (name = s->devs[i].d.altnames; *name; name++)
			free((void *)*name);
		free((void *)s->devs[i].d.altnames);
		free((void *)s->devs[i].d.name);
		free((void *)s->devs[i].d.kind);
	}
	free(s->devs);
	free(s->targets);
}

/* --- names --- */

static bool has_name(const struct bqdisc_device *d, const char *name)
{
	const char *const *alt = d->altnames;

	while (*alt && strcmp(*alt, name))
		alt++;
	return *alt || !strcmp(d->name, name);
}

static bool matches_pattern(const struct bqdisc_device *d, const char *pattern)
{
	const char *const *alt = d->altnames;

	while (*alt && fnmatch(pattern, *alt, 0))
		alt++;
	return *alt || !fnmatch(pattern, d->name, 0);
}

bool apply_is_plain(const char *name)
{
	return !name[strcspn(name, ",*?[\\")];
}

bool apply_is_absent(const struct apply_state *s, const char *name)
{
	size_t i = 0;

	while (i < s->n && !has_name(&s->devs[i].d, name))
		i++;
	return i == s->n;
}

/* Return true if a device has exactly the name WORD, whatever characters that has. */
static bool is_exact(const struct apply_state *s, const char *word)
{
	return s->strange && !apply_is_absent(s, word);
}

static bool matches_word(const struct apply_state *s, const struct bqdisc_device *d,
			 const char *word)
{
	return has_name(d, word) || (matches_pattern(d, word) && !is_exact(s, word));
}

static bool matches_names(const struct apply_state *s, const struct bqdisc_device *d,
			  const char *list)
{
	char *words, *rest, *word;
	bool matches = false;

	if (!strchr(list, ',') || is_exact(s, list))
		return matches_word(s, d, list);
	words = rest = copy(list);
	while (!matches && (word = strsep(&rest, ",")))
		matches = matches_word(s, d, word);
	free(words);
	return matches;
}

/* --- other properties --- */

static bool matches_speed(const struct apply_selector *s, const char *dev)
{
	uint64_t speed = bqdisc_device__speed(dev);

	if (!speed)
		return false;
	switch (s->compare) {
	case APPLY_LESS:
		return speed < s->speed;
	case APPLY_LESS_EQUAL:
		return speed <= s->speed;
	case APPLY_MORE:
		return speed > s->speed;
	case APPLY_MORE_EQUAL:
		return speed >= s->speed;
	case APPLY_EQUAL:
		break;
	}
	return speed == s->speed;
}

static bool matches_driver(const struct apply_selector *s, const char *dev)
{
	char driver[32];

	return !fnmatch(s->driver, bqdisc_device__driver(dev, driver, sizeof(driver)), 0);
}

/* Ask the driver last, which may take long. */
static bool matches(const struct apply_state *state, const struct apply_selector *s,
		    const struct bqdisc_device *d)
{
	return (!s->names || matches_names(state, d, s->names)) &&
	       (!s->kind || !fnmatch(s->kind, d->kind, 0)) &&
	       (!s->mac || !fnmatch(s->mac, d->mac, FNM_CASEFOLD)) &&
	       (!s->driver || matches_driver(s, d->name)) &&
	       (!s->speed || matches_speed(s, d->name));
}

/* --- lines in force --- */

static void add_target(struct apply_state *s, const struct apply_device *dev,
		       const struct apply_line *line)
{
	s->targets = extend_array(s->targets, s->n_targets, &s->targets_room, sizeof(*s->targets));
	s->targets[s->n_targets++] = (struct apply_target){ .dev = dev, .line = line };
}

/* Put LINE in place of the one with the same parent; FIRST: the first target of the device. */
static void override(struct apply_state *s, size_t first, const struct apply_device *dev,
		     const struct apply_line *line)
{
	size_t i;

	for (i = first; i < s->n_targets; i++) {
		if (s->targets[i].line->opts.parent != line->opts.parent)
			continue;
		s->targets[i].line = line;
		return;
	}
	add_target(s, dev, line);
}

static bool is_same_netns(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void match_device(struct apply_state *s, const struct apply_config *c, const char *netns,
			 struct apply_device *dev)
{
	size_t first = s->n_targets;
	const struct apply_line *line;

	for (line = c->lines; line < c->lines + c->n; line++) {
		if (line->verb > APPLY_NONE || !is_same_netns(line->netns, netns) ||
		    !matches(s, &line->selector, &dev->d))
			continue;
		dev->untouched = line->verb == APPLY_NONE;
		if (dev->untouched)
			s->n_targets = first;
		else
			override(s, first, dev, line);
	}
}

int apply_match(struct apply_state *s, struct bqdisc *bq, const struct apply_config *c,
		const char *netns, const char *dev)
{
	int err = bqdisc__each_device(bq, add_device, s);
	size_t i;

	if (err)
		return err;
	if (s->n)
		qsort(s->devs, s->n, sizeof(*s->devs), by_index);
	for (i = 0; i < s->n; i++)
		if (!dev || has_name(&s->devs[i].d, dev))
			match_device(s, c, netns, &s->devs[i]);
		else
			s->devs[i].untouched = true;
	return 0;
}
