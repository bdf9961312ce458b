# SPDX-License-Identifier: BSD-3-Clause
"""How a run of tests shows: a line a test; on a terminal in colour, above a bar
that says how far it is and what is slow."""
import os
import shutil
import sys
import time

PROGRESS_S = 20     # between two lines about a test that takes long
REDRAW_S = 0.2
SLOWEST = 10        # named at the end of a run of many
MANY = 50

COLOURS = {"ok": "32", "not ok": "1;31", "skip": "33"}
BAR = 24


def printable(text):
    return "".join(c if c.isprintable() or c == "\t"
                   else c.encode("unicode_escape").decode() for c in text)


def line_of(outcome):
    """What to say of it behind its verdict."""
    line = outcome.case.name
    if outcome.text and outcome.verdict != "not ok":
        line += f": {outcome.text}"
    elif outcome.counts.passed > 1:
        line += f" ({outcome.counts.passed} tests)"
    return f"{line}  {outcome.seconds:.2f} s"


class Display:
    """Of (count) tests. Lines alone: what no person looks at while it comes."""

    poll_s = PROGRESS_S

    def __init__(self, count):
        self.times, self.count = [], count

    def verdict(self, verdict):
        return verdict

    def clear(self):
        pass

    def waits(self, case, seconds):
        """The next outcome to be shown is (case)'s, which is not over."""
        print(f"... {case.name}: {seconds:.0f} s so far", flush=True)

    def show(self, outcome):
        self.clear()
        print(f"{self.verdict(outcome.verdict)} {line_of(outcome)}", flush=True)
        if outcome.verdict == "not ok":
            print("\n".join("    " + printable(text)
                            for text in outcome.text.split("\n")), flush=True)

    def add(self, outcome):
        self.times.append((outcome.seconds, outcome.case.name))

    def end(self):
        self.clear()
        if self.count < MANY:
            return
        self.times.sort(reverse=True)
        print("the slowest:")
        for seconds, name in self.times[:SLOWEST]:
            print(f"  {seconds:7.1f} s  {name}")


class TerminalDisplay(Display):
    poll_s = REDRAW_S

    def __init__(self, count):
        super().__init__(count)
        self.failed, self.drawn = 0, 0.0

    def verdict(self, verdict):
        return f"\033[{COLOURS[verdict]}m{verdict}\033[0m"

    def clear(self):
        sys.stdout.write("\r\033[K")

    def add(self, outcome):
        super().add(outcome)
        self.failed += outcome.verdict == "not ok"

    def waits(self, case, seconds):
        now = time.monotonic()
        if now - self.drawn < REDRAW_S:
            return
        self.drawn = now
        done = len(self.times)
        full = BAR * done // max(self.count, 1)
        failed = f", {self.failed} failed" if self.failed else ""
        slow = f", {case.name} {seconds:.0f} s" if seconds >= 1 else ""
        text = f" {done} of {self.count}{failed}{slow}"
        room = shutil.get_terminal_size().columns - BAR - 3
        self.clear()
        sys.stdout.write(f"[{'#' * full}{'.' * (BAR - full)}]"
                         f"{text[:max(room, 0)]}")
        sys.stdout.flush()


def display(count):
    """The one that fits to who looks."""
    fancy = (sys.stdout.isatty() and "NO_COLOR" not in os.environ and
             "CI" not in os.environ and
             os.environ.get("TERM", "dumb") != "dumb")
    return TerminalDisplay(count) if fancy else Display(count)
