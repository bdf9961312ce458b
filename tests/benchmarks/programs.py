# SPDX-License-Identifier: BSD-3-Clause
"""Whole programs, start to end: Eft's process / others, files on tmpfs."""
import os
import shutil
import tempfile
from pathlib import Path

from tests.benchmarks.pairs import ratio_row, take_pairs, wall_ns
from tests.runner.box import app, Box, ROOT

GOAL_SQLITE = 1.1
ROWS = 60000
INSERTS = f"""
    create table t(id integer primary key, name text, n integer);
    begin;
    with recursive c(i) as (select 1 union all select i + 1 from c
                            where i < {ROWS})
    insert into t(name, n) select 'row ' || i, i * 7 from c;
    commit;
    """


def on_tmpfs():
    """A fresh folder, in memory where the machine has such."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="eft-bench-", dir=base))


def insert(box, folder, sqlite3):
    path = folder / "bench.db"
    path.unlink(missing_ok=True)
    return wall_ns(box, [sqlite3, path, INSERTS], cwd=folder,
                   env={"HOME": str(box.temp)})


def lua(box, folder, lua):
    return wall_ns(box, [lua, "demo.lua"], cwd=folder)


def measure(count):
    box, folder = Box(), on_tmpfs()
    shutil.copytree(ROOT / "apps/demo", folder, dirs_exist_ok=True)
    try:
        for other, goal in ((app("sqlite3").with_suffix(".musl"), GOAL_SQLITE),
                            ("sqlite3", None)):
            name = "the musl build" if goal else "Debian's (glibc)"
            pairs = take_pairs(count,
                               lambda: insert(box, folder, app("sqlite3")),
                               lambda: insert(box, folder, other))
            yield ratio_row(f"sqlite3, {ROWS} inserts / {name}", pairs, goal)
        for other, name in ((app("lua").with_suffix(".musl"),
                             "the musl build"),
                            ("lua5.4", "Debian's (glibc)")):
            pairs = take_pairs(count, lambda: lua(box, folder, app("lua")),
                               lambda: lua(box, folder, other))
            yield ratio_row(f"lua demo.lua / {name}", pairs)
    finally:
        shutil.rmtree(folder)
        box.close()
