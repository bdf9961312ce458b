# SPDX-License-Identifier: BSD-3-Clause
"""What the bytes of a stripped image are."""
import re
from collections import Counter

from tests.benchmarks.pairs import Row
from tests.runner.box import app, BUILD, Box, ROOT

LIMITS = {"hello": 64 << 10, "sqlite3": 1_202_000}

# A contribution in the linker's map: section, address, size, object file.
PART = re.compile(r"^ (\.[\w.*-]+)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$")
IN_THE_FILE = re.compile(r"\.(text|rodata|data|init|fini|note|eh_frame)")


def room_of(file):
    """The room that an object file belongs to."""
    member = re.search(r"libeft\.a\((?:.*\.\._)?(core|posix|plat-linuxu|"
                       r"plat-kvm|trace)_", file)
    if member:
        return member[1]
    if "libeft.a" in file:
        return "liburing"
    if re.search(r"libc\.a|crt[1in]\.o", file):
        return "musl"
    return "libgcc" if "libgcc" in file else "the program"


def parse_map(text):
    """{room: bytes} of what went into the file."""
    text = text[text.index("Linker script and memory map"):]
    # A long section name stands on a line of its own.
    text = re.sub(r"^( \.\S+)\n +0x", r"\1 0x", text, flags=re.MULTILINE)
    rooms = Counter()
    for line in text.splitlines():
        part = PART.match(line)
        if part and part[1] and IN_THE_FILE.match(part[1]) and \
                int(part[2], 16):
            rooms[room_of(part[4])] += int(part[3], 16)
    return rooms


def rooms_of_hello():
    box = Box()
    try:
        result = box.run([BUILD / "sysroot/bin/eft-cc", "-Os", "-o", "hello",
                          ROOT / "apps/hello/hello.c", "-Wl,-Map=hello.map"])
        if result.status != 0:
            raise SystemExit(str(result))
        return parse_map((box.dir / "hello.map").read_text())
    finally:
        box.close()


def measure(_pairs):
    for name in ("hello", "lua", "sqlite3"):
        size = app(name).stat().st_size
        limit = LIMITS.get(name)
        yield Row(f"{name}, bytes", f"{size}",
                  limit and f"at most {limit}", limit and size <= limit)
    rooms = rooms_of_hello()
    rest = app("hello").stat().st_size - sum(rooms.values())
    for room, size in rooms.most_common():
        yield Row(f"of hello: {room}", f"{size}")
    yield Row("of hello: headers, padding", f"{rest}")
