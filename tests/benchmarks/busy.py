# SPDX-License-Identifier: BSD-3-Clause
"""What two CPUs do while the host has other work for its processors.

The anchor is the musl build on plain Linux, by turns, under the same load: its
threads stay on a processor each, Eft's on a CPU of the libOS's each."""
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.pairs import medians, ratio, Row, take_pairs
from tests.benchmarks.threads import compress_ns, host_ns, process_ns
from tests.image.compress import text
from tests.runner.box import Box

WORKS = [
    ("threads", "futex, two CPUs"),
    ("threads", "mutex, two CPUs"),
    ("blocking", "pipe, two CPUs"),
    ("blocking", "eventfd, two CPUs"),
]
GOAL = 2
GOAL_COMPRESS = 0.9
COMPRESSED_MIB = 32

# Several periods of a cgroup's quota (100 ms): in a shorter loop the host either
# stops the threads for half a period or does not.
LEAST_MS = 500

HOG = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
while os.getppid() == int(sys.argv[2]):
    for _ in range(100000):
        pass
"""


@contextmanager
def hogs(cpus):
    """One process that computes on each of (cpus)."""
    started = [subprocess.Popen([sys.executable, "-c", HOG, str(cpu),
                                 str(os.getpid())]) for cpu in cpus]
    try:
        yield
    finally:
        for hog in started:
            hog.kill()
            hog.wait()


@contextmanager
def one_cpu_s_time():
    """We and what we start get the time of one CPU, of however many."""
    version1 = Path("/sys/fs/cgroup/cpu")
    top = version1 if version1.is_dir() else Path("/sys/fs/cgroup")
    group = top / f"eft-bench-{os.getpid()}"
    group.mkdir()
    try:
        if top == version1:
            (group / "cpu.cfs_period_us").write_text("100000")
            (group / "cpu.cfs_quota_us").write_text("100000")
        else:
            (group / "cpu.max").write_text("100000 100000")
        (group / "cgroup.procs").write_text(str(os.getpid()))
        yield
    finally:
        (top / "cgroup.procs").write_text(str(os.getpid()))
        group.rmdir()


def rows_under(load, box, count):
    for name, what in WORKS:
        pairs = take_pairs(count,
                           lambda: process_ns(box, name, what, "cpus=2",
                                              LEAST_MS),
                           lambda: host_ns(box, name, what, LEAST_MS))
        median, shown = ratio(pairs)
        ours, others = medians(pairs)
        yield Row(f"{load}: {what} ({ours:.0f} / {others:.0f} ns)", shown,
                  f"at most {GOAL}", median <= GOAL)


def compress_row(load, box, count):
    """What two threads gain, beside what plain Linux's gain."""
    def gain(where):
        return compress_ns(box, where, 1) / compress_ns(box, where, 2)

    median, shown = ratio(take_pairs(count, lambda: gain("process"),
                                     lambda: gain("Linux")))
    return Row(f"{load}: zstd -T2's gain over -T1", shown,
               f"at least {GOAL_COMPRESS}", median >= GOAL_COMPRESS)


def loads():
    two = sorted(os.sched_getaffinity(0))[:2]
    yield "one processor busy", hogs(two[1:])
    yield "both busy", hogs(two)
    if os.getuid() == 0:
        yield "one CPU's time", one_cpu_s_time()


def measure(count):
    box = Box()
    (box.dir / "data").write_bytes(text(COMPRESSED_MIB << 20))
    try:
        for load, under in loads():
            with under:
                yield from rows_under(load, box, count)
                yield compress_row(load, box, max(3, count // 2))
    finally:
        box.close()
