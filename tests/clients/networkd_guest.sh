#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs in the guest of networkd.sh.
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/lib/observe.sh
. "${0%/*}/observe.sh"

kind_stays netem

network_of() { # SECTION
	cat <<-END
		[Match]
		Name=ve0

		[Network]
		LinkLocalAddressing=no
		Address=10.9.0.1/24

		$1
	END
}

netem='[NetworkEmulator]
Parent=root
Handle=0005
DelaySec=80ms
DelayJitterSec=5ms
PacketLimit=500
LossRate=20%
DuplicateRate=10%'

fq='[FairQueueing]
Parent=root
Handle=0006
PacketLimit=500
FlowLimit=200
QuantumBytes=3028
InitialQuantumBytes=15140
MaximumRate=100M
Buckets=512
OrphanMask=511
Pacing=yes
CEThresholdSec=20ms'

has_handle() { [ "$(root ve0 handle)" = "$1" ]; }

libraries=/test/networkd/usr/lib/x86_64-linux-gnu
libraries=$libraries:$libraries/systemd:/test/networkd/lib/x86_64-linux-gnu

# networkd SECTION HANDLE: run it until it has configured ve0.
networkd() {
	mkdir -p /run/systemd/network /run/systemd/netif/links /run/systemd/netif/leases
	network_of "$1" >/run/systemd/network/ve0.network
	# With a read-only /sys it takes itself for one in a container, and does not wait for udev.
	LD_LIBRARY_PATH=$libraries \
		unshare -m sh -c 'mount -o remount,bind,ro /sys && exec "$@"' sh \
		/test/networkd/lib/systemd/systemd-networkd >/tmp/networkd 2>&1 &
	networkd=$!
	wait_for 20 has_handle "$2" || fail "networkd: $(tail -n 5 /tmp/networkd); $(tc qdisc show dev ve0)"
	kill "$networkd"
	wait "$networkd" 2>/dev/null
}

# configured PROGRAM...: print what networkd makes, as PROGRAM shows it.
configured() {
	networkd "$netem" 5:
	[ "$1" = tc ] || must bqdisc adopt ve0
	observed "systemd-networkd: NetworkEmulator" tc "" "$@"
	tc qdisc del dev ve0 root
	networkd "$fq" 6:
	observed "systemd-networkd: FairQueueing" tc "" "$@"
	tc qdisc del dev ve0 root
}

test_networkd() {
	grep -q systemd-network /etc/passwd || {
		echo 'systemd-network:x:998:998::/:/bin/false' >>/etc/passwd
		echo 'systemd-network:x:998:' >>/etc/group
	}
	observed_pair
	configured tc >/tmp/in_tree
	lacks netem fq
	must bqdisc load --all-missing
	configured bqdisc tc >/tmp/ours
	compare /tmp/in_tree /tmp/ours
}

run_tests "$@"
