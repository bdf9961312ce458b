# SPDX-License-Identifier: BSD-3-Clause
"""What a run of all tests must have run: as the sources have it, whatever was
built and whatever the runner's own lists say."""
import ast
import re

from tests.runner import unit
from tests.runner.box import ROOT

ON = ("host", "process", "process cpus=2", "microvm", "microvm cpus=2")


def checks():
    return [f"checks/{path.name}" for path in (ROOT / "tests/checks").iterdir()
            if path.read_text().startswith("#!")]


def posix():
    return [f"posix/{path.stem} {where}" for where in ON
            for path in (ROOT / "tests/posix").glob("*.c")]


def tsan():
    source = (ROOT / "tests/tsan/races.c").read_text()
    return [f"tsan/{name}" for name in re.findall(r"^static .*\btest_(\w+)\(",
                                                  source, re.MULTILINE)]


def image():
    """Each function that a module decorates by its `cases`."""
    for path in (ROOT / "tests/image").glob("*.py"):
        source = path.read_text()
        room = re.search(r'^cases = Cases\("(\w+)"\)', source, re.MULTILINE)
        for node in ast.parse(source).body if room else []:
            if any("cases" in ast.unparse(decorator)
                   for decorator in getattr(node, "decorator_list", [])):
                yield f"{room[1]}/{node.name}"


def missing(names):
    """What the tree has, but none of these (names) of tests, without the
    platform or with it."""
    wanted = {*checks(), *unit.in_sources(), *posix(), *tsan(), *image()}
    return sorted(wanted - {*names, *(name.split(" ")[0] for name in names)})
