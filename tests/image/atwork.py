# SPDX-License-Identifier: BSD-3-Clause
"""Real programs on a shared folder, unmodified: zstd, SQLite with a rollback
journal and with a log in shared memory, its threadtest3, and LMDB. The truth is
what the host's programs make of the same, and of what is left."""
import hashlib

from tests.image.compress import text, THREAD_TESTS
from tests.image.mapped import TESTS as LMDB_TESTS, WAL
from tests.image.shared import folder, link, run
from tests.image.starts import expect
from tests.runner.box import app, ROOT
from tests.runner.case import Cases, check

cases = Cases("shared")

PROTOCOLS = ("9p", "virtiofs")
REOPEN = ROOT / "tests/image/scripts/reopen.sql"


def built(name, *folders):
    return app(name).with_suffix(".build").joinpath("src", *folders)


@cases.on(*PROTOCOLS)
def zstd(box, protocol):
    """Files to files, by two threads, and back."""
    objects = sorted(built("zstd", "programs", "obj").glob("*/*.o"))
    image = link(box, "zstd", protocol, *objects)
    data, here = text(2 << 20), folder(box)
    (here / "data").write_bytes(data)
    expect(run(box, "microvm", protocol, image, "-T2", "-1", "-q", "data",
               cpus=2), 0)
    packed = here / "data.zst"
    check(packed.stat().st_size < len(data) / 2, "it is no smaller")
    expect(box.run(["zstd", "-t", "-q", packed]), 0)
    (here / "data").unlink()
    expect(run(box, "microvm", protocol, image, "-d", "-q", "data.zst",
               cache="loose"), 0)
    wanted, got = (hashlib.sha256(b).hexdigest()
                   for b in (data, (here / "data").read_bytes()))
    check(wanted == got, f"{wanted} became {got}")


def sqlite(box, protocol, script, name, cache):
    parts = built("sqlite3")
    image = link(box, "sql", protocol, parts / "shell.o", parts / "sqlite3.o",
                 "-lm")
    truth = box.run(["sqlite3", name, f".read {script}"])
    expect(truth, 0)
    here = folder(box)
    (here / "script").write_bytes(script.read_bytes())
    result = run(box, "microvm", protocol, image, name, ".read script",
                 cache=cache)
    expect(result, 0, truth.out)
    for mine in here.glob("*.db"):
        left = box.run(["sqlite3", mine, "pragma integrity_check"])
        expect(left, 0, b"ok\n")


for protocol in PROTOCOLS:
    for cache in ("none", "mmap", "loose"):
        cases.add(f"sqlite_reopen {protocol} cache={cache}", sqlite, protocol,
                  REOPEN, "one.db", cache)
    for cache in ("mmap", "loose"):
        cases.add(f"sqlite_wal {protocol} cache={cache}", sqlite, protocol, WAL,
                  "wal.db", cache)


@cases.on(*PROTOCOLS)
def threadtest3(box, protocol):
    parts = built("threadtest3")
    image = link(box, "threadtest3", protocol,
                 *(parts / f"{name}.o" for name in
                   ("threadtest3", "test_multiplex", "sqlite3")), "-lm")
    folder(box)
    result = run(box, "microvm", protocol, image, *THREAD_TESTS, cpus=2,
                 cache="loose", mem="512M")
    expect(result, 0)
    check(f"0 errors out of {len(THREAD_TESTS)} tests" in result.text, result)


@cases.on(*PROTOCOLS)
def lmdb(box, protocol):
    """Its database is a mapping, shared and writable; the host's own build of it
    reads what is left."""
    parts = built("lmdb", "libraries", "liblmdb")
    expect(box.run(["gcc", "-O1", "-w", "-pthread", "-o", "mdb_stat",
                    *(parts / f"{name}.c"
                      for name in ("mdb_stat", "mdb", "midl"))], timeout=120), 0)
    here = folder(box)
    for test, cache in zip(LMDB_TESTS, ("mmap", "loose") * 3):
        image = link(box, test, protocol, "-w", parts / f"{test}.c",
                     parts / "liblmdb.a")
        (here / "testdb").mkdir(exist_ok=True)
        for old in (here / "testdb").iterdir():
            old.unlink()
        result = run(box, "microvm", protocol, image, cache=cache)
        check(result.status == 0, result)
        result = box.run([box.dir / "mdb_stat", here / "testdb"])
        check(result.status == 0 and "Entries: " in result.text, result)
