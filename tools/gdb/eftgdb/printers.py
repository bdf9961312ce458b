# SPDX-License-Identifier: BSD-3-Clause
"""How gdb prints the core's lists, trees, locks and threads."""
import gdb
from gdb.printing import RegexpCollectionPrettyPrinter, register_pretty_printer

from eftgdb import libos

SHOWN = 200    # entries of a list


class List:
    """A list whose entries' type is not known: the links' addresses."""

    def __init__(self, value):
        self.value = value

    def entries(self):
        return libos.links(self.value)

    def to_string(self):
        if int(self.value["next"]) == 0:
            return "list, not initialised"
        count = sum(1 for _ in self.entries())
        return f"list of {count}" if count else "empty list"

    def children(self):
        for number, entry in zip(range(SHOWN), self.entries()):
            yield f"[{number}]", entry

    def display_hint(self):
        return "array"


class ListIn(List):
    """A structure that is known for the list in its member (head)."""

    def __init__(self, value, head, name, field, what):
        super().__init__(value[head])
        self.name, self.field, self.what = name, field, what

    def entries(self):
        return libos.entries(self.value, self.name, self.field)

    def to_string(self):
        return f"{self.what}: {super().to_string()}"


class Tree:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        count = sum(1 for _ in libos.nodes(self.value["root"]))
        return f"tree of {count}" if count else "empty tree"

    def children(self):
        for _, node in zip(range(SHOWN), libos.nodes(self.value["root"])):
            yield f"[{int(node['key']):#x}]", node

    def display_hint(self):
        return "array"


class Mutex:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        holder = libos.holder(self.value)
        if holder is None:
            return "free mutex"
        waiters = sum(1 for _ in libos.links(self.value["queue"]["waiters"]))
        return f"mutex of thread {libos.ordinal(holder)}, {waiters} wait"


class Lock:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return "held lock" if int(self.value["held"]) else "free lock"


def run_queue(value):
    return ListIn(value, "ready", "eft_thread", "run_link", "run queue")


def wait_queue(value):
    return ListIn(value, "waiters", "eft_waiter", "link", "wait queue")


def register():
    printers = RegexpCollectionPrettyPrinter("eft")
    for name, printer in (("eft_list", List), ("eft_treap", Tree),
                          ("eft_run_queue", run_queue),
                          ("eft_waitq", wait_queue),
                          ("eft_mutex", Mutex), ("eft_lock", Lock)):
        printers.add_printer(name, f"^{name}$", printer)
    register_pretty_printer(None, printers, replace=True)
