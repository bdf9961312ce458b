# SPDX-License-Identifier: BSD-3-Clause
"""Connections to what runs on the libOS's own stack, each way that frames go: QEMU's
network of users, passt, a TAP and a wire between two instances."""
import contextlib
import os
import socket
import subprocess
import threading
import time
from pathlib import Path

from tests.image.servers import free_port, http
from tests.runner.box import app, EFT, ENVIRONMENT, kill_group, program
from tests.runner.case import Case, Cases, check, Failure

cases = Cases("net")

PATIENCE_S = 50
SAID = bytes(i * 7 % 251 for i in range(300_000))


@contextlib.contextmanager
def running(box, *words):
    """A command, whose output is in (child.log), until the test is over."""
    log = box.temp / f"log{time.monotonic_ns()}"
    with log.open("wb") as out:
        child = subprocess.Popen(
            [str(word) for word in words], cwd=box.dir, stdout=out, stderr=out,
            stdin=subprocess.DEVNULL, env=ENVIRONMENT, start_new_session=True)
    child.log = log
    try:
        yield child
    except (Failure, OSError) as error:
        raise Failure(f"{error!r}\n{log.read_text(errors='replace')}") from None
    finally:
        kill_group(child.pid)
        child.wait()


def published(box, where, net, port, image, *args, flags=()):
    return running(box, EFT, "run", "--on", where, "--net", net, "--publish",
                   f"127.0.0.1:{port}:7", *flags, image, *args)


def said_first(port, text, child):
    """A connection on which (text) was answered. Who forwards takes connections,
    or loses what was said, before there is somebody to answer."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError):
            connection = socket.create_connection(("127.0.0.1", port), 1)
            connection.sendall(text)
            if connection.recv(1):
                connection.settimeout(20)
                return connection
            connection.close()
        time.sleep(0.05)
    raise Failure("nobody answers")


def rest(connection):
    heard = b""
    while more := connection.recv(1 << 16):
        heard += more
    return heard


def say_all(connection):
    connection.sendall(SAID)
    connection.shutdown(socket.SHUT_WR)


def talk(port, child):
    with said_first(port, b"h", child) as connection:
        speaker = threading.Thread(target=say_all, args=(connection,))
        speaker.start()
        heard = rest(connection)
        speaker.join()
    check(heard == SAID, f"{len(heard)} bytes of {len(SAID)}")
    check(child.wait(PATIENCE_S) == 0, "the server's status")


def frames(box, name):
    """What tcpdump says of them."""
    result = box.run(["tcpdump", "-nr", "-"], stdin=(box.dir / name).read_bytes())
    check(result.status == 0, result)
    return result.text


@cases.on("microvm", "q35", "process")
def says_back_to_the_host(box, where):
    """All that was said comes back though the server ends behind it; and there
    are frames of the connection's beginning and end."""
    port = free_port()
    with published(box, where, "user", port, program("says_back"), "7", "1",
                   flags=("--pcap", "frames")) as child:
        talk(port, child)
    text = frames(box, "frames")
    for wanted in ("BOOTP/DHCP, Reply", ".7: Flags [S]", "Flags [F"):
        check(wanted in text, f"no {wanted}\n{text[:2000]}")


@cases.case
def says_back_by_passt_to_a_guest(box):
    port = free_port()
    with published(box, "microvm", "passt", port, program("says_back"), "7",
                   "1") as child:
        talk(port, child)


@cases.on("microvm", "process")
def page(box, where):
    """The page of ./eft demo web, and its polite end."""
    port = free_port()
    with published(box, where, "user", port, app("web"), "7") as child:
        with said_first(port, http("/"), child) as connection:
            connection.sendall(http("/end"))
            text = b"H" + rest(connection)
        check(text.count(b"<h1>Hello from Eft!</h1>") == 2, text)
        check(child.wait(PATIENCE_S) == 0, "the server's status")


@cases.on("process", "microvm")
def two_on_a_wire(box, where):
    """A process listens at the wire's socket, and another, or a guest, asks."""
    image = program("says_back")
    with running(box, EFT, "run", "--net", "unix:wire", "--ip", "10.0.0.1/24",
                 image, "7", "1") as server:
        until = time.monotonic() + PATIENCE_S
        while not (box.dir / "wire").exists() and time.monotonic() < until:
            time.sleep(0.02)
        result = box.eft_run(where, image, "7", "10.0.0.1", flags=(
            "--net", "unix:wire", "--ip", "10.0.0.2/24"))
        check(result.status == 0 and "heard all" in result.text, result)
        check(server.wait(PATIENCE_S) == 0, "the server's status")


IN_A_NAMESPACE = """
ip tuntap add mode tap name it
ip addr add 10.0.0.1/24 dev it
ip link set it up
ip link set lo up
"$1" run --on "$2" --net tap:it --ip 10.0.0.2/24 --pcap frames "$3" 7 2 &
ask() {
    python3 -c '
import socket, time
for _ in range(300):
    try:
        c = socket.create_connection(("10.0.0.2", 7), timeout=5)
        break
    except OSError:
        time.sleep(0.1)
c.sendall(b"hello")
c.shutdown(socket.SHUT_WR)
print(c.recv(10), c.recv(10))'
}
ask
ip link set it down
sleep 0.2
ip link set it up
ask
wait $!
echo "status $?"
"""


@cases.on("process", "microvm")
def tap_that_goes_down_and_up(box, where):
    """In a network namespace of its own, where nobody needs privileges."""
    result = box.run(["unshare", "-rn", "sh", "-ec", IN_A_NAMESPACE, "sh", EFT,
                      where, program("says_back")])
    check(result.text.count("b'hello' b''\n") == 2 and
          result.text.endswith("status 0\n"), result)
    check("10.0.0.2.7: Flags [S]" in frames(box, "frames"), "frames")


@cases.on("process", "microvm")
def nobody_serves_addresses(box, where):
    """The program runs all the same, and gets an error at connect()."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(box.dir / "wire"))
        silent.listen()
        result = box.eft_run(where, program("says_back"), "7", "10.9.8.7",
                             flags=("--net", f"unix:{box.dir}/wire"))
    check(result.status == 1 and "connect: Network " in result.text +
          result.errors, result)


@cases.on("process", "microvm")
def addresses_that_are_none(box, where):
    """Named, and nothing of the program has run."""
    for number, address in enumerate(("10.0.0.256/24", "10.0.0.1/33",
                                      "10.0.0.1/24,gw=x")):
        result = box.eft_run(where, program("says_back"), "7", "1", flags=(
            "--net", f"unix:wire{number}", "--ip", address))
        text = result.text + result.errors
        check(result.status == 2 and "'ip'" in text and "listening" not in text,
              result)


@cases.case
def leaves_no_passt(box):
    """passt ends with the image that it was started for, and its folder goes."""
    result = box.run(["env", f"TMPDIR={box.dir}", EFT, "run", "--net", "passt",
                      program("says_back"), "7", "0"])
    check(result.status == 0 and result.text == "listening\n", result)
    until = time.monotonic() + 10
    while (os.listdir(box.dir) or named(box.dir)) and time.monotonic() < until:
        time.sleep(0.05)
    check(not named(box.dir) and not os.listdir(box.dir), named(box.dir))


# Where, with which flags, how often, and how often with --long.
VISITS = {
    "process": ((), 2000, 1_000_000),
    "process own stack": (("--net", "none"), 60_000, 1_000_000),
    "microvm": ((), 2000, 200_000),
}
LAST_S = 65  # a connection's TIME_WAIT


def visited(box, where, count, seconds):
    """The sockets that there are, and the KiB that are free more than at first: of
    the guest's; a process shows the host's."""
    result = box.eft_run(where.split()[0], program("visits"), str(count),
                         str(seconds), flags=VISITS[where][0],
                         timeout=PATIENCE_S + count // 200)
    words = result.text.split()
    check(result.status == 0 and len(words) == 6, result)
    return int(words[1]), int(words[3])


@cases.on(*VISITS)
def visits(box, where):
    """More connections in a row than there are ports, on the own stack."""
    sockets, more = visited(box, where, VISITS[where][1], 0)
    if where != "process":
        check(sockets > 1000, sockets)
    if where == "microvm":
        check(more > -2 * sockets, (sockets, more))


def visits_leave_nothing(box, where):
    sockets, more = visited(box, where, VISITS[where][2], LAST_S)
    if where != "process":
        check(sockets == 1, sockets)
    if where == "microvm":
        check(more > -512, more)


def long_cases():
    return [Case(f"net/visits_leave_nothing {where}",
                 lambda box, where=where: visits_leave_nothing(box, where))
            for where in VISITS]


def named(folder):
    """The commands that run with (folder) in their words."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            if os.fsencode(folder) in words:
                found.append(words)
    return found
