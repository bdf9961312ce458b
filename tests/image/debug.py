# SPDX-License-Identifier: BSD-3-Clause
"""Debuggers: ./eft gdb on a process, a guest and a core file."""
import re
import shutil
from pathlib import Path

from tests.image.interactive import INTERRUPT, Terminal
from tests.runner.box import EFT, program, ROOT
from tests.runner.case import Cases, check, Skip

cases = Cases("debug")
WHERE = ("process", "microvm")


def gdb(box, where, *commands, flags=(), args=(), name="debugged"):
    words = [word for command in commands for word in ("-ex", command)]
    return box.run([EFT, "gdb", "--on", where, *flags, "-batch", *words,
                    program(name), *args], timeout=120)


def wanted(result, *patterns):
    for pattern in patterns:
        check(re.search(pattern, result.text, re.MULTILINE),
              f"no {pattern!r} in\n{result}")


# What is seen of tests/image/programs/debugged.c when it has met its end.
THREADS = (r"^\* +1 +main +running +\d +\d+/8192K",
           r"^ +2 +locker +sleeping +\d +\d+/\d+K +futex\(word=0x",
           r"^ +3 +reader +sleeping +\d +\d+/\d+K +read\(fd=\d",
           r"^ +4 +spinner +(running|ready) +\d +\d+/\d+K")
BACKTRACES = (r"^Thread 1 \(main\), running:",
              r"^#\d+ .*\bmain \(",
              r"^#\d+ .*\beft_sys_futex \(.*\) at .*futex\.c:\d+",
              r"^#\d+ .*\bwait_for_mutex \(.* at .*debugged\.c:\d+",
              r"^#\d+ .*\beft_pipe_read \(pipe=",
              r"^#\d+ .*\beft_enter \(\) at .*enter\.S",
              r"^#\d+ .*\bwait_for_byte \(.* at .*debugged\.c:\d+",
              r"^#\d+ .*\bcompute \(.* at .*debugged\.c:\d+")


def threads(box, where, cpus):
    result = gdb(box, where, "break main", "run", "eft threads", "continue",
                 "eft threads", "eft bt all", "eft bt", flags=["--cpus", cpus],
                 args=["fault"])
    wanted(result, r"^Breakpoint 1 at .*debugged\.c", r"Breakpoint 1, main \(",
           r"^\* +\d+ +main +running +0 +\d+/8192K$", *THREADS, *BACKTRACES)


for where in WHERE:
    for cpus in (1, 2):
        cases.add(f"gdb_threads {where} cpus={cpus}", threads, where, cpus)


@cases.on(*WHERE)
def gdb_memory_and_files(box, where):
    (box.dir / "folder").mkdir()
    (box.dir / "folder/note").write_text("twelve bytes")
    result = gdb(box, where, "run", "eft maps", "eft files", "eft fs",
                 "eft log", flags=["--fs", box.dir, "--set", "log=info"],
                 args=["fault"])
    wanted(result, r"r-x +\d+ +the image: text$", r"rw- +8192 +stack$",
           r"rw- +\d+ +RAM of the libOS$",
           r"^0 +r", r"^\d +r +0 +\d+ +pipe_file$",
           r"^-0\d+ +12 +/folder/note$", r"^d0\d+ +0 +/proc$",
           r"^eft: memory: \d+ KiB for the libOS")


@cases.on(*WHERE)
def gdb_printers(box, where):
    result = gdb(box, where, "run", "p *eft_cpus[0]->queue",
                 "p eft_first_process.space->tree", "p eft_threads_lock",
                 "p rename_mutex",
                 "p rename_mutex.queue", "p rename_mutex.queue.waiters",
                 args=["fault"])
    wanted(result, r"^\$1 = run queue: (empty list|list of 1)",
           r"^\$2 = tree of \d+", r"^\$3 = free lock",
           r"^\$4 = free mutex", r"^\$5 = wait queue: empty list",
           r"^\$6 = empty list")


@cases.on(*WHERE)
def gdb_one_thread(box, where):
    """It is on no list of threads."""
    result = gdb(box, where, "run", "eft threads", "eft bt 1",
                 name="null_deref")
    wanted(result, r"^\* +1 +main +running", r"^#\d+ .*\bmain \(")


def begins_in_the_program(text, function):
    """So does the last backtrace, and there is nothing of the libOS's in it."""
    frames = re.findall(r"^#\d+ .*$", text, re.MULTILINE)
    check(frames and f"{function} (" in frames[0] and
          "main (" in frames[-1], f"{frames}\n{text}")
    check(not any("eft_" in frame or "raise" in frame for frame in frames),
          f"{frames}\n{text}")


@cases.on(*WHERE)
def gdb_stops_in_the_program(box, where):
    for how in ("fault", "abort"):
        result = gdb(box, where, "run", "echo begin\\n", "bt", args=[how])
        check("begin\n" in result.text, str(result))
        begins_in_the_program(result.text.partition("begin\n")[2], "meet_end")


@cases.on(*WHERE)
def gdb_thread_that_has_not_run(box, where):
    """It has no frames, and its number and name are those of reports."""
    result = gdb(box, where, "run", "eft threads", "eft bt 9", name="unrun")
    wanted(result, r"^ +9 +later +ready +0 +\d+/\d+K +\(has not run yet\)$",
           r"^It has not run yet, and begins in later\(\)\.$")


@cases.on(*WHERE)
def gdb_at_a_terminal(box, where):
    """^C stops the program, and not its machine."""
    with Terminal(box, EFT, "gdb", "--on", where, "-ex", "set confirm off",
                  program("debugged"), "wait") as user:
        user.expect("(gdb) ")
        user.send("run\r")
        user.expect("ready\n")
        user.send(INTERRUPT)
        user.expect("(gdb) ")
        user.send("eft threads\r")
        user.expect("futex(")
        user.expect("(gdb) ")
        user.send("quit\r")
        user.end(0)


@cases.on(*WHERE)
def gdb_from_a_handler(box, where):
    """The frames of a signal's handler go on in what it interrupted."""
    result = gdb(box, where, "break on_alarm", "run", "bt",
                 name="signal_handled")
    wanted(result, r"^#0 +on_alarm", r"<signal handler called>",
           r"^#\d+ .*\bmain \(")


# Where the processor, or the libOS, has code begin that nobody calls; what it
# calls; a program, and its CPUs. A trap is a page's that is not there yet (SDM
# vol. 3 §6.3.1: vector 14), an interrupt the timer's, a flush of the TLB is
# another CPU's wish, and a context that of a signal's handler.
BEGINNINGS = {
    "trap": ("eft_kvm_trap_stubs + 9 * 14", "eft_kvm_trap", "stepped", 1),
    "interrupt": ("eft_kvm_irq_stubs", "eft_kvm_interrupt", "stepped", 1),
    "flush": ("eft_kvm_flush_stub", "eft_kvm_flush_interrupt", "stepped", 2),
    "yield": ("eft_divert_entry", "eft_yield", "stepped", 1),
    "context": ("eft_context_entry", "eft_context_entered", "signal_handled",
                1)}


def stepped(box, place, target, name, cpus):
    """There, and on the way back, each instruction has one caller."""
    result = gdb(box, "microvm",
                 f"source {ROOT / 'tests/image/scripts/step_through.py'}",
                 f"python step_through('{place}', '{target}')",
                 flags=["--cpus", cpus], name=name)
    wanted(result, r"^one caller, in \d\d+ instructions$")


for what, beginning in BEGINNINGS.items():
    cases.add(f"stepped {what}", stepped, *beginning)


# --- Core files ---------------------------------------------------------------

LIBOS_THREADS = (r"^\* 1 +LWP 1 ",
                 r"^  \d +LWP [23] +switch_away \(",
                 r"^  4 +LWP 4 +.*\b(compute|switch_away) \(")


def look_at_core(box, core, *commands, name="debugged"):
    words = [word for command in commands for word in ("-ex", command)]
    return box.run([EFT, "gdb", "-batch", "-c", core, *words, program(name)],
                   timeout=120)


def core_file(box, where, how, cpus):
    status, signal = {"fault": (139, "SIGSEGV"), "abort": (134, "SIGABRT")}[how]
    core = box.dir / "core file"
    result = box.eft_run(where, program("debugged"), how,
                         flags=["--cpus", cpus, "--core", core])
    check(result.status == status and core.exists(), str(result))
    seen = look_at_core(box, core, "echo begin\\n", "bt", "echo end\\n",
                        "info threads", "eft threads", "eft bt all",
                        "x/2wd &ends")
    begins_in_the_program(
        seen.text.partition("begin\n")[2].partition("end\n")[0], "meet_end")
    wanted(seen, rf"^Program terminated with signal {signal}",
           r"^#\d+ .*\bmain \(", *LIBOS_THREADS, *THREADS, *BACKTRACES,
           r"<ends>:\t3\t4$")


for where in WHERE:
    for how in ("fault", "abort"):
        for cpus in (1, 2):
            cases.add(f"core {how} {where} cpus={cpus}", core_file, where,
                      how, cpus)


@cases.on(*WHERE)
def core_of_one_thread(box, where):
    core = box.dir / "core"
    result = box.eft_run(where, program("null_deref"),
                         flags=[f"--core={core}"])
    check(result.status == 139 and core.exists(), str(result))
    seen = look_at_core(box, core, "bt", "eft threads", name="null_deref")
    wanted(seen, r"^#0 .*\bmain \(", r"^\* +\d+ +main +running")


@cases.on(*WHERE)
def no_core_of_other_ends(box, where):
    core = box.dir / "core"
    for how, status in (("", 0), ("terminate", 143)):
        result = box.eft_run(where, program("debugged"), how,
                             flags=["--core", core])
        check(result.status == status and not core.exists(), str(result))


@cases.on(*WHERE)
def core_of_an_overflow(box, where):
    """A thread's, whose stack has no room for anything more."""
    core = box.dir / "core"
    result = box.eft_run(where, program("thread_overflow"),
                         flags=["--core", core])
    check(result.status == 139 and core.exists(), str(result))
    seen = look_at_core(box, core, "bt 2", "eft threads",
                        name="thread_overflow")
    wanted(seen, r"^#0 .*\bdescend \(", r"^\* +\d+ +\w+ +running",
           r" main +(ready|sleeping) ")


@cases.case
def core_of_a_deadlock(box):
    """Nothing runs, and gdb selects a thread that sleeps."""
    core = box.dir / "core"
    result = box.eft_run("microvm", program("deadlock"), flags=[
        "--core", core, "--set", "deadlock=report"])
    check(result.status == 1 and core.exists(), str(result))
    seen = look_at_core(box, core, "eft threads", "eft bt all",
                        name="deadlock")
    wanted(seen, r" one +sleeping .*futex\(", r" other +sleeping .*futex\(",
           r"^#\d+ .*\block_first \(", r"^#\d+ .*\bmain \(")


@cases.case
def core_by_option(box):
    core = box.dir / "core"
    result = box.run([program("debugged"), "fault"], env={"EFT": "core=core"})
    check(result.status == 139 and "eft: core file: core" in result.errors,
          str(result))
    size = core.stat()
    check(size.st_blocks * 512 < size.st_size // 4, f"not sparse: {size}")
    seen = look_at_core(box, core, "eft threads")
    wanted(seen, *THREADS)


@cases.case
def core_by_the_host(box):
    """The host's own has the RAM that was in use, and not all there is."""
    if Path("/proc/sys/kernel/core_pattern").read_text().strip() != "core":
        raise Skip("the host's core files go elsewhere")
    result = box.run(["sh", "-c", 'ulimit -c 400000; exec "$0" fault',
                      program("debugged")])
    files = list(box.dir.glob("core*"))
    check(result.status == 139 and len(files) == 1, f"{files}\n{result}")
    check(files[0].stat().st_size < 64 << 20, f"{files[0].stat()}")
    seen = look_at_core(box, files[0], "eft threads", "eft bt all")
    wanted(seen, *THREADS, *BACKTRACES)


@cases.case
def core_that_cannot_be(box):
    result = box.run([program("null_deref")], env={"EFT": "core=/no/such"})
    check(result.status == 139 and
          "eft: no core file /no/such: error 2" in result.errors, str(result))
    result = box.eft_run("process", "hello", flags=["--core", "core"])
    check(result.status == 2 and "linked without -g" in result.errors,
          str(result))


@cases.on(*WHERE)
def core_of_one_that_goes_on(box, where):
    core = box.dir / "core"
    gdb(box, where, "break meet_end", "run", f"eft core {core}", "continue")
    seen = look_at_core(box, core, "bt", "info threads", "eft threads")
    wanted(seen, r"^#\d+ .*\bmain \(", *LIBOS_THREADS, *THREADS)


@cases.case
def crash_under_valgrind(box):
    """Which does not hold back the timer's signal in a fault's handler."""
    result = box.run(["valgrind", "-q", program("debugged"), "fault"])
    check("eft: segmentation fault" in result.errors and
          "frame corrupted" not in result.errors, str(result))


# --- The document -------------------------------------------------------------

# A command that was not understood, or a guest that did not end.
BAD = {2, 125, 126, 127}

# Words that a row's commands print; and rows that leave, or look at, app.core.
SAID = {
    "gdb": "Reading symbols from ./app",
    "a backtrace": "meet_end at .*debugged.c",
    "backtraces of all threads": r"wait_for_mutex \(",
    "a look at it": r"wait_for_mutex \(",
    "valgrind": "ERROR SUMMARY: 0 errors",
    "coverage": "File 'app.c'\nLines executed:",
}
LEAVE_CORE = {"a core file", "a core file of one that goes on"}
LOOK_AT_CORE = {"a look at it"}


def cells():
    """(row, platform, command) of the table in docs/debugging.md."""
    text = (ROOT / "docs/debugging.md").read_text()
    for row in re.findall(r"^\| ([^|]+) \| (`.+`) \| (`.+`) \|$", text,
                          re.MULTILINE):
        for where, cell in zip(WHERE, row[1:]):
            yield row[0], where, cell.strip("`")


def cell_works(box, row, where, command):
    (box.dir / "eft").symlink_to(EFT)
    shutil.copy(program("debugged"), box.dir / "app")
    shutil.copy(ROOT / "tests/image/programs/debugged.c", box.dir / "app.c")
    core = box.dir / "app.core"
    if row in LOOK_AT_CORE:
        box.eft_run(where, "./app", "fault", flags=["--core", core])
    result = box.run(["sh", "-c", command], timeout=120)
    check(result.status not in BAD, str(result))
    check(re.search(SAID.get(row, ""), result.text + result.errors),
          str(result))
    check(core.exists() or row not in LEAVE_CORE, f"no app.core\n{result}")


for row, where, command in cells():
    cases.add(f"cells: {row} {where}", cell_works, row, where, command)
