# SPDX-License-Identifier: BSD-3-Clause
"""What threads do: how many times as fast as the musl build on Linux.

And how many instructions it takes a guest, and how late timers are."""
import re
import statistics

from tests.benchmarks.pairs import medians, Row, take_pairs
from tests.image.compress import text
from tests.runner.box import app, Box, program

# What is measured by which program, and how many times faster it is to be.
ONE_CPU = [
    ("threads", "futex", 10),
    ("threads", "yield", 10),
    ("threads", "create+join", 10),
    ("threads", "mutex", 1),
    ("blocking", "pipe", 10),
    ("blocking", "eventfd", 10),
    ("blocking", "poll", 5),
    ("blocking", "epoll_wait", 5),
    ("blocking", "open+close", 5),
    ("blocking", "stat", 5),
    ("calls", "getpid", None),
    ("calls", "clock_gettime", 1),
]
TWO_CPUS = [
    ("threads", "mutex, two CPUs", 1),
    ("threads", "futex, two CPUs", 1),
]
# "No slower": the clocks of two runs differ by more than nothing.
TOLERANCE = 0.95

# Instructions that a guest takes at most.
GUEST = {"pipe": 2000, "create+join": 2500, "clock_gettime": 40}

# A loop is timed that takes so long.
LEAST_MS = 30

GOAL_TWO_CPUS = 1.6
COMPRESSED_MIB = 32


def ns_of(result):
    if result.status != 0:
        raise SystemExit(str(result))
    return float(result.text)


def process_ns(box, name, what, options, least_ms=LEAST_MS):
    return ns_of(box.run([program(name), what, least_ms],
                         env={"EFT": options}))


def host_ns(box, name, what, least_ms=LEAST_MS):
    return ns_of(box.run([program(name + ".host"), what, least_ms]))


def guest_instructions(box, name, what):
    """An instruction takes the guest's clock a nanosecond (-icount)."""
    return ns_of(box.qemu("microvm", program(name), what,
                          flags=["-icount", "shift=0,sleep=off"]))


def guest_row(box, name, what):
    count = guest_instructions(box, name, what)
    goal = GUEST.get(what)
    return Row(f"guest: {what}, instructions", f"{count:.0f}",
               goal and f"at most {goal}", goal and count <= goal)


def speed_row(what, pairs, goal):
    """How many times as fast the first of each pair is as the second."""
    ratios = sorted(other / one for one, other in pairs)
    median = statistics.median(ratios)
    ours, others = medians(pairs)
    return Row(f"{what} ({ours:.1f} / {others:.1f} ns)",
               f"{median:.3g}x ({ratios[0]:.3g}-{ratios[-1]:.3g})",
               goal and f"at least {goal}x",
               goal and median >= goal * TOLERANCE)


def empty_tree(box):
    """Options that give a process a tree of its own in memory."""
    archive = box.temp / "empty.cpio"
    name = b"TRAILER!!!\0"
    header = b"070701" + b"".join(b"%08X" % field for field in (
        0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, len(name), 0))
    archive.write_bytes((header + name).ljust(124, b"\0"))
    return f"root=initrd initrd={archive}"


def compress_ns(box, where, threads):
    """The compressor's own measurement, in memory, without its start."""
    arguments = ["-b1", f"-T{threads}", "-i4", "data"]
    flags = ["--cpus", 2]
    if where == "Linux":
        result = box.run([app("zstd").with_suffix(".musl"), *arguments],
                         timeout=300)
    else:
        if where != "process":
            flags += ["--mem", "768M", "--fs", "."]
        result = box.eft_run(where, app("zstd"), *arguments, flags=flags,
                             timeout=300)
    speeds = re.findall(r"\(x[\d.]+\), +([\d.]+) MB/s",
                        result.text + result.errors)
    if result.status != 0 or not speeds:
        raise SystemExit(str(result))
    return 1e9 * COMPRESSED_MIB / float(speeds[-1])


def compress_rows(box, count):
    """By turns on Linux too, which says how free the two cores are."""
    (box.dir / "data").write_bytes(text(COMPRESSED_MIB << 20))
    goals = {"Linux": None, "process": GOAL_TWO_CPUS,
             "microvm": GOAL_TWO_CPUS}
    rounds = [[compress_ns(box, where, 1) / compress_ns(box, where, 2)
               for where in goals] for _ in range(count)]
    for (where, goal), ratios in zip(goals.items(), zip(*rounds)):
        median = statistics.median(ratios)
        yield Row(f"{where}, two CPUs: zstd -T2 / zstd -T1",
                  f"{median:.3g}x ({min(ratios):.3g}-{max(ratios):.3g})",
                  goal and f"at least {goal}x", goal and median >= goal)


def lateness(box, image):
    result = box.run([image])
    if result.status != 0:
        raise SystemExit(str(result))
    return [int(word) / 1000 for word in result.text.split()]


def lateness_rows(box, count):
    """The worst is all runs' worst: a rare thing, of the machine's load."""
    both = [(lateness(box, program("lateness")),
             lateness(box, program("lateness.host"))) for _ in range(count)]
    for who, runs in zip(("Eft's process", "Linux"), zip(*both)):
        median = statistics.median(run[0] for run in runs)
        worst = max(run[1] for run in runs)
        yield Row(f"1 ms of nanosleep is longer by, {who}",
                  f"{median:.0f} us (worst {worst:.0f} us)")


def measure(count):
    box = Box()
    try:
        yield from measure_in(box, count)
    finally:
        box.close()


def measure_in(box, count):
    tree = empty_tree(box)
    for name, what, goal in ONE_CPU:
        pairs = take_pairs(count,
                           lambda: process_ns(box, name, what, tree),
                           lambda: host_ns(box, name, what))
        yield speed_row(what, pairs, goal)
    for name, what, goal in TWO_CPUS:
        pairs = take_pairs(count,
                           lambda: process_ns(box, name, what, "cpus=2"),
                           lambda: host_ns(box, name, what))
        yield speed_row(what, pairs, goal)
    yield from lateness_rows(box, count)
    for name, what, _ in ONE_CPU:
        yield guest_row(box, name, what)
    for what in ("mmap+munmap", "fault"):
        yield guest_row(box, "calls", what)
    yield from compress_rows(box, max(1, count // 3))
