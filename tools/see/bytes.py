# SPDX-License-Identifier: BSD-3-Clause
"""What the bytes of an image are, and which of its functions and objects refers
to which. By binutils, from the debug file beside it if there is one."""
import bisect
import collections
import heapq
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent

HEADERS, GAPS, DEBUG = "headers", "alignment", "debug information"
LIBGCC, LIBC, PROGRAM = "libgcc", "musl", "the program"

# Where the program begins, as its author sees it, and as the machine does.
STARTS = ("main", "_start", "eft_start", "eft_kvm_pvh_note")

# Who calls a stub names its handler too (posix/gen.py).
STUB = "eft_call_"

# Where the build says that the sources are (meson.build, posix/musl/build).
EFT_SOURCE = re.compile(r"/usr/src/eft/(?:build/)?"
                        r"((?:core|posix|plat-kvm|plat-linuxu|trace)/.+)")
LIBC_SOURCE = re.compile(r"/usr/src/musl/(.+)")
OTHERS_SOURCE = re.compile(
    r"(?:.*/)?(?:subprojects/)?(liburing|lwip)-?[0-9.]*/(.+)")
MEMBER_ROOMS = (
    "core_arch_x86_64", "core_boot", "core_check", "core_fd", "core_fs_devfs",
    "core_fs_hostfs", "core_fs_initrd", "core_fs_procfs", "core_fs_ramfs",
    "core_ipc", "core_lib", "core_mem", "core_net_unix", "core_net",
    "core_thread", "core_time", "core_tty", "core_vfs", "core",
    "plat-kvm_boot", "plat-kvm_hyper", "plat-kvm_pc", "plat-kvm_x86",
    "plat-kvm", "plat-linuxu", "posix_fs", "posix_futex", "posix_mem",
    "posix_net", "posix_signal", "posix_sys", "posix_thread", "posix_time",
    "posix", "trace", "subprojects_liburing")


# More than any chain is long.
FAR = 1000


class Unknown(Exception):
    """What the user is told."""


def output(*words):
    result = subprocess.run([str(word) for word in words], text=True,
                            capture_output=True, errors="replace")
    return result.stdout if result.returncode == 0 else ""


class Section(NamedTuple):
    name: str
    address: int
    offset: int
    size: int
    in_file: bool
    in_memory: bool


class Symbol(NamedTuple):
    address: int
    size: int
    type: str
    name: str
    source: str     # or ""


class Piece(NamedTuple):
    """Some bytes of the file, or zeroed data, which has none."""
    name: str
    room: str
    source: str
    size: int
    zeroed: int
    is_symbol: bool


def sections_of(path):
    """All that the file has, in the order of its table."""
    text = output("readelf", "-SW", path)
    for match in re.finditer(
            r"^ +\[ *\d+\] (\S*) +(\w+) +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) "
            r"[0-9a-f]+ +(\w*)", text, re.MULTILINE):
        name, kind, *numbers, flags = match.groups()
        if kind != "NULL":
            yield Section(name, *(int(number, 16) for number in numbers),
                          kind != "NOBITS", "A" in flags)


def build_id(path):
    return re.findall(r"Build ID: (\w+)", output("readelf", "-n", path))


def symbols_of(path):
    for line in output("nm", "-l", "-S", path).splitlines():
        line, _, place = line.partition("\t")
        words = line.split()
        if len(words) == 4 and words[2] not in "aAUNn":
            yield Symbol(int(words[0], 16), int(words[1], 16), words[2],
                         words[3], os.path.normpath(place.rpartition(":")[0])
                         if place else "")


class Archive:
    """libeft.a: what its members define, refer to weakly, and need."""

    def __init__(self):
        build = Path(os.environ.get("EFT_BUILD", ROOT / "build"))
        path = next((folder / "sysroot/lib/libeft.a" for folder in (build, ROOT)
                     if (folder / "sysroot/lib/libeft.a").exists()), None)
        self.member_of = {}
        self.weak = collections.defaultdict(set)
        self.needs = collections.defaultdict(set)
        member = ""
        for line in output("nm", path).splitlines() if path else ():
            words = line.split()
            if line.endswith(":"):
                member = line[:-1]
            elif len(words) == 2 and words[0] in "wv":
                self.weak[member].add(words[1])
            elif len(words) == 3 and words[2].startswith("needs_"):
                self.needs[member].add(words[2][len("needs_"):])
            elif len(words) == 3 and words[1].isupper():
                self.member_of[words[2]] = member

    def source_of(self, member):
        """core_vfs_open.c.o is made of core/vfs/open.c."""
        name = member.removesuffix(".o")
        name = re.sub(r"^meson-generated_\.\._", "", name)
        for room in MEMBER_ROOMS:
            if name.startswith(room + "_"):
                return f"{room.replace('core_arch_x86_64', 'core_arch_x86-64')}" \
                    .replace("_", "/").replace("x86-64", "x86_64") + \
                    "/" + name[len(room) + 1:]
        return name


def place(source):
    """The room of a source file, and what it is called in it."""
    for pattern, name in ((EFT_SOURCE, None), (LIBC_SOURCE, LIBC)):
        match = pattern.match(source)
        if match:
            inner = match[1]
            return name or os.path.dirname(inner) or "core", \
                f"{name}/{inner}" if name else inner
    match = OTHERS_SOURCE.match(source)
    if match:
        return match[1], f"{match[1]}/{match[2]}"
    if "/libgcc/" in source:
        return LIBGCC, LIBGCC + "/" + os.path.basename(source)
    return PROGRAM, os.path.basename(source)


class Image:
    """Its pieces: all bytes of the file, each once, and its zeroed data."""

    def __init__(self, path):
        self.path = Path(path)
        if not self.path.is_file():
            raise Unknown(f"there is no file {path}, nor an application of "
                          "that name that is built")
        with open(self.path, "rb") as file:
            self.bytes = file.read()
        if self.bytes[:4] != b"\x7fELF":
            raise Unknown(f"{path} is no ELF file: it is not an Eft image")
        self.sections = list(sections_of(self.path))
        if ".note.pvh" not in {section.name for section in self.sections}:
            raise Unknown(f"{path} is not an Eft image (eft-cc links those)")
        debug = Path(f"{path}.debug")
        if debug.exists() and build_id(debug) != build_id(self.path):
            raise Unknown(f"{debug.name} is of another build than {path}")
        self.symbols_path = debug if debug.exists() else self.path
        self.archive = Archive()
        self.symbols = self.plainest(symbols_of(self.symbols_path))
        if not self.symbols:
            raise Unknown(f"{path} is stripped, and there is no {debug.name} "
                          "beside it: link with eft-cc -g and do not strip, or "
                          "keep the symbols (objcopy --only-keep-debug)")
        self.starts = [symbol.address for symbol in self.symbols]
        self.marks = dict(self.read_marks())
        self.sources = self.find_sources()
        self.references = list(self.read_code()) + list(self.read_data())
        self.unnamed = self.find_unnamed()
        self.pieces = list(self.cut())

    @staticmethod
    def plainest(symbols):
        """One for each address, in their order; one may lie in another."""
        best = {}
        for symbol in symbols:
            if not symbol.size:
                continue
            old = best.get(symbol.address)
            key = (-symbol.size, symbol.name.startswith("_"), symbol.name)
            if old is None or key < (-old.size, old.name.startswith("_"),
                                     old.name):
                best[symbol.address] = symbol
        return [best[address] for address in sorted(best)]

    def read_marks(self):
        for line in output("nm", self.symbols_path).splitlines():
            words = line.split()
            if len(words) == 3 and words[2].startswith("eft_image_"):
                yield words[2], int(words[0], 16)

    def find_sources(self):
        """(room, source) of each symbol: its own; its neighbours', where the
        debug information has none and both have the same."""
        known = []
        for symbol in self.symbols:
            member = self.archive.member_of.get(symbol.name)
            if symbol.source:
                known.append(place(symbol.source))
            elif member and self.is_libos(symbol.address):
                known.append(place("/usr/src/eft/" +
                                   self.archive.source_of(member)))
            else:
                known.append(None)
        before, found = None, []
        after = [None] * len(known)
        for i in range(len(known) - 1, -1, -1):
            after[i] = known[i] or (after[i + 1] if i + 1 < len(known)
                                    else None)
        for i, own in enumerate(known):
            before = own or before
            if own is None and before == after[i] and before is not None:
                own = before
            if own is None and before and after[i] and \
                    before[0] == after[i][0]:
                own = before[0], before[0] + ", elsewhere"
            found.append(own or self.elsewhere(self.symbols[i].address))
        return found

    def is_libos(self, address):
        return address < self.marks.get("eft_image_libos_text_end", 0)

    def elsewhere(self, address):
        if self.is_libos(address):
            return "Eft", "Eft, elsewhere"
        if address < self.marks.get("eft_image_libc_text_end", 0):
            return LIBC, LIBC + ", elsewhere"
        return PROGRAM, "the program, elsewhere"

    def cut(self):
        """Walk through the file: sections, and what lies between them."""
        at = 0
        for section in sorted(self.sections, key=lambda s: (s.offset, s.size)):
            if not section.in_file or section.size == 0:
                if section.size and section.in_memory:
                    yield from self.cut_section(section)
                continue
            if section.offset > at:
                name = HEADERS if at == 0 else GAPS
                yield Piece(name, HEADERS, HEADERS, section.offset - at, 0,
                            False)
            at = section.offset + section.size
            if section.in_memory:
                yield from self.cut_section(section)
            elif section.name.startswith((".debug", ".symtab", ".strtab")):
                yield Piece(section.name, DEBUG, DEBUG, section.size, 0, False)
            else:
                yield Piece(section.name, HEADERS, HEADERS, section.size, 0,
                            False)
        if at < len(self.bytes):
            yield Piece("the table of sections", HEADERS, HEADERS,
                        len(self.bytes) - at, 0, False)

    def cut_section(self, section):
        """Symbols, and what has none."""
        at, end = section.address, section.address + section.size
        i = bisect.bisect_left(self.starts, at)
        while at < end:
            inside = i < len(self.symbols) and self.starts[i] < end
            start = self.starts[i] if inside else end
            if start > at:
                yield from self.between(section, at, start)
                at = start
            if not inside:
                break
            symbol, stop = self.symbols[i], end
            stop = min(end, symbol.address + symbol.size)
            if stop > at:
                room, source = self.sources[i]
                yield self.piece(section, symbol.name, room, source, stop - at,
                                 True)
                at = stop
            i += 1

    def piece(self, section, name, room, source, size, is_symbol):
        in_file = size if section.in_file else 0
        return Piece(name, room, source, in_file, size - in_file, is_symbol)

    def find_unnamed(self):
        """Where strings and constants begin that no symbol names, in order,
        with who refers to them first."""
        found = {}
        for source, address, _ in self.references:
            if source is not None and self.symbol_at(address) is None:
                found[address] = min(source, found.get(address, source))
        return sorted(found.items())

    def between(self, section, start, end):
        """What no symbol names: strings and constants belong to who refers to
        them; all else fills up to what follows."""
        if section.name.startswith(".note"):
            yield self.piece(section, section.name, HEADERS, HEADERS,
                             end - start, False)
            return
        i = bisect.bisect_left(self.unnamed, (start, -1))
        marks = [] if "text" in section.name else self.unnamed[i:]
        room = source = GAPS
        for address, owner in marks:
            if address >= end:
                break
            if address > start:
                yield self.piece(section, GAPS, room, source, address - start,
                                 False)
            start = address
            room, source = self.sources[owner]
        yield self.piece(section, GAPS, room, source, end - start, False)

    def sums(self, key):
        sums = collections.defaultdict(lambda: [0, 0])
        for piece in self.pieces:
            sums[key(piece)][0] += piece.size
            sums[key(piece)][1] += piece.zeroed
        return [(name, *sum) for name, sum in sums.items()]

    def symbol_at(self, address):
        """Its number, or None."""
        i = bisect.bisect_right(self.starts, address) - 1
        if i < 0 or address >= self.starts[i] + self.symbols[i].size:
            return None
        return i

    def read_code(self):
        """(symbol, address, how) for each number in an instruction that lies in
        the image."""
        first = self.starts[0]
        last = self.starts[-1] + self.symbols[-1].size
        line = re.compile(r"^ *([0-9a-f]+):\t\s*\S*\s*(.*)$")
        number = re.compile(r"0x([0-9a-f]+)|(?<![\w%$])([0-9a-f]{6,})\b")
        for text in output("objdump", "-d", "--no-show-raw-insn",
                           self.path).splitlines():
            match = line.match(text)
            if not match:
                continue
            source = self.symbol_at(int(match[1], 16))
            for found in number.finditer(match[2]):
                address = int(found[1] or found[2], 16)
                if first <= address < last:
                    yield source, address, "calls"

    def read_data(self):
        """The same for each aligned word of data that is an address."""
        first = self.starts[0]
        last = self.starts[-1] + self.symbols[-1].size
        for start, data in self.data():
            for at in range(-start % 8, len(data) - 7, 8):
                address = int.from_bytes(data[at:at + 8], "little")
                if first <= address < last:
                    yield self.symbol_at(start + at), address, "points to"

    def data(self):
        """(address, bytes) of what is loaded and is no code."""
        for section in self.sections:
            if section.in_file and section.in_memory and \
                    section.name not in (".text", ".init", ".fini"):
                yield section.address, self.bytes[section.offset:
                                                  section.offset + section.size]


class Graph:
    """Which symbol refers to which, and how."""

    def __init__(self, image):
        self.image = image
        self.next = collections.defaultdict(dict)
        self.brought = collections.defaultdict(list)
        self.names = collections.defaultdict(list)
        for i, symbol in enumerate(image.symbols):
            self.names[symbol.name].append(i)
        for source, address, how in image.references:
            self.add(source, address, how)
        self.read_needs()
        self.read_weak()

    def add(self, source, address, how):
        target = self.image.symbol_at(address)
        if source is None or target is None or target == source:
            return
        archive, symbols = self.image.archive, self.image.symbols
        name = symbols[source].name
        member = archive.member_of.get(name)
        if symbols[target].name in archive.weak.get(member, ()) and \
                not name.startswith(STUB):
            return      # it is used if it is there, and does not bring it
        if how == "calls" and symbols[target].type not in "tTwW":
            how = "uses"
        self.next[source].setdefault(target, how)

    def read_needs(self):
        """What the members of libeft.a need whose functions are here."""
        archive = self.image.archive
        for i, symbol in enumerate(self.image.symbols):
            member = archive.member_of.get(symbol.name)
            for name in archive.needs.get(member, ()):
                for target in self.names[name]:
                    if target != i:
                        self.next[i].setdefault(target, "needs")

    def read_weak(self):
        """What others use if it is there comes with the rest of its file."""
        weak = set().union(*self.image.archive.weak.values())
        for i, symbol in enumerate(self.image.symbols):
            if symbol.name in weak:
                self.brought[self.image.sources[i][1]].append(i)

    def roots(self):
        return [i for name in STARTS for i in self.names[name]]

    def why(self, name):
        """Lines: the shortest chain from the program's start."""
        targets = set(self.names[name])
        if not targets:
            raise Unknown(f"{self.image.path} has no function or object {name}")
        for root in self.roots():
            chain = self.chain(root, targets)
            if chain:
                return self.tell(chain)
        raise Unknown(f"no chain of references to {name} is found: what leads "
                      "there is computed, or has no symbol")

    def chain(self, root, targets):
        """Of (symbol, how); "brings" only where there is no other."""
        came, queue = {}, [(0, root, None, "begins with")]
        while queue:
            cost, i, before, how = heapq.heappop(queue)
            if i in came:
                continue
            came[i] = before, how
            if i in targets:
                chain = []
                while i is not None:
                    before, how = came[i]
                    chain.append((i, how))
                    i = before
                return chain[::-1]
            steps = [(1, *step) for step in self.next[i].items()]
            steps += [(FAR, target, "brings")
                      for target in self.brought[self.image.sources[i][1]]]
            for more, target, how in steps:
                heapq.heappush(queue, (cost + more, target, i, how))
        return None

    def tell(self, chain):
        return [f"{how:>11} {self.image.symbols[i].name:32} "
                f"{self.image.sources[i][1]}" for i, how in chain]
