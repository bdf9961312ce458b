# SPDX-License-Identifier: BSD-3-Clause
"""eft-cc -fsanitize=undefined: what the compilers' own library says on host
Linux is the truth."""
import re

from tests.image.starts import expect
from tests.runner.box import BUILD, ROOT
from tests.runner.case import Cases, check

cases = Cases("sanitize")

EFT_CC = BUILD / "sysroot/bin/eft-cc"
SOURCE = ROOT / "tests/image/scripts/undefined.c"
FLAGS = ("-g", "-O1", "-w", "-fsanitize=undefined")

# All but those that end by a signal as well.
COMPARED = "+-*nN<>sS[]bvarzm2"


def build(box, compiler, *flags):
    box.run([EFT_CC, *FLAGS, *flags, SOURCE, "-o", "here"],
            env={"EFT_CC": compiler})
    return box.dir / "here"


def reports(text):
    """Without notes and summaries, and where things lie in memory."""
    return [re.sub(r"0x[0-9a-f]{12}", "ADDRESS", line)
            for line in text.splitlines() if "runtime error: " in line]


def as_on_the_host(box, compiler):
    image = build(box, compiler)
    box.run([compiler, *FLAGS, SOURCE, "-o", "host"])
    truth = box.run([box.dir / "host", COMPARED])
    wanted = reports(truth.errors)
    check(len(wanted) >= len(COMPARED), str(truth))
    here = box.run([image, COMPARED])
    check(reports(here.errors) == wanted, f"{here}\non the host: {truth}")
    expect(here, 0, b"the end\n")
    guest = box.eft_run("microvm", image, COMPARED)
    check(reports(guest.text) == wanted, str(guest))


for compiler in ("gcc", "clang"):
    cases.add(f"undefined {compiler}", as_on_the_host, compiler)


@cases.case
def undefined_without_recovery(box):
    image = build(box, "gcc", "-fno-sanitize-recover=all")
    result = box.run([image, "+-"])
    expect(result, 1, b"")
    check(result.errors.count("runtime error: ") == 1, str(result))


@cases.case
def undefined_only_where_asked(box):
    box.run([EFT_CC, SOURCE, "-w", "-o", "without"])
    result = box.run([box.dir / "without", "+"])
    expect(result, 0, b"the end\n")
    check(b"signed integer overflow" not in
          (box.dir / "without").read_bytes(), "the library is in the image")


@cases.case
def other_sanitizers(box):
    result = box.run([EFT_CC, "-fsanitize=address", SOURCE])
    check(result.status == 1 and "./eft valgrind" in result.errors,
          str(result))
