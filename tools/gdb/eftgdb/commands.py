# SPDX-License-Identifier: BSD-3-Clause
"""The commands: eft threads, bt, files, maps, log, fs."""
import os
from pathlib import Path

import gdb

from eftgdb import libos, unwind

PROTECTION = ((1, "r"), (2, "w"), (4, "x"))
TYPES = {0o040000: "d", 0o100000: "-", 0o120000: "l", 0o020000: "c",
         0o060000: "b", 0o010000: "p", 0o140000: "s"}
ACCESS = {0: "r", 1: "w", 2: "rw", 3: "-"}


def table(rows):
    """Print rows of words in columns, the last one ragged."""
    widths = [max(len(row[i]) for row in rows)
              for i in range(len(rows[0]) - 1)]
    for row in rows:
        words = [word.ljust(width) for word, width in zip(row, widths)]
        print("  ".join(words + [row[-1]]).rstrip())


# --- Threads ------------------------------------------------------------------

def stack_pointer(frame):
    return int(frame.read_register("rsp")) & (1 << 64) - 1


def use_at(sp):
    """How much of a stack of the program's is used at (sp), or None."""
    found = libos.range_of(sp)
    if found is None:
        return None
    size, used = int(found["end"] - found["start"]), int(found["end"]) - sp
    return f"{(used + 1023) // 1024}/{size // 1024}K"


def stack_use(thread, newest):
    """The libOS, and a platform's traps, have stacks of their own: the first
    frame on one of the program's says how much of that is used. What has not
    run begins at the top in r14 (core/arch/x86_64/switch.S)."""
    if not thread.has_run:
        return use_at(thread.saved["r14"] - 8) or "?"
    for frame in unwind.frames(newest):
        use = use_at(stack_pointer(frame))
        if use:
            return use
    return "?"


def call_of(frame):
    """name(arguments) of the system call that (frame), of eft_enter, makes: as
    it has noted it (struct eft_call), for the handler's own may be gone."""
    longs = gdb.lookup_type("long").pointer()
    noted = gdb.Value(int(frame.read_register("rbp")) - 64).cast(longs)
    block = gdb.block_for_pc(int(noted[7]))
    while block.function is None:
        block = block.superblock
    words = []
    for i, symbol in enumerate(s for s in block if s.is_argument):
        value = noted[i].cast(symbol.type)
        text = value.format_string(symbols=False, max_elements=8)
        words.append(f"{symbol.name}={text}")
    name = block.function.name.removeprefix("eft_sys_")
    return f"{name}({', '.join(words)})"


def mutex_of(frame):
    """Who has the mutex that (frame), which locks one, waits for."""
    try:
        holder = libos.holder(frame.read_var("mutex"))
        return f"a mutex of thread {libos.ordinal(holder)}"
    except (gdb.error, TypeError, ValueError):
        return "a mutex"


def wait_reason(newest):
    """What the thread of the frames from (newest) on does in the libOS."""
    reason, lock = "", ""
    for frame in unwind.frames(newest):
        name = frame.name() or ""
        if name in ("eft_mutex_lock", "eft_mutex_wait"):
            lock = mutex_of(frame)
        if name == "eft_enter":
            reason = call_of(frame)
    return " in ".join(word for word in (lock, reason) if word)


def thread_row(thread, mark):
    try:
        with unwind.Frames(thread) as newest:
            stack = stack_use(thread, newest)
            reason = wait_reason(newest)
        if not thread.has_run:
            reason = "(has not run yet)"
    except gdb.error as error:
        stack, reason = "?", f"({error})"
    return [mark, str(thread.id), thread.name, thread.state,
            str(int(thread.cpu["number"])), stack, reason]


def show_threads(_):
    """eft threads: the threads of the program.

Each with its number, name and state, its CPU (the last one it was on), the
use of its stack, and the system call that it is in."""
    found, here = libos.threads(), libos.current()
    if not found:
        raise gdb.GdbError("there are no threads yet")
    rows = [["", "ID", "NAME", "STATE", "CPU", "STACK", "SYSTEM CALL"]]
    for thread in found:
        mark = "*" if here and here.address == thread.address else ""
        rows.append(thread_row(thread, mark))
    table(rows)


def show_backtrace(words):
    """eft bt [N|all] [ARGUMENT…]: the frames of a thread.

Without N of the one that the selected CPU runs. The ARGUMENTs are those of
gdb's backtrace. Frames go on through a system call into the libOS."""
    which, arguments = None, ""
    if words and (words[0] == "all" or words[0].isdigit()):
        which, words = words[0], words[1:]
    arguments = " ".join(words)
    if which == "all":
        for thread in libos.threads():
            print(f"\nThread {thread.id} ({thread.name}), {thread.state}:")
            try:
                print(unwind.backtrace(thread, arguments))
            except gdb.error as error:
                print(f"  {error}")
    elif which:
        print(unwind.backtrace(libos.thread_numbered(int(which)), arguments))
    else:
        gdb.execute(f"backtrace {arguments}")


# --- Memory -------------------------------------------------------------------

def protection(bits):
    return "".join(letter if bits & bit else "-" for bit, letter in PROTECTION)


def address_of(name):
    return int(gdb.parse_and_eval(f"(unsigned long)&{name}"))


def image_rows():
    parts = (("text", "text_end", "r-x", "text"),
             ("rodata", "rodata_end", "r--", "read-only data"),
             ("data", "end", "rw-", "data"))
    for start, end, prot, what in parts:
        yield (address_of(f"eft_image_{start}"), address_of(f"eft_image_{end}"),
               prot, f"the image: {what}")


def range_words(found):
    flags, names = int(found["flags"]), []
    for bit, name in ((4, "stack"), (32, "heap"), (1, "shared")):
        if flags & bit:
            names.append(name)
    if int(found["file"]):
        names.append(f"{describe(found['file'])} at {int(found['offset']):#x}")
    return ", ".join(names)


def show_maps(_):
    """eft maps: the address space.

The image, the program's mappings, and the RAM that the libOS has used."""
    rows = list(image_rows())
    rows += [(int(r["start"]), int(r["end"]), protection(int(r["prot"])),
              range_words(r)) for r in libos.ranges()]
    rows += [(start, end, "rw-", "RAM of the libOS")
             for start, end in libos.zones()]
    table([["START", "END", "PROT", "KiB", "WHAT"]] +
          [[f"{start:012x}", f"{end:012x}", prot, str((end - start) // 1024),
            what] for start, end, prot, what in sorted(rows)])


# --- Files --------------------------------------------------------------------

def entry_path(dentry):
    names = []
    while int(dentry) and len(names) < 256:
        names.append(libos.text(dentry["name"]))
        dentry = dentry["dir"]["self"]
    return "/" + "/".join(reversed(names))


def host_path(handle):
    pid = gdb.selected_inferior().pid
    if libos.text(libos.variable("eft_plat")["name"]) == "process":
        try:
            return os.readlink(f"/proc/{pid}/fd/{handle}")
        except OSError:
            pass
    return f"the host's handle {handle}"


def kind_of(file):
    """The name of the source that has its operations, or of its room."""
    table = gdb.find_pc_line(int(file["ops"]["release"])).symtab
    if table is None:
        return "?"
    path = Path(table.filename)
    return path.parent.name if path.stem == "file" else path.stem


def describe(file):
    """What the struct eft_file at (file) is an open description of."""
    release = libos.symbol_at(file["ops"]["release"])
    if release == "eft_node_file_release":
        nf = libos.container(file, "eft_node_file", "file")
        dentry = nf["place"]["dentry"]
        return entry_path(dentry) if int(dentry) else "a file without a name"
    kind = kind_of(file)
    if kind == "hostfs":
        handle = libos.container(file, "eft_hostfile", "file")["handle"]
        return host_path(int(handle))
    return kind


def show_files(_):
    """eft files: the open descriptors."""
    value = libos.process("descriptors", "descriptors")
    rows = [["FD", "MODE", "POSITION", "REFS", "FILE"]]
    for fd in range(int(value["size"])):
        if int(value["block"][fd]) == 0:
            continue
        file = libos.pointer(value["block"][fd], "eft_file")
        rows.append([str(fd), ACCESS[int(file["flags"]) & 3],
                     str(int(file["position"])), str(int(file["references"])),
                     describe(file)])
    table(rows)


def node_size(node):
    if libos.symbol_at(node["type"]) == "eft_regular_type":
        regular = libos.container(node, "eft_regular", "node")
        return int(regular["pages"]["size"])
    return 0


def list_directory(dir, path, rows):
    for link in libos.nodes(dir["by_cookie"]["root"]):
        dentry = libos.container(link, "eft_dentry", "by_cookie")
        node = dentry["node"]
        mode = int(node["mode"])
        name = f"{path}/{libos.text(dentry['name'])}"
        rows.append([f"{TYPES.get(mode & 0o170000, '?')}{mode & 0o7777:04o}",
                     str(node_size(node)), name])
        if mode & 0o170000 == 0o040000:
            list_directory(libos.container(node, "eft_dir", "node"), name,
                           rows)


def show_fs(_):
    """eft fs: the files in memory.

Where the root is the host's own, that is but /proc."""
    root = libos.wanted("eft_root_mount", "files")["root"]
    rows = [["MODE", "BYTES", "PATH"]]
    if int(root):
        list_directory(root, "", rows)
    table(rows)


# --- The log ------------------------------------------------------------------

def show_log(_):
    """eft log: the newest messages of the libOS, all levels."""
    log = libos.wanted("log", "log", "core/boot/log.c")
    ring = log["ring"]
    size, written = ring.type.sizeof, int(log["written"])
    data = bytes(gdb.selected_inferior().read_memory(ring.address, size))
    start = written % size
    data = data[:written] if written <= size else data[start:] + data[:start]
    print(data.decode(errors="replace"), end="")


class Prefix(gdb.Command):
    """The libOS's threads, files and memory: see `help eft`."""

    def __init__(self):
        super().__init__("eft", gdb.COMMAND_STATUS, prefix=True)


class Show(gdb.Command):
    def __init__(self, name, function):
        self.__doc__ = function.__doc__
        self.function = function
        super().__init__("eft " + name, gdb.COMMAND_STATUS)

    def invoke(self, argument, _):
        if not gdb.selected_inferior().threads():
            raise gdb.GdbError("the program does not run")
        self.function(gdb.string_to_argv(argument))


def register():
    Prefix()
    Show("threads", show_threads)
    Show("bt", show_backtrace)
    Show("files", show_files)
    Show("maps", show_maps)
    Show("log", show_log)
    Show("fs", show_fs)
