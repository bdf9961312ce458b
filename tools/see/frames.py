# SPDX-License-Identifier: BSD-3-Clause
"""What lies at addresses of an image: functions with file and line, those in
line too, and objects. By binutils, from the debug file beside it if there is
one."""
import bisect
import collections
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

LIBOS, LIBC, PROGRAM = "the libOS", "the C library", "the program"

# Whose callers are of no interest: where threads and the program begin.
OUTERMOST = {"_start", "_start_c", "start", "start_c11",
             "libc_start_main_stage2", "__libc_start_main",
             "eft_thread_trampoline", "eft_program_trampoline"}

# What only leads from a system call's function in the C library to the libOS's
# (posix/musl/overlay/arch/x86_64).
DISPATCH = re.compile(r"eft_dispatch|eft_call(_cp)?|__syscall\d|__syscall_cp(_c)?"
                      r"|sccp")

# The C library's functions whose names are no program's.
CALLED = {"__eft_free_impl": "free", "__libc_realloc": "realloc",
          "__libc_malloc_impl": "malloc"}


class Frame(NamedTuple):
    function: str
    place: str      # file:line, or ""
    owner: str
    in_line: bool   # in the one after it


class Symbols:
    """Those of some types: what lies at an address, by its plainest name."""

    def __init__(self, symbols, types):
        names = {}
        for start, size, type, name in symbols:
            if type in types and size:
                names.setdefault(start, []).append((name.startswith("_"), name,
                                                    start + size))
        self.starts = sorted(names)
        self.best = [min(names[start]) for start in self.starts]

    def by_name(self):
        """Where those lie whose name is no other's."""
        counts = collections.Counter(name for _, name, _ in self.best)
        return {name: start for start, (_, name, _)
                in zip(self.starts, self.best) if counts[name] == 1}

    def at(self, address):
        """(name, offset, size), or None."""
        i = bisect.bisect_right(self.starts, address) - 1
        if i < 0 or address >= self.best[i][2]:
            return None
        _, name, end = self.best[i]
        return name, address - self.starts[i], end - self.starts[i]


class Image:
    def __init__(self, path):
        debug = Path(f"{path}.debug")
        self.path = debug if debug.exists() else Path(path)
        symbols = list(self.read_symbols())
        self.functions = Symbols(symbols, "tTwW")
        self.objects = Symbols(symbols, "bBdDrRvV")
        self.marks = {name: start for start, _, _, name in symbols
                      if name.startswith("eft_image_")}
        self.is_stripped = not symbols
        self.known = {}

    def read_symbols(self):
        """(address, size, type, name)"""
        out = subprocess.run(["nm", "-S", self.path], text=True,
                             capture_output=True).stdout
        for line in out.splitlines():
            words = line.split()
            if len(words) in (3, 4):
                size = int(words[1], 16) if len(words) == 4 else 0
                yield int(words[0], 16), size, words[-2], words[-1]

    def owner(self, address):
        if address < self.marks.get("eft_image_libos_text_end", 0):
            return LIBOS
        if address < self.marks.get("eft_image_libc_text_end", 0):
            return LIBC
        return PROGRAM

    def function(self, address):
        found = self.functions.at(address)
        return CALLED.get(found[0], found[0]) if found else None

    def frames(self, address):
        """Innermost first: the function there, and those it is in line in."""
        if address not in self.known:
            self.look_up([address])
        return self.known[address]

    def look_up(self, addresses):
        """Ask for many at a time: it takes a while each time."""
        new = sorted(set(addresses) - set(self.known))
        if not new:
            return
        out = subprocess.run(
            ["addr2line", "-e", self.path, "-a", "-f", "-i"], text=True,
            input="".join(f"{address:#x}\n" for address in new),
            capture_output=True).stdout
        for part in re.split(r"^(?=0x)", out, flags=re.MULTILINE):
            lines = part.splitlines()
            if lines:
                address = int(lines[0], 16)
                self.known[address] = self.chain(address, lines[1:])
        for address in new:
            self.known.setdefault(address, self.chain(address, []))

    def chain(self, address, lines):
        pairs = list(zip(lines[::2], lines[1::2]))
        outermost = self.function(address)
        if not pairs or pairs[0][0] == "??":
            pairs = [(outermost or f"{address:#x}", "")]
        elif outermost:
            pairs[-1] = (outermost, pairs[-1][1])
        elif pairs[0][0].startswith("eft_image_"):
            pairs = [("_start", "")]    # which has no size
        return [Frame(name, place_of(place), self.owner(address),
                      i + 1 < len(pairs))
                for i, (name, place) in enumerate(pairs)]

    def object(self, address, element_bytes):
        """`name`, `name[index]` of what may be an array of such elements, or
        `name+offset`, and where it is defined, or None."""
        found = self.objects.at(address)
        if not found:
            return None
        name, offset, size = found
        words = f"{name}+{offset}" if offset else name
        if size > element_bytes and size % element_bytes == 0 \
                and offset % element_bytes == 0:
            words = f"{name}[{offset // element_bytes}]"
        out = subprocess.run(["nm", "-l", self.path], text=True,
                             capture_output=True).stdout
        defined = re.search(
            rf"^0*{address - offset:x} \w {re.escape(name)}\t(.+:\d+)$", out,
            re.MULTILINE)
        return f"{words} ({place_of(defined[1])})" if defined else words

    def stack(self, addresses):
        """The functions' names, outermost first, of what is at the first of the
        (addresses) and of what returns to the others: with those in line, and
        without what only leads from one to another. A name stays as it is."""
        end = self.marks.get("eft_image_text_end", 0)
        names = []
        for i, address in enumerate(addresses):
            if isinstance(address, str):
                names.append(address)
            elif address < end:
                names += [frame.function for frame
                          in self.frames(address - (i > 0))
                          if not is_trampoline(frame)]
            else:
                break
        return tuple(reversed(names))


def is_trampoline(frame):
    """Assembly of the libOS: entries, switches, first steps."""
    if frame.owner == LIBC:
        return bool(DISPATCH.fullmatch(frame.function)) or \
            frame.function in OUTERMOST
    return frame.function in OUTERMOST or \
        frame.owner == LIBOS and re.search(r"\.(S|inc):", frame.place)


def place_of(text):
    """file:line as seen from here, without what addr2line adds."""
    found = re.match(r"(.*):(\d+)", text)
    if not found or found[1] == "??":
        return ""
    path = os.path.normpath(found[1])
    here = os.getcwd() + "/"
    return f"{path.removeprefix(here)}:{found[2]}"


def shown(frames, says_call=True):
    """Lines for the (frames) of a stack, innermost first: those of the program.

    What the program has called is named in the first line; the C library's
    functions that call the program back are a line; the rest is left out."""
    frames = list(frames)
    while frames and frames[-1].function in OUTERMOST:
        frames.pop()
    if not any(frame.owner == PROGRAM for frame in frames):
        return [line_of(frame) for frame in frames]
    lines, called = [], None
    for frame in frames:
        if frame.owner == PROGRAM:
            words = line_of(frame)
            if called and not lines:
                words += f", in {called}()" if says_call else ""
            elif called:
                lines.append(f"{called} of {LIBC}")
            lines.append(words)
            called = None
        elif frame.owner == LIBC and not frame.in_line:
            called = frame.function
        elif called is None:
            called = frame.function.removeprefix("eft_sys_")
    return merge(lines)


def line_of(frame):
    at = f" at {frame.place}" if frame.place else ""
    return f"{frame.function}{at}{' (inlined)' if frame.in_line else ''}"


def merge(lines):
    """A recursion is shown once."""
    merged = []
    for line in lines:
        if merged and merged[-1][1] == line:
            merged[-1][0] += 1
        else:
            merged.append([1, line])
    return [f"{count} times {line}" if count > 1 else line
            for count, line in merged]
