// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Output of flows, as text and JSON. */
#include <inttypes.h>

#include "flows.h"
#include "table.h"

/* --- JSON --- */

static void set_number(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, output_value(BQDISC_UNIT_COUNT, value));
}

static void add_key(json_t *object, const struct bqdisc_flow_key *key)
{
	char text[64];

	json_object_set_new(object, "protocol",
			    json_string(bqdisc_flow_key__protocol(key, text, sizeof(text))));
	if (!key->family)
		return;
	json_object_set_new(object, "src",
			    json_string(bqdisc_flow_key__src(key, text, sizeof(text))));
	json_object_set_new(object, "dst",
			    json_string(bqdisc_flow_key__dst(key, text, sizeof(text))));
	if (key->sport)
		set_number(object, "sport", key->sport);
	if (key->dport)
		set_number(object, "dport", key->dport);
}

static void add_socket(const struct flows *f, json_t *object, const struct bqdisc_flow_key *key)
{
	struct bqdisc_socket socket;

	if (!bqdisc_sockets__find(f->sockets, key, &socket))
		return;
	set_number(object, "uid", socket.uid);
	if (socket.pid)
		set_number(object, "pid", socket.pid);
	if (socket.command)
		json_object_set_new(object, "command", json_string(socket.command));
	if (socket.cgroup)
		json_object_set_new(object, "cgroup", json_string(socket.cgroup));
}

static json_t *json_of(const struct flows *f, const struct row *row)
{
	const struct bqdisc_flow *flow = &row->flow;
	json_t *object = json_object();

	add_key(object, &flow->key);
	add_socket(f, object, &flow->key);
	json_object_set_new(object, "state", json_string(bqdisc_flow_state__name(flow->state)));
	set_number(object, "band", flow->band);
	set_number(object, "backlog_packets", flow->backlog_packets);
	set_number(object, "backlog_bytes", flow->backlog_bytes);
	set_number(object, "packets", flow->packets);
	set_number(object, "bytes", flow->bytes);
	set_number(object, "drops", flow->drops);
	set_number(object, "throttled_ns", flow->throttled_ns);
	json_object_set_new(object, "pacing_rate_bits_per_second",
			    flow->rate ? output_value(BQDISC_UNIT_RATE, flow->rate) : json_null());
	set_number(object, "next_send_ns", flow->next_send_ns);
	set_number(object, "delay_ns", flow->delay_ns);
	if (f->sort == SORT_RATE)
		set_number(object, "rate_bits_per_second", row->rate);
	return object;
}

static void add_instance(const struct flows *f)
{
	const struct bqdisc_qdisc *q = bqdisc_instance__qdisc(f->inst);
	char handle[TC_ID_MAX], parent[TC_ID_MAX];
	json_t *flows = json_array();
	size_t i;

	for (i = 0; i < f->rows.n; i++)
		json_array_append_new(flows, json_of(f, &f->rows.v[i]));
	output_tc_id(bqdisc_instance__handle(f->inst), handle);
	output_tc_id(bqdisc_instance__parent(f->inst), parent);
	json_array_append_new(
		f->all, json_pack("{ss ss ss ss ss so}", "dev", bqdisc_instance__dev(f->inst),
				  "qdisc", bqdisc_qdisc__name(q), "kind", bqdisc_qdisc__kind(q),
				  "handle", handle, "parent", parent, "flows", flows));
}

/* --- text --- */

static const char *write_owner(const struct flows *f, const struct row *row, char *buf, size_t size)
{
	struct bqdisc_socket socket;

	if (!bqdisc_sockets__find(f->sockets, &row->flow.key, &socket))
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

static void print_row(const struct flows *f, struct table *t, const struct row *row)
{
	const struct bqdisc_flow *flow = &row->flow;
	char key[128], owner[64], backlog[32], packets[32], bytes[32], drops[32], throttled[32],
		pacing[32], next[32], delay[32];

	snprintf(packets, sizeof(packets), "%" PRIu64, flow->packets);
	snprintf(backlog, sizeof(backlog), "%" PRIu64, flow->backlog_packets);
	snprintf(drops, sizeof(drops), "%" PRIu64, flow->drops);
	TABLE_ADD(t, bqdisc_flow_key__format(&flow->key, key, sizeof(key)),
		  flow->backlog_packets ? backlog : "-",
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
	if (f->all)
		add_instance(f);
	else
		print_instance(f);
}
