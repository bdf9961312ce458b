# SPDX-License-Identifier: BSD-3-Clause
"""A server's CPU time per request, and its requests per second, as a process.

The anchor is the musl build on plain Linux, by turns: an echo server that does
what Redis does, with 50 connections over the loopback, under the same load."""
import os
import subprocess

from tests.benchmarks.pairs import Row, medians, ratio, take_pairs
from tests.runner.box import Box, program

CONNECTIONS = 50
LOAD_MS = 500

# Of the host's: CPU time at most, and requests per second at least.
GOALS = [
    ("pipeline 1", 1, "", 0.85, 1.1),
    ("pipeline 16", 16, "", 0.9, 1.1),
    ("pipeline 1, no io_uring", 1, "uring=off", None, 0.9),
]


def serve(box, name, pipeline, options):
    """Nanoseconds of the server's CPUs per request, requests per second."""
    server = subprocess.Popen([program(name), "serve"], cwd=box.dir, text=True,
                              stdout=subprocess.PIPE,
                              env={**os.environ, "EFT": options})
    with server.stdout:
        load = box.run([program("echo.host"), "load",
                        server.stdout.readline().strip(), CONNECTIONS, pipeline,
                        LOAD_MS])
    _, status, used = os.wait4(server.pid, 0)
    server.returncode = os.waitstatus_to_exitcode(status)
    if load.status != 0 or server.returncode != 0:
        raise SystemExit(f"bench: failed: {server.returncode}\n{load}")
    per_second, requests = map(float, load.text.split())
    return (used.ru_utime + used.ru_stime) / requests * 1e9, per_second


def rows_of(box, count, what, pipeline, options, cpu_at_most, speed_at_least):
    pairs = take_pairs(count, lambda: serve(box, "echo", pipeline, options),
                       lambda: serve(box, "echo.host", pipeline, ""))
    cpu, speed = ([(ours[i], others[i]) for ours, others in pairs]
                  for i in range(2))
    median, shown = ratio(cpu)
    ours, others = medians(cpu)
    yield Row(f"{what}: CPU ({ours:.0f} / {others:.0f} ns)", shown,
              cpu_at_most and f"at most {cpu_at_most}",
              cpu_at_most and median <= cpu_at_most)
    median, shown = ratio(speed)
    yield Row(f"{what}: requests per second", shown,
              f"at least {speed_at_least}", median >= speed_at_least)


def measure(count):
    box = Box()
    try:
        for goal in GOALS:
            yield from rows_of(box, count, *goal)
    finally:
        box.close()
