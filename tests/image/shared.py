# SPDX-License-Identifier: BSD-3-Clause
"""Programs at work in a shared folder: those of tests/posix that are about
files, and Lua. The truth is what they do in a folder of host Linux."""
import os
import shutil

from tests.image.starts import expect
from tests.runner.box import app, BUILD, EFT, eft_cc, ROOT
from tests.runner.case import Case, Cases, check, MACHINES
from tests.runner.posix import compare, Truth

cases = Cases("shared")

TYPES = {"virtiofs": "-Wl,-u,eft_virtiofs_type"}

# Programs of tests/posix that are about files, and work in /mnt.
FILES = (
    "access", "chdir", "chmod", "chown", "copy_loop", "deep_dirs", "dup",
    "empty_path", "errno_files", "error_order", "exact_limits", "faccessat",
    "fair_flock", "fair_node", "fair_position", "fair_tree", "fallocate",
    "fcntl_flags", "fcntl_locks", "fifo_threads", "file_size_limit",
    "file_times", "fsync", "ftruncate_mmap", "futex_shared", "getdents",
    "large_file", "link", "locks_wait", "long_transfers", "lseek_holes",
    "madvise", "many_fds", "many_fifos", "mkdir_rmdir", "mlock_msync",
    "mmap_file_private", "mmap_file_shared", "mmap_past_end", "o_append",
    "open_flags", "openat", "path_limits", "pread_pwrite", "readv_writev",
    "rename", "rename_overwrite", "rw_flags", "scandir_glob", "stat_family",
    "statfs", "stdio_files", "stdio_seek", "symlink", "threads_descriptors",
    "threads_file_locks", "threads_map_storm", "threads_mmap_cut", "tmpfile",
    "truncate", "umask", "unix_names", "unlink_open", "utimensat",
    "write_read_1mb")

# And those that differ from what they do on Linux's own file systems:
#   fifo_open    a FIFO that is open keeps the attributes that it was opened with
#   file_ends    a write at 2^63 - 1 is EFBIG, not EINVAL, but with cache=loose
#   file_flags   there is no O_TMPFILE
#   mmap_cut     a private copy goes when a page near it is cut
#   mmap_sparse  SEEK_DATA finds no holes

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


def run(box, where, protocol, image, *words, cache="mmap"):
    share = f"folder:/mnt:{protocol}:cache={cache}"
    return box.run([EFT, "run", "--on", where, "--set", "deadlock=report",
                    "--share", share, image, *words], timeout=180)


def as_on_the_host(box, truth, protocol):
    folder(box)
    expect(box.run([eft_cc(), "-O1", "-g1", "-std=gnu11", "-I",
                    BUILD / "posix", TYPES[protocol], "-o", truth.name,
                    ROOT / f"tests/posix/{truth.name}.c", in_mount(box)]),
           0, b"")
    compare(run(box, "microvm", protocol, box.dir / truth.name), truth)


def add_programs(protocol):
    for name in FILES:
        truth = Truth(name)
        cases.append(Case(f"shared/{name} {protocol}", lambda box, truth=truth:
                          as_on_the_host(box, truth, protocol)))


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
    add_programs(kind)
    for machine in MACHINES:
        cases.add(f"lua_files {machine} {kind}", lua_files, machine, kind)
