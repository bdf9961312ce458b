# SPDX-License-Identifier: BSD-3-Clause
"""Core under ThreadSanitizer (tests/tsan): no race, but the one that is there
to be found."""
import re

from tests.runner.box import program, ROOT
from tests.runner.case import Case, Failure

RACE = 66    # the sanitizer's status


def races(box, name):
    command = [program("tsan/races"), name]
    result = box.run(command)
    if "unexpected memory mapping" in result.errors:
        # Where addresses are more random than the sanitizer likes.
        result = box.run(["setarch", "-R"] + command)
    return result


def clean(box, name):
    result = races(box, name)
    if result.status != 0 or result.text != name + "\n":
        raise Failure(str(result))


def seeded(box):
    result = races(box, "seeded")
    if result.status != RACE or "count_by_nothing" not in result.errors:
        raise Failure(str(result))


def cases():
    source = (ROOT / "tests/tsan/races.c").read_text()
    names = re.findall(r'\{"(\w+)", test_\w+\}', source)
    targets = ("tests/tsan/races",)
    return [Case(f"tsan/{name}", lambda box, name=name: clean(box, name), True,
                 targets) for name in names if name != "seeded"] + [
                     Case("tsan/seeded", seeded, False, targets)]
