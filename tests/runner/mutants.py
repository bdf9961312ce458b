# SPDX-License-Identifier: BSD-3-Clause
"""Planted mistakes (tests/mutants), and whether the tests of their rooms see
them.

A copy of the sources with a build folder of its own gets one mistake after the
other. Of its room's tests (tests/mutants/rooms) those are built and run that
come first, until one fails. One that only does not end has seen nothing: the
next ones are asked.
"""
import fnmatch
import json
import os
import re
import shutil
import subprocess
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from tests.image import (clocks, crashes, devices, inherits, initrd,
                         interactive, machines, nets, options, processors,
                         refused, starts, streams)
from tests.runner import box, hang, locks, posix, tsan, unit
from tests.runner.box import Box, BUILD, ROOT
from tests.runner.case import Failure, Skip

PATCHES = ROOT / "tests/mutants"
TREE, TREE_BUILD = BUILD / "mutants/tree", BUILD / "mutants/build"
CAUGHT = BUILD / "mutants/caught.json"    # {mutant: the test that caught it}

# Long enough for a busy host: what takes longer does not end.
TIMEOUT_S = 20
HANG = re.compile(r"no end after \d+ s|Timed out")

# After so many tests that do not end, no more are waited for.
HANGS_MAX = 2


@dataclass
class Mutant:
    name: str
    patch: Path

    @property
    def room(self):
        return self.name.split("-")[0]

    @property
    def words(self):
        return " ".join(self.patch.read_text().split("\n\n")[0].split())

    @property
    def stages(self):
        """Of the lines of tests/mutants/rooms those that fit best."""
        fitting = [key for key in ROOMS
                   if self.name.startswith(key) and key.startswith(self.room)]
        return ROOMS[max(fitting, key=len)]


@dataclass
class Verdict:
    mutant: Mutant
    seen_by: str = ""    # the test that failed
    how: str = ""        # what it said
    hangs: list = field(default_factory=list)
    error: str = ""      # it does not apply, or does not compile
    seconds: float = 0.0

    @property
    def text(self):
        if self.error:
            return f"broken: {self.error}"
        if self.seen_by:
            return f"caught by {self.seen_by}"
        if self.hangs:
            return f"hang alone: {', '.join(self.hangs)}"
        return "unseen"


def read_rooms():
    """{room: [(where, patterns), …]} of tests/mutants/rooms."""
    found = {}
    for line in (PATCHES / "rooms").read_text().splitlines():
        words = line.split("#")[0].split()
        if words:
            found.setdefault(words[0], []).append((words[1], words[2:]))
    return found


ROOMS = read_rooms()


def all_mutants():
    return [Mutant(path.stem, path) for path in sorted(PATCHES.glob("*.patch"))]


def git_apply(patch, *flags):
    """To TREE, which is taken for no part of a repository. One line of context
    on either side is enough."""
    return subprocess.run(
        ["git", "apply", "-C1", *flags, patch], cwd=TREE, capture_output=True,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(TREE.parent)})


def sync():
    """Have TREE be what the sources are now; what is the same is not touched,
    so that it is not built again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    wanted = {name for name in listed.split("\0")
              if name and (ROOT / name).is_file()}
    TREE.mkdir(parents=True, exist_ok=True)
    for path in [p for p in TREE.rglob("*") if p.is_file()
                 and not p.is_symlink()]:
        name = str(path.relative_to(TREE))
        if name not in wanted and not name.startswith("subprojects/") \
                and "__pycache__" not in path.parts:
            path.unlink()
    for name in wanted:
        source, copy = ROOT / name, TREE / name
        if copy.exists() and copy.read_bytes() == source.read_bytes():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
    for folder in (ROOT / "subprojects").iterdir():
        copy = TREE / "subprojects" / folder.name
        if folder.is_dir() and not copy.exists():
            shutil.copytree(folder, copy, symlinks=True)


class Broken(Exception):
    """It does not compile."""


class Builder:
    """Builds in TREE_BUILD, each target once for each mistake. What a test
    turns out to want on its way is built then."""

    def __init__(self):
        self.lock = threading.Lock()
        self.jobs = 1
        self.fresh = set()

    def forget(self):
        self.fresh.clear()

    def build(self, targets):
        with self.lock:
            wanted = [target for target in dict.fromkeys(targets)
                      if target not in self.fresh]
            if not wanted:
                return
            ninja = subprocess.run(
                ["ninja", "-C", TREE_BUILD, "-j", str(self.jobs), *wanted],
                capture_output=True, text=True)
            if ninja.returncode != 0:
                raise Broken(next((line for line in ninja.stdout.splitlines()
                                   if "error:" in line),
                                  ninja.stdout[-4000:]))
            self.fresh.update(wanted)

    def build_image(self, path):
        self.build([str(path.relative_to(TREE_BUILD))])


builder = Builder()


def set_up(jobs):
    sync()
    if not (TREE_BUILD / "build.ninja").exists():
        subprocess.run(["meson", "setup", "-Dtests=enabled", TREE_BUILD, TREE], check=True,
                       stdout=subprocess.DEVNULL)
    builder.jobs = jobs
    builder.build(["sysroot.stamp"])
    # The tests' own modules look for programs where box says they are.
    box.BUILD, box.PROGRAMS = TREE_BUILD, TREE_BUILD / "tests"
    box.build_first = builder.build_image
    unit.BUILD = TREE_BUILD
    hang.who_waits = lambda *_: ""  # nobody reads it
    box.TIMEOUT_S = TIMEOUT_S
    Box.run.__kwdefaults__["timeout"] = TIMEOUT_S
    box.ENVIRONMENT["EFT_BUILD"] = str(TREE_BUILD)


def all_cases():
    cases = (unit.cases() + posix.cases() + locks.cases() + tsan.cases() +
             starts.cases + nets.cases + inherits.cases + refused.cases +
             machines.cases + devices.cases + initrd.cases +
             processors.cases + clocks.cases + crashes.cases + options.cases +
             interactive.cases + streams.cases)
    return {case.name: case for case in cases}


def full_pattern(where, pattern):
    """("process.2", "pipe_*"): posix/pipe_* process cpus=2;
    ("process.tree", …): process root=initrd; process.stack: net=none."""
    if where in ("unit", "explore", "fuzz", "tsan", "image", "net"):
        return f"{where}/{pattern}"
    room = "posix"
    if where.startswith("locks."):
        room, where = where.split(".", 1)
    platform, _, more = where.partition(".")
    named = {"": "", "tree": " root=initrd", "stack": " net=none"}
    options = named.get(more, f" cpus={more}")
    return f"{room}/{pattern} {platform}{options}"


def chosen(cases, stage):
    where, patterns = stage
    found = []
    for pattern in patterns:
        names = fnmatch.filter(cases, full_pattern(where, pattern))
        found += [name for name in names if name not in found]
    return [cases[name] for name in found]


def targets_of(case):
    """Those that are known beforehand."""
    room, name = case.name.split(" ")[0].split("/")
    return {"unit": [f"tests/unit/unit-{name}"],
            "explore": [f"tests/explore/explore-{name}"],
            "fuzz": [f"fuzz/replay-{name}"],
            "image": [],
            "net": [],
            "tsan": ["tests/tsan/races"],
            "posix": [f"tests/{name}", f"tests/{name}.host"],
            "locks": [f"tests/{name}.checked"]}[room]


def run_twice(case):
    """A failure is one that comes again: not a busy host's."""
    return run_case(case) and run_case(case)


def run_case(case):
    """What the test says against it; "" if nothing."""
    own = Box()
    try:
        case.run(own)
        return ""
    except Skip:
        return ""
    except Failure as failure:
        return str(failure)
    except Broken:
        raise
    except Exception:
        return traceback.format_exc()
    finally:
        own.close()


def brief(text):
    """The line of a failure that says most."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for wanted in (r"^\[FAIL\]", r"^not so: ", r"AddressSanitizer:", r"assertion failed",
                   r"^eft: ", r"^[-+][^-+]"):
        for line in lines:
            if re.search(wanted, line):
                return line[:150]
    return lines[0][:150] if lines else ""


def run_stage(cases, jobs, verdict):
    """Until the first failure. (The others under way are waited for.)"""
    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(run_twice, case): case for case in cases}
        for future in as_completed(futures):
            if future.cancelled():
                continue
            text = future.result()
            name = futures[future].name
            if not text or verdict.seen_by:
                continue
            if HANG.search(text) and "[FAIL]" not in \
                    re.sub(r".*Timed out.*", "", text):
                verdict.hangs.append(name)
            else:
                verdict.seen_by, verdict.how = name, brief(text)
            if verdict.seen_by or len(verdict.hangs) >= HANGS_MAX:
                for other in futures:
                    other.cancel()


def batches(mutant, cases, jobs, before):
    """The tests to be asked, as many at a time as run at a time: first who
    caught it the last time."""
    stages = [chosen(cases, stage) for stage in mutant.stages]
    first = cases.get(before.get(mutant.name))
    if first:
        yield [first]
    for stage in stages:
        for at in range(0, len(stage), jobs):
            yield [case for case in stage[at:at + jobs] if case is not first]


def judge(mutant, cases, jobs, before):
    verdict = Verdict(mutant)
    start = time.monotonic()
    applied = git_apply(mutant.patch)
    if applied.returncode != 0:
        verdict.error = "it does not apply any more"
        return verdict
    builder.forget()
    try:
        for batch in batches(mutant, cases, jobs, before):
            builder.build([target for case in batch
                           for target in targets_of(case)])
            run_stage(batch, jobs, verdict)
            if verdict.seen_by or len(verdict.hangs) >= HANGS_MAX:
                break
    except Broken as broken:
        verdict.error = f"it does not compile: {broken}"
    finally:
        git_apply(mutant.patch, "-R")
    verdict.seconds = time.monotonic() - start
    return verdict


def find_sick(cases, mutants, jobs):
    """Without a mistake all tests that will be asked pass: else they would say
    nothing. Returns what fails."""
    wanted = []
    for mutant in mutants:
        for stage in mutant.stages:
            wanted += [case for case in chosen(cases, stage)
                       if case not in wanted]
    builder.build([t for case in wanted for t in targets_of(case)])
    print(f"{len(wanted)} tests without a mistake", flush=True)
    with ThreadPoolExecutor(jobs) as pool:
        texts = list(pool.map(run_twice, wanted))
    return {case.name: text for case, text in zip(wanted, texts) if text}


def table(verdicts):
    """A line for each room: caught, by a hang alone, unseen."""
    rows = []
    for room in sorted({v.mutant.room for v in verdicts}):
        of_room = [v for v in verdicts if v.mutant.room == room]
        caught = sum(bool(v.seen_by) for v in of_room)
        hangs = sum(not v.seen_by and bool(v.hangs) for v in of_room)
        rows.append((room, len(of_room), caught, hangs,
                     len(of_room) - caught - hangs))
    rows.append(("all", *(sum(row[i] for row in rows) for i in range(1, 5))))
    lines = [f"{'room':10} {'planted':>7} {'caught':>7} {'hang':>5} "
             f"{'unseen':>7}"]
    lines += [f"{room:10} {all:7} {caught:7} {hangs:5} {unseen:7}  "
              f"{100 * caught / all:3.0f} %"
              for room, all, caught, hangs, unseen in rows]
    return "\n".join(lines)


def campaign(names, jobs):
    """Returns the exit status."""
    mutants = [m for m in all_mutants()
               if not names or any(name in m.name for name in names)]
    if not mutants:
        raise SystemExit("tests/mutants: no patch has such a name")
    set_up(jobs)
    cases = all_cases()
    for name, text in find_sick(cases, mutants, jobs).items():
        print(f"fails without a mistake, and is not asked: {name}: "
              f"{brief(text)}", flush=True)
        del cases[name]
    before = json.loads(CAUGHT.read_text()) if CAUGHT.exists() else {}
    verdicts = []
    for mutant in mutants:
        verdict = judge(mutant, cases, jobs, before)
        verdicts.append(verdict)
        before[mutant.name] = verdict.seen_by
        CAUGHT.write_text(json.dumps(before))
        word = "ok" if verdict.seen_by else "not ok"
        print(f"{word} {mutant.name}: {verdict.text}  "
              f"{verdict.seconds:.1f} s", flush=True)
        print("    " + (verdict.how if verdict.seen_by else mutant.words),
              flush=True)
    caught = sum(bool(v.seen_by) for v in verdicts)
    print("\n" + table(verdicts))
    print(f"{caught} passed, {len(verdicts) - caught} failed")
    return 0 if caught == len(verdicts) else 1
