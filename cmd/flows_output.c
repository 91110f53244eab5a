// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Output of flows, as text and JSON. */
#include <inttypes.h>

#include "flow_rows.h"
#include "table.h"

/* --- JSON --- */

void flows_put_key(struct json_writer *w, const struct bqdisc_flow_key *key)
{
	char text[64];

	jsonw_string(w, "protocol", bqdisc_flow_key__protocol(key, text, sizeof(text)));
	if (!key->family)
		return;
	jsonw_string(w, "src", bqdisc_flow_key__src(key, text, sizeof(text)));
	jsonw_string(w, "dst", bqdisc_flow_key__dst(key, text, sizeof(text)));
	if (key->sport)
		jsonw_uint(w, "sport", key->sport);
	if (key->dport)
		jsonw_uint(w, "dport", key->dport);
}

static void put_socket(const struct flows *f, const struct bqdisc_flow_key *key)
{
	struct bqdisc_socket socket;

	if (!bqdisc_sockets__find(f->sockets, key, &socket))
		return;
	jsonw_uint(f->json, "uid", socket.uid);
	if (socket.pid)
		jsonw_uint(f->json, "pid", socket.pid);
	if (socket.command)
		jsonw_string(f->json, "command", socket.command);
	if (socket.cgroup)
		jsonw_string(f->json, "cgroup", socket.cgroup);
}

static void put_row(const struct flows *f, const struct row *row)
{
	const struct bqdisc_flow *flow = &row->flow;
	struct json_writer *w = f->json;

	jsonw_begin(w, NULL, '{');
	if (*flow->class_name) {
		jsonw_string(w, "class", flow->class_name);
	} else if (flow->rule) {
		jsonw_uint(w, "rule", flow->rule);
		jsonw_string(w, "match", f->matches[flow->rule % RULES_MAX]);
	} else {
		flows_put_key(w, &flow->key);
		put_socket(f, &flow->key);
	}
	jsonw_string(w, "state", bqdisc_flow_state__name(flow->state));
	jsonw_uint(w, "band", flow->band);
	jsonw_uint(w, "backlog_packets", flow->backlog_packets);
	jsonw_uint(w, "backlog_bytes", flow->backlog_bytes);
	jsonw_uint(w, "packets", flow->packets);
	jsonw_uint(w, "bytes", flow->bytes);
	jsonw_uint(w, "drops", flow->drops);
	jsonw_uint(w, "throttled_ns", flow->throttled_ns);
	if (flow->rate)
		jsonw_uint(w, "pacing_rate_bits_per_second", flow->rate);
	else
		jsonw_string(w, "pacing_rate_bits_per_second", NULL);
	jsonw_uint(w, "next_send_ns", flow->next_send_ns);
	jsonw_uint(w, "delay_ns", flow->delay_ns);
	if (f->sort == SORT_RATE)
		jsonw_uint(w, "rate_bits_per_second", row->rate);
	jsonw_end(w, '}');
}

static void put_instance(const struct flows *f)
{
	const struct bqdisc_qdisc *q = bqdisc_instance__qdisc(f->inst);
	struct json_writer *w = f->json;
	char id[TC_ID_MAX];
	size_t i;

	jsonw_begin(w, NULL, '{');
	jsonw_string(w, "dev", bqdisc_instance__dev(f->inst));
	jsonw_string(w, "qdisc", bqdisc_qdisc__name(q));
	jsonw_string(w, "kind", bqdisc_qdisc__kind(q));
	jsonw_string(w, "handle", output_tc_id(bqdisc_instance__handle(f->inst), id));
	jsonw_string(w, "parent", output_tc_id(bqdisc_instance__parent(f->inst), id));
	jsonw_begin(w, "flows", '[');
	for (i = 0; i < f->rows.n; i++)
		put_row(f, &f->rows.v[i]);
	jsonw_end(w, ']');
	jsonw_end(w, '}');
}

/* --- text --- */

static const char *write_owner(const struct flows *f, const struct row *row, char *buf, size_t size)
{
	struct bqdisc_socket socket;

	if (row->flow.rule || !bqdisc_sockets__find(f->sockets, &row->flow.key, &socket))
		return "-";
	if (socket.command)
		snprintf(buf, size, "%s, uid %u", socket.command, socket.uid);
	else
		snprintf(buf, size, "uid %u", socket.uid);
	return buf;
}

static const char *write_value(enum bqdisc_unit unit, uint64_t value, char buf[32])
{
	return value ? bqdisc_unit__round(unit, value, buf, 32) : "-";
}

static const char *write_name(const struct flows *f, const struct bqdisc_flow *flow, char *buf,
			      size_t size)
{
	const char *match = f->matches[flow->rule % RULES_MAX];

	if (!flow->rule)
		return bqdisc_flow_key__format(&flow->key, buf, size);
	if (*flow->class_name) {
		snprintf(buf, size, "class %s", flow->class_name);
		return buf;
	}
	snprintf(buf, size, "rule %u: %s", flow->rule, *match ? match : "match all");
	return buf;
}

static void print_row(const struct flows *f, struct table *t, const struct row *row)
{
	const struct bqdisc_flow *flow = &row->flow;
	char name[MATCH_MAX + 16], owner[64], backlog[32], packets[32], bytes[32], drops[32],
		throttled[32], pacing[32], next[32], delay[32];

	snprintf(packets, sizeof(packets), "%" PRIu64, flow->packets);
	snprintf(backlog, sizeof(backlog), "%" PRIu64, flow->backlog_packets);
	snprintf(drops, sizeof(drops), "%" PRIu64, flow->drops);
	TABLE_ADD(t, write_name(f, flow, name, sizeof(name)), flow->backlog_packets ? backlog : "-",
		  write_value(BQDISC_UNIT_TIME, flow->delay_ns, delay), packets,
		  write_value(BQDISC_UNIT_BYTES, flow->bytes, bytes), flow->drops ? drops : "-",
		  write_value(BQDISC_UNIT_TIME, flow->throttled_ns, throttled),
		  write_value(BQDISC_UNIT_TIME, flow->next_send_ns, next),
		  write_value(BQDISC_UNIT_RATE, f->sort == SORT_RATE ? row->rate : flow->rate,
			      pacing),
		  write_owner(f, row, owner, sizeof(owner)));
}

static void print_instance(const struct flows *f)
{
	struct table table = { .columns = 10 };
	size_t i;

	if (f->printed > 1)
		putchar('\n');
	output_title(f->inst, f->g);
	putchar('\n');
	if (!f->rows.n) {
		puts("no flows");
		return;
	}
	TABLE_ADD(&table, "FLOW", "WAITING", "SINCE", "SENT", "BYTES", "DROPS", "THROTTLED", "NEXT",
		  f->sort == SORT_RATE ? "RATE" : "PACING", "OWNER");
	for (i = 0; i < f->rows.n; i++)
		print_row(f, &table, &f->rows.v[i]);
	table_print(&table, f->g);
}

void flows_print(const struct flows *f)
{
	if (f->json)
		put_instance(f);
	else
		print_instance(f);
}
