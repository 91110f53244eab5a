# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Draws the results of tests/perf/run with gnuplot: one SVG file for each kind of cost."""
import subprocess

COLORS = ("#0072b2", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#e69f00", "#999999", "#000000")
HEAD = """set terminal svg size 800,480 font 'sans,13' background '#ffffff'
set key outside right
set grid ytics lc '#dddddd'
set border 3
set tics nomirror
set yrange [0:*]
"""
# FILE: (results of this name, x, title, what x is, what y is, divisor of y, only this command)
CHARTS = {
    "flows": ("packet", "flows", "A packet through an empty queue", "flows",
              "instructions added to noqueue", 1, None),
    "waiting": ("waiting", "waiting", "A packet that arrives and leaves while others wait",
                "packets that wait", "instructions", 1, None),
    "paced": ("paced", "flows", "A packet that leaves at its time", "flows", "instructions", 1, None),
    **{f"command-{command}": ("command", "instances", f"{command}, beside tc", "instances",
                              "million instructions of the process", 1e6, command)
       for command in ("attach", "change", "detach", "show", "stats", "stats-all")},
}


def series(results, name, x, command):
    """{(qdisc, side): [(x, value)]}"""
    found = {}
    for result in results:
        p = result["parameters"]
        if result["name"] == name and x in p and p.get("command") == command:
            found.setdefault((p["qdisc"], p["side"]), []).append((p[x], result["value"]))
    return found


def subtract_noqueue(found):
    base = dict(found.pop(("noqueue", "none"), ()))
    return {line: [(x, y - base.get(x, 0)) for x, y in points] for line, points in found.items()}


def style(i, side):
    dash = {"in-tree": "dt 2", "none": "dt 3"}.get(side, "dt 1")
    return f"lc '{COLORS[i % len(COLORS)]}' lw 2 pt 7 ps 0.6 {dash}"


def plot(path, found, title, x_label, y_label, divisor):
    # Places of equal distance, because 0 is among the numbers.
    ticks = sorted({x for points in found.values() for x, _ in points})
    qdiscs = sorted({qdisc for qdisc, _ in found})
    lines, data = [], []
    for (qdisc, side), points in sorted(found.items()):
        lines.append(f"'-' using 1:2 with linespoints {style(qdiscs.index(qdisc), side)} "
                     f"title '{qdisc}{'' if side == 'none' else ', ' + side}'")
        data += [f"{ticks.index(x)} {y / divisor}" for x, y in sorted(points)] + ["e"]
    names = ", ".join(f"'{x:,}' {i}" for i, x in enumerate(ticks))
    script = (f"{HEAD}set output '{path}'\nset title '{title}'\nset xlabel '{x_label}'\n"
              f"set ylabel '{y_label}'\nset xtics ({names})\nset xrange [-0.2:{len(ticks) - 0.8}]\n"
              f"plot {', '.join(lines)}\n" + "\n".join(data) + "\n")
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def draw(results, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for file, (name, x, title, x_label, y_label, divisor, command) in CHARTS.items():
        found = series(results, name, x, command)
        if name == "packet":
            found = subtract_noqueue(found)
        if found:
            plot(folder / f"{file}.svg", found, title, x_label, y_label, divisor)
