# SPDX-License-Identifier: BSD-3-Clause
"""The network's flags of ./eft run: the words that QEMU and the libOS get of
them, and what is said of wrong ones before anything starts."""
import os
import re
import shlex
import socket

from tests.runner.box import app, EFT
from tests.runner.case import Cases, check

cases = Cases("network")

WIRED = {"microvm": "virtio-net-device", "q35": "virtio-net-pci",
         "pc": "virtio-net-pci"}


def printed(box, where, *flags):
    result = box.run([EFT, "run", "--on", where, "--print", *flags,
                      app("hello")])
    check(result.status == 0, str(result))
    return shlex.split(result.text)


def values(words, flag):
    return [words[i + 1] for i, word in enumerate(words) if word == flag]


def options(box, *flags):
    """What a process is told, but its name."""
    words = printed(box, "process", *flags)
    check(words[0].startswith("EFT="), words)
    return shlex.split(words[0].removeprefix("EFT="))[1:]


def refused(box, named, *flags, where="process", prints=True):
    result = box.run([EFT, "run", "--on", where, *(["--print"] * prints),
                      *flags, app("hello")])
    text = result.errors
    check(result.status == 2 and named in text and len(text.splitlines()) == 1
          and text.startswith("eft run: --"),
          f"'{named}' is not said in a line\n{result}")


@cases.on(*WIRED)
def words_for_a_guest(box, where):
    """Each kind of network is one of QEMU's, and the guest's address an option."""
    for flags, backend, address in (
            (("--net", "user"), "user,id=net0", "dhcp"),
            (("--publish", "8080:80"),
             "user,id=net0,hostfwd=tcp:127.0.0.1:8080-:80", "dhcp"),
            (("--publish", "0.0.0.0:8080:80", "--publish=5353:53/udp",
              "--net=user"), "user,id=net0,hostfwd=tcp:0.0.0.0:8080-:80,"
             "hostfwd=udp:127.0.0.1:5353-:53", "dhcp"),
            (("--net", "tap:it", "--ip", "10.0.0.2/24,gw=10.0.0.1"),
             "tap,id=net0,ifname=it,script=no,downscript=no",
             "10.0.0.2/24,gw=10.0.0.1"),
            (("--net", "tap:it", "--ip", "none", "--pcap", "x"),
             "tap,id=net0,ifname=it,script=no,downscript=no,vnet_hdr=off",
             "none"),
            (("--net", "unix:a,b", "--ip", "none"), "stream,id=net0,server=on,"
             "addr.type=unix,addr.path=a,,b", "none"),
            (("--net", "passt", "--publish", "[::1]:80:80"),
             "stream,id=net0,server=off,addr.type=unix,"
             "addr.path=/path/to/passt", "dhcp"),
            (("--net", "user", "--set", "ip=none"), "user,id=net0", "none")):
        words = printed(box, where, "--accel", "tcg", *flags)
        check(values(words, "-netdev") == [backend], words)
        devices = [value for value in values(words, "-device")
                   if value.startswith(f"{WIRED[where]},netdev=net0")]
        check(len(devices) == 1, words)
        append, = values(words, "-append")
        check(re.findall(r"(?:^| )ip=(\S+)", append) == [address], append)
        check((where == "microvm") ==
              ("virtio-mmio.force-legacy=false" in words), words)


@cases.case
def no_network_unless_asked(box):
    for flags in ((), ("--net", "none")):
        words = printed(box, "microvm", *flags)
        check("-netdev" not in words and "ip=" not in " ".join(words), words)
        check(options(box, *flags) == (["net=none"] if flags else []), words)


@cases.case
def frames_to_a_file(box):
    words = printed(box, "q35", "--publish", "80:80", "--pcap", "a,b.pcap")
    check(values(words, "-object") ==
          ["filter-dump,id=pcap0,netdev=net0,file=a,,b.pcap"], words)
    check(options(box, "--net", "tap:it", "--pcap", "a,b.pcap")
          == ["net=tap:it", "ip=dhcp", "net.pcap=a,b.pcap"], "a process")


@cases.case
def two_ends_have_two_addresses(box):
    """On a wire the first waits for the second, who is another."""
    wire, devices, servers = box.dir / "wire", set(), []
    with socket.socket(socket.AF_UNIX) as other:
        for _ in range(2):
            words = printed(box, "microvm", "--net", f"unix:{wire}")
            devices |= {word for word in words if "netdev=net0,mac=" in word}
        check(len(devices) == 1, devices)
        other.bind(str(wire))
        other.listen()
        result = box.run(["sh", "-c", '. "$0"; check_wire "$1"; echo $wire',
                          EFT.parent / "tools/network", wire])
        check(result.text == "off\n", result)
    result = box.run(["sh", "-c", 'fail() { echo "$*"; exit 2; }; . "$0"; '
                      'check_wire "$1"', EFT.parent / "tools/network", wire])
    check("nobody listens there any more" in result.text, result)


@cases.case
def options_of_a_process(box):
    for flags, wanted in (
            (("--net", "host"), ["net=host"]),
            (("--net", "user"), ["net=passt:/path/to/passt", "ip=dhcp"]),
            (("--net", "passt", "--publish", "1:2"),
             ["net=passt:/path/to/passt", "ip=dhcp"]),
            (("--net", "tap:it", "--ip", "10.0.0.2/24"),
             ["net=tap:it", "ip=10.0.0.2/24"]),
            (("--net", "unix:a b"), ["net=unix:a b", "ip=dhcp"]),
            (("--publish", "80:80"), [])):
        found = options(box, *flags)
        check(found == wanted, f"{flags}: {found}")


@cases.case
def mistakes(box):
    for named, *flags in (
            ("'bad", "--net", "'bad"), ("of which TAP", "--net", "tap:"),
            ("no / in it", "--net", "tap:../it"),
            ("of which socket", "--net", "unix:"),
            ("not [ADDR:]HOST:GUEST", "--publish", "80"),
            ("'0' is no port", "--publish", "0:80"),
            ("'65536' is no port", "--publish", "80:65536"),
            ("'' is no port", "--publish", "80:"),
            ("'8x' is no port", "--publish", "127.0.0.1:8x:80"),
            ("/sctp: tcp or udp", "--publish", "80:80/sctp"),
            ("'here' is no address", "--publish", "here:80:80"),
            ("binds port 81 itself", "--publish", "80:81"),
            ("with --net none", "--net", "none", "--publish", "80:80"),
            ("with --net tap:it", "--net", "tap:it", "--publish", "80:80"),
            ("no frames", "--pcap", "x"), ("which file", "--pcap", ""),
            ("no addresses", "--ip", "dhcp"),
            ("dhcp, none or", "--net", "tap:it", "--ip", "here"),
            ("--set ip= too", "--net", "tap:it", "--ip", "dhcp", "--set",
             "ip=none")):
        refused(box, named, *flags)
    for named, *flags in (
            ("only a process", "--net", "host"),
            ("IPv4 only", "--net", "user", "--publish", "[::1]:80:80"),
            ("--net none", "--net", "none", "--pcap", "x")):
        refused(box, named, *flags, where="microvm")


@cases.case
def what_is_not_there(box):
    """A port in use, no TAP, no folder: said, and nothing has started."""
    image = app("hello")
    with socket.create_server(("127.0.0.1", 0)) as server, \
            socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        for ends, kind in ((server, ""), (datagrams, "/udp")):
            port = ends.getsockname()[1]
            refused(box, f"port {port} of 127.0.0.1 cannot be had: Address "
                    "already in use", "--publish", f"{port}:80{kind}",
                    where="microvm", prints=False)
        (box.dir / "file").write_text("")
        (box.dir / "folder").mkdir()
        for where in ("process", "microvm"):
            for named, *flags in (
                    ("there is no TAP no-such", "--net", "tap:no-such"),
                    ("it is no socket", "--net", "unix:file"),
                    ("no folder nowhere", "--net", "unix:nowhere/wire"),
                    ("over 107 bytes", "--net", "unix:" + "x" * 108),
                    ("folder: cannot be written", "--net", "unix:wire",
                     "--pcap", "folder")):
                refused(box, named, *flags, where=where, prints=False)
    check(os.listdir(box.dir / "folder") == [] and image.exists(), "files")
