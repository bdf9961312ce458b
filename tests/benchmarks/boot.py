# SPDX-License-Identifier: BSD-3-Clause
"""From QEMU's start to main(), and to QEMU's end."""
import re
import statistics

from tests.benchmarks.pairs import ratio_row, Row, take_pairs, wall_ns
from tests.runner.box import app, Box, BUILD, ENVIRONMENT, program, ROOT
from tests.runner.case import Failure

STOP = BUILD / "tests/benchmarks/programs/stop"

GOAL_MEMORY_KIB = 4096
GOAL_INSTRUCTIONS = 40000
GOAL_EXTRA_MS = 10
GOAL_START = 2
STEP_KIB = 64
STARTS = 100


def qemu(image):
    return ["qemu-system-x86_64", "-M", "microvm", "-accel",
            ENVIRONMENT["EFT_ACCEL"], "-cpu", "max", "-m", "128M",
            "-nodefaults", "-no-user-config", "-no-reboot", "-display",
            "none", "-serial", "stdio", "-device",
            "isa-debug-exit,iobase=0x501,iosize=2", "-kernel", image]


def boots_with(box, kib):
    try:
        return box.qemu("microvm", app("hello"), mem=f"{kib}K",
                        timeout=20).out == b"Hello from Eft! argc is 1.\n"
    except Failure:
        return False


def least_memory(box):
    """Downwards from the goal until it does not boot any more."""
    kib = GOAL_MEMORY_KIB
    if not boots_with(box, kib):
        return None
    while boots_with(box, kib - STEP_KIB):
        kib -= STEP_KIB
    return kib


def instructions(box):
    result = box.run([ROOT / "tests/image/boot-count", app("hello")])
    found = re.search(r"(\d+) instructions to main\(\), (\d+) with",
                      result.text)
    if not found:
        raise SystemExit(str(result))
    return int(found[1]), int(found[2])


def starts(box):
    """A small program's start to end, and that of the same linked by musl."""
    result = box.run([program("starter.host"), STARTS, program("says"),
                      program("says.host")])
    if result.status != 0:
        raise SystemExit(f"bench: failed:\n{result}")
    return [int(line) for line in result.text.split()]


def measure(count):
    box = Box()
    try:
        yield from measure_in(box, count)
    finally:
        box.close()


def measure_in(box, count):
    kib = least_memory(box)
    yield Row("hello on microvm, least memory, KiB", str(kib),
              f"at most {GOAL_MEMORY_KIB}", kib is not None)
    all, once = instructions(box)
    yield Row("guest instructions to main()",
              f"{all} ({once}, REP as one)",
              f"at most {GOAL_INSTRUCTIONS}", all <= GOAL_INSTRUCTIONS)

    # QEMU's own time varies by more than what is looked for here.
    pairs = take_pairs(
        4 * count, lambda: wall_ns(box, qemu(app("hello")), (1,)),
        lambda: wall_ns(box, qemu(STOP), (1,)))
    extra = [(one - other) / 1e6 for one, other in pairs]
    median = statistics.median(extra)
    yield ratio_row("microvm: hello / an image that ends at once", pairs)
    yield Row("microvm: hello's time above that, ms",
              f"{median:.1f} ({min(extra):.1f}-{max(extra):.1f})",
              f"at most {GOAL_EXTRA_MS}", median <= GOAL_EXTRA_MS)
    pairs = [starts(box) for _ in range(count)]
    yield ratio_row("process: a start / a musl program's", pairs,
                    GOAL_START)
