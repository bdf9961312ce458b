# SPDX-License-Identifier: BSD-3-Clause
"""Functions of <string.h>: glibc on Linux / Eft's process; musl beside them."""
from tests.benchmarks.malloc import speed_row
from tests.runner.box import Box

NAMES = ["strlen", "strchr", "memchr", "strcmp", "memcmp", "memmem", "strstr"]
BYTES = [1, 4, 15, 32, 100, 512, 4096]


def measure(count):
    box = Box()
    try:
        for name in NAMES:
            for size in BYTES:
                yield speed_row(box, max(3, count // 3), "strings",
                                f"{name} {size}")
    finally:
        box.close()
