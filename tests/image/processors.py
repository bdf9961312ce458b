# SPDX-License-Identifier: BSD-3-Clause
"""Odd processors: each boots, or is refused with words and a status."""
from tests.image.machines import HELLO, power_off
from tests.image.starts import expect
from tests.runner.box import app, program
from tests.runner.case import Cases, check, MACHINES

cases = Cases("image")

# All that have what a program of this instruction set needs.
GOOD = [
    "qemu64", "kvm64", "phenom", "Opteron_G1", "Nehalem", "EPYC",
    "max,-fsgsbase", "max,-xsave", "max,-avx", "max,-rdrand,-rdseed",
    "max,-pge,-pse36", "max,-mce,-mca", "max,-pdpe1gb", "max,-rdtscp",
    "max,-sse3,-ssse3,-sse4.1,-sse4.2,-popcnt", "max,-pat,-mtrr",
    "max,-clflush,-clflushopt", "max,-syscall", "max,-smep,-smap,-umip",
    "max,-hypervisor", "max,-vme,-de", "max,-mmx", "max,+invtsc",
    "max,phys-bits=36", "max,level=1", "max,level=7", "max,xlevel=0x80000001",
    "qemu64,-hypervisor,-sse3,-cx16,-pge,-mce,-mca,-mtrr,-pat,-clflush",
]

# And those that lack something, which the message names. (Without CMOV it is
# the machine's firmware that hangs.)
REFUSED = {
    "max,-nx": "NX",
    "max,-lm": "64-bit",
    "qemu32": "64-bit",
    "pentium3": "64-bit",
    "max,-sse2": "SSE2",
    "max,-sse": "SSE",
    "max,-fxsr": "FXSR",
    "max,-cx8": "CX8",
    "max,-tsc": "TSC",
    "max,-fpu": "FPU",
}


@cases.case
def odd_processors(box):
    for cpu in GOOD:
        expect(box.qemu("microvm", app("hello"), cpu=cpu), 0, HELLO)
        expect(box.qemu("microvm", program("threads_end"), "exit", cpu=cpu,
                        cpus=2), 7)


def refused(result, named):
    check("eft: cannot boot: " in result.text and named in result.text,
          f'the message does not name "{named}"\n{result}')


@cases.case
def odd_processors_refused(box):
    for cpu, named in REFUSED.items():
        for image in (app("hello"), program("threads_end")):
            result = box.qemu("pc", image, "exit", cpu=cpu)
            expect(result, 1)
            refused(result, named)


@cases.on(*MACHINES)
def refusal_ends_the_machine(box, where):
    """Where the debug exit is not, ACPI and a reset are the way out."""
    for image in (app("hello"), program("threads_end")):
        result = power_off(box, where, image, cpu="max,-nx")
        expect(result, 0)
        refused(result, "NX")


@cases.case
def no_local_apic(box):
    """Who waits for nothing does not miss it."""
    expect(box.qemu("pc", app("hello"), cpu="max,-apic"), 0, HELLO)
    result = box.qemu("pc", program("sleepless"), cpu="max,-apic")
    check(result.status != 0 and "APIC" in result.text, str(result))


@cases.case
def yields_reach_the_host(box):
    """Whom a thread yields to may be on a CPU on the same processor."""
    result = box.run(["strace", "-f", "-e", "trace=sched_yield",
                      program("yields")], env={"EFT": "cpus=2"})
    expect(result, 0)
    yields = result.errors.count("sched_yield(")
    check(100 <= yields <= 200, f"the host saw {yields} of 6,400")
