# SPDX-License-Identifier: BSD-3-Clause
"""A guest's clock and its timer, against the machine's."""
import itertools
import subprocess
import time

from tests.runner.box import eft_cc, program, ROOT
from tests.runner.case import Cases, check
from tests.image.starts import expect

cases = Cases("image")

# An instruction takes the machine's clock a nanosecond, however busy the host.
COUNTED = ["-icount", "shift=0,sleep=off"]


def counted(box, where, image, *args, cpu="max"):
    result = box.qemu(where, image, *args, flags=COUNTED, cpu=cpu,
                      timeout=120)
    expect(result, 0)
    return result.text


@cases.on("microvm", "pc")
def clock_against_the_machine(box, where):
    """What the clock says of so many instructions, and of naps; better from
    the second time on, when it was measured for longer."""
    lines = counted(box, where, program("clock_rate")).splitlines()
    check(len(lines) == 9, "\n".join(lines))
    for number, line in enumerate(lines):
        what, count, took = line.split()
        wanted, took = int(count) * 1000000, int(took)
        within = 0.01 if number < 5 else 0.0001
        late = 2000000 if what == "nap" else 20000
        check(wanted * (1 - within) <= took <= wanted * (1 + within) + late,
              f"{line}\n{lines}")


@cases.case
def naps_where_the_host_pauses(box):
    """A guest may stand still between any two readings of its clock, also
    where it measures the rate of its timer: a nap is not longer for that."""
    image = box.dir / "paused"
    expect(box.run([eft_cc(), "-O1", "-Wl,--wrap=eft_kvm_monotonic_ns",
                    "-o", image, ROOT / "tests/image/programs/paused.c"]), 0, b"")
    for reading, later in itertools.product(range(12), (0, 100000)):
        took = float(counted(box, "microvm", image, reading, later))
        check(20 <= took < 35, f"paused {later} ns after reading {reading}: "
              f"{took} ms")


# The guest is about to turn interrupts on and to halt. Let its timer expire
# first, then be at the HLT with interrupts on, as if STI had no shadow.
BETWEEN = """
break *eft_kvm_sleep
continue
call spin()
delete
set $eflags = $eflags | 0x200
set $rip = (long)eft_kvm_sleep + 1
detach
"""


@cases.case
def interrupt_before_a_halt(box):
    """Some hypervisors let one come between STI and HLT; it wakes all the
    same."""
    path = box.temp / "gdb"
    (box.dir / "commands").write_text(BETWEEN)
    child = subprocess.Popen(
        ["qemu-system-x86_64", "-M", "microvm", "-accel", "tcg", "-cpu", "max",
         "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot",
         "-chardev", f"socket,path={path},server=on,wait=off,id=gdb",
         "-gdb", "chardev:gdb", "-S", "-kernel", program("nap")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    try:
        while not path.exists() and child.poll() is None:
            time.sleep(0.01)
        result = box.run(["gdb", "-nx", "-batch", "-ex",
                          f"target remote {path}", "-x", "commands",
                          program("nap")])
        # The machine may have ended before it answers the last command.
        before = result.errors.partition("commands:8:")[0]
        check("Breakpoint 1, eft_kvm_sleep" in result.text and
              "rror" not in before, str(result))
        out, _ = child.communicate(timeout=30)
        check(b"awake" in out, f"{result}\n{out!r}")
    finally:
        child.kill()
        child.communicate()
