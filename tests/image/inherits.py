# SPDX-License-Identifier: BSD-3-Clause
"""What exec hands on, and the signals that other processes send: a program
finds on Eft what it finds on plain Linux."""
import ctypes
import errno
import fcntl
import os
import re
import resource
import select
import signal
import socket
import subprocess
import time

from tests.runner.box import ENVIRONMENT, kill_group, program
from tests.runner.case import Cases, check, Failure

cases = Cases("image")

WAYS = ("cpus=1", "cpus=2", "uring=off", "valgrind")
NATIVE = WAYS[:3]  # valgrind lets nobody have its own standard error's number
SECONDS = 120


def none_of_ours(prepare, folder):
    """In the child: no descriptors but the streams, and what prepare makes."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and os.path.exists(f"/proc/self/fd/{name}"):
            os.set_inheritable(int(name), False)
    prepare(folder)


def run(box, where, prepare, arguments=(), options=""):
    """The report of the program (where), started by a child that prepared."""
    folder = box.dir / where.replace("=", "-")
    (folder / "sub").mkdir(parents=True)
    (folder / "in").write_text("inside\n")
    report = folder / "report"
    words = [str(program("inherited.host" if where == "host"
                         else "inherited"))]
    if where == "valgrind":
        words[:0] = ["valgrind", "-q", "--error-exitcode=9"]
        options = ""
    child = subprocess.Popen(
        [*words, "report", *arguments], cwd=folder, close_fds=False,
        env={**ENVIRONMENT, "EFT": options}, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, restore_signals=False,
        preexec_fn=lambda: none_of_ours(prepare, folder))
    status = child.wait(SECONDS)
    text = report.read_text() if report.exists() else "no report"
    check(status == 0, f"{where}: status {status}\n{text}")
    return text.replace(str(folder), "FOLDER")


def compare(box, way, prepare, *arguments):
    wanted = run(box, "host", prepare, arguments)
    options = "" if way == "valgrind" else way
    found = run(box, way, prepare, arguments, options)
    if way == "valgrind":  # its own are seen too
        strip = ("limit 7:", "listed:", "signal 64:")
        wanted, found = ("\n".join(line for line in text.splitlines()
                                   if not line.startswith(strip))
                         for text in (wanted, found))
    check(found == wanted, f"wanted\n{wanted}\nfound\n{found}")


def at(number, fd):
    """Move (fd) to (number), for the program to find."""
    os.dup2(fd, number)
    if fd != number:
        os.close(fd)
    os.set_inheritable(number, True)


def files(folder):
    path = folder / "content"
    path.write_text("0123456789")
    at(20, os.open(path, os.O_RDONLY))
    os.lseek(20, 4, os.SEEK_SET)
    at(21, os.open(path, os.O_WRONLY | os.O_APPEND))
    at(22, os.open(folder, os.O_RDONLY | os.O_DIRECTORY))
    at(63, os.open("/dev/null", os.O_RDWR))
    read, write = os.pipe()
    os.write(write, b"piped")
    at(31, read)
    at(32, write)
    os.set_blocking(31, False)
    one, other = socket.socketpair()
    one.send(b"socket")
    at(40, os.dup(other.fileno()))
    at(41, os.dup(one.fileno()))
    os.dup2(20, 25)
    os.chdir(folder)
    os.umask(0o37)


def bare(folder):
    for number in range(3):
        os.close(number)


def only_input(folder):
    os.close(1)
    os.close(2)


def signals(folder):
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE,
                   signal.SIGFPE, signal.SIGTSTP, signal.SIGRTMIN + 3):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {
        signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGCHLD,
        signal.SIGSEGV, signal.SIGRTMAX - 2, signal.SIGRTMIN + 3})
    for number in (signal.SIGUSR1, signal.SIGTERM):
        os.kill(os.getpid(), number)


def numbers(folder):
    os.nice(7)
    resource.setrlimit(resource.RLIMIT_NOFILE, (70, 80))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 4096))
    resource.setrlimit(resource.RLIMIT_NPROC, (1000, 2000))
    os.umask(0o137)
    os.chdir(folder / "sub")
    os.chdir("..")


@cases.on(*WAYS)
def descriptors(box, way):
    compare(box, way, files, "use")


@cases.on(*NATIVE)
def no_streams(box, way):
    compare(box, way, bare)


@cases.on(*NATIVE)
def no_output(box, way):
    compare(box, way, only_input, "use")


@cases.on(*WAYS)
def signals_ignored_and_blocked(box, way):
    compare(box, way, signals)


@cases.on(*WAYS)
def limits_and_numbers(box, way):
    compare(box, way, numbers)


def end_badly(box, stderr, **more):
    """A program whose own file has number 2 crashes; its standard error."""
    child = subprocess.Popen(
        [program("other_stderr")], cwd=box.dir, env=ENVIRONMENT,
        stdin=subprocess.PIPE, stderr=stderr, start_new_session=True, **more)
    ended = child.stderr.read() if child.stderr else b""
    child.stdin.close()
    check(child.wait(SECONDS) == -signal.SIGSEGV, "it should crash")
    own = (box.dir / "own").read_text()
    check(own == "its own\n", f"the program's own file has {own!r}")
    return ended


@cases.case
def report_goes_to_first_stderr(box):
    with open(box.dir / "first", "w+b") as first:
        end_badly(box, first)
        first.seek(0)
        text = first.read()
    check(b"eft: segmentation fault" in text, f"the report: {text!r}")


@cases.case
def report_holds_no_pipe_open(box):
    """Its end comes before the program's."""
    text = end_badly(box, subprocess.PIPE)
    check(text == b"", f"a report: {text!r}")


@cases.case
def report_without_stderr(box):
    end_badly(box, None, preexec_fn=lambda: os.close(2))


BUSY_TICKS = 3    # of the CPU's time: more than it takes to start and to crash


def ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        words = stat.read().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


@cases.case
def report_waits_for_room(box):
    """Into a pipe that is full, does not wait, and is read soon."""
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(write, False)
    held = b"." * 4096
    os.write(write, held)
    child = subprocess.Popen(
        [program("null_deref")], cwd=box.dir, env=ENVIRONMENT,
        stdin=subprocess.DEVNULL, stderr=write, start_new_session=True)
    os.close(write)
    while child.poll() is None and ticks(child.pid) < BUSY_TICKS:
        time.sleep(0.001)
    with open(read, "rb") as stream:
        text = stream.read()
    check(child.wait(SECONDS) == -signal.SIGSEGV, "it should crash")
    check(text.startswith(held + b"eft: segmentation fault: read of the null")
          and re.search(rb"\n  r14 .*\n  #0 ", text), f"the report: {text!r}")


@cases.case
def blocked_signal_ends_it(box):
    """By the signal, not with its number: who waits is told the difference."""
    child = subprocess.Popen(
        [program("abort")], cwd=box.dir, env=ENVIRONMENT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, preexec_fn=lambda: signal.pthread_sigmask(
            signal.SIG_BLOCK, {signal.SIGABRT}))
    ended = child.wait(SECONDS)
    check(ended == -signal.SIGABRT, f"it ended by {ended}")


QUEUED = 500    # as signal_queued has it
PATIENCE_S = 15
libc = ctypes.CDLL(None, use_errno=True)


def queue(pid, number, value):
    """As fast as the host's queue takes them."""
    while libc.sigqueue(pid, number, ctypes.c_void_p(value)) != 0:
        check(ctypes.get_errno() == errno.EAGAIN, "sigqueue")
        time.sleep(0.001)


def line_of(stream):
    if not select.select([stream], [], [], PATIENCE_S)[0]:
        raise Failure("no line in time")
    return stream.readline().strip()


def signals_queued(box, options, *how):
    """All arrive, in their order, with what they carry."""
    child = subprocess.Popen(
        [program("signal_queued"), *how], cwd=box.dir, bufsize=0,
        env={**ENVIRONMENT, "EFT": options}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, start_new_session=True)
    try:
        number = int(line_of(child.stdout))
        if how[0] == "take":
            check(line_of(child.stdout) == b"blocked", "no word of it")
        for value in range(QUEUED):
            queue(child.pid, number, value)
            if value % 50 == 0:
                time.sleep(0.01)    # to find it at rest
        said = line_of(child.stdout)
        check(said == b"%d came, 0 wrong" % QUEUED, said.decode())
        check(child.wait(SECONDS) == 0, "its status")
    finally:
        kill_group(child.pid)
        child.wait()
        child.stdin.close()
        child.stdout.close()


for options in ("cpus=1", "cpus=2"):
    for how in ("compute", "call", "sleep", "read", "take"):
        cases.add(f"signals_queued_{how} {options}", signals_queued, options,
                  how)
    for how in ("sleep", "read", "take"):    # with a CPU that has nothing to do
        cases.add(f"signals_queued_{how}_alone {options}", signals_queued,
                  options, how, "alone")
