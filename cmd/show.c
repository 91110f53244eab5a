// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* show: text for people, commands, or JSON. */
#include "instance_json.h"
#include "option_words.h"
#include "output.h"
#include "wrap.h"

#define OPTIONS_INDENT 4
#define NAME_WIDTH 24

/* --- commands --- */

/* Print the command that attaches the same qdisc, without options that have their defaults. */
static int print_command(const struct bqdisc_instance *inst, void *arg)
{
	const struct globals *g = arg;

	printf("bqdisc%s%s attach %s ", g->netns ? " -n " : "", g->netns ? g->netns : "",
	       bqdisc_instance__dev(inst));
	attach_words_print(inst, stdout);
	putchar('\n');
	return 0;
}

static void print_tc_step(const char *text, bool command, void *arg)
{
	if (command)
		output_command(text, arg);
	else
		printf("# %s\n", text);
}

/* Print the tc commands that make the nearest in-tree qdisc. */
static int print_tc_commands(const struct bqdisc_instance *inst, void *arg)
{
	bqdisc_instance__each_tc_command(inst, print_tc_step, arg);
	return 0;
}

static int show_commands(struct bqdisc *bq, const char *dev, const struct globals *g,
			 bqdisc_instance_fn print)
{
	if (bqdisc__each_instance(bq, dev, print, (void *)g))
		return session_fail(bq);
	bqdisc__close(bq);
	return 0;
}

/* --- text --- */

struct shown {
	const struct globals *g;
	bool all; /* options with default values too */
	struct wrap line;
};

/* Print the values of an option, rounded: "100p", "no limit", "1 2 3". */
static void print_values(struct wrap *w, const struct bqdisc_value *v)
{
	char text[32];
	size_t i;

	if (v->word)
		wrap_piece(w, v->word);
	else if (v->none)
		wrap_piece(w, "no limit");
	for (i = 0; !v->word && !v->none && i < v->count; i++)
		wrap_piece(w, bqdisc_unit__round(v->unit, v->values[i], text, sizeof(text)));
}

static void print_clause(struct wrap *w, const struct bqdisc_value *v)
{
	if (!v->follows && v->unit != BQDISC_UNIT_FLAG)
		wrap_piece(w, v->name);
	if (v->form)
		wrap_piece(w, v->form);
	print_values(w, v);
}

static void add_set_option(const struct bqdisc_value *v, void *arg)
{
	struct shown *s = arg;

	if (v->is_set)
		print_clause(&s->line, v);
}

/* Return true for an option that does nothing unless it is given. */
static bool is_off(const struct bqdisc_value *v)
{
	if (v->unit == BQDISC_UNIT_NAME)
		return !v->is_set;
	return v->none && v->unit != BQDISC_UNIT_FLAG && v->values[0] != UINT64_MAX;
}

/* Values behind another one have no line of their own. */
static void add_any_option(const struct bqdisc_value *v, void *arg)
{
	struct shown *s = arg;

	if (v->follows) {
		add_set_option(v, arg);
		return;
	}
	wrap_end(&s->line);
	wrap_piece(&s->line, v->name);
	wrap_to(&s->line, NAME_WIDTH + OPTIONS_INDENT);
	if (v->form)
		wrap_piece(&s->line, v->form);
	if (is_off(v))
		wrap_piece(&s->line, "-");
	else
		print_values(&s->line, v);
	if (!v->is_set)
		wrap_piece(&s->line, "(default)");
}

static void add_rule(const struct bqdisc_rule *rule, void *arg)
{
	const char *class = bqdisc_rule__class(rule);
	struct shown *s = arg;
	char match[256];

	if (class) {
		wrap_end(&s->line);
		wrap_piece(&s->line, "class");
		wrap_piece(&s->line, class);
		bqdisc_rule__each_option(rule, add_set_option, s);
	} else if (bqdisc_rule__number(rule) > 1) {
		wrap_end(&s->line);
		wrap_piece(&s->line, "rule");
		bqdisc_rule__each_option(rule, add_set_option, s);
	}
	wrap_words(&s->line, bqdisc_rule__match(rule, match, sizeof(match)));
}

static void print_time_left(const struct bqdisc_instance *inst)
{
	char text[32];
	uint64_t ns;

	if (!bqdisc_instance__expires(inst, &ns))
		return;
	if (ns)
		printf(", expires in %s",
		       bqdisc_unit__round(BQDISC_UNIT_TIME, ns, text, sizeof(text)));
	else
		fputs(", expired", stdout);
}

/* Offloads that bqdisc has turned off on the device, and the egress program. */
static void print_device(const struct bqdisc_instance *inst)
{
	const char *egress = bqdisc_egress__name(bqdisc_instance__egress(inst));
	struct bqdisc_disabled_offloads off = bqdisc_instance__disabled_offloads(inst);

	if (egress)
		printf("    egress program %s\n", egress);
	if (off.segments)
		puts("    segmentation offload off");
}

static int print_instance(const struct bqdisc_instance *inst, void *arg)
{
	struct shown *s = arg;
	char memory[32];

	output_title(inst, s->g);
	if (bqdisc_qdisc__is_native(bqdisc_instance__qdisc(inst)))
		printf(", kind %s", bqdisc_qdisc__kind(bqdisc_instance__qdisc(inst)));
	printf(", memory %s",
	       bqdisc_size__round(bqdisc_instance__memory(inst), memory, sizeof(memory)));
	print_time_left(inst);
	putchar('\n');
	s->line = (struct wrap){ .indent = OPTIONS_INDENT };
	bqdisc_instance__each_option(inst, s->all ? add_any_option : add_set_option, s);
	if (s->all)
		wrap_end(&s->line);
	bqdisc_instance__each_rule(inst, add_rule, s);
	wrap_end(&s->line);
	print_device(inst);
	return 0;
}

int show_main(int argc, char *argv[], const struct globals *g)
{
	bool commands_only = false, tc_commands = false, per_queue = false;
	struct shown shown = { .g = g };
	const struct flag flags[] = {
		{ .name = "--all", .set = &shown.all },
		{ .name = "--commands", .set = &commands_only },
		{ .name = "--tc", .set = &tc_commands },
		PER_QUEUE_FLAG(&per_queue),
	};
	struct bqdisc *bq;
	const char *dev;

	argc = flags_take(argc, argv, flags, ARRAY_SIZE(flags));
	if (argc < 0)
		return BQDISC_ERROR_USAGE;
	if (argc > 2)
		return usage_unexpected("show", argv[2]);
	dev = argc > 1 ? argv[1] : NULL;
	bq = session_open(g);
	if (commands_only || tc_commands)
		return show_commands(bq, dev, g, tc_commands ? print_tc_commands : print_command);
	if (g->json)
		return instances_print_json(bq, dev, per_queue);
	return output_text(bq, dev, per_queue, print_instance, &shown);
}
