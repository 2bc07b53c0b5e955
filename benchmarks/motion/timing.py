"""How contestants are timed: in turn, so that whatever else the machine does slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence

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
