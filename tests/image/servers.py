# SPDX-License-Identifier: BSD-3-Clause
"""Servers of others' and a client, unmodified: as a process, on the host's sockets,
and as a guest, whose port is published on the host's loopback."""
import contextlib
import os
import socket
import subprocess
import threading
import time

from tests.runner.box import app, EFT, ENVIRONMENT, kill_group, ROOT
from tests.runner.case import Cases, check, Failure

cases = Cases("servers")

WHERE = ("process", "microvm")
PATIENCE_S = 60
PAGE = b"<h1>Hello</h1>\n" * 1000


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def connect(port, until, child):
    """QEMU's network takes a connection before there is a guest to answer."""
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        time.sleep(0.1)
    raise Failure("nobody listens")


@contextlib.contextmanager
def served(box, where, name, *args, port, flags=(), hello):
    """A server, once it answers to what (hello) says of a connection."""
    if where != "process":
        flags = (*flags, "--publish", f"{port}:{port}")
    log = box.temp / "log"
    with log.open("wb") as out:
        child = subprocess.Popen(
            [EFT, "run", "--on", where, *flags, app(name), *args], cwd=box.dir,
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=ENVIRONMENT,
            start_new_session=True)
    try:
        until = time.monotonic() + PATIENCE_S
        while True:
            with connect(port, until, child) as first, \
                    contextlib.suppress(OSError):
                # What came before the guest had an address comes again in 6 s.
                first.settimeout(1)
                if hello(first):
                    break
            time.sleep(0.1)
        yield child
    except (Failure, OSError) as error:
        raise Failure(f"{error!r}\n{log.read_text(errors='replace')}") from None
    finally:
        kill_group(child.pid)
        child.wait()


def ask(connection, request, end, count=1):
    """Send (request); what comes until (count) times (end)."""
    connection.sendall(request)
    answer = b""
    while answer.count(end) < count:
        more = connection.recv(65536)
        if not more:
            raise OSError(f"the end after {answer[-200:]}")
        answer += more
    return answer


def redis(*words):
    """A request in Redis' protocol."""
    words = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(
        b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def files_for(box, where):
    """A guest's folder is (box.dir), in memory."""
    return () if where == "process" else ("--fs", ".")


@cases.on(*WHERE)
def redis_answers(box, where):
    """One by one and pipelined; what was written is in the append-only file."""
    port = free_port()
    (box.dir / "redis.conf").write_text(
        (ROOT / "apps/redis/redis.conf").read_text())
    with served(box, where, "redis", "redis.conf", "--port", str(port),
                port=port, flags=files_for(box, where), hello=lambda c:
                ask(c, redis("PING"), b"\r\n") == b"+PONG\r\n"):
        with connect(port, time.monotonic() + 10, box_child()) as c:
            check(ask(c, redis("SET", "a", "b" * 100000), b"\r\n") ==
                  b"+OK\r\n", "SET")
            check(b"b" * 100000 in ask(c, redis("GET", "a"), b"\r\n", 2), "GET")
            answers = ask(c, redis("INCR", "n") * 1000, b"\r\n", 1000)
            check(answers.endswith(b"\r\n:1000\r\n"), answers[-50:])
        if where == "process":
            kept = b"".join(path.read_bytes() for path in
                            (box.dir / "appendonlydir").glob("*.aof"))
            check(kept.count(b"INCR") == 1000, "the append-only file")


def box_child():
    """Nobody's process, which has not ended."""
    class Child:
        @staticmethod
        def poll():
            return None
    return Child


def http(path):
    return f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode()


def site(box, port):
    (box.dir / "html").mkdir()
    (box.dir / "html/index.html").write_bytes(PAGE)
    (box.dir / "nginx.conf").write_text(
        (ROOT / "apps/nginx/nginx.conf").read_text()
        .replace("listen 8080", f"listen {port}"))


@cases.on(*WHERE)
def nginx_and_curl(box, where):
    """A page by a connection that stays, one that is not there, and curl's."""
    port = free_port()
    site(box, port)
    with served(box, where, "nginx", port=port, flags=files_for(box, where),
                hello=lambda c: ask(c, http("/"), b"</h1>", 1000)):
        with connect(port, time.monotonic() + 10, box_child()) as c:
            for _ in range(3):
                check(PAGE in ask(c, http("/"), b"</h1>\n", 1000), "the page")
            check(b" 404 " in ask(c, http("/none"), b"</html>"), "no page")
        result = box.run([app("curl"), "-s", f"http://localhost:{port}/"])
        check(result.out == PAGE, result)


@cases.on(*WHERE)
def memcached_by_threads(box, where):
    """Four threads, and as many clients at once, who see their own values."""
    port, wrong = free_port(), []

    def client(number):
        with connect(port, time.monotonic() + 10, box_child()) as c:
            for i in range(200):
                value = b"%d of %d" % (i, number)
                stored = ask(c, b"set k%d 0 0 %d\r\n%s\r\n" % (
                    number, len(value), value), b"\r\n")
                found = ask(c, b"get k%d\r\n" % number, b"END\r\n")
                if stored != b"STORED\r\n" or b"\r\n" + value not in found:
                    wrong.append((stored, found))

    user = ("-u", "root") if os.getuid() == 0 or where != "process" else ()
    with served(box, where, "memcached", "-t", "4", "-U", "0", "-p", str(port),
                *user, port=port, flags=("--cpus", "2"), hello=lambda c:
                b"VERSION" in ask(c, b"version\r\n", b"\r\n")):
        threads = [threading.Thread(target=client, args=(number,))
                   for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check(not wrong, wrong[:2])
