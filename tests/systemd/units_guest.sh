# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Runs in the guest of units.sh, as a service of systemd.
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/lib/readme.sh
. "${0%/*}/readme.sh"

state_of() { systemctl show -P ActiveState "$1"; }
is_in_state() { [ "$(state_of "$1")" = "$2" ]; }

# start UNIT: start it, and stop it at the end of the test.
start() {
	systemctl start "$1" || fail "$1: $(systemctl status --no-pager -n 20 "$1" 2>&1)"
}

# Print what the server answers to a request for PATH.
get() { # PATH
	exec 3<>/dev/tcp/127.0.0.1/9766
	printf 'GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$1" >&3
	cat <&3
	exec 3>&-
}

test_metrics_socket() {
	plain_pair 0
	must bqdisc attach ve0 netem delay 1ms
	packets send ve0 7 >/dev/null
	wait_for 5 has_sent 7 || fail "not sent"
	start bqdisc-metrics.socket
	is "$(state_of bqdisc-metrics.service)" inactive "the service before a request"
	get /metrics >/tmp/metrics
	grep -q '^node_qdisc_packets_total{device="ve0",kind="bq_netem",.*} 7$' /tmp/metrics ||
		fail "answer: $(head -n 20 /tmp/metrics); $(systemctl status --no-pager bqdisc-metrics.service)"
	is "$(state_of bqdisc-metrics.service)" active "the service after a request"
	systemctl stop bqdisc-metrics.socket bqdisc-metrics.service
}

has_sent() { [ "$(stat ve0 packets)" = "$1" ]; }

test_textfile_timer() {
	local file=/var/lib/prometheus/node-exporter/bqdisc.prom

	plain_pair 0
	must bqdisc attach ve0 pfifo
	start bqdisc-textfile.timer
	wait_for 40 test -s "$file" || fail "no file: $(systemctl status --no-pager bqdisc-textfile.service)"
	grep -q '^node_qdisc_packets_total{device="ve0"' "$file" || fail "the file: $(head "$file")"
	systemctl stop bqdisc-textfile.timer
}

test_sweep_timer() {
	ip link add du0 type dummy
	must bqdisc attach du0 pfifo --for 1s
	start bqdisc-sweep.timer
	is "$(systemctl show -P Unit bqdisc-sweep.timer)" bqdisc-sweep.service "what it starts"
	wait_for 10 is_expired || fail "not expired"
	start bqdisc-sweep.service
	is "$(root du0 kind)" null "the qdisc"
	systemctl stop bqdisc-sweep.timer
}

is_expired() { bqdisc -j show du0 | jq -e '.[0].expires_in_ns == 0' >/dev/null; }

test_native_and_adopt() {
	lacks netem
	plain_pair 0
	start bqdisc-native.service
	start bqdisc-adopt.service
	must tc qdisc add dev ve0 root netem delay 10ms duplicate 100%
	wait_for 5 is_adopted || fail "egress program: $(bqdisc -j show ve0)"
	systemctl stop bqdisc-adopt.service bqdisc-native.service
	must bqdisc detach ve0
	must bqdisc unload netem
}

is_adopted() { bqdisc -j show ve0 2>/dev/null | jq -e '.[0].egress_program == "active"' >/dev/null; }

test_apply_at_boot() {
	mkdir -p /etc/bqdisc.d
	ip link add du1 type dummy
	touch /etc/bqdisc.d/README
	start bqdisc.service
	is "$(state_of bqdisc.service)" inactive "the service without a file *.conf"
	echo 'du* pfifo limit 5' >/etc/bqdisc.d/10-test.conf
	start bqdisc.service
	is "$(bqdisc -j show du1 | jq -r '.[0].options.limit_packets')" 5 "limit"
	echo 'du1 pfifo limit 6' >/etc/bqdisc.d/20-test.conf
	systemctl reload bqdisc.service || fail "no reload"
	is "$(bqdisc -j show du1 | jq -r '.[0].options.limit_packets')" 6 "limit after reload"
	ip link add du-2 type dummy
	start bqdisc@du-2.service
	is "$(bqdisc -j show du-2 | jq -r '.[0].options.limit_packets')" 5 "limit of a device that is new"
	echo 'du-2 pfifo limit 7 --enforce' >/etc/bqdisc.d/30-test.conf
	start bqdisc@du-2.service
	start bqdisc-enforce.service
	wait_for 5 is_enforced || fail "not enforced: $(tc qdisc show dev du-2)"
	systemctl stop bqdisc-enforce.service bqdisc.service
	rm -r /etc/bqdisc.d
	must bqdisc detach --all
}

test_readme() {
	local chapter='From one host to a fleet'

	ip link add eth0 type dummy
	run_readme_block "$chapter" 1
	must bqdisc detach eth0
	PATH=$PATH:/usr/local/sbin run_readme_block "$chapter" 2
	is "$(systemctl is-enabled bqdisc.service bqdisc-enforce.service | tr '\n' ' ')" "enabled enabled " "units"
	is "$(root eth0 kind)" bq_fq "qdisc"
	systemctl disable --now bqdisc.service bqdisc-enforce.service
	run_readme_block "$chapter" 5
	is "$(root eth0 kind)" null "qdisc in the end"
	rm -r /etc/bqdisc.d
	ip link del eth0
}

# udev starts the service of a device that appears, and of one that gets another name.
test_new_device() {
	start systemd-udevd.service
	mkdir -p /etc/bqdisc.d
	printf '%s\n' 'du* pfifo limit 5' 'du-r pfifo limit 6' >/etc/bqdisc.d/10-test.conf
	ip link add du1 type dummy
	wait_for 10 has_limit du1 5 || fail "du1: $(systemctl status --no-pager -n 20 bqdisc@du1.service 2>&1)"
	ip link set du1 name du-r
	wait_for 10 has_limit du-r 6 || fail "du-r: $(systemctl status --no-pager -n 20 bqdisc@du-r.service 2>&1)"
	systemctl stop systemd-udevd.service
	rm -r /etc/bqdisc.d
}

has_limit() { # DEV PACKETS
	bqdisc -j show "$1" 2>/dev/null | jq -e ".[0].options.limit_packets == $2" >/dev/null
}

# The service may not listen yet when the qdisc is replaced for the first time.
is_enforced() {
	tc qdisc replace dev du-2 root fq
	wait_for 1 is_back
}

is_back() { [ "$(root du-2 kind)" = bq_pfifo ]; }

# No unit says something that systemd does not know.
test_verify() {
	local unit

	for unit in /usr/lib/systemd/system/bqdisc[-.@]*; do
		is "$(systemd-analyze verify --man=no --recursive-errors=no "$unit" 2>&1)" "" "$unit"
	done
}

run_tests "$@"
