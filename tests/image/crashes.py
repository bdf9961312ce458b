# SPDX-License-Identifier: BSD-3-Clause
"""Programs that end badly: a clear message, registers, a backtrace, a status,
the same on both platforms."""
import re
import subprocess
import time

from tests.runner.box import EFT, ENVIRONMENT, program, Result
from tests.runner.case import Cases, check, MACHINES
from tests.image.starts import expect

cases = Cases("image")

# Program: its status, words of the report, a function of the backtrace.
CRASHES = {
    "null_deref": (139, "segmentation fault: read of the null page", "main"),
    "no_frames": (139, "segmentation fault: read of the null page", "main"),
    "write_readonly": (139, "write to read-only memory", "main"),
    "exec_data": (139, "execution of data", None),
    "jump_null": (139, "execution of the null page", None),
    "stack_overflow": (139, "stack overflow", "descend"),
    "thread_overflow": (139, "stack overflow", "descend"),
    "illegal": (132, "illegal instruction", "main"),
    "unmap_stack": (139, "memory that was being mapped or unmapped", None),
    "unmap_sleeper": (139, "segmentation fault: ", None),
    "div_zero": (136, "arithmetic error", "main"),
    "abort": (134, "ended itself by signal 6", "main"),
}
NO_FAULT = {"abort"}    # and so no registers of one


def report_of(result, where):
    """A guest has but one console."""
    return result.errors if where == "process" else result.text


def addresses(report):
    return [int(word, 16)
            for word in re.findall(r"#\d+ +0x([0-9a-f]+)", report)]


def functions(box, image, found):
    """The functions that the frames are in: the first is where it happened,
    the others are where calls return to."""
    calls = [found[0]] + [address - 1 for address in found[1:]]
    result = box.run(["addr2line", "-f", "-e", image] +
                     [hex(address) for address in calls])
    return result.text.splitlines()[::2]


def judge(box, name, where, result):
    status, words, function = CRASHES[name]
    expect(result, status)
    report = report_of(result, where)
    check("eft: " in report and words in report,
          f'wanted "{words}"\n{result}')
    check("during a report" not in report, str(result))
    check(name in NO_FAULT or re.search(r"rip +[0-9a-f]{16}", report),
          f"no registers\n{result}")
    found = addresses(report)
    check(found, f"no backtrace\n{result}")
    names = functions(box, program(name), found)
    if function:
        check(function in names, f"no {function}() in {names}\n{result}")


def crash(box, name, where):
    result = box.eft_run(where, program(name))
    judge(box, name, where, result)
    if name == "abort":
        check(result.out.startswith(b"before\n"), str(result))
    function = CRASHES[name][2]
    if function:
        check(re.search(rf"\b{function} at .*/{name}\.c:\d+", result.errors),
              f"no name and line of {function}()\n{result}")


@cases.case
def told_of_with_files(box):
    """`eft run` has descriptors of its own for both."""
    (box.dir / "folder").mkdir()
    result = box.eft_run("process", program("null_deref"),
                         flags=["--fs", box.dir / "folder"])
    expect(result, 139)
    check("main at " in result.errors, str(result))


@cases.case
def without_standard_error(box):
    result = box.run(["sh", "-c", 'exec "$0" run "$1" 2>&-', EFT,
                      program("null_deref")])
    expect(result, 139)


@cases.on("process", "microvm")
def access_in_words(box, where):
    result = box.eft_run(where, program("null_deref"))
    check(re.search(r"the access: 4 bytes, by mov .*DWORD PTR", result.errors),
          str(result))


for name in CRASHES:
    for where in ("process", "microvm"):
        cases.add(f"{name} {where}", crash, name, where)
for where in ("q35", "pc"):
    cases.add(f"null_deref {where}", crash, "null_deref", where)


def crash_by_qemu(box, name):
    """Without `eft run`: the addresses are in the console's report."""
    judge(box, name, "microvm", box.qemu("microvm", program(name)))


for name in ("null_deref", "stack_overflow"):
    cases.add(f"{name}_by_qemu", crash_by_qemu, name)


@cases.on("process", "microvm")
def endless_malloc(box, where):
    result = box.eft_run(where, program("endless_malloc"),
                         flags=["--mem", "64M"])
    expect(result, 3)
    check("malloc: out of memory after a while" in report_of(result, where),
          str(result))


def judge_touch(result, where):
    check(result.status not in (0, 125), str(result))
    check("touched" not in result.text and
          "out of memory" in report_of(result, where).lower(), str(result))


@cases.case
def endless_touch(box):
    judge_touch(box.eft_run("microvm", program("endless_touch"),
                            flags=["--mem", "64M"]), "microvm")


@cases.case
def endless_touch_by_a_process(box):
    """Watched, so that it cannot take the host's memory instead."""
    command = [program("endless_touch")]
    child = subprocess.Popen(command, cwd=box.dir, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, start_new_session=True,
                             env={**ENVIRONMENT, "EFT": "mem=64M"})
    try:
        while child.poll() is None:
            with open(f"/proc/{child.pid}/statm") as statm:
                resident = int((statm.read().split() or [0, 0])[1]) * 4096
            check(resident < 512 << 20,
                  f"mem=64M, but has {resident >> 20} MiB")
            time.sleep(0.01)
    finally:
        child.kill()
        out, err = child.communicate()
    status = child.returncode
    judge_touch(Result(command, status if status >= 0 else 128 - status,
                       out, err), "process")


@cases.on(*MACHINES)
def one_of_several_cpus_ends(box, where):
    """It ends all, by one report, and no line goes through another."""
    for how, status in (("exit", 7), ("fault", 139), ("all", 139)):
        result = box.qemu(where, program("threads_end"), how, cpus=2)
        expect(result, status)
        lines = result.text.splitlines()
        reports = [line for line in lines
                   if line.startswith("eft: segmentation fault")]
        check(len(reports) == (status == 139), f"{reports}\n{result}")
        check("during a report" not in result.text, str(result))
        # The last may be cut short.
        check(how != "exit" or set(lines[:-1]) == {"busy"}, str(result))


@cases.on("process", "microvm")
def endless_allocation_by_script(box, where):
    script = "local t = {} while true do t[#t + 1] = ('x'):rep(1 << 20)..#t end"
    result = box.eft_run(where, "lua", "-e", script, flags=["--mem", "64M"])
    expect(result, 1)
    check("not enough memory" in report_of(result, where), str(result))


@cases.on("process", "microvm")
def endless_recursion_by_script(box, where):
    script = "local function f() return 1 + f() end f()"
    result = box.eft_run(where, "lua", "-e", script)
    expect(result, 1)
    check("stack overflow" in report_of(result, where), str(result))


@cases.on("process", "microvm")
def unknown_syscall(box, where):
    result = box.eft_run(where, program("unknown_syscall"),
                         flags=["--set", "log=warn"])
    expect(result, 0)
    check("syscall 9999: -1, ENOSYS" in result.text, str(result))
    lines = [line for line in report_of(result, where).splitlines()
             if "9999" in line and "-1" not in line]
    check(len(lines) == 1, f"{len(lines)} lines of the log\n{result}")


@cases.on("process", "microvm")
def deadlock(box, where):
    result = box.eft_run(where, program("deadlock"),
                         flags=["--set", "deadlock=report"])
    expect(result, 1)
    report = report_of(result, where)
    check("eft: deadlock: all threads of " in report, str(result))
    for name in ("one", "other"):
        check(re.search(rf"thread \d+ \({name}\) sleeps", report),
              f"nothing about {name}\n{result}")
    check(len(addresses(report)) >= 9, f"no backtraces\n{result}")
    names = functions(box, program("deadlock"), addresses(report))
    check("lock_first" in names and "lock_second" in names and "main" in names,
          f"{names}\n{result}")


@cases.on("process", "microvm")
def deadlock_of_mutexes(box, where):
    """Two threads that wait for each other in the libOS."""
    result = box.eft_run(where, program("seeded"), "circle",
                         flags=["--set", "deadlock=report"])
    expect(result, 1)
    report = report_of(result, where)
    found = re.findall(r"thread (\d+) \(\w+\) sleeps.*\n"
                       r"  for a mutex that thread (\d+) \(\w+\) holds", report)
    check(len(found) == 2 and found[0] == found[1][::-1], str(result))


@cases.on("process", "microvm")
def no_deadlock(box, where):
    """Who sleeps until a time is not stuck."""
    result = box.eft_run(where, "hello", flags=["--set", "deadlock=report"])
    expect(result, 0)
