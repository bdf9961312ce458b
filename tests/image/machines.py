# SPDX-License-Identifier: BSD-3-Clause
"""The same bytes on every machine: boot, memory, processors, power-off."""
import hashlib
import re
import socket
import subprocess
import time

from tests.benchmarks.boot import GOAL_INSTRUCTIONS, instructions
from tests.benchmarks.sizes import LIMITS
from tests.runner.box import app, END_OF_FILE, ENVIRONMENT, program, ROOT
from tests.runner.case import Cases, check, Failure, MACHINES, PLATFORMS
from tests.image.starts import expect

cases = Cases("image")

HELLO = b"Hello from Eft! argc is 1.\n"


@cases.on(*PLATFORMS)
def hello(box, where):
    expect(box.eft_run(where, "hello"), 0, HELLO)


@cases.case
def first_guest_of_all(box):
    """Which CPU it gets is found out before, and nothing shows of that."""
    fresh = box.dir / "build"
    fresh.mkdir()
    (fresh / "apps").symlink_to(app("hello").parent.parent)
    result = box.eft_run("microvm", "hello",
                         env={"EFT_BUILD": str(fresh), "EFT_ACCEL": ""})
    expect(result, 0, HELLO)
    check(result.err == b"", str(result))


@cases.case
def same_bytes(box):
    """One file serves all, and none of them changes it."""
    image = box.dir / "hello"
    image.write_bytes(app("hello").read_bytes())
    image.chmod(0o555)
    for where in PLATFORMS:
        expect(box.eft_run(where, image), 0, HELLO)
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    check(image.read_bytes() == app("hello").read_bytes(), "bytes changed")
    return f"sha256 {digest}"


@cases.on(*MACHINES)
def hello_on_an_old_processor(box, where):
    expect(box.qemu(where, app("hello"), cpu="qemu64", options=""), 0,
           HELLO.replace(b"\n", b"\r\n"))


@cases.on(*MACHINES)
def hello_in_4_mib(box, where):
    expect(box.qemu(where, app("hello"), mem="4M"), 0, HELLO)


@cases.on(*MACHINES)
def hello_in_3_gib(box, where):
    """Memory that a PC splits at the hole below 4 GiB."""
    expect(box.qemu(where, app("hello"), mem="3500M"), 0, HELLO)


@cases.on(*MACHINES)
def processors(box, where):
    """By ACPI, or by an MP table, which has one for each socket."""
    for machine, flags in ((where, []),
                           (f"{where},acpi=off", ["-smp", "2,sockets=2"])):
        expect(box.qemu(machine, program("threads_end"), "exit", cpus=2,
                        flags=flags), 7)


@cases.on(*MACHINES)
def processors_that_are_not_there(box, where):
    result = box.qemu(where, program("threads_end"), "exit",
                      options="cpus=3", flags=["-smp", "2"])
    expect(result, 2)
    check("cpus" in result.text and "has 2" in result.text, str(result))


@cases.case
def too_little_memory(box):
    """Where a program cannot run this is said: nothing hangs."""
    for image in ("hello", "sqlite3"):
        for mem in ("1M", "2M", "2200K", "2500K", "3M", "3500K"):
            result = box.eft_run("microvm", image, "-version", timeout=30,
                                 flags=["--mem", mem])
            said = result.text + result.errors
            check(result.status == 0 or mem in said or "memory" in said,
                  f"{mem}: {result}")


@cases.on(*MACHINES)
def not_all_of_it_in_memory(box, where):
    """The first code of the image says so, where there is memory for that."""
    lines = box.run(["readelf", "-lW", app("hello")]).text.splitlines()
    ends = [int(line.split()[2], 0) + int(line.split()[5], 0)
            for line in lines if line.split()[:1] == ["LOAD"]]
    end = (max(ends) + 4095 >> 12) * 4
    # CAVEATS: QEMU, or a PC's firmware, leaves nothing of it with less.
    least = 2056 if where == "microvm" else 2184
    for kib in (least, end - 8 & -8):
        result = box.qemu(where, app("hello"), mem=f"{kib}K", timeout=30)
        expect(result, 1, b"eft: cannot boot: too little memory: there are "
               b"%dK, the program takes %dK\n" % (kib, end))


@cases.case
def by_hand(box):
    """The README's command line, and what it says of it."""
    text = (ROOT / "README.md").read_text().split("### A guest by hand\n")[1]
    commands = re.match(r"\s*((?:    .*\n)+)", text)[1]
    (box.dir / "build").symlink_to(app("sqlite3").parent.parent.parent)
    (box.dir / "dir").mkdir()
    result = box.run(["bash", "-c", f"set -o pipefail\n{commands}"])
    expect(result, 7, b"42\n")
    result = box.run(["bash", "-c", re.sub(r"-device \S+", "", commands)])
    expect(result, 0, b"42\n")


@cases.case
def sizes(box):
    for name, limit in LIMITS.items():
        size = app(name).stat().st_size
        check(size <= limit, f"{name}: {size} bytes, more than {limit}")


@cases.case
def boot_instructions(box):
    count, _ = instructions(box)
    check(count <= GOAL_INSTRUCTIONS, f"{count} instructions")
    return f"{count} instructions from the first to main()"


def power_off(box, machine, image, *append, cpu="max"):
    """QEMU as the README has it: no debug exit, no debug console."""
    return box.run(
        ["qemu-system-x86_64", "-M", machine, "-accel",
         ENVIRONMENT["EFT_ACCEL"], "-cpu", cpu, "-nodefaults", "-display",
         "none", "-serial", "stdio", "-no-reboot", "-kernel", image,
         *append], stdin=END_OF_FILE, timeout=30)


@cases.on(*MACHINES)
def clean_power_off(box, where):
    result = power_off(box, where, app("hello"))
    check(result.status == 0 and result.text.endswith("argc is 1.\r\n"),
          str(result))


@cases.on(*MACHINES)
def clean_power_off_after_failure(box, where):
    result = power_off(box, where, program("exit_status"), "-append", "-- 42")
    check(result.status == 0 and result.out == b"", str(result))


@cases.on(*MACHINES)
def debug_exit(box, where):
    """isa-debug-exit alone: QEMU ends with 2 * status + 1."""
    for status in (0, 1, 42):
        result = power_off(
            box, where, program("exit_status"), "-append", f"-- {status}",
            "-device", "isa-debug-exit,iobase=0x501,iosize=2")
        expect(result, 2 * status + 1, b"")


@cases.case
def plain_qemu(box):
    """qemu-system-x86_64 -kernel app, with all its default devices."""
    result = box.run(["qemu-system-x86_64", "-accel",
                      ENVIRONMENT["EFT_ACCEL"], "-nographic", "-no-reboot",
                      "-kernel", app("hello")], stdin=END_OF_FILE, timeout=60)
    check(result.status == 0 and b"argc is 1.\r\n" in result.out,
          str(result))


# --- W^X ----------------------------------------------------------------------

MAPS = "for line in io.lines('/proc/self/maps') do print(line) end"


def no_line_writable_and_executable(maps):
    lines = [line for line in maps.splitlines() if "-" in line]
    check(len(lines) >= 3, f"too few lines:\n{maps}")
    check(any(" r-xp" in line for line in lines), f"no code:\n{maps}")
    for line in lines:
        modes = line.split()[1]
        check(not ("w" in modes and "x" in modes),
              f"writable and executable: {line}\n{maps}")


@cases.on("process", "microvm")
def write_xor_execute(box, where):
    result = box.eft_run(where, "lua", "-e", MAPS)
    expect(result, 0)
    no_line_writable_and_executable(result.text)


@cases.case
def write_xor_execute_as_the_host_sees_it(box):
    child = subprocess.Popen([program("cat_stdin")], cwd=box.dir,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             start_new_session=True)
    try:
        child.stdin.write(b"here\n")
        child.stdin.flush()
        check(child.stdout.readline() == b"here\n", "no answer")
        with open(f"/proc/{child.pid}/maps") as maps:
            no_line_writable_and_executable(maps.read())
    finally:
        child.communicate()


@cases.on(*MACHINES)
def write_xor_execute_as_the_machine_sees_it(box, where):
    """QEMU's monitor tells the page tables of a guest that waits."""
    path = box.temp / "monitor"
    child = subprocess.Popen(
        ["qemu-system-x86_64", "-M", where, "-accel",
         ENVIRONMENT["EFT_ACCEL"], "-cpu", "max", "-nodefaults", "-display",
         "none", "-serial", "stdio", "-no-reboot",
         "-monitor", f"unix:{path},server=on,wait=off",
         "-kernel", program("cat_stdin"), "-append", "tty=plain"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    try:
        child.stdin.write(b"here\n")
        child.stdin.flush()
        check(child.stdout.readline() == b"here\n", "no answer")
        judge_page_table(monitor(path, "info tlb"))
        child.communicate(END_OF_FILE, timeout=30)
    finally:
        child.kill()
        child.communicate()


def monitor(path, command):
    """What QEMU's monitor answers to (command)."""
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(30)
        wire.connect(str(path))
        wire.sendall(command.encode() + b"\n")
        text = b""
        while text.count(b"(qemu)") < 2:
            text += wire.recv(65536)
    return text.decode()


def judge_page_table(text):
    """Lines such as `0000000000200000: 0000000000200000 X--DA---W`; X is
    the bit that forbids execution."""
    rows = re.findall(r"^(\w{16}): \w{16} ([XGPDACTUW-]{9})", text,
                      re.MULTILINE)
    check(len(rows) > 10, f"no page table:\n{text[:2000]}")
    bad = [f"{address} {flags}" for address, flags in rows
           if flags[8] == "W" and flags[0] != "X"]
    if bad:
        raise Failure(f"{len(bad)} of {len(rows)} pages are writable and "
                      "executable:\n" + "\n".join(bad[:20]))


# --- Debuggers ----------------------------------------------------------------

@cases.case
def gdb_on_a_process(box):
    result = box.run(["gdb", "-nx", "-batch", "-ex", "break main", "-ex",
                      "run", "-ex", "backtrace", "-ex", "continue",
                      app("hello")])
    check("main (argc=1, " in result.text and "Hello from Eft!" in result.text,
          str(result))


@cases.on("microvm", "pc")
def gdb_on_a_guest(box, where):
    path = box.temp / "gdb"
    child = subprocess.Popen(
        ["qemu-system-x86_64", "-M", where, "-accel", "tcg", "-cpu", "max",
         "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot",
         "-chardev", f"socket,path={path},server=on,wait=off,id=gdb",
         "-gdb", "chardev:gdb", "-S", "-kernel", app("hello")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    try:
        while not path.exists() and child.poll() is None:
            time.sleep(0.01)
        result = box.run(["gdb", "-nx", "-batch", "-ex",
                          f"target remote {path}", "-ex", "hbreak main",
                          "-ex", "continue", "-ex", "backtrace",
                          "-ex", "continue", app("hello")])
        check("main (argc=1, " in result.text, str(result))
        out, _ = child.communicate(timeout=30)
        check(b"Hello from Eft!" in out, f"{result}\n{out!r}")
    finally:
        child.kill()
        child.communicate()
