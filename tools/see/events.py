# SPDX-License-Identifier: BSD-3-Clause
"""A file of events (trace=FILE), as spans and marks. Times in microseconds."""
import json
from dataclasses import dataclass, field

THREADS, CPUS = 1, 2    # processes of the file: trace/events.c


@dataclass
class Span:
    """Something that took its time, (depth) others around it."""
    name: str
    category: str
    start: float
    end: float
    depth: int = 0
    error: str = ""
    ended: bool = True


@dataclass
class Mark:
    name: str
    category: str
    at: float
    track: int


@dataclass
class Trace:
    threads: dict = field(default_factory=dict)    # number: [Span]
    cpus: dict = field(default_factory=dict)       # number: [Span] that ran
    interrupts: dict = field(default_factory=dict) # number: [Span]
    marks: list = field(default_factory=list)
    names: dict = field(default_factory=dict)      # number: thread's name
    end: float = 0.0
    lost: int = 0

    @property
    def calls(self):
        return [span for spans in self.threads.values() for span in spans
                if span.category == "call"]

    def mark(self, name):
        """When (name) began at boot, or None."""
        return next((m.at for m in self.marks
                     if m.category == "boot" and m.name == name), None)


def spans_of(events, end):
    """Pair what begins and ends on one track."""
    spans, unfinished = [], []
    for event in events:
        if event["ph"] == "B":
            span = Span(event["name"], event.get("cat", ""), event["ts"], end,
                        len(unfinished), ended=False)
            spans.append(span)
            unfinished.append(span)
        elif unfinished:
            span = unfinished.pop()
            span.end, span.ended = event["ts"], True
            span.error = event.get("args", {}).get("error", "")
    for span in unfinished:
        if span.name.startswith("exit"):
            span.end = span.start    # a thread that has left
    return spans


def load(path):
    events = json.loads(path.read_text())
    timed = sorted((e for e in events if "ts" in e), key=lambda e: e["ts"])
    trace = Trace(end=max((e["ts"] + e.get("dur", 0) for e in timed),
                          default=0.0))
    tracks = {}
    for event in timed:
        if event["ph"] in "BE":
            tracks.setdefault((event["pid"], event["tid"]), []).append(event)
        elif event["ph"] == "X":
            trace.cpus.setdefault(event["tid"], []).append(
                Span(event["name"], "run", event["ts"],
                     event["ts"] + event["dur"]))
        elif event["ph"] == "i":
            trace.marks.append(Mark(event["name"], event.get("cat", ""),
                                    event["ts"], event["tid"]))
    for (process, track), list_ in tracks.items():
        of = trace.threads if process == THREADS else trace.interrupts
        of[track] = spans_of(list_, trace.end)
    trace.names = {e["tid"]: e["args"]["name"] for e in events
                   if e["name"] == "thread_name" and e["pid"] == THREADS}
    for span in (s for spans in trace.cpus.values() for s in spans):
        thread = int(span.name.removeprefix("thread "))
        if thread in trace.names:
            span.name = f"{trace.names[thread]} {thread}"
    trace.lost = sum(e["args"]["events"] for e in events
                     if e["name"] == "lost")
    return trace
