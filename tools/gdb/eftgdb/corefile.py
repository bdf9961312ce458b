# SPDX-License-Identifier: BSD-3-Clause
"""eft core FILE: a core file with the libOS's threads as gdb's.

Of whatever gdb looks at: a process, a guest, or QEMU's own dump of one.
"""
import struct

import gdb

from eftgdb import libos, unwind

PAGE = 4096
PIECE = 1 << 20
NT_PRSTATUS = 1
PT_LOAD, PT_NOTE = 1, 4
EM_X86_64, ET_CORE = 62, 4

# Linux's struct user_regs_struct (arch/x86/include/asm/user_64.h), in order.
REGISTERS = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi "
             "orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs").split()


def read_registers(frame):
    values = {}
    for name in REGISTERS:
        try:
            values[name] = int(frame.read_register(name)) & (1 << 64) - 1
        except (ValueError, gdb.error):
            pass    # a register that nobody saved
    return values


def registers_of(thread):
    if not thread.running:
        registers = dict(thread.saved)
    else:
        with unwind.Frames(thread) as newest:
            registers = read_registers(unwind.interrupted(newest))
        registers["gs_base"] = int(thread.cpu.address)
    registers["fs_base"] = int(thread.value["tls"])
    return registers


def prstatus(thread, signal):
    """struct elf_prstatus (include/linux/elfcore.h) of (thread)."""
    registers = registers_of(thread)
    words = [registers.get(name, 0) for name in REGISTERS]
    return struct.pack("<iiihxxQQiiii64x27Qi4x", signal, 0, 0, signal, 0, 0,
                       thread.id, 0, 0, 0, *words, 0)


def note(type, data):
    return struct.pack("<III8s", 5, len(data), type, b"CORE") + data


def segments():
    """(start, end, flags) of all memory that is worth keeping."""
    for start, end, flags in (("text", "text_end", 5),
                              ("rodata", "rodata_end", 4),
                              ("data", "end", 6)):
        yield (int(gdb.parse_and_eval(f"(long)&eft_image_{start}")),
               int(gdb.parse_and_eval(f"(long)&eft_image_{end}")), flags)
    for found in libos.ranges():
        if int(found["prot"]) & 1:
            yield (int(found["start"]), int(found["end"]),
                   4 | int(found["prot"]) & 2 | int(found["prot"]) >> 2 & 1)
    for start, end in libos.zones():
        yield start, end, 6


def read(start, len):
    try:
        return bytes(gdb.selected_inferior().read_memory(start, len))
    except gdb.MemoryError:
        return None


def pieces(start, end):
    """What can be read of [start, end): by pages where not all can."""
    for at in range(start, end, PIECE):
        size = min(PIECE, end - at)
        data = read(at, size)
        if data is not None:
            yield at, data
            continue
        for page in range(at, at + size, PAGE):
            data = read(page, PAGE)
            if data is not None:
                yield page, data


def write_sparse(file, offset, data):
    """Pages of zeroes stay holes."""
    for at in range(0, len(data), PAGE):
        page = data[at:at + PAGE]
        if page.count(0) != len(page):
            file.seek(offset + at)
            file.write(page)


def header(count):
    ident = b"\x7fELF\2\1\1" + bytes(9)
    return struct.pack("<16sHHIQQQIHHHHHH", ident, ET_CORE, EM_X86_64, 1, 0,
                       64, 0, 0, 64, 56, count, 0, 0, 0)


def program_header(type, flags, offset, start, size):
    return struct.pack("<IIQQQQQQ", type, flags, offset, start, 0, size, size,
                       PAGE if type == PT_LOAD else 4)


def all_threads():
    """The one that crashed, or is looked at, comes first: gdb selects it."""
    first = libos.crashed() or libos.current()
    return sorted(libos.threads(), key=lambda thread: not (
        first and thread.address == first.address))


def write(name, signal):
    notes = b"".join(note(NT_PRSTATUS, prstatus(thread, signal))
                     for thread in all_threads())
    loads = list(segments())
    offset = 64 + 56 * (1 + len(loads))
    headers = [program_header(PT_NOTE, 0, offset, 0, len(notes))]
    at = (offset + len(notes) + PAGE - 1) // PAGE * PAGE
    places = []
    for start, end, flags in loads:
        headers.append(program_header(PT_LOAD, flags, at, start, end - start))
        places.append(at)
        at += end - start
    with open(name, "wb") as file:
        file.write(header(len(headers)) + b"".join(headers) + notes)
        for (start, end, _), place in zip(loads, places):
            for address, data in pieces(start, end):
                write_sparse(file, place + address - start, data)
        file.truncate(at)


class Core(gdb.Command):
    """eft core FILE [SIGNAL]: write a core file.

Each thread of the program is one of gdb's there, whether it ran or not."""

    def __init__(self):
        super().__init__("eft core", gdb.COMMAND_DATA,
                         gdb.COMPLETE_FILENAME)

    def invoke(self, argument, _):
        words = gdb.string_to_argv(argument)
        if len(words) not in (1, 2):
            raise gdb.GdbError("usage: eft core FILE [SIGNAL]")
        if not gdb.selected_inferior().threads():
            raise gdb.GdbError("the program does not run")
        write(words[0], int(words[1]) if len(words) == 2 else 0)


def register():
    Core()
