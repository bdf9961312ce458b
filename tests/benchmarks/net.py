# SPDX-License-Identifier: BSD-3-Clause
"""Servers in a guest: how many times the requests of a Linux guest.

Both guests have the same QEMU, machine and virtio-net device, on a TAP in a network
namespace of its own, and the same program: built by eft-cc, and by musl-gcc for
Debian's kernel for guests. What asks is a program of the host's there, with 50
connections."""
import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

from tests.benchmarks.disks import MODULES as DISK_MODULES, speed_row
from tests.benchmarks.pairs import Row, take_pairs
from tests.benchmarks.programs import on_tmpfs
from tests.runner.box import app, BUILD, Box, program, ROOT
from tests.runner.kvm import pack

# In the order of loading.
MODULES = (*DISK_MODULES[:-1], "failover", "net_failover", "virtio_net")
HOST, GUEST = "10.77.0.1", "10.77.0.2"
SPACE, TAP = f"eft-bench-{os.getpid()}", "eft0"
MACHINE, MEMORY = "q35", "128M"
CONNECTIONS, LOAD_MS, PATIENCE_S = 50, 2000, 60
PAGE = "<h1>Hello</h1>\n"


@dataclass
class Load:
    """A request and the length of its answer; 0: the connection ends behind it."""
    what: str
    request: str
    answer: int
    pipeline: int = 1
    goal: int = 2  # of the Linux guest's requests per second, at least


@dataclass
class Bulk:
    what: str  # what the load generator does: "send", "receive"
    goal: int = 1


@dataclass
class Server:
    name: str
    port: int
    words: tuple
    loads: list


SET = (r"*3\n$3\nSET\n$3\nkey\n$3\nxxx\n", len("+OK\r\n"))
GET = (r"*2\n$3\nGET\n$3\nkey\n", len("$3\r\nxxx\r\n"))
PAGE_REQUEST = r"GET / HTTP/1.1\nHost: x\n"
# nginx's own, with dates of one length.
PAGE_ANSWER = len(PAGE) + len(
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n"
    "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: text/html\r\n"
    f"Content-Length: {len(PAGE)}\r\n"
    "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
    "Connection: keep-alive\r\nETag: \"1-f\"\r\n"
    "Accept-Ranges: bytes\r\n\r\n")
STORE = (r"set key 0 0 3\nxxx\n", len("STORED\r\n"))
FETCH = (r"get key\n", len("VALUE key 0 3\r\nxxx\r\nEND\r\n"))

SERVERS = [
    Server("redis", 6379,
           ("--save", "", "--protected-mode", "no", "--bind", GUEST),
           [Load(f"redis {name}, pipeline {pipeline}", *request, pipeline)
            for name, request in (("SET", SET), ("GET", GET))
            for pipeline in (1, 16)]),
    Server("nginx", 8080, ("-c", "/nginx.conf"),
           [Load("nginx, keep-alive", PAGE_REQUEST + r"\n", PAGE_ANSWER),
            Load("nginx, a connection each",
                 PAGE_REQUEST + r"Connection: close\n\n", 0)]),
    Server("memcached", 11211, ("-u", "root", "-l", GUEST, "-t", "1"),
           [Load("memcached set", *STORE), Load("memcached get", *FETCH)]),
    Server("bulk", 5001, ("serve", "5001"), [Bulk("send"), Bulk("receive")]),
]


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
                        ["ninja", "-C", BUILD, *targets()],
                        ["musl-gcc", "-static", "-O2", "-o", self.dir / "init",
                         ROOT / "tests/benchmarks/programs/first.c"]):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        self.make_files()
        self.make_initrd()

    def close(self):
        subprocess.run(["ip", "netns", "del", SPACE], check=False)
        shutil.rmtree(self.dir)

    def make_files(self):
        """What the programs find in their folder."""
        files = self.dir / "files"
        (files / "html").mkdir(parents=True)
        (files / "html/index.html").write_text(PAGE)
        os.utime(files / "html/index.html", (1, 1))  # it makes the ETag
        shutil.copy(ROOT / "apps/nginx/nginx.conf", files)

    def make_initrd(self):
        root = self.dir / "root"
        shutil.copytree(self.dir / "files", root)
        (root / "modules").mkdir()
        (root / "etc").mkdir()
        for name, words in (("passwd", "0:0::/:/"), ("group", "0:")):
            (root / "etc" / name).write_text(
                f"root:x:{words}\nnobody:x:{words}\nnogroup:x:{words}\n")
        for number, name in enumerate(MODULES):
            shutil.copy(self.kernel / f"{name}.ko",
                        root / "modules" / f"{number:02}.ko")
        shutil.copy(self.dir / "init", root)
        for server in SERVERS:
            shutil.copy(twin(server), root / server.name)
        pack(root, self.dir / "initrd")
        shutil.rmtree(root)

    def eft(self, server):
        return [ROOT / "eft", "run", "--on", MACHINE, "--accel", "tcg", "--mem",
                MEMORY, "--net", f"tap:{TAP}", "--ip", f"{GUEST}/24", "--fs",
                self.dir / "files", image(server), *server.words]

    def linux(self, server):
        words = " ".join(f'"{word}"'
                         for word in (f"/{server.name}", *server.words))
        return ["qemu-system-x86_64", "-M", MACHINE, "-accel", "tcg", "-cpu",
                "max", "-m", MEMORY, "-nodefaults", "-no-user-config",
                "-no-reboot", "-display", "none", "-serial", "stdio",
                "-netdev", f"tap,id=net,ifname={TAP},script=no,downscript=no",
                "-device", "virtio-net-pci,netdev=net", "-kernel",
                self.kernel / "vmlinuz", "-initrd", self.dir / "initrd",
                "-append", "console=ttyS0 quiet panic=-1 rdinit=/init "
                f"ADDRESS={GUEST} -- {words}"]

    def measure(self, server, command):
        """Nanoseconds per request, or per 1,000 bytes, of each load."""
        with self.booted(server, command):
            return [self.load(server, load) for load in server.loads]

    @contextlib.contextmanager
    def booted(self, server, command):
        log = self.dir / "log"
        with log.open("wb") as out:
            guest = subprocess.Popen(inside(*command), stdout=out, stderr=out,
                                     stdin=subprocess.DEVNULL,
                                     start_new_session=True)
        try:
            until = time.monotonic() + PATIENCE_S
            while not self.answers(server):
                if time.monotonic() > until or guest.poll() is not None:
                    raise SystemExit(log.read_text(errors="replace"))
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(guest.pid, signal.SIGKILL)
            guest.wait()

    def answers(self, server):
        """Is a request answered? Half a second without is a no."""
        result = subprocess.run(
            inside("timeout", "0.5",
                   *words_of(server, server.loads[0], connections=1, ms=1)),
            capture_output=True)
        if result.returncode != 0:
            time.sleep(0.2)
        return result.returncode == 0

    def load(self, server, load):
        result = self.box.run(inside(*words_of(server, load)), timeout=60)
        if result.status != 0:
            raise SystemExit(f"bench: failed:\n{result}")
        per_second = float(result.text.split()[0])
        return (1e12 if isinstance(load, Bulk) else 1e9) / per_second


def words_of(server, load, connections=CONNECTIONS, ms=LOAD_MS):
    if isinstance(load, Bulk):
        return program("bulk.host"), load.what, GUEST, server.port, ms
    return (program("echo.host"), "load", server.port, connections,
            load.pipeline, ms, GUEST, load.request, load.answer)


def is_ours(server):
    return server.name == "bulk"


def image(server):
    return program("bulk") if is_ours(server) else app(server.name)


def twin(server):
    if is_ours(server):
        return program("bulk.host")
    return BUILD / f"apps/{server.name}/{server.name}.musl"


def targets():
    for server in SERVERS:
        if not is_ours(server):
            yield f"apps/{server.name}/{server.name}"
            yield f"apps/{server.name}/{server.name}.musl"


def rows_of(place, server, count):
    pairs = take_pairs(count,
                       lambda: place.measure(server, place.eft(server)),
                       lambda: place.measure(server, place.linux(server)))
    for number, load in enumerate(server.loads):
        what = (f"one stream, {load.what} (1,000 bytes)"
                if isinstance(load, Bulk) else load.what)
        yield speed_row(f"guest: {what}", [
            (ours[number], others[number]) for ours, others in pairs],
            load.goal)


def measure(count):
    if os.geteuid() != 0:
        yield Row("only root makes a network namespace and a TAP", "skipped")
        return
    box = Box()
    place = Place(box)
    try:
        place.prepare()
        for server in SERVERS:
            yield from rows_of(place, server, max(1, count // 3))
    finally:
        place.close()
        box.close()
