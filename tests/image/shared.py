# SPDX-License-Identifier: BSD-3-Clause
"""Programs at work in a shared folder: those of tests/posix that are about
files, and Lua. The truth is what they do in a folder of host Linux."""
import os
import re
import shutil

from tests.image.starts import expect
from tests.runner import ext4
from tests.runner.box import app, BUILD, EFT, eft_cc, ROOT
from tests.runner.case import Case, Cases, check, MACHINES
from tests.runner.posix import compare, Truth

cases = Cases("shared")

TYPES = {"9p": "-Wl,-u,eft_ninep_type",
         "virtiofs": "-Wl,-u,eft_virtiofs_type"}

# Programs of tests/posix that are about files, and work in /mnt: those that do on
# a disk, and others.
FILES = sorted([*ext4.FILES, *"""
    copy_file_range efault_nested exact_limits fair_space file_calls inotify
    openat2 proc_fdlinks proc_self sendfile setuid_drop splice unnamed
    xattr""".split()])

# With other words of --share than the usual ones.
CACHES = {"none": ("file_times", "pread_pwrite", "rename", "truncate",
                   "unlink_open", "xattr"),
          "loose": ("file_times", "ftruncate_mmap", "getdents", "mmap_cut",
                    "o_append", "rename", "threads_mmap_cut", "unlink_open",
                    "write_read_1mb", "xattr")}

# What differs from Linux's own file systems: which facts do not hold, the one
# behind which the program gives up, and why.
BY_PATH = "QEMU 7.2 knows a file without a name by its descriptor alone"
DIFFER = {
    ("efault_nested", "9p"): ("1 2 3 4 14 16", "what lies before the part of a "
                              "buffer that is bad is not transferred"),
    ("efault_nested", "virtiofs"): ("1 2 3 4 14 16", "the same"),
    ("fallocate", "9p"): ("1 2 3 4 5 15", "9P has no message for it"),
    ("fifo_open", "9p"): ("29", "an open FIFO is as it was when it was opened"),
    ("fifo_open", "virtiofs"): ("29", "the same"),
    ("file_flags", "9p"): ("15", "9P has no O_TMPFILE"),
    ("file_flags", "virtiofs"): ("15", "nor has QEMU's virtiofsd"),
    ("file_times", "9p"): ("6!", "9P has no RENAME_EXCHANGE"),
    ("inotify", "9p"): ("22 23 24 25 25!", "who watches a file does not hear that "
                        "its last name is gone"),
    ("inotify", "virtiofs"): ("22 23 24 25 25!", "the same"),
    ("mmap_sparse", "9p"): ("7", "9P does not say where holes are"),
    ("proc_fdlinks", "9p"): ("6", BY_PATH),
    ("setuid_drop", "9p"): ("29 36 37", "the server's rights count"),
    ("threads_map_storm", "9p"): ("0!", BY_PATH),
    ("unlink_open", "9p"): ("7 8 9", BY_PATH),
    ("unnamed", "9p"): ("0!", "9P has no O_TMPFILE"),
    ("unnamed", "virtiofs"): ("0!", "nor has QEMU's virtiofsd"),
    ("xattr", "9p"): ("6 7 14 16", "a value without a byte would be removed"),
}

# Linked with a program, has it work in /mnt.
IN_MOUNT = """#include <unistd.h>
__attribute__((constructor)) static void go(void)
{
	if (chdir("/mnt") != 0)
		_exit(99);
}
"""


def in_mount(box):
    (box.dir / "in_mount.c").write_text(IN_MOUNT)
    return box.dir / "in_mount.c"


def folder(box):
    path = box.dir / "folder"
    path.mkdir()
    return path


def run(box, where, protocol, image, *words, cache="mmap", cpus=1,
        mem="128M"):
    share = f"folder:/mnt:{protocol}:cache={cache}"
    return box.run([EFT, "run", "--on", where, "--set", "deadlock=report",
                    "--cpus", cpus, "--mem", mem, "--share", share, image,
                    *words],
                   timeout=180)


# QEMU 7.2 makes no FIFO, socket or device otherwise (CAVEATS, 9P).
FSDEV = ["-global", "virtio-mmio.force-legacy=false", "-fsdev",
         "local,id=share0,path=folder,security_model=mapped-xattr",
         "-device", "virtio-9p-device,fsdev=share0,mount_tag=share0"]


def run_program(box, protocol, image, cache):
    if protocol != "9p":
        return run(box, "microvm", protocol, image, cache=cache)
    return box.qemu("microvm", image, flags=FSDEV, timeout=180, options=
                    "tty=plain deadlock=report "
                    f"mount./mnt=9p:share0,cache={cache}")


def link(box, name, protocol, *words):
    """An image that works in /mnt."""
    expect(box.run([eft_cc(), TYPES[protocol], "-pthread", "-o", name, *words,
                    in_mount(box)], timeout=120), 0)
    return box.dir / name


def facts(text):
    return re.findall(r"^(ok|not ok) (\d+) - (.*?)(?: \([^()]*: .*\))?$", text,
                      re.MULTILINE)


def compare_but(result, truth, differ):
    """All is as on the host, but for the facts that (differ) has, and to the one
    before its "!", behind which the program gives up."""
    if not differ:
        compare(result, truth)
        return
    numbers = [word for word in differ.split() if not word.endswith("!")]
    here, expected = facts(result.text), facts(truth.get().text)
    if differ.endswith("!"):
        expected = expected[:int(differ.split()[-1][:-1])]
    check([number for is_ok, number, _ in here if is_ok != "ok"] == numbers and
          [fact[1:] for fact in here] == [fact[1:] for fact in expected] and
          result.status == 1, result)


def as_on_the_host(box, truth, protocol, cache):
    folder(box)
    image = link(box, truth.name, protocol, "-O1", "-g1", "-std=gnu11", "-I",
                 BUILD / "posix", ROOT / f"tests/posix/{truth.name}.c")
    differ, _ = DIFFER.get((truth.name, protocol), ("", ""))
    compare_but(run_program(box, protocol, image, cache), truth, differ)


def add_programs(protocol, names, cache):
    for name in names:
        truth = Truth(name)
        cases.append(Case(f"shared/{name} {protocol}" +
                          (f" cache={cache}" if cache != "mmap" else ""),
                          lambda box, truth=truth:
                          as_on_the_host(box, truth, protocol, cache)))


def app_with_share(box, name, protocol):
    """Linked once more, with a file system that it has not by itself, and to
    work in /mnt."""
    source = box.dir / "source"
    shutil.copytree(app(name).parent / f"{name}.build/src", source)
    (box.dir / "cc").write_text(f"""#!/bin/sh
case " $* " in
*" -c "*) exec {eft_cc()} "$@" ;;
esac
exec {eft_cc()} {TYPES[protocol]} {in_mount(box)} "$@"
""")
    (box.dir / "cc").chmod(0o755)
    expect(box.run(["sh", ROOT / f"apps/{name}/build", box.dir / name],
                   cwd=source, env={"CC": box.dir / "cc"}, timeout=300), 0)
    return box.dir / name


def lua_files(box, where, protocol):
    """A script that reads and writes files in all ways."""
    here, truth = folder(box), box.dir / "truth"
    truth.mkdir()
    words = ["files.lua", "one", "two words"]
    for place in (truth, here):
        shutil.copy(ROOT / "tests/image/scripts/files.lua", place)
    image = app_with_share(box, "lua", protocol)
    result = box.run(["lua5.4", *words], cwd=truth)
    for cache in ("none", "loose"):
        expect(run(box, where, protocol, image, *words, cache=cache), 0,
               result.out)
        check(sorted(os.listdir(here)) == sorted(os.listdir(truth)),
              os.listdir(here))


for kind in TYPES:
    add_programs(kind, FILES, "mmap")
    for trust, programs in CACHES.items():
        add_programs(kind, programs, trust)
    for machine in MACHINES:
        cases.add(f"lua_files {machine} {kind}", lua_files, machine, kind)
