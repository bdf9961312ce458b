# SPDX-License-Identifier: BSD-3-Clause
"""Redis in a guest: how many times the requests of a Linux guest.

Both guests have the same QEMU, machine and virtio-net device, on a TAP in a network
namespace of its own, and the same redis: built by eft-cc, and by musl-gcc for
Debian's kernel for guests. What asks is a program of the host's there, with 50
connections."""
import contextlib
import os
import shutil
import signal
import subprocess
import time

from tests.benchmarks.disks import MODULES as DISK_MODULES, speed_row
from tests.benchmarks.pairs import Row, take_pairs
from tests.benchmarks.programs import on_tmpfs
from tests.runner.box import BUILD, Box, program, ROOT
from tests.runner.kvm import pack

# In the order of loading.
MODULES = (*DISK_MODULES[:-1], "failover", "net_failover", "virtio_net")
HOST, GUEST, PORT = "10.77.0.1", "10.77.0.2", 6379
SPACE, TAP = f"eft-bench-{os.getpid()}", "eft0"
MACHINE, MEMORY = "q35", "128M"
CONNECTIONS, LOAD_MS, PATIENCE_S = 50, 2000, 60
REDIS = ("--save", "", "--protected-mode", "no", "--bind", GUEST)

SET = (r"*3\n$3\nSET\n$3\nkey\n$3\nxxx\n", len("+OK\r\n"))
GET = (r"*2\n$3\nGET\n$3\nkey\n", len("$3\r\nxxx\r\n"))

# Requests per second, of the Linux guest's, at least.
ROWS = [(f"redis {name}, pipeline {pipeline}", request, pipeline, 2)
        for name, request in (("SET", SET), ("GET", GET))
        for pipeline in (1, 16)]


def inside(*words):
    return ["ip", "netns", "exec", SPACE, *map(str, words)]


class Place:
    """The namespace with its TAP, and what the guests boot."""

    def __init__(self, box):
        self.box, self.dir = box, on_tmpfs()
        self.kernel = BUILD / "linux-cloud-net"

    def prepare(self):
        for command in (["ip", "netns", "add", SPACE],
                        inside("ip", "tuntap", "add", "mode", "tap", "name",
                               TAP),
                        inside("ip", "addr", "add", f"{HOST}/24", "dev", TAP),
                        inside("ip", "link", "set", TAP, "up"),
                        [ROOT / "tools/kernel", self.kernel,
                         "linux-image-cloud-amd64", *MODULES],
                        ["ninja", "-C", BUILD, "apps/redis/redis",
                         "apps/redis/redis.musl"],
                        ["musl-gcc", "-static", "-O2", "-o", self.dir / "init",
                         ROOT / "tests/benchmarks/programs/first.c"]):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        self.make_initrd()

    def close(self):
        subprocess.run(["ip", "netns", "del", SPACE], check=False)
        shutil.rmtree(self.dir)

    def make_initrd(self):
        root = self.dir / "root"
        (root / "modules").mkdir(parents=True)
        for number, name in enumerate(MODULES):
            shutil.copy(self.kernel / f"{name}.ko",
                        root / "modules" / f"{number:02}.ko")
        shutil.copy(self.dir / "init", root)
        shutil.copy(BUILD / "apps/redis/redis.musl", root / "redis")
        pack(root, self.dir / "initrd")
        shutil.rmtree(root)

    def eft(self):
        return [ROOT / "eft", "run", "--on", MACHINE, "--accel", "tcg", "--mem",
                MEMORY, "--net", f"tap:{TAP}", "--ip", f"{GUEST}/24", "redis",
                *REDIS]

    def linux(self):
        words = " ".join(f'"{word}"' for word in ("/redis", *REDIS))
        return ["qemu-system-x86_64", "-M", MACHINE, "-accel", "tcg", "-cpu",
                "max", "-m", MEMORY, "-nodefaults", "-no-user-config",
                "-no-reboot", "-display", "none", "-serial", "stdio",
                "-netdev", f"tap,id=net,ifname={TAP},script=no,downscript=no",
                "-device", "virtio-net-pci,netdev=net", "-kernel",
                self.kernel / "vmlinuz", "-initrd", self.dir / "initrd",
                "-append", "console=ttyS0 quiet panic=-1 rdinit=/init "
                f"ADDRESS={GUEST} -- {words}"]

    def measure(self, command):
        """Nanoseconds per request, of each row."""
        with self.booted(command):
            return [self.load(request, pipeline)
                    for _, request, pipeline, _ in ROWS]

    @contextlib.contextmanager
    def booted(self, command):
        log = self.dir / "log"
        with log.open("wb") as out:
            guest = subprocess.Popen(inside(*command), stdout=out, stderr=out,
                                     stdin=subprocess.DEVNULL,
                                     start_new_session=True)
        try:
            until = time.monotonic() + PATIENCE_S
            while not self.answers():
                if time.monotonic() > until or guest.poll() is not None:
                    raise SystemExit(log.read_text(errors="replace"))
            yield
        finally:
            os.killpg(guest.pid, signal.SIGKILL)
            guest.wait()

    def answers(self):
        """Is a request answered? Half a second without is a no."""
        result = subprocess.run(
            inside("timeout", "0.5", program("echo.host"), "load", PORT, 1, 1,
                   1, GUEST, *SET), capture_output=True)
        if result.returncode != 0:
            time.sleep(0.2)
        return result.returncode == 0

    def load(self, request, pipeline):
        result = self.box.run(
            inside(program("echo.host"), "load", PORT, CONNECTIONS, pipeline,
                   LOAD_MS, GUEST, *request), timeout=60)
        if result.status != 0:
            raise SystemExit(f"bench: failed:\n{result}")
        return 1e9 / float(result.text.split()[0])


def measure(count):
    if os.geteuid() != 0:
        yield Row("only root makes a network namespace and a TAP", "skipped")
        return
    box = Box()
    place = Place(box)
    try:
        place.prepare()
        pairs = take_pairs(max(1, count // 3),
                           lambda: place.measure(place.eft()),
                           lambda: place.measure(place.linux()))
        for number, (what, _, _, goal) in enumerate(ROWS):
            yield speed_row(f"guest: {what}", [
                (ours[number], others[number]) for ours, others in pairs], goal)
    finally:
        place.close()
        box.close()
