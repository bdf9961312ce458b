# SPDX-License-Identifier: BSD-3-Clause
"""The same sources give the same bytes, in whatever folders they lie and are
built."""
import os
import shutil

from tests.runner.box import BUILD, ROOT
from tests.runner.case import Case, check
from tests.runner.fresh import clone

FOLDERS = ("one", "the-other/with-a-longer-name")

SOURCES = ("core", "plat-kvm", "plat-linuxu", "posix", "trace", "tools",
           "apps/hello")

# Compiled by each of meson.build's ways; and linked.
OBJECTS = ("libeft-libos-cold.a.p/plat-kvm_x86_trap.c.o",
           "libeft-libos.a.p/core_arch_x86_64_entry.S.o",
           "libeft-libos.a.p/trace_section.S.o",
           "libeft-libos-cold.a.p/posix_fs_pipe.c.o",
           "liburing-users.a.p/plat-linuxu_uring.c.o",
           "trace/libtracer-libc.a.p/flags.c.o")
IMAGES = ("apps/hello/hello.program", "apps/hello/hello")
LEFT = (*OBJECTS, *IMAGES, "apps/hello/hello.debug")

TIMEOUT_S = 3600


def copy(folder):
    """Of the sources, what is generated from them, and the sysroot."""
    liburing = [path.relative_to(ROOT)
                for path in ROOT.glob("subprojects/liburing-*/src")]
    for name in (*SOURCES, *liburing):
        shutil.copytree(ROOT / name, folder / name)
    build = folder / "build"
    for name in ("core", "plat-kvm", "plat-linuxu", "posix", "trace"):
        for path in (BUILD / name).rglob("*.*"):
            if path.is_file() and path.suffix not in (".o", ".a"):
                target = build / path.relative_to(BUILD)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
    shutil.copytree(BUILD / "sysroot", build / "sysroot", symlinks=True)
    for path in LEFT:
        (build / path).parent.mkdir(parents=True, exist_ok=True)
    return build


def how_made(box, target, folder):
    """ninja's command for the (target), as it would be in the (folder)."""
    result = box.run(["ninja", "-C", BUILD, "-t", "commands", target])
    check(result.status == 0, str(result))
    command = result.text.splitlines()[-1]
    for old, new in ((f"{BUILD}", f"{folder}/build"),
                     (f"{ROOT}/", f"{folder}/"),
                     (f"{os.path.relpath(ROOT, BUILD)}/", "../")):
        command = command.replace(old, new)
    return command


def make(box, folder):
    build = copy(folder)
    for target in (*OBJECTS, *IMAGES):
        result = box.run(["sh", "-c", how_made(box, target, folder)],
                         cwd=build, env={"CCACHE_DISABLE": "1"})
        check(result.status == 0, str(result))
    return build


def compare(one, other, files):
    differ = [str(name) for name in files
              if (one / name).read_bytes() != (other / name).read_bytes()]
    check(files and not differ, "other bytes: " + ", ".join(differ))


def in_two_folders(box):
    """Some objects and hello, made again by the commands of the build."""
    builds = [make(box, box.temp / name) for name in FOLDERS]
    compare(*builds, LEFT)


def all_in_two_clones(box):
    """All that ./eft build makes for Eft; NAME.musl is for plain Linux."""
    builds = []
    for name in FOLDERS:
        place = box.temp / name
        place.mkdir(parents=True)
        clone(place)
        shutil.copytree(ROOT / "subprojects/packagecache",
                        place / "eft/subprojects/packagecache")
        result = box.run([place / "eft/eft", "build"], timeout=TIMEOUT_S,
                         env={"EFT_BUILD": "", "CCACHE_DISABLE": "1"})
        check(result.status == 0, str(result))
        builds.append(place / "eft/build")
    files = [path.relative_to(builds[0])
             for folder in ("sysroot/bin", "sysroot/lib", "apps")
             for path in sorted((builds[0] / folder).rglob("*"))
             if path.is_file() and ".build/" not in str(path)
             and ".musl" not in path.name]
    compare(*builds, files)
    return f"{len(files)} files"


def cases():
    return [Case("run/same_bytes_in_two_folders", in_two_folders)]


def long_cases():
    return [Case("fresh/same_bytes_in_two_clones", all_in_two_clones)]
