# SPDX-License-Identifier: BSD-3-Clause
"""Eft as it is installed: used from elsewhere, while the tree that it came from
cannot be seen; and the small program that `eft new` makes."""
import os
import re

from tests.runner.box import EFT, ROOT
from tests.runner.case import Case, check
from tests.runner.fresh import bootstrap, chroot

TIMEOUT_S = 1800    # the first build of what fuzzed programs are linked with

HIDDEN = 'mount -t tmpfs none "$0" && exec "$@"'

MADE_C = """
#include <stdio.h>

int main(int argc, char **argv)
{
    FILE *file = argc > 1 ? fopen(argv[1], "w") : stdout;

    return file == NULL || fputs("made\\n", file) < 0 || fclose(file) != 0;
}
"""
CRASH_C = "int main(void) { *(volatile int *)16 = 1; return 0; }\n"

# What is said of a program that crashes, of its calls, of its time.
JOBS = (
    (["eft", "--version"], 0, r"^eft 0\."),
    (["eft-cc", "-O2", "-g", "-o", "made", "made.c"], 0, ""),
    (["eft", "cc", "-g", "-o", "crash", "crash.c"], 0, ""),
    (["./made"], 0, "^made\n$"),
    (["eft", "run", "--on", "microvm", "made"], 0, "^made\n$"),
    (["eft", "run", "--on", "microvm", "--fs", ".", "made"], 0, "^made\n$"),
    (["eft", "run", "--on", "microvm", "--out", "left", "made", "/out/it"], 0,
     ""),
    (["cat", "left/it"], 0, "^made\n$"),
    (["eft", "run", "crash"], 139, r"main.* at .*crash\.c:1"),
    (["eft", "run", "--on", "microvm", "crash"], 139,
     r"main.* at .*crash\.c:1"),
    (["eft", "gdb", "-batch", "-ex", "run", "crash"], 0, r"main .*crash\.c:1"),
    (["eft", "valgrind", "-q", "made"], 0, "^made\n$"),
    (["eft", "sizes", "--why", "eft_vfs_open", "made"], 0,
     r"begins with main +made\.c"),
    (["eft", "trace", "made"], 0, r"\d +writev?\n"),
    (["eft", "profile", "--on", "microvm", "made"], 0, "samples"),
    (["eft", "fuzz", "--program", "greet/fuzz.c", "greet/count.c", "1"], 0,
     "DONE"),
    (["eft", "build"], 2, "source tree"),
    (["eft", "-h"], 0, "run an image"),
    (["eft", "profile", "-h"], 0, r"^usage: eft profile.*\n.*\n\n.* `eft run`"),
    (["eft", "trace"], 2, r"\(eft trace -h explains\)"),
    (["eft-cc", "-pg", "made.c"], 1, r"library for it\. eft profile shows"),
)
NEW = (
    (["eft", "new", "greet"], 0, "make -C greet test"),
    (["eft", "new", "greet"], 2, "greet is there already"),
    (["make", "-s", "-C", "greet", "test"], 0, "^ok process\nok microvm\n$"),
)


def done(run, jobs):
    for words, status, said in jobs:
        result = run(words)
        check(result.status == status and
              re.search(said, result.text + result.errors, re.MULTILINE),
              f"wanted {status}, {said}\n{result}")


def sources(folder):
    (folder / "made.c").write_text(MADE_C)
    (folder / "crash.c").write_text(CRASH_C)


def install(box, prefix, **env):
    result = box.run([EFT, "install", prefix], env=env, timeout=TIMEOUT_S)
    check(result.status == 0, str(result))


def without_the_tree(box):
    check(os.getuid() == 0, "only root may mount")
    first, second = box.temp / "prefix", box.temp / "another/place"
    install(box, first)
    sources(box.dir)
    second.parent.mkdir()
    for prefix, jobs in ((first, NEW + JOBS), (second, JOBS[:5])):
        if prefix == second:
            first.rename(second)
        env = {"PATH": f"{prefix}/bin:{os.environ['PATH']}", "EFT_BUILD": "",
               "HOME": str(box.temp)}
        done(lambda words, env=env: box.run(
            ["unshare", "--mount", "sh", "-c", HIDDEN, ROOT, *words], env=env,
            timeout=TIMEOUT_S), jobs)


def below_destdir(box):
    """Nothing is elsewhere, and nothing names the place where it was made, nor
    the command as it is called there."""
    install(box, "/opt/eft", DESTDIR=str(box.dir / "stage"))
    check([path.name for path in box.dir.iterdir()] == ["stage"] and
          not os.path.exists("/opt/eft"), "more than DESTDIR")
    prefix = box.dir / "stage/opt/eft"
    for name in ("bin/eft", "bin/eft-cc", "share/man/man1/eft-run.1",
                 "share/man/man7/eft.7", "lib/eft/sysroot/lib/libc.a",
                 "share/bash-completion/completions/eft",
                 "share/zsh/site-functions/_eft"):
        path = prefix / name
        check(path.is_file() and path.resolve().is_relative_to(prefix),
              f"{name}: {path.resolve()}")
    licenses = (prefix / "lib/eft/LICENSES").read_text()
    for holder in ("the Eft authors", "Rich Felker", "Jens Axboe",
                   "Jean-loup Gailly", "Yann Collet", "Zstandard", "liblzma"):
        check(holder in licenses, f"no licence of {holder}")
    for path in prefix.rglob("*"):
        # What clang's AddressSanitizer watches has its sources' names.
        if path.is_file() and not path.is_symlink() and \
                path.parent != prefix / "lib/eft/fuzz-build/fuzz":
            for there in (str(ROOT), "./eft "):
                check(there.encode() not in path.read_bytes(),
                      f"{path} names {there}")


def new_program(box):
    """By the tree's own command; and the fuzz target that it has."""
    done(lambda words: box.run(
        [EFT if word == "eft" else word for word in words]), NEW)
    result = box.run([EFT, "fuzz", "--program", "--out", "fuzzed",
                      "greet/fuzz.c", "greet/count.c", "1"], timeout=TIMEOUT_S)
    check(result.status == 0 and "DONE" in result.errors, str(result))
    for bad in (["new"], ["new", "-x"], ["new", "a b"], ["new", "x", "y"]):
        result = box.run([EFT, *bad])
        check(result.status == 2 and result.errors.startswith("eft new: "),
              str(result))


def on_an_empty_debian(box):
    """The package alone, and what it draws in: no other compiler, no tree."""
    check(os.getuid() == 0, "only root may debootstrap")
    root = bootstrap(box)
    result = box.run([EFT, "package", root], timeout=TIMEOUT_S)
    check(result.status == 0, str(result))
    package, = root.glob("eft_*.deb")
    sources(root / "home")

    def run(words):
        return chroot(box, root, "/home", ["env", "EFT_ACCEL=tcg", *words])
    done(run, (
        (["apt-get", "update"], 0, ""),
        (["apt-get", "install", "-y", f"/{package.name}"], 0, ""),
        (["sh", "-c", "! command -v meson && ! command -v clang && "
          "command -v gcc"], 0, "gcc"),
        (["apt-get", "install", "-y", "--no-install-recommends", "make",
          "python3", "clang", "libclang-rt-14-dev", "llvm-14"], 0, ""),
        *NEW, *JOBS,
        (["apt-get", "remove", "-y", "eft"], 0, ""),
        (["sh", "-c", "ls /usr/lib/eft /usr/bin/eft"], 2, "No such file")))


def cases():
    return [Case(f"install/{test.__name__}", test)
            for test in (without_the_tree, below_destdir, new_program)]


def long_cases():
    return [Case("install/on_an_empty_debian", on_an_empty_debian)]
