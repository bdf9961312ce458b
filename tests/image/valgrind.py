# SPDX-License-Identifier: BSD-3-Clause
"""./eft valgrind: what it finds in a program and in the libOS, and where."""
import re

from tests.runner.box import EFT, program, ROOT
from tests.runner.case import Cases, check

cases = Cases("valgrind")
SOURCE = ROOT / "tests/image/programs/misuse.c"
FOUND = 9

# What misuse.c does, what is said of it, and the lines that are named.
MISUSES = {
    "overflow": ("Invalid write of size 1",
                 "0 bytes after a block of size 24 alloc'd", "block"),
    "stale": ("Invalid write of size 1",
              "3 bytes inside a block of size 24 free'd", "block"),
    "twice": (r"Invalid free\(\)",
              "0 bytes inside a block of size 24 free'd", "block"),
    "unset": ("Conditional jump or move depends on uninitialised value",),
}
LEAK = ("24 bytes in 1 blocks are definitely lost", "block")


def line_of(mark):
    lines = SOURCE.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1)
                if f"/* {mark} */" in line)


def valgrind(box, *flags, image, args=()):
    return box.run([EFT, "valgrind", *flags, image, *args], timeout=120)


def find(box, image, what, words):
    result = valgrind(box, "-q", f"--error-exitcode={FOUND}", image=image,
                      args=[what])
    marks = [word for word in (what, *words)
             if f"/* {word} */" in SOURCE.read_text()]
    wanted = [word for word in words if word not in marks]
    wanted += [rf"\(misuse\.c:{line_of(mark)}\)" for mark in marks]
    for pattern in wanted:
        check(re.search(pattern, result.errors), f"no {pattern!r}: {result}")
    check(result.status == FOUND, str(result))


def misuse(box, what, words):
    find(box, program("misuse"), what, words)


for what, words in MISUSES.items():
    cases.add(f"finds_{what}", misuse, what, words)
cases.add("finds_leak", misuse, "leak", LEAK)


@cases.case
def knows_a_stripped_image(box):
    image = box.dir / "stripped"
    box.run([ROOT / "tools/split-debug", program("misuse"), image])
    find(box, image, "overflow", MISUSES["overflow"])


@cases.case
def has_nothing_to_say(box):
    for cpus in (1, 2):
        result = valgrind(box, "-q", f"--error-exitcode={FOUND}",
                          f"--cpus={cpus}", image=program("misuse"))
        check(result.status == 0 and not result.err, str(result))
        check(result.text.startswith("0 0 a string"), str(result))


@cases.case
def callgrind(box):
    result = valgrind(box, "--tool=callgrind", "--callgrind-out-file=out",
                      image=program("misuse"))
    check(result.status == 0, str(result))
    seen = box.run(["callgrind_annotate", "--auto=no", box.dir / "out"])
    check(re.search(r"^ *[\d,]{6,} .*:compute\b", seen.text, re.MULTILINE),
          str(seen))


@cases.case
def massif(box):
    result = valgrind(box, "--tool=massif", "--massif-out-file=out",
                      image=program("misuse"))
    check(result.status == 0, str(result))
    text = (box.dir / "out").read_text()
    peak = max(int(n) for n in re.findall(r"^mem_heap_B=(\d+)", text,
                                          re.MULTILINE))
    check(1100000 < peak < 1300000, f"{peak} bytes at most")
    check("(misuse.c:" in text, text[-2000:])


# What tests/locks/seeded.c does to the libOS's own memory.
SEEDS = {
    "past": "0 bytes after a block of size 24 alloc'd",
    "stale": "8 bytes inside a block of size 24 free'd",
    "page": "Invalid write of size 1",
}


def seed(box, what, words):
    result = valgrind(box, "-q", f"--error-exitcode={FOUND}",
                      image=program("seeded"), args=[what])
    check(words in result.errors, f"no {words!r}: {result}")


for what, words in SEEDS.items():
    cases.add(f"finds_{what}_in_the_libos", seed, what, words)
