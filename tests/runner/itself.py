# SPDX-License-Identifier: BSD-3-Clause
"""The runner itself: what it has built for a test, what it says of one that
hangs; and tests/compare."""
import os
import pty
import re
import subprocess
import sys

from tests.runner.box import BUILD, EFT, ENVIRONMENT, program, ROOT
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


NEEDS = {
    "posix/symlink ": "tests/symlink tests/symlink.host",
    "locks/symlink ": "tests/symlink tests/symlink.checked",
    "unit/range": "tests/unit/unit-range",
    "explore/locks": "tests/explore/explore-locks",
    "fuzz/tty": "fuzz/replay-tty",
    "image/exit_status": "tests/exit_status",
    "apps/threadtest3": "apps/threadtest3/threadtest3",
}


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


def hang_elsewhere(box):
    """What has left the session, with the output that is read, ends too."""
    said = ""
    try:
        box.run(["sh", "-c", "setsid sleep 1000 & exec sleep 1000"], timeout=2)
    except Failure as failure:
        said = str(failure)
    check("no end after 2 s" in said, f"it was not ended: {said}")


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


def build_what_is_needed(box):
    """Of a test's own programs; and all that is named can be built."""
    def asked(*words):
        result = box.run([ROOT / "tests/run", "--targets", *words])
        check(result.status == 0, str(result))
        return set(result.text.split())
    for name, wanted in NEEDS.items():
        got = asked(name)
        check(got == {"sysroot.stamp", *wanted.split()}, f"{name}: {got}")
    result = box.run(["ninja", "-C", BUILD, "-t", "targets", "all"])
    known = set(re.findall(r"^(.+?): ", result.text, re.MULTILINE))
    named = asked("--kvm") | asked("/")
    check(named <= known, f"not in the build: {named - known}")


def unknown_name(box):
    """It is said before there is a build folder."""
    folder = box.dir / "build"
    result = box.run([EFT, "test", "posix/symlnk"],
                     env={"EFT_BUILD": str(folder)})
    check(result.status == 2 and "posix/symlnk" in result.errors and
          "posix/symlink" in result.errors and not folder.exists(),
          str(result))


def copied_folder(box):
    """A build folder of another tree's is not built in."""
    folder = box.dir / "build"
    (folder / "meson-info").mkdir(parents=True)
    info = (BUILD / "meson-info/meson-info.json").read_text()
    for old, new in ((str(ROOT), "/no/such/tree"),
                     (str(BUILD), "/no/such/build")):
        (folder / "meson-info/meson-info.json").write_text(
            info.replace(f'"{old}"', f'"{new}"'))
        for words in (["build"], ["test", "posix/args"], ["cc", "x.c"]):
            result = box.run([EFT, *words], env={"EFT_BUILD": str(folder)})
            check(result.status == 2 and new in result.errors and
                  "EFT_BUILD" in result.errors and
                  len(result.errors.splitlines()) == 1, str(result))


def colours_and_bar(box):
    """On a terminal; without one there is nothing of the kind."""
    command = [sys.executable, ROOT / "tests/run", "posix/symlink valgrind"]
    plain = box.run(command)
    check(plain.text.startswith("ok posix/symlink valgrind"), plain.text)
    master, slave = pty.openpty()
    environment = {**ENVIRONMENT, "TERM": "xterm"}
    child = subprocess.Popen(command, stdout=slave, env=environment)
    os.close(slave)
    said = b""
    try:
        while part := os.read(master, 4096):
            said += part
    except OSError:     # the last has closed the terminal
        pass
    finally:
        os.close(master)
        child.wait()
    for text in (b"\x1b[32mok\x1b[0m posix/symlink valgrind", b"[....",
                 b"] 0 of ", b"2 passed, 0 failed"):
        check(text in said, f"no {text} in {said}")


def cases():
    return [Case("run/colours_and_bar", colours_and_bar,
                 targets=["tests/symlink"]),
            Case("run/build_what_is_needed", build_what_is_needed),
            Case("run/unknown_name", unknown_name),
            Case("run/copied_folder", copied_folder),
            Case("run/hang_elsewhere", hang_elsewhere)] + [
        Case(f"run/hang {where}",
                 lambda box, run=run: told_of_a_hang(box, run))
            for where, run in HANGS.items()] + [
                Case("run/compare", differences)]
