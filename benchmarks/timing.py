"""How contestants are timed: in turn, so that whatever else the machine does slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

REPEATS = 15
SAMPLE = 3e-3  # s of CPU time that one sample takes at least, well above the clock's resolution
LONGEST = 12.0  # s for one contest; slow contestants are sampled less often, at least three times


def race(contestants: Sequence[Callable[[], object]]) -> list[float]:
    """Return each contestant's median CPU time a call, seconds."""
    loops = [_loops(run) for run in contestants]
    samples: list[list[float]] = [[] for _ in contestants]
    gc.collect()
    gc.disable()
    try:
        begin = time.process_time()
        for repeat in range(REPEATS):
            for run, count, taken in zip(contestants, loops, samples, strict=True):
                taken.append(_sample(run, count) / count)
            if repeat >= 2 and time.process_time() - begin > LONGEST:
                break
    finally:
        gc.enable()
    return [statistics.median(taken) for taken in samples]


@dataclass(frozen=True)
class Timing:
    """CPU time of single calls, seconds.

    Attributes:
        median: of all calls.
        tail: their 99th percentile.

    """

    median: float
    tail: float


def race_over(contestants: Sequence[Callable[[T], object]], items: Sequence[T], rounds: int = 5) -> list[Timing]:
    """Time each call on its own, contestants going over all items in turn.

    With items that together exceed the caches every call is cold: an item was last read a whole round ago, and
    not by the contestant before. One item, or few small ones, are warm after the first.

    Args:
        contestants: called with one item.
        items: what to call them with.
        rounds: how often each contestant goes over all items; fewer, but at least one, if that takes too long.

    """
    for run in contestants:
        run(items[0])  # the first call may compile
    samples: list[list[float]] = [[] for _ in contestants]
    gc.collect()
    gc.disable()
    try:
        begin = time.process_time()
        for _ in range(rounds):
            for run, taken in zip(contestants, samples, strict=True):
                taken += [_single(run, item) for item in items]
            if time.process_time() - begin > LONGEST:
                break
    finally:
        gc.enable()
    return [Timing(statistics.median(taken), _tail(taken)) for taken in samples]


def _single(run: Callable[[T], object], item: T) -> float:
    begin = time.process_time()
    run(item)
    return time.process_time() - begin


def _tail(taken: Sequence[float]) -> float:
    return sorted(taken)[min(len(taken) - 1, 99 * len(taken) // 100)]


def _loops(run: Callable[[], object]) -> int:
    """Return how many calls make a sample; the first one may compile and is not counted."""
    run()
    count = 1
    while (taken := _sample(run, count)) < SAMPLE:
        count = max(2 * count, int(count * SAMPLE / max(taken, 1e-6)))
    return count


def _sample(run: Callable[[], object], count: int) -> float:
    begin = time.process_time()
    for _ in range(count):
        run()
    return time.process_time() - begin
