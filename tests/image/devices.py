# SPDX-License-Identifier: BSD-3-Clause
"""Devices of guests: how they are found, what comes of them."""
import os

from tests.runner.box import BUILD, program, ROOT
from tests.runner.case import Cases, check, MACHINES
from tests.image.starts import expect

cases = Cases("image")

EFT_CC = BUILD / "sysroot/bin/eft-cc"
RANDOM_C = """
#include <stdio.h>
#include <sys/random.h>
int main(void) { int x; return getrandom(&x, 4, 0) != 4 || puts("done") < 0; }
"""
OLD = "qemu64"  # a processor without RDRAND
MODERN = ("-global", "virtio-mmio.force-legacy=false")

# Where a random source is: the machine, and its flags.
SOURCES = {
    "MSI-X": ("q35", "-device", "virtio-rng-pci,rng=r"),
    "a line": ("q35", "-device", "virtio-rng-pci,rng=r,vectors=0"),
    "a line of an old PC": ("pc", "-device",
                            "virtio-rng-pci,rng=r,vectors=0"),
    "behind a bridge": ("q35", "-device", "pcie-root-port,id=p,slot=1",
                        "-device", "virtio-rng-pci,rng=r,bus=p"),
    "the DSDT": ("microvm", *MODERN, "-device", "virtio-rng-device,rng=r"),
    "the command line": ("microvm,acpi=off", *MODERN, "-device",
                         "virtio-rng-device,rng=r"),
    "a packed ring": ("q35", "-device", "virtio-rng-pci,rng=r,packed=on"),
    "a packed ring, MMIO": ("microvm", *MODERN, "-device",
                            "virtio-rng-device,rng=r,packed=on"),
}


def random_program(box):
    """An image that has the drivers of random sources."""
    (box.dir / "random.c").write_text(RANDOM_C)
    expect(box.run([EFT_CC, "-O1", "-Wl,-u,eft_random_begin", "-o", "random",
                    "random.c"]), 0, b"")
    return box.dir / "random"


def boot_random(box, image, machine, *flags, source="rng-builtin"):
    return box.qemu(machine, image, cpu=OLD, options="tty=plain log=info",
                    flags=["-object", f"{source},id=r", *flags])


@cases.case
def random_sources(box):
    """A processor without random numbers gets them from a device."""
    image = random_program(box)
    for name, (machine, *flags) in SOURCES.items():
        result = boot_random(box, image, machine, *flags)
        check(result.status == 0 and b"done" in result.out and
              b"random: virtio 4 at " in result.out and
              b"weak" not in result.out, f"{name}\n{result}")


@cases.case
def random_source_that_is_not_there(box):
    """An old device is none, nor is a slot without one."""
    image = random_program(box)
    result = boot_random(box, image, "microvm", "-device",
                         "virtio-rng-device,rng=r")
    check(result.status == 0 and b"version 1 is not known" in result.out and
          b"weak" in result.out, str(result))
    result = boot_random(box, image, "q35")
    check(result.status == 0 and b"random: " not in result.out and
          b"weak" in result.out, str(result))


@cases.case
def random_source_without_an_answer(box):
    """It is not waited for long, and the program runs."""
    image = random_program(box)
    os.mkfifo(box.dir / "silent")
    writer = os.open(box.dir / "silent", os.O_RDWR)
    result = boot_random(box, image, "q35", "-device", "virtio-rng-pci,rng=r",
                         source=f"rng-random,filename={box.dir}/silent")
    os.close(writer)
    check(result.status == 0 and b"done" in result.out and
          b"no source of random bytes answers" in result.out and
          b"weak" in result.out, str(result))


@cases.on(*MACHINES)
def words_of_monitors(box, where):
    """What Firecracker and QEMU add for Linux reaches nobody."""
    options = ("tty=plain reboot=k panic=1 nomodule pci=off 8250.nr_uarts=0 "
               "i8042.noaux swiotlb=noforce console=ttyS0 root=/dev/vda rw "
               "-- a 'panic=1' root=/dev/vda ro "
               "virtio_mmio.device=4K@0xd0000000:5")
    expect(box.qemu(where, program("echo_args"), options=options), 0,
           b"[a]\n[panic=1]\n[--]\nGREETING=(unset)\n")


# Where a disk is: the machine, the size of its sectors, its device.
DISKS = {
    "MSI-X": ("q35", 512, "virtio-blk-pci,drive=d"),
    "queues, sectors of 4096": (
        "q35", 4096, "virtio-blk-pci,drive=d,num-queues=4,"
        "logical_block_size=4096,physical_block_size=4096"),
    "a line": ("pc", 512, "virtio-blk-pci,drive=d,vectors=0"),
    "MMIO": ("microvm", 512, "virtio-blk-device,drive=d"),
    "no indirect descriptors": (
        "microvm", 512, "virtio-blk-device,drive=d,indirect_desc=off,"
        "event_idx=off"),
    "packed rings": (
        "q35", 512, "virtio-blk-pci,drive=d,packed=on,num-queues=2"),
    "a packed ring, MMIO": ("microvm", 512,
                            "virtio-blk-device,drive=d,packed=on"),
    "a packed ring, no indirect descriptors": (
        "microvm", 512, "virtio-blk-device,drive=d,packed=on,"
        "indirect_desc=off,event_idx=off"),
}
DISK_BYTES = 6 * 8 * 4096 * 4


def disk_program(box):
    """It uses the libOS's own interface to disks."""
    expect(box.run([EFT_CC, "-O1", "-I", ROOT, "-o", "disk",
                    ROOT / "tests/devices/disk.c"]), 0, b"")
    return box.dir / "disk"


def boot_disk(box, image, machine, device, drive="", cpus=1):
    return box.qemu(machine, image, cpus=cpus, flags=[
        *MODERN, "-device", device, "-drive",
        f"if=none,id=d,format=raw,file={box.dir}/data{drive}"])


@cases.case
def disks(box):
    """Each byte is read and written, many requests at a time."""
    image = disk_program(box)
    for name, (machine, sector, device) in DISKS.items():
        for cpus in (1, 2):
            before = os.urandom(DISK_BYTES)
            (box.dir / "data").write_bytes(before)
            result = boot_disk(box, image, machine, device, cpus=cpus)
            expect(result, 0, b"%d bytes, sectors of %d\nerror 0\n"
                   % (DISK_BYTES, sector))
            after = bytes((byte + 1) & 255 for byte in before[:-8192])
            check((box.dir / "data").read_bytes() == after + bytes(8192),
                  f"{name}, {cpus} CPUs: other bytes")


@cases.case
def disk_that_fails(box):
    """Read-only, and with a host's file that has no bytes any more."""
    image = disk_program(box)
    (box.dir / "data").write_bytes(bytes(DISK_BYTES))
    result = boot_disk(box, image, "q35", "virtio-blk-pci,drive=d",
                       ",readonly=on")
    expect(result, 1, b"%d bytes, sectors of 512, read-only\nerror -30\n"
           % DISK_BYTES)
    result = box.qemu("q35", image, flags=[
        "-device", "virtio-blk-pci,drive=d,werror=report,rerror=report",
        "-blockdev", '{"driver":"blkdebug","node-name":"d","inject-error":'
        '[{"event":"none","iotype":"read","errno":5,"sector":1000}],'
        '"image":{"driver":"file","filename":"%s"}}' % (box.dir / "data")])
    expect(result, 1, b"%d bytes, sectors of 512\nerror -5\n" % DISK_BYTES)
