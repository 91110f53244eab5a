# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Targets of bqdisc's performance, each beside what was measured."""

KIB = 1024
MIB = 1024 * KIB
# Instructions that a packet adds to noqueue, 1 flow.
ADDED = {"pfifo": 800, "fq": 930, "fq_codel": 950, "netem": 1050, "tbf": 900, "hfq": 1400}
ADDED_PACED = {"netem": 2800}
WATCHED_RATIO = 1.01
FIRST_ATTACH = {"pfifo": 60e6, "fq": 300e6, "netem": 450e6}
FIRST_MEMORY = {"pfifo": 300 * KIB, "fq": 4 * MIB, "netem": 6 * MIB}
NEXT_MEMORY = {"fq": 700 * KIB}
COMMANDS = ("attach", "change", "detach", "show", "stats")
COMMAND_RATIO = 1.5
ALL_RATIO = 2
ALL_INSTANCES = 1000
FLAT = 1.05


class Values:
    """Looks up results by name and parameters."""

    def __init__(self, results):
        self.values = {(r["name"], *sorted(map(str, r["parameters"].values()))): r["value"]
                       for r in results}

    def get(self, name, *parameters):
        return self.values.get((name, *sorted(map(str, parameters))))

    def instances(self):
        return sorted({int(word) for key in self.values if key[0] == "command"
                       for word in key[1:] if word.isdigit()})


def ratio(a, b):
    return a / b if a is not None and b else None


def difference(a, b):
    return a - b if a is not None and b is not None else None


def packets(v):
    base = v.get("packet", "noqueue", "none", 1)
    for qdisc, most in ADDED.items():
        yield (f"{qdisc}: instructions added to noqueue",
               difference(v.get("packet", qdisc, "bqdisc", 1), base), most)
    for qdisc in ADDED:
        yield (f"{qdisc}: instructions of a packet that is watched, to one that is not",
               ratio(v.get("watched", qdisc, "bqdisc", 1), v.get("packet", qdisc, "bqdisc", 1)),
               WATCHED_RATIO)
    for qdisc, most in ADDED_PACED.items():
        yield (f"{qdisc}, paced: instructions added to noqueue",
               difference(v.get("paced", qdisc, "bqdisc", 1), base), most)


def start_and_memory(v):
    for qdisc, most in FIRST_ATTACH.items():
        yield (f"{qdisc}: instructions of the first attach",
               v.get("command", "attach-first", qdisc, "bqdisc"), most)
    for qdisc, most in FIRST_MEMORY.items():
        yield f"{qdisc}: bytes of the first instance", v.get("memory", qdisc, "bqdisc", "first"), most
    for qdisc, most in NEXT_MEMORY.items():
        yield f"{qdisc}: bytes of a further instance", v.get("memory", qdisc, "bqdisc", "next"), most


def commands(v):
    numbers = v.instances()
    for command in COMMANDS:
        for n in numbers:
            yield (f"fq, {command} with {n} instances, of tc's instructions",
                   ratio(v.get("command", command, "fq", "bqdisc", n),
                         v.get("command", command, "fq", "in-tree", n)), COMMAND_RATIO)
        for n in numbers[1:]:
            yield (f"fq, {command} with {n} instances, of that with {numbers[0]}",
                   ratio(v.get("command", command, "fq", "bqdisc", n),
                         v.get("command", command, "fq", "bqdisc", numbers[0])), FLAT)
    for command in ("stats-all", "show-all"):
        yield (f"fq, {command} of {ALL_INSTANCES} instances, of tc's instructions",
               ratio(v.get("command", command, "fq", "bqdisc", ALL_INSTANCES),
                     v.get("command", "stats-all", "fq", "in-tree", ALL_INSTANCES)), ALL_RATIO)


def show(results):
    values = Values(results)
    print(f"\n{'target':66} {'measured':>12} {'at most':>12}")
    for text, value, most in (*packets(values), *start_and_memory(values), *commands(values)):
        digits = 2 if most < 10 else 0
        if value is None:
            print(f"{text:66} {'-':>12} {most:12,.{digits}f} not measured")
        else:
            print(f"{text:66} {value:12,.{digits}f} {most:12,.{digits}f} "
                  f"{'met' if value <= most else 'missed'}")
