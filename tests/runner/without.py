# SPDX-License-Identifier: BSD-3-Clause
"""The runner where a package is missing that the tests need: a test that needs
it fails, and says what is not there."""
import os
import re
import subprocess
from pathlib import Path

from tests.runner.box import ENVIRONMENT, ROOT
from tests.runner.case import Case, check

# Package: a test that needs it, and what is said.
NEEDED_BY = {
    "clang": ("image/cc_by_clang", "clang-14"),
    "clang-format": ("checks/format", "clang-format: not found"),
    "cmake": ("building/words by_cmake", "cmake: not found"),
    "e2fsprogs": ("unit/jbd_linux", "mke2fs: not found"),
    "iproute2": ("net/tap_that_goes_down_and_up process", "ip: not found"),
    "passt": ("net/says_back_by_passt_to_a_guest", "passt"),
    "tcpdump": ("net/says_back_to_the_host process", "'tcpdump'"),
    "groff-base": ("checks/manual", "'groff'"),
    "gdb": ("image/gdb_on_a_process", "'gdb'"),
    "libclang-rt-14-dev": ("fuzz/program_world", "libclang_rt.fuzzer"),
    "librsvg2-bin": ("trace/profile_of_a_guest", "'rsvg-convert'"),
    "linux-perf": ("trace/perf", "'perf'"),
    "llvm-14": ("fuzz/coverage", "'llvm-profdata-14'"),
    "lz4": ("image/initrd by lz4 process", "'lz4'"),
    "pkgconf": ("building/a_library_and_its_users", "pkg-config: not found"),
    "strace": ("trace/as_strace process", "'strace'"),
    "valgrind": ("posix/args valgrind", "'valgrind'"),
    "xz-utils": ("image/initrd by xz process", "'xz'"),
    "zstd": ("image/initrd by zstd process", "'zstd'"),
}

# The first may build what the test runs.
TIMEOUT_S = 1800


def packages():
    text = (ROOT / "tools/packages").read_text()
    return re.findall(r"^test\t(\S+)", text, re.MULTILINE)


def files_of(package):
    listed = subprocess.run(["dpkg", "-L", package], check=True,
                            capture_output=True, text=True).stdout
    return {os.path.realpath(line) for line in listed.splitlines()
            if not os.path.isdir(line)}


def commands_without(box, gone):
    """A folder of all commands of PATH but those that are a (gone) file, and
    those that look for the next of their name in PATH, as a cache does."""
    commands = [command for path in ENVIRONMENT["PATH"].split(":") if path
                for command in Path(path).glob("*")
                if command.resolve().name not in ("ccache", "distcc")
                or command.name in ("ccache", "distcc")]
    hidden = {command.name for command in commands
              if os.path.realpath(command) in gone}
    folder = box.temp / "bin"
    folder.mkdir()
    for command in commands:
        link = folder / command.name
        if not link.is_symlink() and command.name not in hidden:
            link.symlink_to(command)
    return folder


def wrap(folder, name, text):
    """(name) is a script that calls the command it hides as $real."""
    path = folder / name
    if path.is_symlink():
        real = path.readlink()
        path.unlink()
        path.write_text(f"#!/bin/sh\nreal={real}\n{text}\n")
        path.chmod(0o755)


def hide_libraries(box, folder, gone):
    """Those who look for one of the (gone) files do not find it."""
    for path in gone:
        if path.endswith("criterion.pc"):
            wrap(folder, "pkg-config",
                 'for word; do [ "$word" != criterion ] || exit 1; done\n'
                 'exec "$real" "$@"')
        if path.endswith("libclang_rt.fuzzer-x86_64.a"):
            resources = box.temp / "resources"
            resources.mkdir()
            include = Path(path).parent.parent.parent / "include"
            (resources / "include").symlink_to(include)
            for name in ("clang", "clang-14"):
                wrap(folder, name,
                     f'exec "$real" -resource-dir={resources} "$@"')


def path_without(box, package):
    gone = files_of(package)
    folder = commands_without(box, gone)
    hide_libraries(box, folder, gone)
    return {"PATH": str(folder)}


def run(box, name, env):
    return box.run([ROOT / "tests/run", name], env=env, timeout=TIMEOUT_S)


def fails(box, package):
    check(package in NEEDED_BY, "which test needs this package?")
    name, said = NEEDED_BY[package]
    result = run(box, name, path_without(box, package))
    check(result.status == 1 and f"not ok {name}" in result.text and
          said in result.text, str(result))


def configured_again(box):
    """Without Criterion all but the unit tests can be built, which fail then;
    what is configured for tests needs it, and has them when it is there."""
    missing = path_without(box, "libcriterion-dev")
    build = {"EFT_BUILD": str(box.temp / "build")}
    dir = build["EFT_BUILD"]

    def meson(*words, env, status=0):
        result = box.run(words, env=env)
        check(result.status == status, str(result))
        return result.text

    meson("meson", "setup", "-Dapps=false", dir, ROOT, env=missing)
    result = run(box, "unit/options", {**missing, **build})
    check(result.status == 1 and "libcriterion-dev" in result.text,
          str(result))
    meson("meson", "configure", "-Dtests=enabled", dir, env=missing)
    said = meson("ninja", "-C", dir, "build.ninja", env=missing, status=1)
    check('"criterion" not found' in said, said)
    meson("ninja", "-C", dir, "build.ninja", env={})
    check("unit-options" in meson("meson", "introspect", "--tests", dir,
                                  env={}), "no unit tests")


def cases():
    return [Case(f"run/without_{package}",
                 lambda box, package=package: fails(box, package))
            for package in packages() if package != "libcriterion-dev"
            ] + [Case("run/without_libcriterion-dev", configured_again)]
