# SPDX-License-Identifier: BSD-3-Clause
"""The tests that meson knows: unit tests, fuzz corpora. Each is a program."""
import json
import re
import subprocess

from tests.runner.box import BUILD
from tests.runner.case import Case, Counts, Failure, Skip

# Criterion's last line.
SYNTHESIS = re.compile(r"Tested: (\d+) \| Passing: (\d+)")
SKIPPED = 77


def run(box, test):
    result = box.run(test["cmd"], env=test["env"], timeout=test["timeout"],
                     cwd=test["workdir"])
    if result.status == SKIPPED:
        raise Skip(result.text.strip())
    synthesis = SYNTHESIS.search(result.text + result.errors)
    tested, passing = (int(n) for n in synthesis.groups()) \
        if synthesis else (1, 1)
    if result.status != 0 or passing != tested:
        raise Failure(str(result))
    return Counts(passed=passing)


def cases():
    if not (BUILD / "build.ninja").exists():
        return []
    tests = json.loads(subprocess.run(
        ["meson", "introspect", "--tests", BUILD], check=True,
        capture_output=True).stdout)
    return [Case(f"{test['suite'][0].split(':')[-1]}/{test['name']}",
                 lambda box, test=test: run(box, test)) for test in tests]
