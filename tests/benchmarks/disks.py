# SPDX-License-Identifier: BSD-3-Clause
"""Files on a disk: how many times as fast as a Linux guest, and as Linux.

Guests have the same machine, memory and ext4, on a file in the host's memory:
what is measured is the system, and not the disk. Linux is Debian's kernel for
guests, with the musl build as its only program. A process is measured beside
the host's own ext4 on a loop device."""
import os
import re
import shutil
import statistics
import subprocess

from tests.benchmarks.pairs import medians, Row, take_pairs
from tests.benchmarks.programs import on_tmpfs
from tests.runner.box import BUILD, Box, ROOT
from tests.runner.kvm import pack

EFT_CC = BUILD / "sysroot/bin/eft-cc"
LINUX = BUILD / "linux-cloud"
# In the order of loading.
MODULES = ("virtio_ring", "virtio", "virtio_pci_legacy_dev",
           "virtio_pci_modern_dev", "virtio_pci", "virtio_blk")
BIG_MIB = 192
MACHINE, MEMORY = "q35", "128M"

# What the program (or SQLite) is asked for, and how many times faster than a
# Linux guest it is to be. Small things: 2, large ones: 1.
ROWS = [
    ("4 KiB read at random", "read-1", 2),
    ("4 KiB read at random, 32 at a time", "read-32", 2),
    ("4 KiB written at random", "write-1", 2),
    ("4 KiB written at random, 32 at a time", "write-32", 2),
    ("1 MiB read after the other", "in", 1),
    ("1 MiB written after the other", "out", 1),
    ("4 KiB appended and fdatasync()", "append", 2),
    ("create, stat, unlink", "names", 2),
    ("SQLite, 60,000 inserts in one transaction", "sql-1", 2),
    ("SQLite, 60,000 inserts in 600 transactions", "sql-600", 2),
]
INSERTS = 60000


def script(transactions):
    """Inserts, and how many nanoseconds one has taken."""
    now = "(julianday('now') - 2440587.5) * 86400e9"
    lines = ["create table t(id integer primary key, name text, n integer);",
             "create temp table began(ns real);",
             f"insert into began values({now});"]
    each = INSERTS // transactions
    for first in range(0, INSERTS, each):
        lines.append("begin;")
        lines += [f"insert into t(name, n) values('row {i}', {i * 7});"
                  for i in range(first, first + each)]
        lines.append("commit;")
    lines.append(f"select ({now} - ns) / {INSERTS} from began;")
    return "\n".join(lines) + "\n"


class Place:
    """A disk as it is before each run, the images, and a Linux guest."""

    def __init__(self, box):
        self.box, self.dir = box, on_tmpfs()
        self.fresh, self.disk = self.dir / "fresh", self.dir / "disk"

    def prepare(self):
        subprocess.run([ROOT / "tools/kernel", LINUX,
                        "linux-image-cloud-amd64", *MODULES], check=True)
        self.build()
        self.make_disk()
        self.make_initrd()

    def close(self):
        shutil.rmtree(self.dir)

    def build(self):
        source = ROOT / "tests/benchmarks/programs"
        objects = BUILD / "apps/sqlite3/sqlite3.build/src"
        with_ext4 = [EFT_CC, "-O2", "-Wl,-u,eft_ext4_type", "-o"]
        musl = ["musl-gcc", "-static", "-O2", "-o"]
        for words in (
                [*with_ext4, self.dir / "disk.eft", source / "disk.c"],
                [*with_ext4, self.dir / "sqlite3.eft", objects / "shell.o",
                 objects / "sqlite3.o", "-lm"],
                [*musl, self.dir / "disk.linux", source / "disk.c"],
                [*musl, self.dir / "init", source / "first.c"]):
            subprocess.run(words, check=True)
        shutil.copy(BUILD / "apps/sqlite3/sqlite3.musl",
                    self.dir / "sqlite3.linux")

    def make_disk(self):
        tree = self.dir / "tree"
        tree.mkdir()
        (tree / "big").write_bytes(os.urandom(BIG_MIB << 20))
        for transactions in (1, 600):
            (tree / f"sql-{transactions}").write_text(script(transactions))
        self.fresh.touch()
        os.truncate(self.fresh, 2 * BIG_MIB << 20)
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-E",
                        "lazy_itable_init=0,lazy_journal_init=0", "-d", tree,
                        self.fresh], check=True)
        shutil.rmtree(tree)

    def make_initrd(self):
        root = self.dir / "root"
        (root / "modules").mkdir(parents=True)
        for number, name in enumerate(MODULES):
            shutil.copy(LINUX / f"{name}.ko",
                        root / "modules" / f"{number}.ko")
        for name in ("init", "disk.linux", "sqlite3.linux"):
            shutil.copy(self.dir / name, root)
        pack(root, self.dir / "initrd")
        shutil.rmtree(root)

    def words(self, what, folder):
        """The program and its words, for one row."""
        if what.startswith("sql-"):
            return "sqlite3", f"{folder}/base", f".read {folder}/{what}"
        return "disk", what, folder

    def flags(self):
        shutil.copyfile(self.fresh, self.disk)
        return ["-drive", f"if=none,id=disk,format=raw,file={self.disk}",
                "-device", "virtio-blk-pci,drive=disk"]

    def guest(self, what):
        name, *words = self.words(what, "/mnt")
        result = self.box.qemu(
            MACHINE, self.dir / f"{name}.eft", *words, mem=MEMORY,
            options="tty=plain mount./mnt=ext4:vda", flags=self.flags(),
            timeout=600)
        return number(result)

    def linux_guest(self, what):
        name, *words = self.words(what, "/mnt")
        words = " ".join(f'"{word}"' for word in words)
        result = self.box.run(
            ["qemu-system-x86_64", "-M", MACHINE, "-accel", "tcg", "-cpu",
             "max", "-m", MEMORY, "-nodefaults", "-no-user-config",
             "-no-reboot", "-display", "none", "-serial", "stdio", "-kernel",
             LINUX / "vmlinuz", "-initrd", self.dir / "initrd", "-append",
             "console=ttyS0 quiet panic=-1 rdinit=/init -- "
             f"/{name}.linux {words}", *self.flags()], timeout=600)
        if "exit 0" not in result.text:
            raise SystemExit(str(result))
        return number(result)

    def process(self, what):
        name, *words = self.words(what, "/mnt")
        self.flags()
        return number(self.box.run(
            [self.dir / f"{name}.eft", *words], timeout=600,
            env={"EFT": f"root=initrd disk={self.disk} "
                        "mount./mnt=ext4:vda"}))

    def host(self, what):
        """Linux's ext4 on a loop device; its cache is empty at first."""
        folder = self.dir / "mnt"
        folder.mkdir(exist_ok=True)
        self.flags()
        subprocess.run(["mount", "-o", "loop", self.disk, folder], check=True)
        try:
            name, *words = self.words(what, folder)
            return number(self.box.run([self.dir / f"{name}.linux", *words],
                                       timeout=600))
        finally:
            subprocess.run(["umount", folder], check=True)


def number(result):
    """The nanoseconds that the program says."""
    lines = re.findall(r"^(\d+\.\d+)\r?$", result.text, re.MULTILINE)
    if not lines:
        raise SystemExit(str(result))
    return float(lines[-1])


def speed_row(what, pairs, goal):
    """How many times as fast the first of each pair is as the second."""
    ratios = sorted(other / one for one, other in pairs)
    median = statistics.median(ratios)
    ours, others = (value / 1000 for value in medians(pairs))
    return Row(f"{what} ({ours:.1f} / {others:.1f} us)",
               f"{median:.3g}x ({ratios[0]:.3g}-{ratios[-1]:.3g})",
               f"at least {goal}x", median >= goal)


def measure(count):
    count = max(1, count // 3)
    box = Box()
    place = Place(box)
    try:
        place.prepare()
        for what, row, goal in ROWS:
            pairs = take_pairs(count, lambda: place.guest(row),
                               lambda: place.linux_guest(row))
            yield speed_row(f"guest: {what}", pairs, goal)
        if os.geteuid() != 0:
            return  # only root mounts a loop device
        for what, row, _ in ROWS:
            pairs = take_pairs(count, lambda: place.process(row),
                               lambda: place.host(row))
            yield speed_row(f"process: {what}", pairs, 1)
    finally:
        place.close()
        box.close()
