# SPDX-License-Identifier: BSD-3-Clause
"""The programs of tests/posix that work on files, on a disk with ext4: what they do
on host Linux is right there too. As a process, on one CPU and on two, and as a
guest. e2fsck finds nothing afterwards."""
import os

from tests.runner import posix
from tests.runner.box import BUILD, ROOT
from tests.runner.case import Case, Failure

EFT_CC = BUILD / "sysroot/bin/eft-cc"

FILES = """
access aio aio_basic chdir chmod chown copy_loop deep_dirs dev_fd dup
dup3_cloexec empty_path epoll_basic errno_files error_order event_first
exit_atexit faccessat fair_flock fair_node fair_position fair_tree fallocate
fcntl_flags fcntl_locks fifo_open fifo_signals fifo_threads file_ends
file_flags file_size_limit file_times fsync ftruncate_mmap futex_shared getdents
large_file link locks_wait long_transfers lseek_holes madvise many_fds
many_fifos memory_ends mkdir_rmdir mlock_msync mmap_cut mmap_file_private
mmap_file_shared mmap_fixed mmap_flags mmap_in_calls mmap_past_end mmap_sparse mprotect mremap
o_append object_flags open_flags openat path_ends path_limits pipe_size
poll_files pread_pwrite proc_fdinfo proc_links readv_writev rename
rename_overwrite rw_flags scandir_glob stat_family statfs stdio_files
stdio_scanf stdio_seek symlink threads_descriptors threads_file_locks
threads_map_storm threads_mmap_cut threads_storage tmpfile truncate umask
unix_errors unix_names unix_rights unlink_open utimensat write_read_1mb
""".split()

# What differs on ext4, and why.
DIFFER = {
    "fifo_open": "an open FIFO whose name is gone still has a link",
    "mmap_sparse": "st_blocks has no blocks that are promised only",
}


# Faults there are tried again, also those of string instructions.
UNDER_VALGRIND = {"mmap_file_private", "mmap_file_shared", "mremap", "madvise",
                  "ftruncate_mmap", "write_read_1mb"}


def build(box, name):
    result = box.run(
        [EFT_CC, "-std=gnu11", "-O1", "-I", BUILD / "posix",
         "-Wl,-u,eft_ext4_type", "-o", name, ROOT / f"tests/posix/{name}.c",
         ROOT / "tests/image/programs/on_disk.c"], timeout=120)
    if result.status != 0:
        raise Failure(str(result))
    return box.dir / name


def make_disk(box):
    disk = box.dir / "disk"
    disk.write_bytes(b"")
    os.truncate(disk, 64 << 20)
    box.run(["/sbin/mkfs.ext4", "-q", disk])
    return disk


def is_sound(box, disk):
    result = box.run(["/sbin/e2fsck", "-fn", disk], timeout=60)
    if result.status != 0:
        raise Failure(str(result))


# At a fault it keeps all registers up to date only if it is told to.
VALGRIND = [*posix.VALGRIND, "--vgdb=no",
            "--vex-iropt-register-updates=allregs-at-mem-access"]

MOUNT = f"{posix.REPORT} mount./mnt=ext4:vda"


def process(box, truth, cpus):
    image, disk = build(box, truth.name), make_disk(box)
    options = f"{MOUNT} cpus={cpus} disk={disk}"
    posix.compare(box.run([image], env={"EFT": options}, timeout=120), truth)
    is_sound(box, disk)


def valgrind(box, truth):
    image, disk = build(box, truth.name), make_disk(box)
    posix.compare(box.run([*VALGRIND, image], timeout=240,
                          env={"EFT": f"{MOUNT} disk={disk}"}), truth)
    is_sound(box, disk)


def guest(box, truth):
    image, disk = build(box, truth.name), make_disk(box)
    drive = ["-global", "virtio-mmio.force-legacy=false",
             "-drive", f"file={disk},format=raw,if=none,id=disk0",
             "-device", "virtio-blk-device,drive=disk0"]
    posix.compare(box.qemu("microvm", image, options=f"tty=plain {MOUNT}",
                           flags=drive, timeout=240), truth)
    is_sound(box, disk)


def cases():
    found = []
    for name in FILES:
        if name in DIFFER:
            continue
        truth = posix.Truth(name)
        concurrent = posix.CONCURRENT.match(name) is not None

        def add(where, function, *args, truth=truth, concurrent=concurrent):
            found.append(Case(f"ext4/{truth.name} {where}",
                              lambda box: function(box, truth, *args),
                              concurrent))
        add("process", process, 1)
        add("process cpus=2", process, 2)
        add("microvm", guest)
        if name in UNDER_VALGRIND:
            add("valgrind", valgrind)
    return found
