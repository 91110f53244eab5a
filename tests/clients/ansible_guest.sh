#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs in the guest of ansible.sh.
# shellcheck source=tests/live/lib.sh
. "${0%/*}/lib.sh"

export PATH=/test/debian/usr/bin:$PATH PYTHONHOME=/test/debian/usr
export PYTHONPATH=/test/debian/usr/lib/python3/dist-packages
export ANSIBLE_COLLECTIONS_PATH=/tmp/collections
OPENSSL_MODULES=$(echo /test/debian/usr/lib/*/ossl-modules)
export OPENSSL_MODULES HOME=/tmp LANG=C.UTF-8 LOCPATH=/test/debian/usr/lib/locale
HOSTS='one two three'

make_hosts() {
	local host

	ln -sf "$(command -v python3.11)" /usr/bin/python3
	mkdir -p /tmp/collections/ansible_collections/bqdisc
	ln -sfn /test/ansible /tmp/collections/ansible_collections/bqdisc/bqdisc
	for host in $HOSTS; do
		ip netns add "$host"
		ip -n "$host" link add du0 type dummy
		echo "$host ansible_connection=local"
	done >/tmp/hosts
}

# play PLAY [OPTION]...: run it. Return the exit status of Ansible.
play() {
	printf '%s\n' "$1" >/tmp/play.yml
	python3.11 /test/debian/usr/bin/ansible-playbook -i /tmp/hosts /tmp/play.yml "${@:2}" \
		>/tmp/out 2>/tmp/err
}

# Print one value of each host's result.
results() { # FILTER
	jq -s -c "map($1)" /tmp/result.one /tmp/result.two /tmp/result.three
}

# Print the limit of each host's qdisc.
limits() {
	local host

	for host in $HOSTS; do
		bqdisc -n "$host" -j show | jq -c '[.[].options.limit_packets]'
	done | tr -d '\n'
}

played() { # PLAY [OPTION]...
	play "$@" || fail "ansible: $(tail -n 5 /tmp/err) $(tail -c 600 /tmp/out)"
}

PLAY='
- hosts: all
  gather_facts: false
  tasks:
    - bqdisc.bqdisc.apply:
        netns: "{{ inventory_hostname }}"
        lines: |
          du0 pfifo limit LIMIT
      register: result
      ignore_errors: true
    - ansible.builtin.copy:
        dest: "/tmp/result.{{ inventory_hostname }}"
        content: "{{ result | to_json }}"
      check_mode: false
      diff: false'

test_module() {
	make_hosts
	played "${PLAY/LIMIT/7}" --check --diff
	is "$(results .changed)" '[true,true,true]' "changed in check mode"
	is "$(results .diff.prepared)" '["+ du0 pfifo limit 7\n","+ du0 pfifo limit 7\n","+ du0 pfifo limit 7\n"]' \
		"differences"
	is "$(limits)" "[][][]" "limits after check mode"
	played "${PLAY/LIMIT/7}"
	is "$(results .changed)" '[true,true,true]' "changed"
	is "$(results '.devices[0].action')" '["attach","attach","attach"]' "actions"
	must bqdisc -n two detach --all
	must bqdisc -n three change du0 limit 9
	played "${PLAY/LIMIT/7}"
	is "$(results .changed)" '[false,true,true]' "changed where something differs"
	is "$(limits)" "[7][7][7]" "limits"
	# An error in one line changes nothing.
	played "${PLAY/LIMIT/7$'\n          du0 pfifo limt 5'}"
	is "$(results .failed)" '[true,true,true]' "failed"
	is "$(results .msg | jq -c 'map(contains("stdin:2:11: pfifo: unknown option"))')" '[true,true,true]' "messages"
	is "$(limits)" "[7][7][7]" "limits after a bad line"
}

# The role on one host, which is this guest. There is no package to install, and no systemd.
test_role() {
	make_hosts
	ip link add du0 type dummy
	local role='
- hosts: one
  gather_facts: false
  roles:
    - role: bqdisc.bqdisc.bqdisc
      vars:
        bqdisc_package: ""
        bqdisc_at_boot: false
        bqdisc_lines: "du0 pfifo limit 4\n"'

	ln -sf /test/bqdisc /usr/bin/bqdisc
	played "$role" --check --diff
	[ ! -e /etc/bqdisc.d/ansible.conf ] || fail "check mode wrote the lines"
	played "$role"
	is "$(bqdisc -j show du0 | jq -c '[.[].options.limit_packets]')" '[4]' "limit"
	is "$(</etc/bqdisc.d/ansible.conf)" "du0 pfifo limit 4" "lines"
	played "$role"
	grep -q ' changed=0 .* failed=0 ' /tmp/out || fail "a second run changes: $(tail -n 2 /tmp/out)"
	play "${role/limit/limt}" && fail "a bad line was taken"
	is "$(</etc/bqdisc.d/ansible.conf)" "du0 pfifo limit 4" "lines after an error"
	must bqdisc detach du0
}

run_tests "$@"
