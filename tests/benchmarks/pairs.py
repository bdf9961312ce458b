# SPDX-License-Identifier: BSD-3-Clause
"""Measure a thing and its anchor by turns, and say it in a row."""
import statistics
import time
from dataclasses import dataclass


@dataclass
class Row:
    what: str
    value: str
    goal: str | None = None
    met: bool | None = None


def take_pairs(count, measure, anchor):
    """(count) pairs of what the two functions answer, after one to warm up."""
    pairs = [(measure(), anchor()) for _ in range(count + 1)]
    return pairs[1:]


def ratio(pairs):
    """The median of the pairs' ratios; as text with the spread."""
    ratios = sorted(one / other for one, other in pairs)
    median = statistics.median(ratios)
    return median, f"{median:.3g} ({ratios[0]:.3g}-{ratios[-1]:.3g})"


def ratio_row(what, pairs, at_most=None):
    median, text = ratio(pairs)
    if at_most is None:
        return Row(what, text)
    return Row(what, text, f"at most {at_most}", median <= at_most)


def medians(pairs):
    return [statistics.median(column) for column in zip(*pairs)]


def wall_ns(box, command, statuses=(0,), **how):
    """How long (command) takes, started and waited for by us."""
    start = time.perf_counter_ns()
    result = box.run(command, **how)
    took = time.perf_counter_ns() - start
    if result.status not in statuses:
        raise SystemExit(f"bench: failed:\n{result}")
    return took
