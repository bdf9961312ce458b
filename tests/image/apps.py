# SPDX-License-Identifier: BSD-3-Clause
"""Lua and SQLite: the distribution's programs are the truth, and the same
sources built for plain Linux, as a process, under valgrind and on each
machine give the same."""
import shutil
import subprocess

from tests.runner.box import app, EFT, ROOT
from tests.runner.case import Cases, check, MACHINES
from tests.runner.posix import VALGRIND
from tests.image.starts import expect

cases = Cases("apps")

SCRIPTS = ROOT / "tests/image/scripts"
DISTRIBUTION = {"lua": "lua5.4", "sqlite3": "sqlite3"}

# musl converts numbers in long double, which valgrind computes as double: the
# truth there is what valgrind makes of the plain musl build.
FLOATS = {"lua_demo"}
PLACES = ("musl", "process", "valgrind") + MACHINES

# Test: the files it needs, the program, its arguments.
RUNS = {
    "lua_demo": (ROOT / "apps/demo", "lua", ["demo.lua"]),
    "sqlite_demo": (ROOT / "apps/demo", "sqlite3",
                    ["demo.db", ".read demo.sql"]),
    "sqlite_wal": (SCRIPTS, "sqlite3", ["wal.db", ".read wal.sql"]),
    "sqlite_reopen": (SCRIPTS, "sqlite3", ["one.db", ".read reopen.sql"]),
    "lua_files": (SCRIPTS, "lua", ["files.lua", "one", "two words"]),
}


def command(name, where):
    if where == "distribution":
        return [DISTRIBUTION[name]]
    if where == "musl":
        return [app(name).with_suffix(".musl")]
    if where == "process":
        return [app(name)]
    if where == "valgrind":
        return [*VALGRIND, app(name)]
    if where == "valgrind musl":
        return ["valgrind", "-q", app(name).with_suffix(".musl")]
    return [EFT, "run", "--on", where, "--fs", ".", name]


def run(box, test, where):
    files, name, args = RUNS[test]
    work = box.dir / where
    shutil.copytree(files, work)
    result = box.run([*command(name, where), *args], cwd=work,
                     env={"HOME": str(box.temp)}, timeout=240)
    expect(result, 0)
    return result


def same_as_the_distribution(box, test, where):
    by_valgrind = where == "valgrind" and test in FLOATS
    truth = run(box, test, "valgrind musl" if by_valgrind else "distribution")
    result = run(box, test, where)
    check(truth.out and result.out == truth.out, f"{truth}\n{result}")
    check(by_valgrind or result.err == truth.err, f"{truth}\n{result}")


for test in RUNS:
    for where in PLACES:
        cases.add(f"{test} {where}", same_as_the_distribution, test, where)


INSERTS = """
    create table if not exists t(id integer primary key, name text, n real);
    begin;
    with recursive c(i) as (select 1 union all select i + 1 from c
                            where i < 10000)
    insert into t(name, n) select printf('row %d', i), i / 7.0 from c;
    commit;
    select count(*), max(id), round(sum(n), 3) from t;
    pragma integrity_check;
    """


@cases.on("delete", "wal")
def database_outlives_the_process(box, mode):
    """Ours writes it twice, the distribution's reads it and writes on."""
    mine = [app("sqlite3"), "my.db"]
    theirs = ["sqlite3", "my.db"]
    box.run(mine + [f"pragma journal_mode={mode}"])
    expect(box.run(mine + [INSERTS]), 0, b"10000|10000|7143571.429\nok\n")
    expect(box.run(mine + [INSERTS]), 0, b"20000|20000|14287142.857\nok\n")
    expect(box.run(theirs + [INSERTS]), 0, b"30000|30000|21430714.286\nok\n")
    expect(box.run(mine + ["select count(*) from t where n > 1000;"
                           "pragma journal_mode"]), 0,
           f"9000\n{mode}\n".encode())
    left = sorted(path.name for path in box.dir.iterdir())
    check(left == ["my.db"], f"files left: {left}")


@cases.case
def killed_in_a_transaction(box):
    """What was not committed is not there afterwards."""
    expect(box.run([app("sqlite3"), "my.db", INSERTS]), 0)
    child = subprocess.Popen([app("sqlite3"), "my.db"], cwd=box.dir,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             start_new_session=True)
    child.stdin.write(b"pragma cache_size = 5; begin;\n"
                      b"update t set name = 'changed';\n"
                      b"select 'under way';\n")
    child.stdin.flush()
    said = child.stdout.readline()
    journal = (box.dir / "my.db-journal").exists()
    child.kill()
    child.communicate()
    check(said == b"under way\n" and journal, f"{said!r}, {journal}")
    expect(box.run([app("sqlite3"), "my.db", "pragma integrity_check; "
                    "select count(*) from t where name = 'changed';"]), 0,
           b"ok\n0\n")
