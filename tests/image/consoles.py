# SPDX-License-Identifier: BSD-3-Clause
"""Consoles that are devices: every byte is data, and none is lost."""
import os
import subprocess

from tests.image.starts import expect
from tests.image.streams import wait_until_full
from tests.runner.box import BUILD, EFT, ENVIRONMENT, kill_group, ROOT
from tests.runner.case import Cases, check, MACHINES

cases = Cases("consoles")

EFT_CC = BUILD / "sysroot/bin/eft-cc"
SOURCE = ROOT / "tests/image/programs/moves_bytes.c"
MODERN = ("-global", "virtio-mmio.force-legacy=false")
FLOOD = b"".join(bytes([n]) * 65536 for n in range(128))


def mover(box, *flags):
    expect(box.run([EFT_CC, "-O1", *(flags or ["-Wl,-u,eft_console_device"]),
                    "-o", "moves", SOURCE]), 0, b"")
    return box.dir / "moves"


def run(box, where, image, what, *flags, **how):
    return box.run([EFT, "run", "--on", where, "--console", "virtio", *flags,
                    image, what], timeout=120, **how)


@cases.on(*MACHINES)
def every_byte_is_data(box, where):
    image = mover(box)
    data = bytes(range(256)) * 8 + os.urandom(500_000) + b"\3\4\4"
    for cpus in ("1", "2"):
        result = run(box, where, image, "copy", "--cpus", cpus, stdin=data)
        check(result.status == 0 and result.out == data,
              f"status {result.status}, {len(result.out)} bytes: {result.err}")
    expect(run(box, where, image, "copy"), 0, b"")


@cases.case
def input_is_waited_for(box):
    image = mover(box)
    result = box.run(["sh", "-c", "(sleep 1; printf abc; sleep 1) | "
                      '"$0" run --on microvm --console virtio "$1" poll',
                      EFT, image], timeout=120)
    expect(result, 0, b"4 times\n")


@cases.case
def a_crash_is_reported(box):
    result = run(box, "microvm", mover(box), "crash")
    check(result.status == 139 and b"before\n" in result.out and
          b"null page" in result.out + result.err, str(result))


@cases.case
def slow_reader_loses_nothing(box):
    child = subprocess.Popen(
        [EFT, "run", "--on", "microvm", "--console", "virtio", mover(box),
         "flood"], cwd=box.dir, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, start_new_session=True)
    try:
        wait_until_full(child.stdout)
        found = child.stdout.read()
        status = child.wait(60)
    finally:
        kill_group(child.pid)
        child.wait()
        child.stdout.close()
    check(found == FLOOD and status == 0, f"{len(found)} bytes, {status}")


@cases.case
def ends_amid_output(box):
    """The CPUs of threads that write are stopped anywhere."""
    image = mover(box)
    for _ in range(8):
        result = run(box, "microvm", image, "end", "--cpus", "2")
        check(result.status == 7, f"status {result.status}: {result.err}")


@cases.case
def nobody_reads_any_more(box):
    """The guest ends as a process does, by SIGPIPE."""
    result = box.run(["bash", "-c", '"$0" run --on microvm --console virtio '
                      '"$1" flood | head -c 10 >/dev/null; '
                      'echo ${PIPESTATUS[0]}', EFT, mover(box)], timeout=120)
    expect(result, 0, b"141\n")


@cases.case
def without_the_driver(box):
    result = run(box, "microvm", mover(box, "-DNOTHING"), "copy")
    check(result.status == 2 and b"-Wl,-u,eft_console_device" in result.err,
          str(result))


# One port, of the kind that Linux has for its consoles; and by packed rings.
ONE_PORT = {
    "microvm": ("virtio-serial-device,max_ports=1", "virtconsole"),
    "q35": ("virtio-serial-pci", "virtconsole"),
    "pc": ("virtio-serial-pci,packed=on", "virtserialport"),
}


@cases.on(*ONE_PORT)
def one_port(box, where):
    """It takes output and gives input; a virtconsole tells of no end."""
    image, (bus, port) = mover(box), ONE_PORT[where]
    process = subprocess.Popen(
        ["timeout", "60", "qemu-system-x86_64", "-M", where, "-accel", "tcg", "-cpu", "max",
         "-m", "64M", "-nodefaults", "-no-reboot", "-display", "none",
         *MODERN, "-device", bus, "-device", f"{port},chardev=c", "-chardev",
         "stdio,id=c,signal=off", "-device",
         "isa-debug-exit,iobase=0x501,iosize=2", "-kernel", image, "-append",
         "tty=plain -- copy"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=ENVIRONMENT, start_new_session=True)
    try:
        process.stdin.write(b"\3\4 all\n")
        process.stdin.flush()
        check(process.stdout.read(7) == b"\3\4 all\n", "other bytes")
        process.stdin.close()
        if port == "virtserialport":
            check(process.wait(60) == 1, "another status")
    finally:
        kill_group(process.pid)
        process.wait()
        process.stdout.close()
