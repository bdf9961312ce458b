# SPDX-License-Identifier: BSD-3-Clause
"""System calls through libc: Eft's process / the musl build on Linux."""
import re

from tests.benchmarks.pairs import (medians, ratio, ratio_row, Row,
                                     take_pairs)
from tests.runner.box import Box, program

NAMES = ["getppid", "getpid", "clock_gettime", "open+close", "stat", "pread",
         "pwrite", "read-byte", "write-byte"]
GOAL_NS = {"getppid": 10}
# Of /dev/zero and /dev/null: one call of the host's, and little beside it.
GOAL_RATIO = {"read-byte": 1.15, "write-byte": 1.15}


def call_ns(box, image, name, **how):
    result = box.run([image, name], **how)
    if result.status != 0:
        raise SystemExit(str(result))
    return float(result.text)


# Nothing but this is looked at where nobody traces and no signal is due.
NULL_CALL_INSTRUCTIONS = 9

COUNT = """python
gdb.execute("break *getpid")
gdb.execute("run getpid")
top, count = gdb.parse_and_eval("(long)$sp"), 0
while gdb.parse_and_eval("(long)$sp") <= top:
    gdb.execute("stepi", to_string=True)
    count += 1
print("instructions", count)
gdb.execute("kill")
end
"""


def null_call_row(box):
    """From getpid()'s first instruction to its return."""
    (box.dir / "count.gdb").write_text(COUNT)
    result = box.run(["gdb", "-nx", "-batch", "-x", "count.gdb",
                      program("calls")])
    found = re.search(r"^instructions (\d+)$", result.text, re.MULTILINE)
    if not found:
        raise SystemExit(str(result))
    count = int(found.group(1))
    return Row("getpid (instructions)", str(count),
               f"at most {NULL_CALL_INSTRUCTIONS}",
               count <= NULL_CALL_INSTRUCTIONS)


def measure(count):
    box = Box()
    try:
        yield null_call_row(box)
        for name in NAMES:
            pairs = take_pairs(
                count, lambda: call_ns(box, program("calls"), name),
                lambda: call_ns(box, program("calls.host"), name))
            ours, hosts = medians(pairs)
            goal = GOAL_NS.get(name)
            what = f"{name} ({ours:.1f} / {hosts:.1f} ns)"
            if name in GOAL_RATIO:
                yield ratio_row(what, pairs, at_most=GOAL_RATIO[name])
            else:
                yield Row(what, ratio(pairs)[1], goal and f"at most {goal} ns",
                          goal and ours <= goal)
    finally:
        box.close()
