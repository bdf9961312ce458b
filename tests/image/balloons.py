# SPDX-License-Identifier: BSD-3-Clause
"""Balloons: a guest's memory goes back to the host, and comes again."""
import json
import re
import socket
import subprocess
import time

from tests.image.starts import expect
from tests.runner.box import BUILD, ENVIRONMENT, kill_group, ROOT
from tests.runner.case import Cases, check, Failure

cases = Cases("balloons")

EFT_CC = BUILD / "sysroot/bin/eft-cc"
SOURCE = ROOT / "tests/image/programs/holds_memory.c"
MIB = 1 << 20
SECONDS = 60


class Guest:
    """A guest of 128 MiB, its console, and QEMU's monitor."""

    def __init__(self, box, where, device):
        expect(box.run([EFT_CC, "-O1", "-Wl,-u,eft_balloon", "-o", "holds",
                        SOURCE]), 0, b"")
        self.process = subprocess.Popen(
            ["timeout", "100", "qemu-system-x86_64", "-M", where, "-accel",
             "tcg", "-cpu", "max", "-m", "128M", "-nodefaults", "-no-reboot",
             "-display", "none", "-serial", "stdio", "-global",
             "virtio-mmio.force-legacy=false", "-device",
             device + ",id=balloon", "-device",
             "isa-debug-exit,iobase=0x501,iosize=2", "-qmp",
             f"unix:{box.dir}/qmp,server=on,wait=off", "-kernel",
             box.dir / "holds", "-append", "tty=plain"], cwd=box.dir,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
            env=ENVIRONMENT, start_new_session=True)
        self.path = str(box.dir / "qmp")

    def __enter__(self):
        deadline = time.monotonic() + SECONDS
        self.monitor = socket.socket(socket.AF_UNIX)
        while self.monitor.connect_ex(self.path) != 0:
            check(time.monotonic() < deadline, "no monitor")
            time.sleep(0.05)
        self.lines = self.monitor.makefile("r")
        self.lines.readline()
        self.ask("qmp_capabilities")
        return self

    def __exit__(self, *_):
        kill_group(self.process.pid)
        self.process.wait()
        self.lines.close()
        self.monitor.close()
        self.process.stdin.close()
        self.process.stdout.close()

    def ask(self, what, **arguments):
        self.monitor.send(json.dumps(
            {"execute": what, "arguments": arguments}).encode())
        while True:
            answer = json.loads(self.lines.readline())
            if "error" in answer:
                raise Failure(str(answer))
            if "return" in answer:
                return answer["return"]

    def say(self, line):
        self.process.stdin.write(line)
        return self.process.stdout.readline()

    def mappable(self, line=b"\n"):
        """How many MiB the program can have."""
        line = self.say(line)
        found = re.fullmatch(rb"(\d+) MiB\n", line)
        check(found, f"it says {line!r}")
        return int(found[1])

    def balloon(self, mib):
        """Have the guest have (mib), and wait until it has no more."""
        self.ask("balloon", value=mib * MIB)
        self.wait_for(mib)

    def wait_for(self, mib):
        deadline = time.monotonic() + SECONDS
        while True:
            actual = self.ask("query-balloon")["actual"] // MIB
            if actual == mib:
                return
            check(time.monotonic() < deadline, f"{actual} MiB, not {mib}")
            time.sleep(0.05)


DEVICES = {
    "microvm": "virtio-balloon-device",
    "q35": "virtio-balloon-pci",
    "pc": "virtio-balloon-pci,packed=on",
}


@cases.on(*DEVICES)
def goes_and_comes_again(box, where):
    with Guest(box, where, DEVICES[where]) as guest:
        whole = guest.mappable()
        for mib in (64, 32, 100, 128):
            guest.balloon(mib)
            now = guest.mappable()
            check(abs(whole - now - (128 - mib)) <= 3,
                  f"of {mib} MiB {now}, of all {whole}")
        guest.process.stdin.write(b"\4")
        check(guest.process.wait(SECONDS) == 1, "another status")


@cases.case
def promises_are_kept(box):
    """More is wanted than there is: the guest keeps what it needs."""
    with Guest(box, "microvm", DEVICES["microvm"]) as guest:
        guest.ask("balloon", value=MIB)
        deadline = time.monotonic() + SECONDS
        while guest.ask("query-balloon")["actual"] > 16 * MIB:
            check(time.monotonic() < deadline, "it gives nothing")
            time.sleep(0.05)
        guest.mappable()
        guest.balloon(128)
        check(guest.mappable() > 100, "it has not all again")


@cases.case
def waits_for_memory(box):
    """What the program frees goes to the host that had asked for it."""
    with Guest(box, "q35", DEVICES["q35"]) as guest:
        kept = guest.mappable(b"keep\n")
        check(kept > 100, f"{kept} MiB")
        guest.ask("balloon", value=32 * MIB)
        time.sleep(0.5)
        has = guest.ask("query-balloon")["actual"] // MIB
        check(has >= kept, f"{has} MiB, and the program has {kept}")
        check(guest.say(b"\n") == b"free\n", "it frees nothing")
        guest.wait_for(32)


@cases.on(*DEVICES)
def shrinks_before_memory_ends(box, where):
    """With DEFLATE_ON_OOM the program has what it needs."""
    with Guest(box, where,
               DEVICES[where] + ",deflate-on-oom=on") as guest:
        whole = guest.mappable()
        guest.balloon(48)
        now = guest.mappable()
        check(now >= whole - 3, f"{now} MiB, not {whole}")
        has = guest.ask("query-balloon")["actual"] // MIB
        check(has >= whole, f"it has {has} MiB")
        guest.balloon(64)


@cases.case
def statistics(box):
    with Guest(box, "q35", DEVICES["q35"]) as guest:
        guest.mappable()
        path = "/machine/peripheral/balloon"
        guest.ask("qom-set", path=path, property="guest-stats-polling-interval",
                  value=1)
        deadline = time.monotonic() + SECONDS
        while True:
            stats = guest.ask("qom-get", path=path,
                              property="guest-stats")["stats"]
            if 100 * MIB < stats["stat-total-memory"] < 128 * MIB:
                break
            check(time.monotonic() < deadline, str(stats))
            time.sleep(0.1)
        check(0 < stats["stat-free-memory"] < stats["stat-total-memory"],
              str(stats))


@cases.case
def only_who_asks(box):
    """Nothing else that the linker is told to take brings a balloon."""
    for symbol, asks in (("eft_ext4_type", False), ("eft_virtiofs_type", False),
                         ("eft_balloon", True)):
        expect(box.run([EFT_CC, "-g", "-O1", f"-Wl,-u,{symbol}", "-o", "image",
                        SOURCE]), 0, b"")
        names = box.run(["nm", box.dir / "image"]).text
        check("eft_boot_program" in names, f"no names: {names}")
        check(("eft_balloon_take" in names) == asks, symbol)
