# SPDX-License-Identifier: BSD-3-Clause
"""Options and files that come from outside, good and bad."""
import os
import socket

from tests.runner.box import app, EFT, program
from tests.runner.case import Cases, check
from tests.image.crashes import report_of
from tests.image.starts import expect

cases = Cases("image")

# An option, and what the message must name.
BAD_OPTIONS = {
    "nonsense=1": "nonsense",
    "nonsense": "nonsense",
    "log=loud": "loud",
    "mem=much": "much",
    "mem=12Q": "12Q",
    "cpus=two": "two",
    "cpus=0": "cpus",
    "cpus=65": "cpus",
    "trace=everything": "everything",
    "tty=green": "green",
    "uring=maybe": "maybe",
    "'log=error": "quote",
}


def refused(result, where, named):
    report = report_of(result, where)
    check(result.status not in (0, 125) and result.status < 128,
          f"accepted, or crashed\n{result}")
    check("eft: " in report and named in report,
          f'the message does not name "{named}"\n{result}')


@cases.on("process", "microvm")
def bad_options(box, where):
    for option, named in BAD_OPTIONS.items():
        if where == "process":
            result = box.run([app("hello")], env={"EFT": option})
        else:
            result = box.qemu(where, app("hello"), options=option)
        refused(result, where, named)


@cases.on("process", "microvm")
def bad_options_by_flag(box, where):
    for option in ("nonsense=1", "log=loud", "mem=12Q"):
        result = box.eft_run(where, "hello", flags=["--set", option])
        refused(result, where, option.split("=")[1]
                if "nonsense" not in option else "nonsense")


@cases.on("process", "microvm")
def log_debug(box, where):
    result = box.eft_run(where, "hello", flags=["--set", "log=debug"])
    expect(result, 0)
    report = report_of(result, where)
    check("Hello from Eft!" in result.text and len(report.splitlines()) > 1,
          str(result))


@cases.on("process", "microvm")
def every_allocation_fails(box, where):
    """alloc.fail=N: a clean end or success, never a crash or a hang."""
    script = """
        local file = io.open('new', 'w')
        print(file and file:write('text') and file:close(), os.remove('new'))
        """
    for number in [*range(1, 24), 40, 80, 160]:
        result = box.eft_run(where, "lua", "-e", script, timeout=30, flags=[
            "--fs", ".", "--set", f"alloc.fail={number}"])
        check(result.status in (0, 1) or "memory" in report_of(result, where),
              f"alloc.fail={number}\n{result}")


# --- cpio ---------------------------------------------------------------------

READ = ["-e", "print(io.open('/greeting.txt'):read('a'))"]


def entry(name, data=b"", mode=0o100644, *, size=None, name_size=None,
          magic=b"070701"):
    """One file of a newc archive; the sizes may lie."""
    name = name.encode() + b"\0"
    fields = [1, mode, 0, 0, 1, 0, len(data) if size is None else size,
              0, 0, 0, 0, len(name) if name_size is None else name_size, 0]
    head = magic + b"".join(b"%08X" % field for field in fields) + name
    return pad(head) + pad(data)


def pad(data):
    return data + bytes(-len(data) % 4)


END = entry("TRAILER!!!", mode=0)
GREETING = entry("greeting.txt", b"good day\n")

GOOD_ARCHIVES = {
    "one file": GREETING + END,
    "padded to blocks": (GREETING + END).ljust(4096, b"\0"),
    "two archives": (entry("greeting.txt", b"bad day\n") + END).ljust(
        512, b"\0") + GREETING + END,
    "folders, a link, an absolute name": entry("a", mode=0o40755) + entry(
        "a/b", mode=0o40755) + entry("a/b/c", b"good day\n") + entry(
        "/greeting.txt", b"a/b/c", 0o120777) + END,
}

BAD_ARCHIVES = {
    "no cpio": b"This is a text, and no archive at all.\n" * 10,
    "old binary cpio": b"\xc7\x71" + bytes(200),
    "wrong magic": entry("greeting.txt", b"x", magic=b"070799") + END,
    "no hexadecimal number": GREETING.replace(b"000081A4", b"0000zzzz") + END,
    "cut in a header": GREETING + END[:50],
    "cut in a name": GREETING[:112],
    "cut in the data": entry("greeting.txt", b"x" * 1000)[:600],
    "no trailer": GREETING,
    "size past the end": entry("greeting.txt", b"x", size=100000) + END,
    "size of 4 GiB": entry("greeting.txt", b"x", size=0xffffffff) + END,
    "name of 4 GiB": entry("greeting.txt", b"x", name_size=0xffffffff) + END,
    "name of no bytes": entry("greeting.txt", b"x", name_size=0) + END,
    "name without its end": entry("greeting.txt", b"x", name_size=5) + END,
}


def read_archive(box, where, archive):
    path = box.dir / "archive.cpio"
    path.write_bytes(archive)
    if where == "process":
        return box.run([app("lua"), *READ],
                       env={"EFT": f"root=initrd initrd={path}"})
    return box.qemu(where, app("lua"), *READ, flags=["-initrd", path])


@cases.on("process", "microvm", "pc")
def cpio(box, where):
    for what, archive in GOOD_ARCHIVES.items():
        result = read_archive(box, where, archive)
        check(result.status == 0 and result.out == b"good day\n\n",
              f"{what}\n{result}")


@cases.on("process", "microvm")
def bad_cpio(box, where):
    for what, archive in BAD_ARCHIVES.items():
        result = read_archive(box, where, archive)
        report = report_of(result, where)
        check(result.status not in (0, 125) and result.status < 128 and
              "eft: " in report, f"{what}\n{result}")


@cases.case
def missing_initrd(box):
    result = box.run([app("hello")],
                     env={"EFT": "root=initrd initrd=/no/such.cpio"})
    if result.status == 0:    # a program without files needs no archive
        result = box.run([app("lua"), *READ],
                         env={"EFT": "root=initrd initrd=/no/such.cpio"})
    refused(result, "process", "/no/such.cpio")


@cases.on("process", "microvm")
def files_larger_than_memory(box, where):
    """A file in memory that grows without an end meets ENOSPC."""
    script = """
        local file, block, good, why = io.open('big', 'w'), ('x'):rep(1 << 16)
        repeat good, why = file:write(block) until not good
        print(why)
        """
    result = box.eft_run(where, "lua", "-e", script,
                         flags=["--mem", "64M", "--fs", "."])
    expect(result, 0, b"No space left on device\n")


# --- Files --------------------------------------------------------------------

@cases.on("process", "microvm", "q35", "pc")
def files_by_fs(box, where):
    """--fs DIR is / and the working directory; nothing is written back."""
    (box.dir / "files/sub").mkdir(parents=True)
    (box.dir / "files/sub/a file.txt").write_text("content\n")
    script = """
        io.write(io.open('sub/a file.txt'):read('a'))
        io.write(io.open('/sub/a file.txt'):read('a'))
        assert(io.open('new', 'w')):write('new'):close()
        print(io.open('/new'):read('a'), io.open('/etc/passwd'))
        """
    result = box.eft_run(where, "lua", "-e", script, flags=["--fs", "files"])
    expect(result, 0)
    check(result.text.startswith("content\ncontent\nnew\tnil\t"), str(result))
    check(not (box.dir / "files/new").exists(), "written back")


@cases.on("process", "microvm")
def missing_script(box, where):
    """The host's message and status."""
    host = box.run([app("lua").with_suffix(".musl"), "no-such.lua"])
    result = box.eft_run(where, "lua", "no-such.lua")
    wanted = host.errors.replace(str(app("lua").with_suffix(".musl")), "lua")
    expect(result, host.status)
    check(report_of(result, where) == wanted, f"wanted {wanted}\n{result}")


@cases.on("process", "microvm")
def missing_file(box, where):
    host = box.run([program("missing_file.host")])
    result = box.eft_run(where, program("missing_file"))
    expect(result, host.status)
    check(report_of(result, where) == host.errors, str(result))


@cases.case
def missing_database(box):
    result = box.run([EFT, "run", "sqlite3", "/no/where/my.db", "select 1"])
    check(result.status == 1 and "unable to open" in result.errors,
          str(result))


@cases.on("process", "microvm")
def small_limits(box, where):
    """A limit of memory that is too small is said to be, or a program runs."""
    for kib in (0, 1, 3, 4, 8, 12, 16, 20, 32, 48, 64, 96, 128, 192, 256):
        result = box.eft_run(where, "hello", timeout=30,
                             flags=["--set", f"mem={1024 * kib + 65}"])
        said = result.text + result.errors
        check(result.status == 0 if "Hello" in said else
              result.status in (1, 2) and "not enough memory" in said,
              str(result))
    for size in ("1M", "4M"):
        expect(box.eft_run(where, "hello", flags=["--set", f"mem={size}"]), 0,
               b"Hello from Eft! argc is 1.\n")


@cases.on("process", "microvm")
def most_of_a_limit(box, where):
    """The stack, of which few use much, leaves the rest to the program."""
    for mem, kib in (("2M", 1024), ("4M", 3000), ("8M", 6500), ("16M", 14000)):
        expect(box.eft_run(where, program("fill"), kib,
                           flags=["--set", f"mem={mem}"]), 0, b"filled\n")
    check(box.eft_run(where, program("fill"), 8200,
                      flags=["--set", "mem=8M"]).status == 1, "more than all")


@cases.case
def odd_files_are_left_out(box):
    """A FIFO, a socket: what no archive brings into a tree, and is said."""
    files = box.dir / "files"
    files.mkdir()
    (files / "line").write_text("here\n")
    os.mkfifo(files / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(files / "socket"))
        result = box.eft_run("microvm", program("missing_file"),
                             flags=["--fs", files])
    check("leaves out ./fifo" in result.errors and
          "leaves out ./socket" in result.errors, str(result))
    result = box.eft_run("microvm", "lua", "-e",
                         "io.write(io.open('/line'):read('a'))",
                         flags=["--fs", files])
    expect(result, 0, b"here\n")
