# SPDX-License-Identifier: BSD-3-Clause
"""`eft run --out`: what a program leaves in its files in memory comes back."""
import os
import stat

from tests.runner.box import app, EFT, program
from tests.runner.case import Cases, check

cases = Cases("image")

BIG, FAR = 5 << 20, 10000000
WAYS = "process", "process cpus=2", "microvm", "microvm cpus=2", "q35", "pc"


def big():
    return b"".join(bytes((i * 7 + page) & 255
                          for i in range(page * 4096, (page + 1) * 4096))
                    for page in range(BIG // 4096))


# The folder that --fs gives, and what --out has to give back.
GIVEN = {"changed": b"as it was\n", "moved": b"moved\n",
         "same/file": b"the same\n"}
LEFT = {"d/text": b"text\n", "again": b"text\n", "sparse": bytes(FAR) + b"end",
        "big": big()}
CHANGED = {"changed": b"as it was\nmore\n", "new/moved": b"moved\n"}


def fill(folder, files):
    for name, contents in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and not path.is_symlink()}


def run(box, where, out, *words, fs=None):
    where, *cpus = where.split(" cpus=")
    flags = ["--fs", fs] if fs else []
    return box.run([EFT, "run", "--on", where, "--cpus", *(cpus or "1"), *flags,
                    "--out", out, program("leaves_files"), *words])


def check_left(result, out, status, files):
    found = contents(out)
    check(result.status == status,
          f"status {result.status}, wanted {status}:\n{result.errors}")
    check(found.keys() == files.keys(), f"there are {sorted(found)}")
    for name in files:
        check(found[name] == files[name], f"{name} has other contents")
    link = out / "d" / "link"
    check(link.is_symlink() and os.readlink(link) == "../again", "d/link")
    empty = (out / "d" / "empty").stat()
    check(stat.S_IMODE(empty.st_mode) == 0o700, "d/empty has another mode")
    text = (out / "d" / "text").stat()
    check(stat.S_IMODE(text.st_mode) == 0o640, "d/text has another mode")
    check(text.st_ino == (out / "again").stat().st_ino, "again is a copy")
    check((out / "sparse").stat().st_blocks < 100, "sparse has no hole")


@cases.on(*WAYS)
def what_is_left_comes_out(box, where):
    """Of /out, and all that was changed elsewhere, but for /tmp and /dev."""
    fs, out = box.dir / "fs", box.dir / "above" / "out"
    fill(fs, GIVEN)
    result = run(box, where, out, fs=fs)
    check_left(result, out, 7, {**LEFT, **CHANGED})
    check(contents(fs) == GIVEN, "the folder of --fs has changed")
    result = run(box, where, out, "abort", fs=fs)    # over what is there
    check_left(result, out, 134, {**LEFT, **CHANGED})


@cases.on("microvm")
def out_without_fs(box, where):
    out = box.dir / "out"
    check_left(run(box, where, out), out, 7, LEFT)


@cases.on("process", "microvm")
def out_over_fs(box, where):
    """The same folder for both: a program's files stay from run to run."""
    fs = box.dir / "fs"
    fill(fs, GIVEN)
    check_left(run(box, where, fs, fs=fs), fs, 7,
               {**GIVEN, **LEFT, **CHANGED})


@cases.on("process", "microvm")
def out_follows_no_link(box, where):
    """A link that lies in DIR leads nothing out of it."""
    fs, out, outside = box.dir / "fs", box.dir / "out", box.dir / "outside"
    fill(fs, GIVEN)
    out.mkdir()
    outside.mkdir()
    (out / "d").symlink_to(outside)
    result = run(box, where, out, fs=fs)
    check(result.status == 7, f"status {result.status}, wanted 7")
    check(f"eft run: --out {out}: " in result.errors, result.errors)
    check(not any(outside.iterdir()), "something came through the link")


@cases.on("process", "microvm")
def out_that_cannot_be(box, where):
    """Said before the program runs."""
    fs, file = box.dir / "fs", box.dir / "file"
    fill(fs, GIVEN)
    file.write_text("a file")
    result = run(box, where, file, fs=fs)
    check(result.status == 2, f"status {result.status}, wanted 2")
    check("eft run: --out" in result.errors, result.errors)
    result = box.run([EFT, "run", "--on", where, "--fs", fs, "--out",
                      box.dir / "out", app("hello")])
    check(result.status == 2 and "no calls that open" in result.errors,
          result.errors)
    if where == "process":
        result = run(box, where, box.dir / "out")
        check(result.status == 2 and "without --fs" in result.errors,
              result.errors)
