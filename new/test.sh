#!/bin/bash
# Test mine with real packets, between two private network namespaces.
#
#   ./test.sh         as root, on a kernel with CONFIG_NET_SCH_BPF; otherwise as --vm
#   ./test.sh --vm    in a virtual machine, as any user
set -eu
cd "$(dirname "$0")"

if [ "${1-}" = --vm ] || { [ "${1-}" != --inside ] && ! bqdisc doctor >/dev/null 2>&1; }; then
	vm=$(pkg-config --variable=vm bqdisc)
	exec "$vm" -f "$(command -v bqdisc)" -f mine.bpf.o "$PWD/test.sh" --inside
fi
PATH=$PWD:$PATH

clean_up() {
	ip netns del mine-left 2>/dev/null || true
	ip netns del mine-right 2>/dev/null || true
}
trap clean_up EXIT
clean_up

ip netns add mine-left
ip netns add mine-right
ip -n mine-left link add veth0 type veth peer name veth0 netns mine-right
ip -n mine-left addr add 10.99.0.1/24 dev veth0
ip -n mine-right addr add 10.99.0.2/24 dev veth0
ip -n mine-left link set veth0 up
ip -n mine-right link set veth0 up

bqdisc -n mine-left attach veth0 ./mine.bpf.o limit 100
ip netns exec mine-left ping -q -c 20 -i 0.01 10.99.0.2 | grep ' 0% packet loss'
enqueued=$(bqdisc -n mine-left stats veth0 enqueued)
bqdisc -n mine-left change veth0 limit 50
bqdisc -n mine-left detach veth0
[ "$enqueued" -ge 20 ] || {
	echo "only $enqueued packets went through mine"
	exit 1
}
echo "mine works: $enqueued packets"
