// SPDX-License-Identifier: GPL-2.0-only
// expect: no qdisc is in it
int nothing = 1;
char _license[] __attribute__((section("license"), used)) = "GPL";
