# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs a program in host h1 of a mininet: tclink.py OPTIONS PROGRAM [ARG]...

OPTIONS are those of the TCLink from h1 to h2, in Python's syntax: delay='10ms',loss=5. The devices
are ve0 and vf0. PROGRAM's arguments are followed by the process id of h2.
"""
import subprocess
import sys

from mininet.link import TCLink
from mininet.log import setLogLevel
from mininet.net import Mininet

setLogLevel("info")
net = Mininet(controller=None, link=TCLink, ipBase="10.9.0.0/24", autoStaticArp=True)
h1, h2 = net.addHost("h1"), net.addHost("h2")
net.addLink(h1, h2, intfName1="ve0", intfName2="vf0", **eval(f"dict({sys.argv[1]})"))
net.start()
namespace = f"--net=/proc/{h1.pid}/ns/net"
status = subprocess.call(["nsenter", namespace, *sys.argv[2:], str(h2.pid)])
net.stop()
sys.exit(status)
