#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Boot systemd in the guest, as the first process of a PID namespace, and run a test file as one of its
# services: boot.sh [NAME=VALUE]... FILE. NAME is set in the file's environment.
set -u
libraries=/usr/lib/x86_64-linux-gnu
# A unit is for /usr/local/sbin/bqdisc; its tools are those of the guest.
mkdir -p /usr/local/sbin $libraries /etc/systemd/system /var/lib/prometheus/node-exporter
tar -C / -xf /test/root.tar
cp /test/libmicrohttpd.so.12 $libraries/
ln -sf /test/bqdisc /usr/local/sbin/bqdisc
cp /test/dist/*.service /test/systemd-units/*.timer /test/systemd-units/*.socket /usr/lib/systemd/system/
mkdir -p /usr/lib/udev/rules.d
cp /test/systemd-units/*.rules /usr/lib/udev/rules.d/
ln -s /run /var/run
: >/etc/machine-id
variables=("${@:1:$#-1}")
cat >/etc/systemd/system/test.service <<-END
	[Unit]
	After=basic.target
	SuccessAction=exit-force
	FailureAction=exit-force

	[Service]
	Type=oneshot
	Environment=PATH=/test:$PATH $(printf '"%s" ' "${variables[@]}")
	ExecStart=/bin/bash /test/${*:$#}
	StandardOutput=file:/run/test.out
	StandardError=inherit
	TimeoutStartSec=infinity
END
cat >/etc/systemd/system/test.target <<-END
	[Unit]
	Requires=basic.target test.service
	After=basic.target test.service
	AllowIsolate=yes
END
ln -sf /etc/systemd/system/test.target /etc/systemd/system/default.target
export container=other
# /run stays that of the guest.
unshare --pid --mount --fork --mount-proc /usr/lib/systemd/systemd --log-level=warning \
	--show-status=false --log-target=console >/tmp/systemd.log 2>&1 </dev/null
status=$?
cat /run/test.out 2>/dev/null || tail -n 30 /tmp/systemd.log
exit $status
