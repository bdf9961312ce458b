# SPDX-License-Identifier: BSD-3-Clause
"""A summary as `strace -c` prints it."""
from collections import defaultdict

RULE = ("------ ----------- ----------- --------- --------- "
        "----------------")


def row(share, seconds, each, calls, errors, name):
    return (f"{share:6.2f} {seconds:11.6f} {each:11.0f} {calls:9d} "
            f"{errors or '':>9} {name}")


def summary(trace):
    """Lines: calls by the time that they took, and what else there was."""
    calls = defaultdict(list)
    for span in trace.calls:
        calls[span.name].append(span)
    times = {name: sum(s.end - s.start for s in spans if s.ended)
             for name, spans in calls.items()}
    whole = sum(times.values()) or 1.0
    lines = ["% time     seconds  usecs/call     calls    errors syscall",
             RULE]
    for name in sorted(calls, key=lambda n: (-times[n], n)):
        spans = calls[name]
        lines.append(row(100 * times[name] / whole, times[name] / 1e6,
                         times[name] / len(spans), len(spans),
                         sum(bool(s.error) for s in spans), name))
    count = len(trace.calls)
    lines += [RULE, row(100, sum(times.values()) / 1e6,
                        sum(times.values()) / max(count, 1), count,
                        sum(bool(s.error) for s in trace.calls), "total")]
    return lines + ["", *others(trace)]


def others(trace):
    spans = [span for spans in trace.threads.values() for span in spans]
    interrupts = [s for list_ in trace.interrupts.values() for s in list_]
    counts = [
        (sum(map(len, trace.cpus.values())), "switches"),
        (sum(m.name == "wake-up" for m in trace.marks), "wake-ups"),
        (len(interrupts), "interrupts"),
        (sum(s.category == "fault" for s in spans), "page faults"),
        (sum(s.category == "io" for s in spans), "reads and writes outside"),
        (trace.lost, "events lost"),
    ]
    yield ", ".join(f"{n} {what}" for n, what in counts if n) + (
        f"; {trace.end / 1e3:.3f} ms in all")
