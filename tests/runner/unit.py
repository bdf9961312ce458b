# SPDX-License-Identifier: BSD-3-Clause
"""The tests that meson builds: unit tests, scenarios whose interleavings are
explored, fuzz corpora. Each is a program, and says how many tests it ran: as
many as its sources have."""
import functools
import json
import re
import subprocess

from tests.runner.box import BUILD, ROOT
from tests.runner.case import Case, check, Counts, Failure, Skip

# Criterion's last line; those of fuzz/replay.c and tests/explore.
SUMMARIES = (re.compile(r"Tested: (\d+) \| Passing: (\d+)"),
             re.compile(r"^((\d+)) passed, 0 failed$", re.MULTILINE))
SKIPPED = 77


def in_sources():
    """NAME: the number of tests that the sources have under it."""
    counts = {}
    for source in sorted((ROOT / "tests/unit").glob("*.c")):
        found = re.findall(r"^Test\(", source.read_text(), re.MULTILINE)
        if found:
            counts[f"unit/{source.stem}"] = len(found)
    for source in sorted((ROOT / "tests/explore").glob("*.c")):
        found = re.findall(r'^\t{"', source.read_text(), re.MULTILINE)
        if found:
            counts[f"explore/{source.stem}"] = len(found)
    for corpus in sorted((ROOT / "fuzz/corpus").iterdir()):
        counts[f"fuzz/{corpus.name}"] = len(
            [path for path in corpus.iterdir() if path.name[0] != "."])
    return counts


@functools.cache
def in_build():
    """NAME: how meson runs it."""
    if not (BUILD / "build.ninja").exists():
        return {}
    tests = json.loads(subprocess.run(
        ["meson", "introspect", "--tests", BUILD], check=True,
        capture_output=True).stdout)
    return {f"{test['suite'][0].split(':')[-1]}/{test['name']}": test
            for test in tests}


def run(box, name, wanted):
    test = in_build().get(name)
    check(test is not None, f"{BUILD} was configured without it, as where "
          "libcriterion-dev is missing: ./eft test configures it again")
    result = box.run(test["cmd"], env=test["env"], timeout=test["timeout"],
                     cwd=test["workdir"])
    if result.status == SKIPPED:
        raise Skip(result.text.strip())
    found = [match for match in (summary.search(result.text + result.errors)
                                 for summary in SUMMARIES) if match]
    tested, passing = (int(n) for n in found[0].groups()) if found else (0, 0)
    if result.status != 0 or passing != tested:
        raise Failure(str(result))
    check(tested == wanted,
          f"{tested} tests ran, the sources have {wanted}\n{result}")
    return Counts(passed=passing)


def target(name):
    room, test = name.split("/")
    return {"unit": f"tests/unit/unit-{test}",
            "explore": f"tests/explore/explore-{test}",
            "fuzz": f"fuzz/replay-{test}"}[room]


def cases():
    return [Case(name, lambda box, name=name, count=count:
                 run(box, name, count), targets=(target(name),))
            for name, count in sorted(in_sources().items())]
