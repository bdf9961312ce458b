# SPDX-License-Identifier: BSD-3-Clause
"""The C library's allocator: glibc on Linux / Eft's process; musl beside it."""
from tests.benchmarks.calls import call_ns
from tests.benchmarks.pairs import Row, medians, take_pairs
from tests.runner.box import Box, program

# As many times as fast as glibc.
GOAL = 0.8
NAMES = ["64 bytes", "16 to 1039 bytes", "1 MiB", "four threads"]


def speed_row(box, count, room, name):
    """Eft and glibc by turns; the release of musl once, for what it tells."""
    def ours():
        return call_ns(box, program(room), name, env={"EFT": "cpus=2"})

    pairs = take_pairs(count, ours,
                       lambda: call_ns(box, program(room + ".glibc"), name))
    ratios = sorted(other / one for one, other in pairs)
    median = ratios[len(ratios) // 2]
    one, other = medians(pairs)
    musl = call_ns(box, program(room + ".host"), name)
    return Row(f"{name} ({one:.1f} / {other:.1f} / {musl:.1f} ns)",
               f"{median:.3g}x ({ratios[0]:.3g}-{ratios[-1]:.3g})",
               f"at least {GOAL}x", median >= GOAL)


def measure(count):
    box = Box()
    try:
        for name in NAMES:
            yield speed_row(box, count, "malloc", name)
    finally:
        box.close()
