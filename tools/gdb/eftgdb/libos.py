# SPDX-License-Identifier: BSD-3-Clause
"""The libOS's structures, read by their names in the debug information."""
import gdb

STATES = {0: "ready", 1: "running", 2: "sleeping", 3: "moving", 4: "dead"}
LIST_MAX = 100000    # of a list in memory that is overwritten


def variable(name, file=None):
    """The global (name), or the static one of the source (file); or None."""
    if file is None:
        symbol = gdb.lookup_global_symbol(name)
        return symbol.value() if symbol else None
    for symbol in gdb.lookup_static_symbols(name):
        if symbol.symtab and symbol.symtab.filename.endswith(file):
            return symbol.value()
    return None


def wanted(name, what, file=None):
    """The same where it has to be: (what) is missing otherwise."""
    value = variable(name, file)
    if value is None:
        raise gdb.GdbError(f"this image has no {what}, or no debug "
                           "information of the libOS")
    return value


def process(part, what):
    """What the program's process has as (part)."""
    return wanted("eft_first_process", what)[part]


def struct(name):
    return gdb.lookup_type("struct " + name)


def pointer(address, name):
    return gdb.Value(int(address)).cast(struct(name).pointer())


def container(link, name, field):
    """The struct (name) that the struct at (link) is the (field) of."""
    offset = 0
    type = struct(name)
    for part in field.split("."):
        offset += type[part].bitpos // 8
        type = type[part].type
    return pointer(int(link) - offset, name)


def links(head):
    """The addresses of the links on the list (head), a struct eft_list."""
    start, link = int(head.address), head["next"]
    for _ in range(LIST_MAX):
        if int(link) in (0, start):
            return
        yield link
        link = link["next"]


def entries(head, name, field):
    return (container(link, name, field) for link in links(head))


def holder(mutex):
    """The thread that has the (mutex), or None; flags lie in its address."""
    address = int(mutex["word"]) & ~3    # EFT_MUTEX_FLAGS
    return pointer(address, "eft_thread") if address else None


def nodes(node):
    """The nodes of a tree from (node) down, in order."""
    above = []
    while above or int(node):
        while int(node):
            above.append(node)
            node = node["left"]
        node = above.pop()
        yield node
        node = node["right"]


def symbol_at(address, exact=False):
    """The name of what is at (address), or begins (exact)ly there; or None."""
    text = gdb.execute(f"info symbol {int(address):#x}", to_string=True)
    if text.startswith("No symbol") or exact and text.split()[1] == "+":
        return None
    return text.split()[0]


def text(value, limit=4096):
    """A C string, or what can be read of it."""
    try:
        return value.string(errors="replace", length=-1)
    except gdb.MemoryError:
        return "?"


# --- Ranges -------------------------------------------------------------------

def ranges():
    space = process("space", "address space")
    return [container(node, "eft_range", "node")
            for node in nodes(space["tree"]["root"])]


def range_of(address):
    for found in ranges():
        if int(found["start"]) <= address < int(found["end"]):
            return found
    return None


def zones():
    """[start, frontier) of the libOS's own RAM: what it has used."""
    value = wanted("zones", "pages", "core/mem/page.c")
    for i in range(int(value["count"])):
        zone = value["zone"][i]
        yield int(zone["start"]), int(zone["frontier"])


# --- Threads ------------------------------------------------------------------

def cpus():
    count = int(wanted("eft_cpus_count", "CPUs"))
    array = variable("eft_cpus")
    return [array[i].dereference() for i in range(count)]


def ordinal(thread):
    """The number that reports have for a struct eft_thread (core/trap.h)."""
    id, pid = int(thread["id"]), int(process("identity", "threads")["pid"])
    return id - pid + 1 if id >= pid > 0 else id


class Thread:
    def __init__(self, value):
        self.value = value.dereference()
        self.address = int(value)
        self.id = ordinal(self.value)
        self.state = STATES.get(int(self.value["state"]), "?")
        self.cpu = self.value["cpu"].dereference()
        self.running = self.state == "running" and \
            int(self.cpu["thread"]) == self.address

    @property
    def name(self):
        """As in reports: the function that it began in, if it has none."""
        name, start = int(self.value["name"]), int(self.value["start"])
        if start and name != int(self.value["comm"].address):
            return symbol_at(start) or f"{start:#x}"
        return text(self.value["name"]) if name else "-"

    @property
    def has_run(self):
        """Or does it wait for its first turn, at its first instruction?"""
        return self.running or symbol_at(self.saved["rip"], exact=True) not in (
            "eft_thread_trampoline", "eft_clone_trampoline",
            "eft_program_trampoline")

    @property
    def saved(self):
        """The registers that eft_switch() left on its stack."""
        sp = int(self.value["sp"])
        frame = pointer(sp, "eft_switch_frame").dereference()
        names = ("rbx", "rbp", "r12", "r13", "r14", "r15", "rip")
        registers = {name: int(frame[name]) for name in names}
        registers["rsp"] = sp + frame.type.sizeof
        return registers


def threads():
    """All threads of the program, the oldest first."""
    found = []
    head = variable("threads", "core/thread/list.c")
    if head is not None:
        found = list(entries(head, "eft_thread", "all_link"))
    first = process("first_thread", "threads")
    if not found and int(first):
        found = [first]
    return [Thread(value) for value in found]


def thread_numbered(number):
    for thread in threads():
        if thread.id == number:
            return thread
    raise gdb.GdbError(f"no thread {number}; `eft threads` lists them")


# --- Whose code it is -------------------------------------------------------

def is_program(pc):
    """Of neither the libOS nor the C library, which are before it in memory."""
    return pc >= int(gdb.parse_and_eval("(long)&eft_image_libc_text_end"))


# --- Which of gdb's threads is which CPU --------------------------------------

def gdb_threads():
    return sorted(gdb.selected_inferior().threads(), key=lambda t: t.num)


class Kept:
    """What is selected now, and is again afterwards."""

    def __enter__(self):
        self.thread = gdb.selected_thread()
        try:
            self.frame = gdb.selected_frame()
        except gdb.error:
            self.frame = None

    def __exit__(self, *_):
        if self.thread and self.thread.is_valid():
            self.thread.switch()
        if self.frame and self.frame.is_valid():
            self.frame.select()


def register(name):
    return int(gdb.selected_frame().read_register(name)) & (1 << 64) - 1


def is_on(thread, gdb_thread):
    """Does (gdb_thread) stand where the libOS's (thread) runs?"""
    gdb_thread.switch()
    gdb.newest_frame().select()
    try:
        return register("gs_base") == int(thread.cpu.address)
    except (gdb.error, ValueError):
        return False


def runs_on(thread):
    """The one of gdb's threads that runs (thread), or None."""
    with Kept():
        for gdb_thread in gdb_threads():
            if is_on(thread, gdb_thread):
                return gdb_thread
    # A debugger that does not tell GS has them in the order of their numbers.
    number, all_of_them = int(thread.cpu["number"]), gdb_threads()
    return all_of_them[number] if number < len(all_of_them) else None


def crashed():
    """The thread whose end a CPU has reported, or None."""
    cpu = variable("reporter", "core/boot/trap.c")
    for thread in threads() if cpu is not None else ():
        if thread.running and int(cpu) == int(thread.cpu.address):
            return thread
    return None


def current():
    """The libOS's thread that gdb's selected one runs, or None."""
    selected = gdb.selected_thread()
    for thread in threads():
        if thread.running and selected and runs_on(thread) == selected:
            return thread
    return None
