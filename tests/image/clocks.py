# SPDX-License-Identifier: BSD-3-Clause
"""A guest's clock and its timer, against the machine's."""
import itertools

from tests.runner.box import BUILD, program, ROOT
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
    expect(box.run([BUILD / "sysroot/bin/eft-cc", "-O1",
                    "-Wl,--wrap=eft_kvm_monotonic_ns", "-o", image,
                    ROOT / "tests/image/programs/paused.c"]), 0, b"")
    for reading, later in itertools.product(range(12), (0, 100000)):
        took = float(counted(box, "microvm", image, reading, later))
        check(20 <= took < 35, f"paused {later} ns after reading {reading}: "
              f"{took} ms")
