#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Record a TCP transfer over an emulated link that changes, for docs/report.png: tools/pictures runs
# it in the virtual machine. It leaves /out/recording.jsonl.
set -euo pipefail
PATH=/test:$PATH

hostname lab
ip netns add peer
ip link add eth0 type veth peer name far netns peer
ip link set eth0 up
ip addr add 10.9.0.1/24 dev eth0
ip -n peer link set far up
ip -n peer addr add 10.9.0.2/24 dev far
ip netns exec peer iperf3 -s -D --logfile /dev/null
until ip netns exec peer ss -Hltn 'sport = 5201' | grep -q .; do sleep 0.1; done

bqdisc attach eth0 netem delay 20ms 5ms ordered rate 8mbit loss 1% limit 100
bqdisc record eth0 --every 100ms --for 20s /out/recording.jsonl &
iperf3 -c 10.9.0.2 -t 18 >/dev/null &
sleep 10
bqdisc change eth0 delay 60ms 10ms loss 0.1%
wait
