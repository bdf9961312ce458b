# SPDX-License-Identifier: BSD-3-Clause
"""What gdb shows first where the program meets its end.

The libOS ends a program in code of its own, called by a trap of the program's
or through the C library's raise(). What led there is of interest: gdb selects
the program's innermost frame, and `backtrace` begins with it; `backtrace
-no-filters` shows all.
"""
import gdb
from gdb.FrameDecorator import FrameDecorator

from eftgdb import libos, unwind

FATAL = {"SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP"}


class Leader:
    """A frame filter that leaves out what is called by the program's frame."""

    def __init__(self):
        self.name, self.priority, self.enabled = "eft-crash", 100, True
        self.level = 0      # of the first frame that is shown
        self.thread = None  # of gdb's, that has met its end
        gdb.frame_filters[self.name] = self

    def clear(self):
        self.level, self.thread = 0, None

    def filter(self, frames):
        if self.thread is None or gdb.selected_thread() != self.thread or \
                unwind.context.registers is not None:
            return frames
        return (frame for frame in frames
                if frame.inferior_frame().level() >= self.level)


leader = Leader()


class Entry(FrameDecorator):
    def function(self):
        return self.inferior_frame().name()


class Entries:
    """A frame filter that names where a system call changes to the libOS's
    stack: to gdb that is a frame of the kind of a signal's, which may lie on
    another stack than what it called."""

    def __init__(self):
        self.name, self.priority, self.enabled = "eft-entries", 50, True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        return (Entry(frame) if frame.inferior_frame().name() in
                ("eft_enter", "eft_call_run") else frame for frame in frames)


entries = Entries()


def show(frame):
    leader.thread, leader.level = gdb.selected_thread(), frame.level()
    frame.select()
    gdb.execute("frame")


def stopped(event):
    leader.clear()
    ends = isinstance(event, gdb.SignalEvent) and event.stop_signal in FATAL
    ends |= isinstance(event, gdb.BreakpointEvent) and \
        any(getattr(point, "is_end", False) for point in event.breakpoints)
    if ends:
        lead()


def lead():
    try:
        frame = unwind.program_frame(gdb.newest_frame())
        if frame is not None and frame.level() > 0:
            show(frame)
    except gdb.error:
        pass    # no symbols of the libOS: as gdb has it


def register():
    gdb.events.stop.connect(stopped)
    gdb.events.cont.connect(lambda _: leader.clear())
    if gdb.selected_inferior().threads():
        lead()    # in a core file
