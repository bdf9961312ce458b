# SPDX-License-Identifier: BSD-3-Clause
"""Real KVM, and processes on other Linux machines than this one: in a machine
that QEMU emulates, Debian's kernel runs images as its guests, by KVM on the
emulated SVM, or as processes. tests/kvm/init.c is its first program, and does
the jobs."""
import re
import shutil
import subprocess
import time

from tests.image import apps
from tests.image.crashes import CRASHES
from tests.image.machines import HELLO
from tests.runner import ext4, posix
from tests.runner.box import (app, Box, BUILD, END_OF_FILE, program,
                              qemu_command, shorten, WHOLE)
from tests.runner.case import Case, check, Counts, Failure, MACHINES

LINUX = BUILD / "linux"
QEMU = "/usr/bin/qemu-system-x86_64"

# What QEMU boots a machine and -kernel with.
FIRMWARE = ["/usr/share/seabios/bios-256k.bin",
            "/usr/share/seabios/bios-microvm.bin"] + [
                f"/usr/share/qemu/{name}" for name in
                ("kvmvapic.bin", "linuxboot.bin", "linuxboot_dma.bin",
                 "multiboot_dma.bin", "pvh.bin", "qboot.rom")]

# One processor: with two, the emulated Linux stalls now and then. QEMU's SVM
# does not intercept xsetbv, so its guests have no XSAVE.
KVM_CPU = "EPYC,+svm,+npt"
GUEST_CPU = "host,-xsave"

# On a CPU with SMAP, Linux has an oops at a page fault of a process of Eft's:
# QEMU 7.2 says that it was the kernel's.
PROCESS_CPU = "EPYC,-smap"
OLD_CPU = "qemu64"    # no XSAVE, no FSGSBASE

# tests/kvm/init.c asks there where a guest hangs.
MONITOR = ["-monitor", "unix:/tmp/monitor,server=on,wait=off"]
NOT_OF_USE = re.compile(r"^(XMM|FPR|FCW|DR\d|LDT|.*\x1b).*\n", re.MULTILINE)

JOB_S = 90       # one job, at most
STALL_S = JOB_S + 60
BOOTS_MAX = 3


# QEMU raises none of SSE's exceptions; a guest of KVM's is not told that it is
# emulated.
NOT_AS_A_GUEST = {"signal_float"}


class Machine:
    """An emulated machine, and what its Linux is to do."""

    def __init__(self, box, cpu):
        self.box, self.cpu = box, cpu
        self.root = box.temp / "machine"
        self.names = []
        check((LINUX / "vmlinuz").exists(),
              f"no {LINUX}/vmlinuz: ./eft test fetches it")
        self.put(program("init"), "/init")

    def put(self, source, path=None):
        """A file, where it is or at (path)."""
        target = self.root / str(path or source).lstrip("/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        return "/" + str(target.relative_to(self.root))

    def put_image(self, source):
        """An image, without its symbols."""
        target = self.root / "images" / source.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["strip", "-o", target, source], check=True)
        return f"/images/{source.name}"

    def put_kvm(self):
        for path in LINUX.glob("*.ko"):
            self.put(path, f"/modules/{path.name}")
        self.put(QEMU)
        listed = subprocess.run(["ldd", QEMU], check=True, text=True,
                                capture_output=True).stdout
        for path in re.findall(r"(/\S+) \(0x", listed):
            self.put(path)
        for path in FIRMWARE:
            self.put(path)

    def add(self, name, command, output=None, status=0, input=b"", uring=True):
        job = self.root / "jobs" / f"{len(self.names):04}"
        job.mkdir(parents=True)
        (job / "plan").write_text(f"{name}\n{status} {JOB_S} {int(uring)}\n")
        (job / "command").write_text(
            "".join(f"{word}\0" for word in command))
        (job / "input").write_bytes(input)
        if output is not None:
            (job / "output").write_bytes(output)
        self.names.append(name)

    def add_guest(self, name, where, image, *args, cpu=GUEST_CPU, accel="kvm",
                  output=None, status=0, **how):
        self.add(name, [QEMU, *qemu_command(
            where, self.put_image(image), *args, accel=accel, cpu=cpu,
            report="report", **how)[1:], *MONITOR], output, status,
            END_OF_FILE)

    def run(self):
        """Boot it, and judge what its console says of each job. After a stall
        it is booted again, for the jobs that have not ended."""
        text = ""
        for _ in range(BOOTS_MAX):
            stalls, console = self.boot()
            text += console
            if not stalls:
                break
            print(f"... the emulated machine stalled before "
                  f"{self.first_left(text)}", flush=True)
        failed = self.judge(text)
        if failed:
            raise Failure(failed)
        return Counts(passed=len(self.names))

    def boot(self):
        """Until it ends. Returns whether it stalled, and what its console
        says. Its first program ends each job after JOB_S: a machine that says
        nothing for much longer does not run itself, whatever its guest does.
        (QEMU 7.2's SVM loses a timer's interrupt once in some thousand
        guests.)"""
        archive, console = self.box.temp / "initrd", self.box.temp / "console"
        console.write_bytes(b"")
        pack(self.root, archive)
        machine = subprocess.Popen([
            QEMU, "-M", "q35", "-accel", "tcg", "-cpu", self.cpu,
            "-m", "2G", "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none", "-serial", f"file:{console}",
            "-kernel", LINUX / "vmlinuz", "-initrd", archive, "-append",
            "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable "
            "nokaslr"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=(self.box.temp / "errors").open("wb"))
        try:
            stalls = watch(machine, console)
        finally:
            machine.kill()
            machine.wait()
        text = console.read_bytes().decode(errors="replace").replace("\r", "")
        for job, name in enumerate(self.names):
            if name in ended_in(text):
                shutil.rmtree(self.root / "jobs" / f"{job:04}",
                              ignore_errors=True)
        return stalls, text

    def first_left(self, text):
        ended = ended_in(text)
        return next((name for name in self.names if name not in ended),
                    "the end")

    def judge(self, text):
        """What went wrong: jobs and what they wrote, or the console's end."""
        parts = [head + shorten(NOT_OF_USE.sub("", body), 200)
                 for head, body in FAILED.findall(text)]
        if "\n@ done\n" not in text:
            parts.append(f"the machine did not come past "
                         f"{self.first_left(text)}; its console:\n" +
                         shorten(text, 60) +
                         shorten((self.box.temp / "errors").read_text(), 20))
        return "\n".join(parts)


FAILED = re.compile(r"^@ not ok (.*?\n)(.*?)^@ end$", re.MULTILINE | re.DOTALL)


def ended_in(text):
    """The jobs of which a console's (text) says how they ended."""
    return set(re.findall(r"^@ ok (.*) \d+$", text, re.MULTILINE)) | {
        re.sub(r" \d+ [^\n]*\n$", "", head)
        for head, _ in FAILED.findall(text)}


def watch(machine, console):
    """Until it ends (false), or its console stands still (true)."""
    size, since = 0, time.monotonic()
    while machine.poll() is None:
        time.sleep(0.2)
        now = console.stat().st_size
        if now != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > STALL_S:
            return True
    return False


def pack(folder, archive):
    subprocess.run(
        ["sh", "-c", "find . | cpio --create --format=newc --quiet "
         '--reproducible >"$0"', archive], cwd=folder, check=True)


def add_posix_guest(machine, name, where, cpus):
    truth = posix.Truth(name).get()
    # The host may not let us do what a guest's own stack does (ping).
    skipped = truth.status == posix.SKIPPED
    machine.add_guest(f"posix/{name} {where} cpus={cpus}", where,
                      program(name), cpus=cpus,
                      output=None if skipped else truth.out,
                      status=0 if skipped else truth.status)


def add_posix_process(machine, name, cpus, uring):
    truth = posix.Truth(name)
    result = truth.get()
    if result.status == posix.SKIPPED:
        return
    variables = posix.options(truth, cpus) or {}
    how = "" if uring else " without io_uring"
    machine.add(f"posix/{name} process cpus={cpus}{how}",
                [f"{key}={value}" for key, value in variables.items()] +
                [machine.put_image(program(name))],
                result.out, result.status, uring=uring)


def add_crash(machine, name, where):
    machine.add_guest(f"image/{name} {where}", where, program(name),
                      status=CRASHES[name][0])


def add_app(machine, test):
    """Lua or SQLite with its files, on all machines."""
    files, name, args = apps.RUNS[test]
    box = Box()
    try:
        truth = apps.run(box, test, "musl").out
        pack(files, box.temp / "files")
        archive = machine.put(box.temp / "files", f"/images/{test}.cpio")
    finally:
        box.close()
    for where in MACHINES:
        machine.add_guest(f"apps/{test} {where}", where, app(name), *args,
                          output=truth, flags=["-initrd", archive])


# What a program does to files alone is the same on any processor: these run by
# TCG in each run, and by KVM in the long set. Memory and threads are not.
MEMORY_OR_THREADS = re.compile(r"m(map|protect|remap|advise|lock)|threads?_|"
                               r"futex|locks|fair_|_threads|_signals|poll")
FILES_ALONE = {name for name in ext4.FILES
               if not MEMORY_OR_THREADS.search(name)}
# So is the stack's loopback.
LOOPBACK_ALONE = {name for name in posix.names()
                  if name.startswith("inet_") and
                  name not in ("inet_tcp", "inet_threads")}


def guests(box, cpus=2, names=()):
    """Programs of tests/posix as guests, crashes, Lua and SQLite."""
    machine = Machine(box, KVM_CPU)
    machine.put_kvm()
    for where in MACHINES:
        machine.add_guest(f"image/hello {where}", where, app("hello"),
                          output=HELLO)
    for test in ("lua_demo", "sqlite_demo"):
        add_app(machine, test)
    for name in CRASHES:
        add_crash(machine, name, "microvm")
    for name in names or posix.names():
        if name not in NOT_AS_A_GUEST and (
                names or name not in FILES_ALONE | LOOPBACK_ALONE):
            add_posix_guest(machine, name, "microvm", cpus)
    for name in sorted(posix.ON_EVERY_MACHINE):
        add_posix_guest(machine, name, "q35", 1)
        add_posix_guest(machine, name, "pc", 1)
    return machine.run()


# The machine's files are on a tmpfs, which has no attributes of users before
# Linux 6.6: this one's answers about them are not those of the truth's. It has no
# /etc/hosts.
NOT_ON_AN_OLD_KERNEL = {"efault_calls", "inet_addrinfo", "xattr"}


def processes(box, cpu, cpus=1, uring=True):
    machine = Machine(box, cpu)
    for name in posix.names():
        if name not in NOT_ON_AN_OLD_KERNEL:
            add_posix_process(machine, name, cpus, uring)
    return machine.run()


# What a guest may find: processors, clocks, interrupt controllers, by the
# machine, the CPU, KVM, and how many CPUs.
MODELS = [
    ("microvm", "host", "kvm", 4),
    ("q35", "host", "kvm", 4),
    ("microvm", "qemu64", "kvm", 2),
    ("microvm", "kvm64", "kvm", 2),
    ("pc", "EPYC", "kvm", 2),
    ("microvm,rtc=on", "host,-kvmclock", "kvm", 2),
    ("microvm,rtc=on", "host,-kvmclock,+invtsc", "kvm", 2),
    ("microvm", "host,-x2apic", "kvm", 2),
    ("q35", "host,-tsc-deadline", "kvm", 2),
    ("microvm", "host,-fsgsbase", "kvm", 2),
    ("microvm,rtc=on", "host,kvm=off", "kvm", 2),
    ("pc", "host,-hypervisor", "kvm", 2),
    ("q35", "host,hv-relaxed,hv-vapic,hv-time,hv-vpindex,hv-synic,hv-stimer,"
     "hv-frequencies,hv-runtime", "kvm", 2),
    ("q35", "host", "kvm,kernel-irqchip=split", 2),
    ("microvm,acpi=off", "host", "kvm", 1),
    ("microvm,pit=off,pic=off,rtc=off", "host", "kvm", 2),
]
ON_EVERY_MODEL = ["float_context", "nanosleep", "signal_faults",
                  "threads_preempt", "time_clocks", "timer_signals"]


def models(box):
    machine = Machine(box, KVM_CPU)
    machine.put_kvm()
    for where, cpu, accel, cpus in MODELS:
        how = f"{where} {cpu} {accel} cpus={cpus}"
        machine.add_guest(f"image/hello {how}", where, app("hello"),
                          cpu=f"{cpu},-xsave", accel=accel, cpus=1,
                          output=HELLO)
        for name in ON_EVERY_MODEL:
            truth = posix.Truth(name).get()
            machine.add_guest(f"posix/{name} {how}", where, program(name),
                              cpu=f"{cpu},-xsave", accel=accel, cpus=cpus,
                              output=truth.out, status=truth.status)
    return machine.run()


def case(name, run):
    """It takes its programs from the lists of other tests, at run time."""
    return Case(name, run, targets=tuple(WHOLE.values()))


def cases():
    """Three minutes of it."""
    return [
        case("kvm/guests", guests),
        case("kvm/old_processor",
             lambda box: processes(box, OLD_CPU, cpus=2, uring=False)),
    ]


def more_cases():
    found = [case("kvm/models", models),
             case("kvm/guests cpus=1", lambda box: guests(box, 1)),
             case("kvm/guests of files",
                  lambda box: guests(box, names=sorted(FILES_ALONE))),
             case("kvm/guests of the loopback",
                  lambda box: guests(box, names=sorted(LOOPBACK_ALONE)))]
    for cpu in (OLD_CPU, PROCESS_CPU, f"{PROCESS_CPU},-fsgsbase",
                f"{PROCESS_CPU},-xsave"):
        for cpus in (1, 2):
            for uring in (True, False):
                how = "" if uring else " without io_uring"
                found.append(case(
                    f"kvm/processes {cpu} cpus={cpus}{how}",
                    lambda box, cpu=cpu, cpus=cpus, uring=uring: processes(
                        box, cpu, cpus, uring)))
    return found
