#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The main use in two network namespaces: a TCP transfer across a veth pair through bqdisc's pfifo.
# Each command is printed before its output. A command that fails ends the demo.
set -euo pipefail
PATH=/test:$PATH

cleanup() {
	ip netns pids bq-there 2>/dev/null | xargs -r kill 2>/dev/null || true
	ip netns del bq-here 2>/dev/null || true
	ip netns del bq-there 2>/dev/null || true
}
trap cleanup EXIT

run() {
	printf '\n# %s\n' "$*"
	"$@"
}

there_listens() {
	ip netns exec bq-there ss -Hltn 'sport = 5201' | grep -q .
}

run uname -r
run ip netns add bq-here
run ip netns add bq-there
run ip -n bq-here link add ve0 type veth peer name ve0 netns bq-there
run ip -n bq-here addr add 10.99.0.1/24 dev ve0
run ip -n bq-there addr add 10.99.0.2/24 dev ve0
run ip -n bq-here link set ve0 up
run ip -n bq-there link set ve0 up

run bqdisc -n bq-here attach ve0 pfifo limit 100
run bqdisc -n bq-here show
ip netns exec bq-there iperf3 --server --one-off --daemon --logfile /dev/null
for _ in $(seq 100); do
	there_listens && break
	sleep 0.05
done
printf '\n# iperf3 --client 10.99.0.2 --bytes 50M\n'
ip netns exec bq-here iperf3 --client 10.99.0.2 --bytes 50M --json >/tmp/bqdisc-demo.json
jq -r '"sent \(.end.sum_sent.bytes) bytes, received \(.end.sum_received.bytes) bytes"' \
	/tmp/bqdisc-demo.json
run bqdisc -n bq-here stats

# The counters must agree with the transfer: its payload, and headers of at most a tenth of it.
sent=$(jq .end.sum_sent.bytes /tmp/bqdisc-demo.json)
counted=$(bqdisc -n bq-here stats ve0 bytes)
waiting=$(bqdisc -n bq-here stats ve0 backlog_packets)
printf '\nThe qdisc counted %s bytes for a payload of %s, and %s packets wait.\n' \
	"$counted" "$sent" "$waiting"
if [ "$counted" -lt "$sent" ] || [ "$counted" -gt $((sent + sent / 10)) ] || [ "$waiting" -ne 0 ]; then
	echo "That does not agree."
	exit 1
fi
run bqdisc -n bq-here detach ve0
run tc -n bq-here qdisc show dev ve0
