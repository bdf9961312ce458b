# SPDX-License-Identifier: BSD-3-Clause
"""Programs of tests/posix with the libOS that watches over its locks
(core/check/lock.h), which is to find nothing. What they print is judged
elsewhere. And one that breaks the rules, each of which it is to find (all of
those of locks: tests/unit/lockcheck.c), those of the heap too
(core/check/heap.h), and of C (core/check/undefined.c)."""
import re

from tests.runner import posix
from tests.runner.box import program
from tests.runner.case import Case, Failure

# Beside the concurrent ones: files, memory, time.
MORE = re.compile(
    r"(access|dup|fair_\w+|fallocate|ftruncate_mmap|getdents|large_file|"
    r"inotify|madvise|many_fds|memfd|mmap_\w+|mprotect|mremap|o_append|openat2|"
    r"pread_pwrite|proc_self|"
    r"rename|rename_overwrite|sendfile|stdio_files|symlink|tmpfile|truncate)$")

AS_GUESTS = {"futex_requeue", "threads_locks", "rename"}


IMAGE = "seeded.checked"

# What seeded.c does, and what is said of it.
SEEDS = {
    "order": "lock 'descriptors' is taken under it, against the order",
    "twice": "lock 'descriptors' is taken by who holds it",
    "block": "this may sleep, with interrupts off",
    "return": "a system call returns with a mutex held",
    "end": "a thread ends with a mutex held",
    "past": "was written past its end",
    "stale": "was written after it was freed",
    "free": "is freed twice",
    "odd": "runtime error: member access within misaligned address",
}


def judge(result):
    if re.search(r"^eft: ", result.errors + "\n" + result.text, re.MULTILINE):
        raise Failure(str(result))


def process(box, name, cpus):
    words = [f"cpus={cpus}"]
    judge(box.run([program(name + ".checked")],
                  env={"EFT": " ".join(words)}))


def guest(box, name):
    judge(box.qemu("microvm", program(name + ".checked"), cpus=2))


def find(box, seed, run):
    result = run(box)
    if SEEDS[seed] not in result.errors + result.text:
        raise Failure(str(result))


def seeds():
    for seed in SEEDS:
        yield Case(f"locks/seeded_{seed} process",
                   lambda box, seed=seed: find(
                       box, seed, lambda box: box.run([program(IMAGE), seed])))
        yield Case(f"locks/seeded_{seed} microvm",
                   lambda box, seed=seed: find(
                       box, seed,
                       lambda box: box.qemu("microvm", program(IMAGE), seed)))


def cases():
    found = list(seeds())

    def add(name, where, function, *args):
        found.append(Case(f"locks/{name} {where}",
                          lambda box: function(box, name, *args)))
    for name in posix.names():
        concurrent = posix.CONCURRENT.match(name)
        if concurrent or MORE.match(name):
            add(name, "process", process, 1)
        if concurrent:
            add(name, "process cpus=2", process, 2)
        if name in AS_GUESTS:
            add(name, "microvm cpus=2", guest)
    return found
