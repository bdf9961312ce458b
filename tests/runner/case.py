# SPDX-License-Identifier: BSD-3-Clause
"""What a test is: a name and a function that raises Failure or Skip."""
from collections.abc import Callable
from dataclasses import dataclass

MACHINES = ("microvm", "q35", "pc")
PLATFORMS = ("process",) + MACHINES


class Failure(Exception):
    """The test failed; the text says how."""


class Skip(Exception):
    """The test cannot say anything here; the text says why."""


@dataclass
class Case:
    """One test. run(box) gets a Box: a fresh folder, and ways to run things."""
    name: str                # "posix/open_flags process": room/test platform
    run: Callable            # may return Counts, if it stands for several
    concurrent: bool = False # worth running again and again
    targets: tuple = ()      # of ninja's, where needs.py cannot see them


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0


class Cases(list):
    """A list of cases that a module fills with its decorated functions."""

    def __init__(self, room):
        self.room = room

    def add(self, name, function, *args):
        self.append(Case(f"{self.room}/{name}",
                         lambda box: function(box, *args)))

    def case(self, function):
        """@cases.case: function(box) is a test."""
        self.add(function.__name__, function)
        return function

    def on(self, *platforms):
        """@cases.on("process", "microvm"): function(box, where) is a test."""
        def register(function):
            for where in platforms:
                self.add(f"{function.__name__} {where}", function, where)
            return function
        return register


def check(condition, text):
    if not condition:
        raise Failure(text)
