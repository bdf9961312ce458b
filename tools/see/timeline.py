# SPDX-License-Identifier: BSD-3-Clause
"""A picture of a run: its boot, then the whole of it; a row for each CPU and
each thread. Whoever points at something sees what it is."""
from tools.see.svg import Picture, colour

WIDTH, LEFT, RIGHT = 1200, 110, 1190
ROW, SPACE, DEPTH = 18, 6, 6
HUES = {"call": (200, 60), "fault": (0, 20), "io": (100, 40), "run": (40, 300)}
PHASES = ["tracer", "CPUs", "files", "program"]


class Panel:
    """One stretch of time, drawn from (y) on."""

    def __init__(self, picture, title, start, end):
        self.picture, self.start = picture, start
        self.end = max(end, start + 0.001)
        picture.text(8, picture.height + 14, title, 13)
        picture.height += 24
        self.top = picture.height
        self.axis()

    def x(self, us):
        share = (us - self.start) / (self.end - self.start)
        return LEFT + share * (RIGHT - LEFT)

    def axis(self):
        for tick in ticks(self.start, self.end):
            self.picture.text(self.x(tick), self.top + 10,
                              f"{tick / 1000:g} ms", 10, "middle", "#666")
            self.picture.line(self.x(tick), self.top + 14, self.top + 18)
        self.picture.height += 22

    def row(self, name, spans, height=ROW):
        """What a pixel has shown is not drawn on it again."""
        picture, y, drawn = self.picture, self.picture.height, {}
        spans = [s for s in spans
                 if s.end >= self.start and s.start <= self.end]
        if not spans:
            return
        picture.text(LEFT - 6, y + height / 2 + 4, name, 11, "end")
        for span in sorted(spans, key=lambda s: s.start - s.end):
            left = self.x(max(span.start, self.start))
            right = self.x(min(span.end, self.end))
            pixel = span.depth, round(left)
            if right - left < 0.5 and pixel in drawn:
                continue
            drawn[pixel] = True
            inset = min(span.depth * DEPTH, height - 4)
            picture.rect(left, y + inset, right - left, height - inset,
                         colour(span.name, *HUES.get(span.category,
                                                     (270, 60))), tip(span))
            if span.depth == 0 and right - left > 7 * len(span.name):
                picture.text(left + 3, y + 13, span.name, 10, colour="#fff")
        picture.height += height + SPACE

    def phases(self, phases):
        picture, y = self.picture, self.picture.height
        picture.text(LEFT - 6, y + 13, "boot", 11, "end")
        for name, start, end in phases:
            left, right = self.x(start), self.x(min(end, self.end))
            if left > RIGHT:
                continue
            what = f"{name}: {(end - start) / 1000:.3f} ms"
            picture.rect(left, y, right - left, ROW, colour(name, 0, 360),
                         what)
            if right - left > 7 * len(name):
                picture.text(left + 3, y + 13, name, 10, colour="#fff")
        picture.height += ROW + SPACE


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


def draw_rows(panel, trace):
    for cpu in sorted(set(trace.cpus) | set(trace.interrupts)):
        panel.row(f"CPU {cpu}", trace.cpus.get(cpu, []))
        if cpu in trace.interrupts:
            panel.row("interrupts", trace.interrupts[cpu], ROW // 2)
    for thread in sorted(trace.threads):
        name = " ".join(filter(None, [trace.names.get(thread, ""),
                                      str(thread)]))
        if thread == 0:
            name = "libOS"
        panel.row(name, trace.threads[thread])


def draw(trace, title, path):
    picture = Picture(WIDTH, title)
    booted = phases(trace)
    end = booted[-1][2]
    panel = Panel(picture, f"boot: {end / 1000:.3f} ms to the program's first "
                  "system call", 0.0, min(end * 1.1, trace.end))
    panel.phases(booted)
    draw_rows(panel, trace)
    panel = Panel(picture, f"all: {trace.end / 1000:.3f} ms", 0.0, trace.end)
    panel.phases(booted)
    draw_rows(panel, trace)
    picture.height += 10
    picture.write(path)
