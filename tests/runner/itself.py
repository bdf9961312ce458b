# SPDX-License-Identifier: BSD-3-Clause
"""The runner itself: what it says of a test that hangs; and tests/compare."""
import re

from tests.runner.box import EFT, program, ROOT
from tests.runner.case import Case, check, Failure
from tests.runner.posix import VALGRIND

PROGRAMS = {
    "agrees": 'puts(argc > 1 ? argv[1] : "nothing"); return 3;',
    "differs": 'struct utsname u; uname(&u); puts(u.version);',
    "endless": 'struct utsname u; uname(&u);'
               'while (strstr(u.version, "Eft") != NULL) ;',
    "unbuilt": "nonsense",
}

CASES = """
agrees word; agrees   # two runs
process: agrees word >&-
skip: unbuilt for a reason
"""


def told_of_a_hang(box, run):
    """The threads of deadlock.c: which call each is in, and who called."""
    try:
        run(box, program("deadlock"))
    except Failure as failure:
        said = str(failure)
    for pattern in (r"^ +\d+ +one +sleeping .* futex\(word=0x",
                    r"^ +\d+ +main +sleeping .* futex\(word=0x",
                    r"^Thread \d+ \(other\), sleeping:\n#0",
                    r"^#\d+ .* lock_second \(", r"^#\d+ .* main \("):
        check(re.search(pattern, said, re.MULTILINE), f"no {pattern}\n{said}")


HANGS = {
    "process": lambda box, image: box.run([image], timeout=5),
    "valgrind": lambda box, image: box.run([*VALGRIND, image], timeout=15),
    "microvm": lambda box, image: box.qemu("microvm", image, timeout=15),
    "eft_run": lambda box, image: box.run(
        [EFT, "run", "--on", "microvm", image], timeout=15),
}


def differences(box):
    folder = box.dir / "programs"
    folder.mkdir()
    for name, body in PROGRAMS.items():
        (folder / f"{name}.c").write_text(
            "#include <stdio.h>\n#include <string.h>\n"
            "#include <sys/utsname.h>\n"
            f"int main(int argc, char **argv) {{ {body} }}\n")
    (box.dir / "cases").write_text(CASES)
    result = box.run([ROOT / "tests/compare", folder, "--cases", "cases",
                      "--on", "process", "--timeout", "5"])
    lines = [line.split() for line in result.text.splitlines()]
    verdicts = [(line[0], line[1]) for line in lines
                if line[0] in ("agrees", "differs", "skipped")]
    check(result.status == 1 and verdicts == [
        ("agrees", "agrees"), ("agrees", "agrees"), ("differs", "differs"),
        ("differs", "endless"), ("skipped", "unbuilt")] and
        "word / nothing" in result.text and "hangs" in result.text and
        result.text.endswith("2 agree, 2 differ\n"), str(result))


def cases():
    return [Case(f"run/hang {where}",
                 lambda box, run=run: told_of_a_hang(box, run))
            for where, run in HANGS.items()] + [
                Case("run/compare", differences)]
