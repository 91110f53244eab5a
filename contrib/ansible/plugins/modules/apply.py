#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Ansible module: runs `bqdisc apply` on a host."""
import json

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: apply
short_description: Bring the qdiscs of a host to a described state
description:
  - Runs C(bqdisc apply). Devices that are so already are left alone, and others are changed live
    where their qdisc can be.
  - Nothing changes unless all lines are valid.
  - Check mode and diff mode print what differs.
options:
  path:
    description: File or directory on the host with lines as in bqdisc-apply(8).
    type: path
    default: /etc/bqdisc.d
  lines:
    description: Lines to use instead of C(path).
    type: str
  prune:
    description: Detach what bqdisc attached to a device for which there is no line.
    type: bool
    default: false
  netns:
    description: Network namespace, by name or path.
    type: str
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
author: the authors of bqdisc
"""

EXAMPLES = """
- name: Fair queueing on all network cards
  bqdisc.bqdisc.apply:
    lines: |
      driver=ixgbe fq limit 20000
      eth0 netem preset 4g match dst 10.0.0.0/8

- name: Exactly the files of the host
  bqdisc.bqdisc.apply:
    path: /etc/bqdisc.d
    prune: true
"""

RETURN = """
devices:
  description: Each device with its action, as C(bqdisc -j apply) prints them.
  returned: when something was applied
  type: list
  elements: dict
"""

# Exit status of `bqdisc apply --check` if something differs.
DIFFERS = 5


def apply(module, *before, after=()):
    """Runs `bqdisc BEFORE apply ... AFTER`. Fails unless it succeeds or finds a difference."""
    params = module.params
    netns = ["-n", params["netns"]] if params["netns"] else []
    source = params["path"] if params["lines"] is None else "-"
    prune = ["--prune"] if params["prune"] else []
    status, out, err = module.run_command(
        [module.get_bin_path("bqdisc", required=True), *netns, *before, "apply", source, *prune,
         *after],
        data=params["lines"])
    if status not in (0, DIFFERS):
        module.fail_json(msg=err.strip(), rc=status, stdout=out)
    return status, out


def main():
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "default": "/etc/bqdisc.d"},
            "lines": {"type": "str"},
            "prune": {"type": "bool", "default": False},
            "netns": {"type": "str"},
        },
        supports_check_mode=True,
    )
    status, differences = apply(module, after=["--check"])
    result = {"changed": status == DIFFERS, "diff": {"prepared": differences}}
    if result["changed"] and not module.check_mode:
        result["devices"] = json.loads(apply(module, "-j")[1])
    module.exit_json(**result)


if __name__ == "__main__":
    main()
