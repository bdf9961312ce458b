# SPDX-License-Identifier: BSD-3-Clause
"""Programs that end badly: a clear message, registers, a backtrace, a status,
the same on both platforms."""
import re
import subprocess
import time

from tests.runner.box import BUILD, EFT, ENVIRONMENT, program, Result, ROOT
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
    "unmap_stack": (139, "unmapped memory", None),
    "unmap_sleeper": (139, "segmentation fault: ", None),
    "div_zero": (136, "arithmetic error", "main"),
    "abort": (134, "ended itself by signal 6", "main"),
    "smashed": (134, "stack smashing detected", "fill"),
    "overrun": (139, "write to protected memory", "main"),
    "heap_overrun": (132, "is corrupt: eft valgrind finds", "main"),
    "heap_twice": (132, "is corrupt: eft valgrind finds", "main"),
}
NO_FAULT = {"abort", "smashed"}    # and so no registers of one
THREAD = {"thread_overflow": "thread 2 (deep)"}    # thread 1 (main)


def report_of(result, where):
    """A guest has but one console."""
    return result.errors if where == "process" else result.text


def addresses(report):
    return [int(word, 16)
            for word in re.findall(r"#\d+ +0x([0-9a-f]+)", report)]


def functions(box, image, found, fault=True):
    """The functions that the frames are in: the first is where a (fault)
    happened, the others are where calls return to."""
    calls = [address - 1 for address in found]
    calls[0] += fault
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
    names = functions(box, program(name), found, name not in NO_FAULT)
    if function:
        check(function in names, f"no {function}() in {names}\n{result}")
    if name in NO_FAULT:
        check(names[0] == function, f"{names[0]}() comes first\n{result}")
    check(re.search(r"^  in thread \d+ \(.+\) of ", report, re.MULTILINE),
          f"no thread\n{result}")
    check("overflow" in words or "overflow" not in report, str(result))


def readable(result):
    """The thread that crashed and its frames, as ./eft run shows them."""
    lines = result.errors.splitlines()
    start = next((i for i, line in enumerate(lines)
                  if re.match(r"eft run: thread \d+ \(.*\) of ", line)), None)
    check(start is not None, f"nothing by ./eft run\n{result}")
    frames = []
    for line in lines[start + 1:]:
        if not line.startswith("  "):
            break
        frames.append(line.strip())
    return [lines[start].removeprefix("eft run: ")] + frames


def crash(box, name, where):
    result = box.eft_run(where, program(name))
    judge(box, name, where, result)
    if name == "abort":
        check(result.out.startswith(b"before\n"), str(result))
    function = CRASHES[name][2]
    if function:
        check(re.search(rf"\b{function} at .*/{name}\.c:\d+", result.errors),
              f"no name and line of {function}()\n{result}")
        shown = readable(result)
        check(shown[0].startswith(THREAD.get(name, "thread 1 (main)")),
              str(result))
        check(re.search(rf"\b{function} at ", shown[1]),
              f"{function}() does not come first\n{result}")
        check("eft_" not in "".join(shown), f"the libOS's frames\n{result}")


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


@cases.on("process", "microvm")
def crash_together(box, where):
    """Two CPUs: one reports, and the other waits for the end."""
    for _ in range(5):
        result = box.eft_run(where, program("crash_together"),
                             flags=["--cpus", "2"])
        expect(result, 139)
        report = report_of(result, where)
        check(report.count("segmentation fault: ") == 1 and
              "during a report" not in report and
              re.search(r"  r14 .*\n  #0 ", report), str(result))


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
def call_of_the_library(box, where):
    """What the program has called is named beside its own frame."""
    result = box.eft_run(where, program("heap_overrun"))
    check(readable(result)[1].endswith(", in free()"), str(result))


@cases.on("process", "microvm")
def stripped(box, where):
    """Without NAME.debug there are no names, and it is said why."""
    image = box.dir / "stripped"
    box.run(["strip", "-o", image, program("null_deref")])
    result = box.eft_run(where, image)
    expect(result, 139)
    check(f"{image} is stripped: no names; keep stripped.debug beside it"
          in result.errors, str(result))
    box.run(["objcopy", "--only-keep-debug", program("null_deref"),
             f"{image}.debug"])
    result = box.eft_run(where, image)
    check("is stripped" not in result.errors and "main at " in result.errors,
          str(result))


# --- Deadlocks ----------------------------------------------------------------

def told_of_deadlock(box, where, name, *args, image=None):
    """The lines after the first, which is the libOS's."""
    result = box.eft_run(where, image or program(name), *args,
                         flags=["--set", "deadlock=report"])
    expect(result, 1)
    check("eft: deadlock: all threads of " in report_of(result, where),
          str(result))
    check(not addresses(report_of(result, where)), f"addresses\n{result}")
    for hidden in ("eft_", "switch_away", "timedwait", "timedlock"):
        check(hidden not in result.errors.replace("eft_run", ""),
              f"{hidden}\n{result}")
    return result


def says(result, *patterns):
    for pattern in patterns:
        check(re.search(f"^{pattern}$", result.errors, re.MULTILINE),
              f"no {pattern!r}\n{result}")


PLACE = r"\S*\w+\.c:\d+"


@cases.on("process", "microvm")
def deadlock(box, where):
    says(told_of_deadlock(box, where, "deadlock"),
         "  thread 2 -> thread 3 -> thread 2",
         r"thread 1 \(main\) waits for thread 2 \(one\) to end",
         rf"  main at {PLACE}",
         r"thread 2 \(one\) waits for mutex second, held by thread 3 "
         rf"\(other\) since {PLACE}",
         rf"  lock_first at {PLACE}",
         r"thread 3 \(other\) waits for mutex first, held by thread 2 "
         rf"\(one\) since {PLACE}",
         rf"  lock_second at {PLACE}")


@cases.on("process", "microvm")
def deadlock_of_three(box, where):
    """Threads without a name of their own are called by their function."""
    says(told_of_deadlock(box, where, "stuck", "ring"),
         "  thread 2 -> thread . -> thread . -> thread 2",
         r"thread 2 \(turn\) waits for mutex ring\[\d\], held by thread [34] "
         rf"\(turn\) since {PLACE}")


@cases.on("process", "microvm")
def deadlock_of_one(box, where):
    held = rf"mutex \S+, which it holds itself since {PLACE}"
    says(told_of_deadlock(box, where, "own_lock"),
         "  thread 1 -> thread 1", rf"thread 1 \(main\) waits for {held}",
         rf"  main at {PLACE}")
    says(told_of_deadlock(box, where, "stuck"),
         rf"thread 1 \(main\) waits for {held}")
    says(told_of_deadlock(box, where, "stuck", "counted"),
         "  thread 2 -> thread 2",
         rf"thread 2 \(own_counted_lock\) waits for {held}")


@cases.on("process", "microvm")
def deadlock_of_others(box, where):
    """Each kind is named, and threads that wait alike are told of once."""
    kinds = {"condition": "a condition variable", "barrier": "a barrier",
             "rwlock": "lock written, held by a writer", "pipe": "a pipe",
             "stream": r"a stream's lock, held by thread 1 \(main\)"}
    functions_of = {"pipe": "pipe_end"}
    result = told_of_deadlock(box, where, "stuck", *kinds, "semaphore")
    says(result, *(
        rf"thread {i} \({functions_of.get(name, name)}\) waits for {words}"
        for i, (name, words) in enumerate(kinds.items(), 2)),
        r"threads 7 to 14 \(semaphore\) wait for semaphore none",
        r"thread 1 \(main\) waits for thread 14 \(semaphore\) to end",
        rf"  semaphore at {PLACE}")
    check(result.errors.count("  semaphore at ") == 1, str(result))


@cases.on("process", "microvm")
def deadlock_with_definitions(box, where):
    """Full debug information tells where the mutex is defined."""
    image = box.dir / "own_lock"
    source = ROOT / "tests/image/programs/own_lock.c"
    built = box.run([BUILD / "sysroot/bin/eft-cc", "-g", "-o", image, source])
    expect(built, 0)
    line = 1 + next(i for i, text in enumerate(source.read_text().splitlines())
                    if "mine =" in text)
    says(told_of_deadlock(box, where, "own_lock", image=image),
         rf"thread 1 \(main\) waits for mutex mine \(\S*own_lock.c:{line}\), "
         rf"which it holds itself since {PLACE}")


@cases.on("process", "microvm")
def deadlock_without_a_watcher(box, where):
    """The report is then the libOS's own; of a guest it goes to QEMU's debug
    console, where there is one."""
    if where == "process":
        result = box.run([program("deadlock")],
                         env={"EFT": "deadlock=report"})
    else:
        result = box.qemu(where, program("deadlock"),
                          options="deadlock=report")
    expect(result, 1)
    report = result.errors
    for number, name in enumerate(("main", "one", "other"), 1):
        check(re.search(rf"  thread {number} \({name}\), number \d+ at "
                        r"0x[0-9a-f]+, sleeps\n  for the word at 0x", report),
              f"nothing about {name}\n{result}")
    check(len(addresses(report)) >= 9, f"no backtraces\n{result}")
    names = functions(box, program("deadlock"), addresses(report), fault=False)
    check("lock_first" in names and "lock_second" in names and "main" in names,
          f"{names}\n{result}")


@cases.on("process", "microvm")
def deadlock_of_mutexes(box, where):
    """Two threads that wait for each other in the libOS."""
    result = box.eft_run(where, program("seeded"), "circle",
                         flags=["--set", "deadlock=report"])
    expect(result, 1)
    found = re.findall(r"^thread (\d) \(\w+\) waits for a mutex of the libOS, "
                       r"held by thread (\d) \(\w+\)$", result.errors,
                       re.MULTILINE)
    check(len(found) == 2 and found[0] == found[1][::-1], str(result))


@cases.on("process", "microvm")
def no_deadlock(box, where):
    """Who sleeps until a time is not stuck."""
    result = box.eft_run(where, "hello", flags=["--set", "deadlock=report"])
    expect(result, 0)
