#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Draw bqdisc top after a minute of transfers over emulated links, for docs/top.svg: tools/pictures
# runs it in the virtual machine. It leaves /out/top.screen.
set -euo pipefail
export LC_CTYPE=C.UTF-8 PATH=/test:$PATH

# link N DEV QDISC OPTION...: a device DEV to a namespace that serves iperf3.
link() {
	local n=$1 dev=$2

	ip netns add "peer$n"
	ip link add "$dev" numtxqueues 2 type veth peer name far netns "peer$n"
	ip link set "$dev" up
	ip addr add "10.9.$n.1/24" dev "$dev"
	ip -n "peer$n" link set far up
	ip -n "peer$n" addr add "10.9.$n.2/24" dev far
	ip netns exec "peer$n" iperf3 -s -D --logfile /dev/null
	until ip netns exec "peer$n" ss -Hltn 'sport = 5201' | grep -q .; do sleep 0.1; done
	bqdisc attach "$dev" "${@:3}"
}

link 1 eth0 fq maxrate 12mbit
link 2 lte0 netem rate 3mbit delay 45ms 10ms ordered limit 60
link 3 wlan0 netem delay 8ms 6ms loss 2%
link 4 veth0 pfifo limit 1000
for dev in vm0 vm1 vm2; do
	ip link add "$dev" type dummy
	ip link set "$dev" up
	bqdisc attach "$dev" pfifo
done
iperf3 -c 10.9.1.2 -t 1000 >/dev/null &
iperf3 -c 10.9.2.2 -t 1000 >/dev/null &
iperf3 -c 10.9.3.2 -u -b 1500k -l 1000 -t 1000 >/dev/null &
(while :; do iperf3 -c 10.9.4.2 -u -b "$((RANDOM % 4 + 1))m" -l 1200 -t 4 >/dev/null || sleep 1; done) &

tmux -f /dev/null start-server \; set-option -g default-terminal screen-256color \; \
	new-session -d -s top -x 100 -y 22 bash --norc
tmux send-keys -t top 'bqdisc top' Enter
sleep 70 # the history of a minute
tmux send-keys -t top Down
sleep 1
tmux capture-pane -e -p -t top >/out/top.screen
tmux kill-server
