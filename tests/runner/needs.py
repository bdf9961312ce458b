# SPDX-License-Identifier: BSD-3-Clause
"""What ninja must build for a test. Nobody lists it: a test names the programs
that it runs, so each text that its function can reach (in what it calls, in
the constants and tables that it uses) and that is the name of a program, an
application or another test is something that the test needs."""
import re
import types
from functools import cache
from pathlib import Path

from tests.runner.box import ROOT

ALL = ("all", "servers", "test-programs", "checked-programs", "tsan-programs",
       "meson-test-prereq")
SYSROOT = "sysroot.stamp"

# The folders of programs, and what else is made of each: the same for plain
# Linux, with the libOS that watches over itself.
PROGRAMS = {"posix": (".host", ".checked"), "image/programs": (".host",),
            "locks": (".checked",), "kvm": ()}


@cache
def targets_by_name():
    """NAME: what ninja calls it. A program's own name, or with an ending; an
    application's."""
    found = {}
    built = "".join(path.read_text()
                    for path in (ROOT / "tests").rglob("meson.build"))
    for folder, endings in PROGRAMS.items():
        for path in (ROOT / "tests" / folder).glob("*.c"):
            for ending in ("", *endings) if f"'{path.stem}'" in built else ():
                found[path.stem + ending] = f"tests/{path.stem}{ending}"
    for path in (ROOT / "apps").glob("*/meson.build"):
        name = path.parent.name
        found[name] = f"apps/{name}/{name}"
        if f"'{name}.musl'" in path.read_text():
            found[name + ".musl"] = f"apps/{name}/{name}.musl"
    return found


def parts(thing):
    """What can be reached from it in one step, within the tests."""
    if isinstance(thing, types.FunctionType):
        yield from (cell.cell_contents for cell in thing.__closure__ or ())
        yield from thing.__defaults__ or ()
        yield (thing.__kwdefaults__ or {})
        yield from of_code(thing.__code__, thing.__globals__)
    elif isinstance(thing, dict):
        yield from thing.keys()
        yield from thing.values()
    elif isinstance(thing, (list, tuple)):
        yield from thing
    elif isinstance(thing, (set, frozenset)):
        return    # one asks whether a name is in it
    elif isinstance(thing, type):
        yield from vars(thing).values()
    elif not isinstance(thing, (str, types.ModuleType)):
        yield type(thing)
        yield from getattr(thing, "__dict__", {}).values()


def of_code(code, names):
    """The constants and globals of a function, and of those inside of it."""
    modules = [names[name] for name in code.co_names
               if isinstance(names.get(name), types.ModuleType)]
    for name in code.co_names:
        if name in names:
            yield names[name]
        for module in modules:
            if module.__name__.startswith("tests."):
                yield getattr(module, name, None)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from of_code(constant, names)
        else:
            yield constant


def is_ours(thing):
    return getattr(thing, "__module__", "tests.").startswith(
        ("tests.", "__main__"))


def texts(function):
    """All that the (function) can reach."""
    seen, found, todo = set(), set(), [function]
    while todo:
        thing = todo.pop()
        if isinstance(thing, str):
            found.add(thing)
        elif id(thing) not in seen and is_ours(thing) and not isinstance(
                thing, (int, float, bytes, Path, re.Pattern)):
            seen.add(id(thing))
            todo += parts(thing)
    return found


def targets(words):
    """What these (words) of a test name. One that names "rename" and ".host"
    may put them together."""
    endings = [word for word in words if word.startswith(".")]
    for word in words:
        for name in (word, *(word + ending for ending in endings)):
            if name in targets_by_name():
                yield targets_by_name()[name]


def find(cases):
    """Fill in what each case needs, and then what those need that it names."""
    names = {case.name: case for case in cases}
    reached = {}
    for case in cases:
        reached[case.name] = texts(case.run)
        case.targets = {*case.targets, SYSROOT, *targets(reached[case.name])}
    for case in cases:
        for name in reached[case.name]:
            if name in names:
                case.targets |= names[name].targets


def union(cases):
    return sorted(set().union(*(case.targets for case in cases)))
