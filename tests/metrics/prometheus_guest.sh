#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Run by prometheus.sh in the guest.
PATH=/test:$PATH
export LD_LIBRARY_PATH=/test
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

kind_stays netem

# ve0 delays, ve1 has fq for each of two queues, ve2 drops all, and vf0 is in another namespace.
make_devices() {
	plain_pair 0
	plain_pair 1 numtxqueues 2 numrxqueues 2
	plain_pair 2
	must bqdisc attach ve0 netem delay 20ms loss 50%
	must bqdisc attach ve1 fq
	must bqdisc attach ve2 pfifo limit 0
	must bqdisc -n peer attach vf0 pfifo
}

serves() {
	wget -qO /dev/null "http://127.0.0.1:$1/metrics" 2>/dev/null
}

is_ready() {
	wget -qO- http://127.0.0.1:9090/-/ready 2>/dev/null | grep -q Ready
}

start_servers() {
	bqdisc metrics --listen 9766 &
	bqdisc -n peer metrics --listen 9767 &
	wait_for 10 serves 9766 || fail "no server"
	wait_for 10 serves 9767 || fail "no server for the namespace"
	cat >/tmp/prometheus.yml <<-END
		global: { scrape_interval: 5s }
		scrape_configs:
		- job_name: bqdisc
		  static_configs: [ { targets: [ '127.0.0.1:9766', '127.0.0.1:9767' ] } ]
	END
	prometheus --config.file=/tmp/prometheus.yml --storage.tsdb.path=/tmp/tsdb \
		--web.listen-address=127.0.0.1:9090 --log.level=warn 2>/tmp/prometheus.log &
	wait_for 60 is_ready || fail "Prometheus does not start: $(tail -n 3 /tmp/prometheus.log)"
}

# query EXPRESSION: print the results, "LABELS VALUE" a line
query() {
	wget -qO- "http://127.0.0.1:9090/api/v1/query?query=$(jq -rn --arg q "$1" '$q | @uri')" |
		jq -r '.data.result[] | "\(.metric | del(.__name__)) \(.value[1])"'
}

# answer EXPRESSION: print the value of the only result
answer() {
	query "$1" | sed 's/.* //'
}

answers() { # EXPRESSION VALUE
	[ "$(answer "$1")" = "$2" ]
}

answer_is() { # EXPRESSION VALUE
	wait_for 20 answers "$1" "$2" || fail "$1 is '$(query "$1")', expected '$2'"
}

send_everywhere() { # PACKETS
	packets send ve0 "$1" >/dev/null
	packets send ve1 "$1" >/dev/null
	packets send ve2 "$1" >/dev/null
}

has_data() { # EXPRESSION
	[ -n "$(query "$1")" ]
}

# The text format passes Prometheus' own check, with no remark on names, types or units.
test_promtool() {
	make_devices
	mkdir -p /tmp/textfile
	must bqdisc metrics --textfile /tmp/textfile
	promtool check metrics </tmp/textfile/bqdisc.prom >/tmp/out 2>&1 ||
		fail "promtool: $(cat /tmp/out)"
	is "$(cat /tmp/out)" "" "what promtool says"
}

test_prometheus() {
	local expression n=0

	make_devices
	start_servers
	answer_is 'count(up == 1)' 2
	answer_is 'sum(node_qdisc_packets_total{device=~"ve.|vf."})' 0
	send_everywhere 100
	answer_is 'sum(node_qdisc_packets_total{device="ve1"})' 100
	answer_is 'sum(bqdisc_drops_total{device="ve2",reason="limit"})' 100
	answer_is 'sum(node_qdisc_packets_total{device="ve0"}) + sum(bqdisc_dropped_total{device="ve0"})' 100
	answer_is 'sum(node_qdisc_bytes_total{device="ve1"})' "$(bqdisc stats ve1 bytes)"
	answer_is 'count(node_qdisc_packets_total{device="ve1",kind="bq_fq"})' 2
	answer_is 'node_qdisc_packets_total{device="vf0"}' 0
	# Emulated time passes in leaps, so packets may be late, but none is early.
	answer_is 'histogram_quantile(0.5, bqdisc_delay_given_seconds_bucket{device="ve0"}) > bool 0.017' 1
	answer_is 'histogram_quantile(0.5, bqdisc_delay_given_seconds_bucket{device="ve0"}) < bool 0.2' 1
	send_everywhere 100
	answer_is 'sum(bqdisc_drops_total{device="ve2",reason="limit"})' 200
	jq -r '.panels[].targets[].expr' /test/bqdisc.json |
		sed 's/[$]instance\|[$]device/.*/g; s/[$]__rate_interval/2m/g' >/tmp/expressions
	while read -r expression; do
		wait_for 10 has_data "$expression" || fail "no data: $expression"
		n=$((n + 1))
	done </tmp/expressions
	[ $n -ge 10 ] || fail "the dashboard has only $n queries"
	kill %1 %2 %3
	wait %1 && wait %2 || fail "exit status of a server"
}

run_tests "$@"
