# SPDX-License-Identifier: BSD-3-Clause
"""Run commands for a test: in a folder of its own, never for ever, leaving
nothing behind."""
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from tests.runner import hang
from tests.runner.case import Failure

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("EFT_BUILD", ROOT / "build"))
PROGRAMS = BUILD / "tests"
EFT = ROOT / "eft"
TIMEOUT_S = 60

# On a terminal: one may only end a line that has been begun.
END_OF_FILE = b"\4\4"

# Tests see no settings of the caller's.
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "LC_ALL": "C.UTF-8",
    "EFT_BUILD": str(BUILD),
    "EFT_ACCEL": os.environ.get("EFT_ACCEL", "tcg"),
    **{name: os.environ[name]
       for name in ("TMPDIR", "LLVM_PROFILE_FILE", "EFT_COVERAGE")
       if name in os.environ},
}


# What ./eft test builds for the test that this thread runs (needs.py).
needed = ContextVar("needed", default=None)

# What builds all that is in a folder of the build folder.
WHOLE = {"tests": "test-programs", "apps": "all"}

# Called with the path of each image before a test has it, where it is not built
# for all tests beforehand.
build_first = None


def built(path):
    """A file of the build folder, which a test wants."""
    if build_first is not None:
        build_first(path)
    elif needed.get() is not None:
        target = str(path.relative_to(BUILD))
        if not needed.get() & {target, WHOLE.get(target.partition("/")[0])}:
            raise Failure(f"./eft test does not build {target} for this test")
    return path


def app(name):
    return built(BUILD / "apps" / name / name)


def eft_cc():
    built(BUILD / "sysroot.stamp")
    return BUILD / "sysroot/bin/eft-cc"


def program(name):
    path = built(PROGRAMS / name)
    if not path.exists():
        raise Failure(f"{path} is not built")
    return path


@dataclass
class Result:
    command: list
    status: int    # as a shell reports it: 128 + N for signal N
    out: bytes
    err: bytes

    @property
    def text(self):
        return self.out.decode(errors="replace")

    @property
    def errors(self):
        return self.err.decode(errors="replace")

    @property
    def brief(self):
        """All but standard output."""
        words = shlex.join(str(word) for word in self.command)
        text = f"$ {words}\nstatus {self.status}"
        if self.err:
            text += "\n--- stderr\n" + shorten(self.errors)
        return text

    def __str__(self):
        return f"{self.brief}\n--- stdout\n{shorten(self.text)}"


def shorten(text, lines=60):
    all_lines = text.splitlines()
    if len(all_lines) > lines:
        half = lines // 2
        all_lines = (all_lines[:half] +
                     [f"... {len(all_lines) - 2 * half} lines ..."] +
                     all_lines[-half:])
    return "\n".join(line[:400] for line in all_lines)


class Box:
    """A fresh empty folder, (dir), and commands that run in it."""

    def __init__(self):
        self.temp = Path(tempfile.mkdtemp(prefix="eft-test-"))
        self.dir = self.temp / "work"
        self.dir.mkdir()
        self.run_count = 0

    def close(self):
        """Remove all, whatever its modes are."""
        for dir, _, _ in os.walk(self.temp):
            os.chmod(dir, 0o700)
        shutil.rmtree(self.temp, ignore_errors=True)

    def run(self, command, *, stdin=None, env=None, cwd=None,
            timeout=TIMEOUT_S):
        """Run (command) with (stdin) as its input; None is /dev/null."""
        self.run_count += 1
        child = subprocess.Popen(
            [str(word) for word in command], cwd=cwd or self.dir,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**ENVIRONMENT, **(env or {})}, start_new_session=True)
        try:
            out, err = child.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            threads = hang.who_waits(child.pid, BUILD)
            hang.kill_all(child.pid)
            out, err = child.communicate()
            result = Result(command, 124, out, err)
            raise Failure(
                f"no end after {timeout} s\n{result}\n{threads}") from None
        finally:
            kill_group(child.pid)
        status = child.returncode
        return Result(command, status if status >= 0 else 128 - status,
                      out, err)

    def eft_run(self, where, image, *args, flags=(), **how):
        """./eft run, as its user does: (image) is a path, or an
        application's name."""
        if isinstance(image, str) and "/" not in image:
            app(image)
        return self.run([EFT, "run", "--on", where, *flags, image, *args],
                        **how)

    def qemu(self, machine, image, *args, cpu="max", stdin=b"",
             options="tty=plain", flags=(), cpus=1, mem="128M", **how):
        """Boot (image) by QEMU directly; the status comes by the report."""
        self.run_count += 1
        report = self.temp / f"report{self.run_count}"
        accel = ENVIRONMENT["EFT_ACCEL"]
        result = self.run(
            qemu_command(machine, image, *args, accel=accel,
                         cpu="host" if accel == "kvm" else cpu, cpus=cpus,
                         report=report, options=options, mem=mem,
                         flags=[*flags, *gdb_stub(self.temp / "gdb")]),
            stdin=stdin + END_OF_FILE, **how)
        result.status = reported_status(report)
        # Of a deadlock the console has but the first line.
        if b"eft: deadlock: " in result.out:
            result.err += report.read_bytes()
        return result


def gdb_stub(path):
    """For who wants to know where the guest hangs. The last guest has it."""
    path.unlink(missing_ok=True)
    return ["-gdb", "chardev:gdb", "-chardev",
            f"socket,path={path},server=on,wait=off,id=gdb"]


def qemu_command(machine, image, *args, accel, cpu, report, cpus=1,
                 options="tty=plain", flags=(), mem="128M"):
    """Boot (image) with its console at standard input and output."""
    words = " ".join(quote(word) for word in args)
    if cpus > 1:
        options += f" cpus={cpus}"
    return [
        "qemu-system-x86_64", "-M", machine, "-accel", accel,
        "-cpu", cpu, "-m", mem, "-smp", cpus,
        "-nodefaults", "-no-user-config", "-no-reboot",
        "-display", "none", "-serial", "stdio",
        "-device", "isa-debug-exit,iobase=0x501,iosize=2",
        "-chardev", f"file,id=report,path={report}",
        "-device", "isa-debugcon,iobase=0xe9,chardev=report",
        "-kernel", image, "-append", f"{options} -- {words}".strip(),
        *flags]


def reported_status(report):
    """The N of the report's line "exit N"; 125 if there is none."""
    lines = report.read_text().splitlines() if report.exists() else []
    ends = [line for line in lines if line.startswith("exit ")]
    return int(ends[-1].split()[1]) if ends else 125


def quote(word):
    """As Eft's option words are quoted: like a shell's."""
    return "'" + str(word).replace("'", "'\\''") + "'"


def kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
