# SPDX-License-Identifier: BSD-3-Clause
"""Programs that map files of a disk, writable and shared: SQLite's WAL, and LMDB,
whose database is such a mapping. Unmodified, as a process and as a guest."""
from tests.image.disks import is_sound, make_disk
from tests.image.starts import expect
from tests.runner.box import app, BUILD, EFT, ROOT
from tests.runner.case import Cases, check

cases = Cases("disks")

EFT_CC = BUILD / "sysroot/bin/eft-cc"
ON_DISK = ROOT / "tests/image/programs/on_disk.c"
WAL = ROOT / "tests/image/scripts/wal.sql"
TESTS = ("mtest", "mtest2", "mtest3", "mtest4", "mtest5")


def link(box, name, *words):
    """An image that begins on the disk."""
    expect(box.run([EFT_CC, "-Wl,-u,eft_ext4_type", "-pthread", "-o", name,
                    *words, ON_DISK], timeout=120), 0)
    return name


def run(box, where, image, *args, cpus=1, **how):
    return box.run([EFT, "run", "--on", where, "--cpus", cpus,
                    "--disk", "disk", "--mount", "/mnt=ext4:vda", image, *args],
                   timeout=240, **how)


@cases.on("process", "microvm")
def sqlite_wal(box, where):
    """The log's index is shared memory; the truth is the distribution's."""
    parts = app("sqlite3").with_suffix(".build") / "src"
    image = link(box, "sql", parts / "shell.o", parts / "sqlite3.o", "-lm")
    disk = make_disk(box)
    truth = box.run(["sqlite3", "wal.db", f".read {WAL}"])
    expect(truth, 0)
    result = run(box, where, image, "-batch", "wal.db", stdin=WAL.read_bytes())
    check(result.status == 0 and result.out.replace(b"\r", b"") == truth.out,
          result)
    is_sound(box, disk)


@cases.on("process", "microvm")
def lmdb(box, where):
    """Each of its tests in turn, and what is left is read by another."""
    parts = app("lmdb").with_suffix(".build") / "src/libraries/liblmdb"
    reads = link(box, "mdb_stat", parts / "mdb_stat.c", parts / "liblmdb.a")
    tree = box.dir / "tree"
    (tree / "testdb").mkdir(parents=True)
    for test in TESTS:
        image = link(box, test, "-w", parts / f"{test}.c",
                     parts / "liblmdb.a")
        disk = make_disk(box, "-d", tree)
        result = run(box, where, image, cpus=2)
        check(result.status == 0, result)
        result = run(box, where, reads, "testdb")
        check(result.status == 0 and "Entries: " in result.text, result)
        is_sound(box, disk)
