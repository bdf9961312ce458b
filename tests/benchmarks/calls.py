# SPDX-License-Identifier: BSD-3-Clause
"""System calls through libc: Eft's process / the musl build on Linux."""
from tests.benchmarks.pairs import medians, ratio, Row, take_pairs
from tests.runner.box import Box, program

NAMES = ["getppid", "getpid", "clock_gettime", "open+close", "stat", "pread",
         "pwrite"]
GOAL_NS = {"getppid": 10}


def call_ns(box, image, name):
    result = box.run([image, name])
    if result.status != 0:
        raise SystemExit(str(result))
    return float(result.text)


def measure(count):
    box = Box()
    try:
        for name in NAMES:
            pairs = take_pairs(
                count, lambda: call_ns(box, program("calls"), name),
                lambda: call_ns(box, program("calls.host"), name))
            ours, hosts = medians(pairs)
            goal = GOAL_NS.get(name)
            yield Row(f"{name} ({ours:.1f} / {hosts:.1f} ns)",
                      ratio(pairs)[1], goal and f"at most {goal} ns",
                      goal and ours <= goal)
    finally:
        box.close()
