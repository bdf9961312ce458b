# SPDX-License-Identifier: BSD-3-Clause
"""What a command that does not end waits for: gdb tells of the threads of each
image, process and guest, and each test program that it has started."""
import os
import re
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TIMEOUT_S = 60
FRAMES = 20

EFT_THREADS = ["eft threads", f"eft bt all {FRAMES}"]
HOST_THREADS = [f"thread apply all backtrace {FRAMES}"]


class Process:
    def __init__(self, pid):
        self.pid = pid
        self.folder = Path(f"/proc/{pid}")
        self.words = (self.folder / "cmdline").read_text(
            errors="replace").split("\0")[:-1]
        self.exe = (self.folder / "exe").resolve()

    def path(self, word):
        """A file of its, by the name that it knows it by."""
        return (self.folder / "cwd").resolve() / word


def stats():
    """The process, its state, parent and session, of all that there are."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue    # it has ended meanwhile
        yield int(folder.name), stat[0], int(stat[1]), int(stat[3])


def kill_all(pid):
    """(pid) and all that it has started, in whatever session: one that stays
    holds what its starter's output is read from."""
    parents = {process: parent for process, _, parent, _ in stats()}
    found = [pid]
    for parent in found:
        found += [child for child, of in parents.items() if of == parent]
    for process in found:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


def processes_of(session):
    """Those that a command has started, in a session of its own."""
    for pid, state, _, of in stats():
        try:
            if of == session and state != "Z":
                yield Process(pid)
        except OSError:
            continue


def gdb(image, target, commands):
    """What gdb answers to the commands, once it has the (target)."""
    words = ["gdb", "-nx", "-batch", "-x", ROOT / "tools/gdb/eft.py"]
    for command in (f"set remotetimeout {TIMEOUT_S // 2}", target,
                    'python print("threads:")', *commands):
        words += ["-ex", command]
    child = subprocess.Popen([*words, image], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True,
                             errors="replace", stdin=subprocess.DEVNULL)
    try:
        output, errors = child.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        kill_all(child.pid)
        child.communicate()
        return f"gdb: {error}"
    told = output.partition("threads:\n")[2].strip("\n")
    return told or errors.strip()


def guest(process):
    """By QEMU's stub, which both ways to boot a guest have."""
    stub = re.search(r"\bsocket,path=([^ ]*),server=on,wait=off,id=gdb",
                     " ".join(process.words))
    if stub is None:
        return "no stub for gdb"
    image = process.words[process.words.index("-kernel") + 1]
    return gdb(process.path(image), f"target remote {stub[1]}", EFT_THREADS)


def under_valgrind(process):
    image = next((path for path in map(process.path, process.words[1:])
                  if path.is_file()), None)
    return gdb(image, f"target remote | vgdb --pid={process.pid}", EFT_THREADS)


def is_image(path):
    return b"eft_image_end" in path.read_bytes()


def threads_of(process, build):
    """None if it is none of ours."""
    if process.exe.name.startswith("qemu-system"):
        return guest(process)
    if process.exe.name.startswith("memcheck"):
        return under_valgrind(process)
    if build not in process.exe.parents:
        return None
    return gdb(process.exe, f"attach {process.pid}",
               EFT_THREADS if is_image(process.exe) else HOST_THREADS)


def who_waits(session, build):
    """For each process of the session, as a text: its command, its threads."""
    parts = []
    for process in processes_of(session):
        told = threads_of(process, build)
        if told is not None:
            parts.append(f"--- threads of {' '.join(process.words)[:200]}\n"
                         f"{told}\n")
    return "".join(parts)
