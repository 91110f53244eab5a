# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Runs in the guest of managers.sh, as a service of systemd.
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

kind_stays pfifo

# Users of the packages, which their installation makes.
add_users() {
	local id=990 name

	for name in messagebus systemd-network; do
		id=$((id + 1))
		grep -q "^$name:" /etc/passwd || echo "$name:x:$id:$id::/:/bin/false" >>/etc/passwd
		grep -q "^$name:" /etc/group || echo "$name:x:$id:" >>/etc/group
	done
}

stop() {
	# shellcheck disable=SC2086 # words
	systemctl stop $started 2>/dev/null
	[ -z "${monitor:-}" ] || kill "$monitor"
	rm -rf /etc/bqdisc.d /run/systemd/network
}

# start UNIT...: start them, and stop them at the end of the test.
start() {
	local unit

	started="$* ${started:-}"
	trap stop EXIT
	for unit; do
		systemctl start "$unit" ||
			fail "$unit: $(systemctl status --no-pager -n 20 "$unit" 2>&1)"
	done
}

# lines LINE: write it into a file of bqdisc.service.
lines() {
	mkdir -p /etc/bqdisc.d
	echo "$1" >/etc/bqdisc.d/10-test.conf
}

has_kind() { [ "$(root du1 kind)" = "$1" ]; }
has_address() { ip -4 addr show dev du1 2>/dev/null | grep -qF "inet $1"; }

# becomes KIND WHAT: wait for that root qdisc of du1.
becomes() {
	wait_for 15 has_kind "$1" || fail "$2: du1 has $(root du1 kind) instead of $1"
}

# --- networkd ---

# network ADDRESS: the configuration of du1, with a qdisc.
network() {
	mkdir -p /run/systemd/network
	cat >/run/systemd/network/du1.network <<-END
		[Match]
		Name=du1

		[Network]
		LinkLocalAddressing=no
		Address=$1

		[FairQueueing]
		Parent=root
		Handle=0006
	END
}

configured() { networkctl status --no-pager du1 | grep -q 'State: .*(configured)'; }

configures() { # ADDRESS
	wait_for 15 has_address "$1" && wait_for 15 configured ||
		fail "networkd: $(networkctl status --no-pager du1 2>&1)"
}

# networkd adds its qdisc and never replaces one, so the first one stays.
test_networkd() {
	local handle

	add_users
	lines 'du1 pfifo limit 5'
	network 10.9.1.1/24
	start systemd-udevd.service dbus.service
	ip link add du1 type dummy
	becomes bq_pfifo "a new device"
	handle=$(root du1 handle)
	start systemd-networkd.service
	configures 10.9.1.1/24
	must networkctl reconfigure du1
	network 10.9.1.2/24
	must networkctl reload
	configures 10.9.1.2/24
	must networkctl down du1
	must networkctl up du1
	configures 10.9.1.2/24
	is "$(root du1 kind) $(root du1 handle)" "bq_pfifo $handle" "qdisc after networkd"
	must bqdisc detach du1
	must networkctl reconfigure du1
	becomes fq "networkd's qdisc"
	systemctl start bqdisc@du1.service 2>/dev/null && fail "bqdisc@du1 has replaced networkd's qdisc"
	lines 'du1 pfifo limit 5 --force'
	start bqdisc@du1.service
	is "$(root du1 kind)" bq_pfifo "qdisc with --force"
	must bqdisc detach du1
	is "$(root du1 kind) $(root du1 handle)" "fq 6:" "qdisc after detach"
}

# --- NetworkManager ---

activate() { # [PROPERTY VALUE]...
	[ $# = 0 ] || must nmcli connection modify one "$@"
	must nmcli connection up one
}

lost() { grep -c 'du1: lost' /tmp/events; }
is_lost() { [ "$(lost)" -ge "$1" ]; }

# NetworkManager replaces a qdisc only if its profile has one, and the line comes back if it says so.
test_networkmanager() {
	local handle

	add_users
	lines 'du1 pfifo limit 5'
	mkdir -p /var/lib/NetworkManager /etc/NetworkManager
	start systemd-udevd.service dbus.service NetworkManager.service
	must nmcli connection add type dummy ifname du1 con-name one autoconnect no \
		ipv4.method manual ipv4.addresses 10.9.1.1/24 ipv6.method disabled
	activate
	becomes bq_pfifo "a new device"
	handle=$(root du1 handle)
	activate ipv4.addresses 10.9.1.2/24
	must nmcli connection modify one ipv4.addresses 10.9.1.3/24
	must nmcli device reapply du1
	has_address 10.9.1.3/24 || fail "NetworkManager: $(ip addr show dev du1)"
	is "$(root du1 kind) $(root du1 handle)" "bq_pfifo $handle" "qdisc after NetworkManager"
	activate tc.qdiscs "root fq"
	is "$(root du1 kind)" fq "qdisc of the profile"
	lines 'du1 pfifo limit 5 --enforce'
	start bqdisc-enforce.service
	becomes bq_pfifo "enforced"
	bqdisc monitor >/tmp/events &
	monitor=$!
	wait_for 10 grep -q listening /tmp/events || fail "no monitor"
	activate
	wait_for 10 is_lost 1 || fail "NetworkManager did not replace it: $(cat /tmp/events)"
	becomes bq_pfifo "enforced again"
	is "$(lost)" 1 "times that the qdisc was lost"
	# The device goes and comes.
	must nmcli connection down one
	activate
	becomes bq_pfifo "the device anew"
	must nmcli connection delete one
}

run_tests "$@"
