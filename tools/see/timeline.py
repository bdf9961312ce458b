# SPDX-License-Identifier: BSD-3-Clause
"""A picture of a run: its boot, then the whole of it; a row for each CPU and
each thread, and which calls took longest. Whoever points at something sees what
it is."""
from collections import defaultdict

from tools.see.svg import FAINT, MARGIN, Picture, colour, shorten, text_width

WIDTH, RIGHT = 1200, 1190
LEFT = 110              # at least: where the names of the rows end
ROW, SPACE, DEPTH = 18, 6, 6
LEGEND = 10             # calls, at most
HUES = {"call": (165, 125), "fault": (0, 20), "io": (100, 40), "run": (40, 300)}
PHASES = ["tracer", "CPUs", "files", "program"]


class Panel:
    """One stretch of time, drawn from (y) on."""

    def __init__(self, picture, title, left, start, end):
        self.picture, self.left, self.start = picture, left, start
        self.end = max(end, start + 0.001)
        picture.text(8, picture.height + 14, title, 13)
        picture.height += 24
        self.top = picture.height
        self.axis()

    def x(self, us):
        share = (us - self.start) / (self.end - self.start)
        return self.left + share * (RIGHT - self.left)

    def axis(self):
        for tick in ticks(self.start, self.end):
            self.picture.text(self.x(tick), self.top + 10,
                              f"{tick / 1000:g} ms", 10, "middle", FAINT)
            self.picture.line(self.x(tick), self.top + 14, self.top + 18)
        self.picture.height += 22

    def row(self, name, spans, height=ROW):
        """What a pixel has shown is not drawn on it again."""
        picture, y, drawn = self.picture, self.picture.height, {}
        spans = [s for s in spans
                 if s.end >= self.start and s.start <= self.end]
        if not spans:
            return
        picture.text(self.left - 6, y + height / 2 + 4, name, 11, "end")
        for span in sorted(spans, key=lambda s: s.start - s.end):
            left = self.x(max(span.start, self.start))
            right = self.x(min(span.end, self.end))
            pixel = span.depth, round(left)
            if right - left < 0.5 and pixel in drawn:
                continue
            drawn[pixel] = True
            inset = min(span.depth * DEPTH, height - 4)
            picture.rect(left, y + inset, right - left, height - inset,
                         colour_of(span), tip(span))
            shown = shorten(span.name, right - left - 6, 10)
            if span.depth == 0 and shown:
                picture.text(left + 3, y + 13, shown, 10)
        picture.height += height + SPACE

    def phases(self, phases):
        picture, y = self.picture, self.picture.height
        picture.text(self.left - 6, y + 13, "boot", 11, "end")
        for name, start, end in phases:
            left, right = self.x(start), self.x(min(end, self.end))
            if left > RIGHT:
                continue
            what = f"{name}: {(end - start) / 1000:.3f} ms"
            picture.rect(left, y, right - left, ROW, colour(name, 0, 360),
                         what)
            shown = shorten(name, right - left - 6, 10)
            if shown:
                picture.text(left + 3, y + 13, shown, 10)
        picture.height += ROW + SPACE


def colour_of(span):
    return colour(span.name, *HUES.get(span.category, (270, 60)))


def tip(span):
    text = f"{span.name}: {span.end - span.start:.3f} µs at " \
           f"{span.start / 1000:.3f} ms"
    if span.error:
        text += f", {span.error}"
    return text if span.ended else f"{text}, without an end"


def ticks(start, end):
    """Some ten round numbers."""
    step, exact = 0.001, (end - start) / 10
    while step < exact:
        step *= 10
    step = next(step * part for part in (0.2, 0.5, 1)
                if step * part >= exact)
    tick = -(-start // step) * step
    while tick <= end:
        yield tick
        tick += step


def phases(trace):
    """What begins at boot, to the program's first call."""
    first = min((span.start for span in trace.calls), default=trace.end)
    starts = [("platform", 0.0)]
    starts += [(name, trace.mark(name)) for name in PHASES
               if trace.mark(name) is not None]
    ends = [start for _, start in starts[1:]] + [first]
    return [(name, start, end) for (name, start), end in zip(starts, ends)]


def thread_name(trace, thread):
    if thread == 0:
        return "libOS"
    return " ".join(filter(None, [trace.names.get(thread, ""), str(thread)]))


def draw_legend(picture, trace):
    """The calls that took longest, all together."""
    calls = defaultdict(list)
    for span in trace.calls:
        if span.ended:
            calls[span.name].append(span)
    took = {name: sum(span.end - span.start for span in spans)
            for name, spans in calls.items()}
    longest = sorted(took, key=lambda name: (-took[name], name))[:LEGEND]
    if not longest:
        return
    picture.text(MARGIN, picture.height + 16,
                 "the calls that took longest, sleep included", 13)
    picture.height += 24
    for name in longest:
        y, spans = picture.height, calls[name]
        slowest = max(spans, key=lambda span: span.end - span.start)
        picture.rect(MARGIN, y, 12, 12, colour_of(slowest))
        picture.text(MARGIN + 18, y + 10, name)
        picture.text(
            MARGIN + 180, y + 10, f"{took[name] / 1000:.3f} ms in "
            f"{len(spans)} call{'s' if len(spans) > 1 else ''}, the longest "
            f"{(slowest.end - slowest.start) / 1000:.3f} ms at "
            f"{slowest.start / 1000:.3f} ms")
        picture.height += 16


def draw_rows(panel, trace):
    for cpu in sorted(set(trace.cpus) | set(trace.interrupts)):
        panel.row(f"CPU {cpu}", trace.cpus.get(cpu, []))
        if cpu in trace.interrupts:
            panel.row("interrupts", trace.interrupts[cpu], ROW // 2)
    for thread in sorted(trace.threads):
        panel.row(thread_name(trace, thread), trace.threads[thread])


def draw(trace, title, path):
    picture = Picture(WIDTH, title)
    left = max([LEFT] + [MARGIN + 6 + text_width(thread_name(trace, thread))
                         for thread in trace.threads])
    booted = phases(trace)
    end = booted[-1][2]
    panel = Panel(picture, f"boot: {end / 1000:.3f} ms to the program's first "
                  "system call", left, 0.0, min(end * 1.1, trace.end))
    panel.phases(booted)
    draw_rows(panel, trace)
    panel = Panel(picture, f"all: {trace.end / 1000:.3f} ms", left, 0.0,
                  trace.end)
    panel.phases(booted)
    draw_rows(panel, trace)
    draw_legend(picture, trace)
    picture.height += 10
    picture.write(path)
