# SPDX-License-Identifier: BSD-3-Clause
"""Frames of a thread that does not run, from the context that it left.

gdb unwinds what a CPU does, from its registers. An unwinder of ours stands in
for the innermost frame while a thread's context is set: it says that the
thread's registers are those of its caller. So the frames after it are the
thread's, on a process, a guest and a core file alike. What is in line there,
in gdb's eyes, comes before it.
"""
import re

import gdb
from gdb.unwinder import Unwinder, register_unwinder

from eftgdb import libos


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


def first_real(frame):
    """(frame), or the function that what is in line there is part of."""
    while frame.type() == gdb.INLINE_FRAME:
        frame = frame.older()
    return frame


class SavedContext(Unwinder):
    def __init__(self):
        super().__init__("eft-context")
        self.registers = self.level = None

    def set(self, registers):
        """Put the thread's (registers) next, or nothing any more."""
        self.registers = None
        gdb.invalidate_cached_frames()
        self.level = first_real(gdb.newest_frame()).level()
        self.registers = registers
        gdb.invalidate_cached_frames()

    def __call__(self, pending):
        if self.registers is None or pending.level() != self.level:
            return None
        word = pending.read_register("rsp").type
        below = self.registers["rsp"] - 64
        info = pending.create_unwind_info(FrameId(
            gdb.Value(below).cast(word), pending.read_register("rip")))
        for name, value in self.registers.items():
            type = pending.read_register(name).type
            info.add_saved_register(name, gdb.Value(value).cast(type))
        return info


context = SavedContext()
register_unwinder(None, context, replace=True)


class Frames:
    """with Frames(thread) as newest: the frames of the libOS's (thread)."""

    def __init__(self, thread):
        self.thread = thread
        self.kept = libos.Kept()

    def __enter__(self):
        self.kept.__enter__()
        if self.thread.running:
            on = libos.runs_on(self.thread)
            if on is None:
                raise gdb.GdbError(f"no CPU runs thread {self.thread.id}")
            on.switch()
            newest = gdb.newest_frame()
            newest.select()
            return newest
        self.past_main = gdb.parameter("backtrace past-main")
        gdb.set_parameter("backtrace past-main", True)
        context.set(self.thread.saved)
        return first_real(gdb.newest_frame()).older()

    def __exit__(self, *_):
        if context.registers is not None:
            context.set(None)
            gdb.set_parameter("backtrace past-main", self.past_main)
        self.kept.__exit__()


def frames(newest, limit=1000):
    """(newest) and what called it, up to main()."""
    while newest is not None and limit > 0:
        yield newest
        if newest.name() == "main":
            return
        newest = newest.older()
        limit -= 1


def program_frame(newest):
    """The innermost frame from (newest) on that is the program's, or None."""
    for frame in frames(newest):
        if libos.is_program(frame.pc()):
            return frame
    return None


def backtrace(thread, arguments=""):
    """gdb's own backtrace of (thread), as text."""
    if not thread.has_run:
        return f"It has not run yet, and begins in {thread.name}()."
    with Frames(thread) as newest:
        first = newest.level()
        if not thread.running and not re.search(r"\d", arguments):
            arguments += f" {sum(1 for _ in frames(newest)) + first}"
        lines = gdb.execute(f"backtrace {arguments}",
                            to_string=True).rstrip("\n").split("\n")
    if thread.running:
        return "\n".join(lines)
    starts = [i for i, line in enumerate(lines)
              if re.match(rf"#{first}\b", line)]
    lines = lines[starts[0]:] if starts else []
    return "\n".join(
        re.sub(r"^#(\d+) *", lambda match: f"#{int(match[1]) - first:<3}", line)
        for line in lines if not line.startswith("(More stack"))


def interrupted(newest):
    """The frame that a trap's handler was called from, else (newest)."""
    found = newest
    for frame in frames(newest):
        if frame.type() == gdb.SIGTRAMP_FRAME and frame.older():
            found = frame.older()
            break
    return found
