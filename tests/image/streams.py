# SPDX-License-Identifier: BSD-3-Clause
"""A process's streams are the host's: who waits for them stops only itself."""
import os
import select
import subprocess
import time

from tests.runner.box import ENVIRONMENT, kill_group, program
from tests.runner.case import Cases, check, Failure

cases = Cases("image")

WAYS = ("cpus=1", "cpus=2", "cpus=1 uring=off", "cpus=2 uring=off")
LINES = 30
SECONDS = 60


class Streams:
    """A command whose streams are pipes."""

    def __init__(self, box, options, *command):
        self.child = subprocess.Popen(
            command, cwd=box.dir, env={**ENVIRONMENT, "EFT": options},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, bufsize=0, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        kill_group(self.child.pid)
        self.child.wait()
        for stream in (self.child.stdin, self.child.stdout,
                       self.child.stderr):
            stream.close()

    def expect(self, stream, wanted):
        deadline = time.monotonic() + SECONDS
        seen = b""
        while len(seen) < len(wanted):
            left = max(0, deadline - time.monotonic())
            if not select.select([stream], [], [], left)[0]:
                raise Failure(f"no {wanted[:40]!r} in time, but {seen[:40]!r}")
            part = os.read(stream.fileno(), 65536)
            if not part:
                raise Failure(f"the end before {wanted[:40]!r}")
            seen += part
        check(seen == wanted, f"wanted {wanted[:40]!r}, got {seen[:40]!r}")

    def end(self, status):
        self.child.stdin.close()
        found = self.child.wait(SECONDS)
        check(found == status, f"status {found}, wanted {status}")


@cases.on(*WAYS)
def answers_while_another_computes(box, options):
    with Streams(box, options, program("spin_and_talk"), "echo") as talk:
        for n in range(LINES):
            line = b"line %d\n" % n
            talk.child.stdin.write(line)
            talk.expect(talk.child.stdout, line)
        talk.end(0)


@cases.on(*WAYS)
def full_pipe_stops_one_thread(box, options):
    with Streams(box, options, program("spin_and_talk"), "flood") as talk:
        talk.child.stdin.write(b"!")
        talk.expect(talk.child.stderr, b"still here\n")
        talk.expect(talk.child.stdout, b"x" * (1 << 20))
        talk.end(0)
