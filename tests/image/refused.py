# SPDX-License-Identifier: BSD-3-Clause
"""System calls that the host refuses, as seccomp filters do: a process goes on
without, or ends with a word about what it misses. It never hangs."""
import os
import subprocess
import sys
import time

from tests.runner.box import ENVIRONMENT, kill_group, program, ROOT
from tests.runner.case import Cases, check

cases = Cases("image")

# Call: its number (Linux x86-64), and whether a process can do without.
CALLS = {
    "fcntl": (72, True), "openat2": (437, True), "sysinfo": (99, True),
    "prlimit64": (302, True), "getrandom": (318, True),
    "memfd_create": (319, True), "madvise": (28, True),
    "rt_sigprocmask": (14, True), "sched_getaffinity": (204, True),
    "io_uring_setup": (425, True), "io_uring_enter": (426, True),
    "preadv2": (327, True), "pwritev2": (328, True), "fstatfs": (138, True),
    "arch_prctl": (158, False), "rt_sigaction": (13, False), "sigaltstack": (131, False),
    "eventfd2": (290, False), "timer_create": (222, False),
    "timer_settime": (223, False), "futex": (202, False),
    "ppoll": (271, False), "tkill": (200, False),
}

WAYS = ("cpus=1", "cpus=2", "uring=off")


def run(box, options, numbers):
    """The command's input says something after a while, then ends."""
    words = [sys.executable, ROOT / "tests/image/refusing",
             ",".join(str(number) for number in numbers),
             program("everyday")]
    line = " ".join(f"'{word}'" for word in words)
    return box.run(["sh", "-c", f"(sleep 0.1; printf hello) | {line}"],
                   env={"EFT": options}, timeout=30)


@cases.on(*WAYS)
def each_call_refused(box, options):
    for name, (number, dispensable) in CALLS.items():
        result = run(box, options, [number])
        well = result.status == 0 and result.out == b"all is well\n"
        said = (result.status == 1 and result.out == b"" and
                result.err == b"eft: the host refuses %s, which a process "
                              b"cannot do without\n" % name.encode())
        check(well or (said and not dispensable), f"{name}\n{result}")


@cases.on(*WAYS)
def containers_profile(box, options):
    """What the usual profiles of containers refuse, and more."""
    numbers = [number for number, dispensable in CALLS.values()
               if dispensable]
    result = run(box, options, numbers)
    check(result.status == 0 and result.out == b"all is well\n", str(result))


def descriptors_of(pid):
    """What it has open but its streams, by the names of /proc."""
    folder = f"/proc/{pid}/fd"
    return sorted(os.readlink(f"{folder}/{number}")
                  for number in os.listdir(folder) if int(number) > 2)


# A program, refused calls, options, what it has open while it waits for input.
# One without threads, signals and poll has the host's own read() wait.
WAITERS = [
    ("cat_stdin", [], "", []),
    ("cat_stdin_threads", [], "",
     ["anon_inode:[eventfd]", "anon_inode:[io_uring]"]),
    ("cat_stdin_threads", [], "uring=off", ["anon_inode:[eventfd]"]),
    ("cat_stdin_threads", [CALLS["io_uring_setup"][0]], "",
     ["anon_inode:[eventfd]"]),
    ("cat_stdin_threads", [CALLS["io_uring_enter"][0]], "",
     ["anon_inode:[eventfd]"]),
]


@cases.case
def waiter_has_no_more_open(box):
    """Nor does what was tried in vain stay open."""
    for name, numbers, options, wanted in WAITERS:
        refuse = [sys.executable, str(ROOT / "tests/image/refusing"),
                  ",".join(map(str, numbers))]
        child = subprocess.Popen(
            [*(refuse if numbers else []), str(program(name))],
            cwd=box.dir, env={**ENVIRONMENT, "EFT": options},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True)
        try:
            child.stdin.write(b"line\n")
            child.stdin.flush()
            check(child.stdout.readline() == b"line\n", "no answer")
            deadline = time.monotonic() + 10
            while (found := descriptors_of(child.pid)) != wanted:
                check(time.monotonic() < deadline,
                      f"{name}, refused {numbers}, {options}: "
                      f"open are {found}")
                time.sleep(0.01)
        finally:
            kill_group(child.pid)
            child.wait()
            child.stdin.close()
            child.stdout.close()
