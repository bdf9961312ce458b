# SPDX-License-Identifier: BSD-3-Clause
"""A process's streams are the host's: who waits for them stops only itself.
Whose output is slowly read loses nothing of it, on either platform."""
import fcntl
import os
import select
import struct
import subprocess
import termios
import time

from tests.runner.box import EFT, ENVIRONMENT, kill_group, program
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
def answers_after_pauses(box, options):
    """While all CPUs compute, which have to look now and then."""
    with Streams(box, options, program("spin_and_talk"), "echo") as talk:
        for n in range(5):
            time.sleep(0.1)
            line = b"line %d\n" % n
            talk.child.stdin.write(line)
            talk.expect(talk.child.stdout, line)
        talk.end(0)


@cases.on("host", *WAYS)
def signals_end_each_wait_for_input(box, options):
    host = options == "host"
    with Streams(box, "" if host else options,
                 program("host_input.host" if host else "host_input"),
                 "interrupted") as child:
        child.expect(child.child.stdout,
                     b"400 reads, 400 polls, each by a signal\n")
        child.end(0)


@cases.on("host", *WAYS)
def wakes_who_watches_input(box, options):
    """A CPU that watches the host's files is reached when it has to run."""
    host = options == "host"
    with Streams(box, "" if host else options,
                 program("host_input.host" if host else "host_input"),
                 "woken") as child:
        child.expect(child.child.stdout, b"woken 20 times\n")
        child.end(0)


@cases.on(*WAYS)
def full_pipe_stops_one_thread(box, options):
    with Streams(box, options, program("spin_and_talk"), "flood") as talk:
        talk.child.stdin.write(b"!")
        talk.expect(talk.child.stderr, b"still here\n")
        talk.expect(talk.child.stdout, b"x" * (1 << 20))
        talk.end(0)


def wait_until_full(stream):
    """Until nothing has been added to the pipe for a second."""
    held, since = 0, time.monotonic()
    deadline = since + SECONDS
    while held == 0 or time.monotonic() < since + 1:
        check(time.monotonic() < deadline, f"{held} bytes, and no more")
        now = struct.unpack("i", fcntl.ioctl(stream, termios.FIONREAD,
                                             bytes(4)))[0]
        if now != held:
            held, since = now, time.monotonic()
        time.sleep(0.01)


# A guest's console has no room of its own: with its input ended, QEMU would
# drop what the pipe does not take.
@cases.on("process cpus=1", "process cpus=2", "microvm cpus=1",
          "microvm cpus=2")
def slow_reader_loses_nothing(box, way):
    where, cpus = way.split(" cpus=")
    wanted = b"".join(b"%015d\n" % n for n in range(16384))
    child = subprocess.Popen(
        [EFT, "run", "--on", where, "--cpus", cpus, program("slow_reader")],
        cwd=box.dir, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, start_new_session=True)
    try:
        wait_until_full(child.stdout)
        found = child.stdout.read()
        status = child.wait(SECONDS)
    finally:
        kill_group(child.pid)
        child.wait()
        child.stdout.close()
    wanted += b"interrupted, others ran\n"
    at = next((n for n, pair in enumerate(zip(found, wanted))
               if pair[0] != pair[1]), min(len(found), len(wanted)))
    check(found == wanted, f"{len(found)} bytes of {len(wanted)}, "
                           f"at {at}: {found[at:at + 40]!r}")
    check(status == 0, f"status {status}")


@cases.on("process host", "host process", "process process",
          "process process cpus=2", "process host uring=off")
def memory_shared_with_another(box, way):
    """Semaphores, a mutex and a condition in a file that two have mapped."""
    one, other, *words = way.split()
    options = {**ENVIRONMENT, "EFT": " ".join(words)}
    images = {"process": program("shared_memory"),
              "host": program("shared_memory.host")}
    made = box.run([images[other], "file", "make"])
    check(made.status == 0, str(made))
    children = [subprocess.Popen([image, "file", role], cwd=box.dir,
                                 env=options, stdout=subprocess.PIPE,
                                 start_new_session=True)
                for image, role in ((images[one], "answer"),
                                    (images[other], "ask"))]
    try:
        for child in children:
            out, _ = child.communicate(timeout=SECONDS)
            check(child.returncode == 0 and out == b"80, napped\n",
                  f"status {child.returncode}, {out!r}")
    except subprocess.TimeoutExpired:
        raise Failure("one waits for the other") from None
    finally:
        for child in children:
            kill_group(child.pid)
            child.wait()
            child.stdout.close()


def descriptors(pid):
    """What a process has open on the host."""
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{name}"))
        except FileNotFoundError:  # it is the list's own
            pass
    return sorted(found)


@cases.on(*WAYS)
def failures_leave_nothing_open(box, options):
    """No descriptor of the host's stays, whatever has failed."""
    with Streams(box, options, program("failing")) as talk:
        talk.expect(talk.child.stdout, b"ready\n")
        seen = []
        for _ in range(3):
            talk.child.stdin.write(b"again\n")
            talk.expect(talk.child.stdout, b"all failed\n")
            seen.append(descriptors(talk.child.pid))
        check(seen[0] == seen[1] == seen[2],
              "\n".join(str(one) for one in seen))


@cases.on(*WAYS)
def interrupted_opens_leave_nothing_open(box, options):
    """An open that a signal may end, or may not, just as it succeeds."""
    with Streams(box, options, program("interrupted")) as talk:
        talk.expect(talk.child.stdout, b"ready\n")
        seen = []
        for _ in range(3):
            talk.child.stdin.write(b"again\n")
            talk.expect(talk.child.stdout, b"done\n")
            seen.append(descriptors(talk.child.pid))
        check(seen[0] == seen[1] == seen[2],
              "\n".join(str(one) for one in seen))


@cases.on(*WAYS)
def closed_input_is_closed(box, options):
    """The writer hears of it at once, though it was waited for before."""
    with Streams(box, options, program("failing")) as talk:
        talk.child.stdin.write(b"close\n")
        talk.expect(talk.child.stdout, b"ready\nclosed\n")
        deadline = time.monotonic() + SECONDS / 4    # the reader goes on longer
        try:
            while time.monotonic() < deadline:
                talk.child.stdin.write(b"x")
                time.sleep(0.01)
        except BrokenPipeError:
            return
        raise Failure("somebody has the closed input open")


@cases.on(*WAYS)
def no_thread_stays_root(box, options):
    """The host's threads that are no CPUs, too."""
    if os.getuid() != 0:
        return
    with Streams(box, options, program("drops")) as talk:
        talk.expect(talk.child.stdout, b"dropped\n")
        tasks = os.listdir(f"/proc/{talk.child.pid}/task")
        for task in tasks:
            with open(f"/proc/{talk.child.pid}/task/{task}/status") as file:
                lines = [line.split() for line in file]
            for line in lines:
                if line[0] in ("Uid:", "Gid:"):
                    check(line[1:] == ["65534"] * 4,
                          f"one of {len(tasks)} has {line}")
        talk.end(0)
