"""Bare boards against their templates (DeepPCB): `python -m benchmarks.vision.deeppcb [--every N]`.

Agreement is of boards judged by a forest that was learnt without them. Times are CPU time of one thread a pair,
decoding excluded, of the product as it is: cold goes round in all pairs, warm takes each several times.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.vision.boards import Pair, deeppcb, moved, pairs, regreyed, stressed
from benchmarks.vision.detection import Found, Scores, score
from benchmarks.vision.forest import Growth
from benchmarks.vision.learn_kinds import collect, learn, look
from benchmarks.vision.peers import pair_opencv
from robocell.vision.pair.kinds import KINDS, Forest
from robocell.vision.tools.pair import LEAST_SCORE, compare_pair

_WARM = 5

Change = Callable[[Pair, np.random.Generator], Pair]


def _regrey(**how: float) -> Change:
    return lambda pair, rng: dataclasses.replace(pair, image=regreyed(pair.image, rng, **how))


CHANGES: dict[str, Change] = {
    "as they are": lambda pair, rng: pair,
    "scale +1 %": lambda pair, rng: moved(pair, scale=(1.01, 1.01)),
    "scale -1 %": lambda pair, rng: moved(pair, scale=(0.99, 0.99)),
    "stretch ±1 %": lambda pair, rng: moved(pair, scale=(1.01, 0.99)),
    "shear 0.01": lambda pair, rng: moved(pair, shear=0.01),
    "turned +1°": lambda pair, rng: moved(pair, angle=np.deg2rad(1.0)),
    "turned -1°": lambda pair, rng: moved(pair, angle=np.deg2rad(-1.0)),
    "turned 1°, white border": lambda pair, rng: moved(
        pair, angle=np.deg2rad(1.0), border=cv2.BORDER_CONSTANT, fill=255
    ),
    "turned 1°, black border": lambda pair, rng: moved(pair, angle=np.deg2rad(1.0), border=cv2.BORDER_CONSTANT, fill=0),
    "template turned 1°": lambda pair, rng: moved(pair, angle=np.deg2rad(1.0), template=True),
    "template shifted, black border": lambda pair, rng: moved(
        pair, shift=(8, 8), template=True, border=cv2.BORDER_CONSTANT, fill=0
    ),
    "template shifted, white border": lambda pair, rng: moved(
        pair, shift=(-8, 8), template=True, border=cv2.BORDER_CONSTANT, fill=255
    ),
    "shift (8, -8) px": lambda pair, rng: moved(pair, shift=(8, -8)),
    "shift (-8, 8) px": lambda pair, rng: moved(pair, shift=(-8, 8)),
    "brightness +15 %": _regrey(offset=0.15 * 255),
    "brightness -15 %": _regrey(offset=-0.15 * 255),
    "contrast -15 %": _regrey(gain=0.85),
    "blur 0.8 px": _regrey(blur=0.8),
    "noise 4": _regrey(noise=4.0),
    "all at random": stressed,
}


def judged(folder: Path, forests: dict[str, Forest], every: int, change: Change) -> Iterator[tuple[Pair, Found]]:
    """Judge changed pairs, each board by the forest that has not seen it; a pair that cannot be judged is all missed."""
    for n, original in enumerate(pairs(folder, every)):
        pair = change(original, np.random.default_rng([5, n]))
        seen = look(pair, "changed")
        if seen is None:
            none = np.zeros(0)
            yield pair, Found(np.zeros((0, 4), np.int64), none.astype(np.int64), none, pair.boxes, pair.kind)
        else:
            yield pair, seen.found(forests[pair.group], LEAST_SCORE)


def by_peer(folder: Path, every: int, change: Change) -> Scores:
    """Judge changed pairs with OpenCV alone."""
    found = []
    for n, original in enumerate(pairs(folder, every)):
        pair = change(original, np.random.default_rng([5, n]))
        boxes, kinds = pair_opencv.compare(pair.template, pair.image)
        found.append(Found(boxes, kinds, np.ones(len(boxes)), pair.boxes, pair.kind))
    return score(found)


def times(run: Callable[[Pair], object], loaded: list[Pair], repeat: int) -> tuple[float, float]:
    """Return the median and the 99th percentile, milliseconds of CPU time a pair."""
    run(loaded[0])
    taken = []
    for pair in loaded:
        for k in range(repeat + 1 if repeat > 1 else 1):
            begin = time.process_time()
            run(pair)
            if k or repeat == 1:
                taken.append(1e3 * (time.process_time() - begin))
    return float(np.median(taken)), float(np.percentile(taken, 99))


def _agreement(title: str, scores: dict[str, Scores], peer: dict[str, Scores]) -> Table:
    table = Table(
        "", "F", "precision", "recall", "mAP", "F, place", "recall, place", "OpenCV: F", "F, place", title=title
    )
    for name, s in scores.items():
        other = peer.get(name)
        theirs = ("", "") if other is None else (f"{other.kind.f:.4f}", f"{other.place.f:.4f}")
        ours = (s.kind.f, s.kind.precision, s.kind.recall, s.precision.mean(), s.place.f, s.place.recall)
        table.add_row(name, *(f"{v:.4f}" for v in ours), *theirs)
    return table


def _kinds(scores: Scores) -> Table:
    table = Table("", "F", "precision", "recall", "AP", title="by kind")
    for k, (name, a) in enumerate(zip(KINDS, scores.by_kind, strict=True)):
        table.add_row(name, *(f"{v:.4f}" for v in (a.f, a.precision, a.recall, scores.precision[k])))
    return table


def _times(loaded: list[Pair]) -> Table:
    table = Table("ms a pair, CPU", "median", "p99", title=f"{len(loaded)} pairs of 640 × 640, one thread")
    contestants: dict[str, Callable[[Pair], object]] = {
        "compare_pair": lambda p: compare_pair(p.template, p.image),
        "OpenCV, shift only": lambda p: pair_opencv.compare(p.template, p.image, refine=False),
        "OpenCV, affine": lambda p: pair_opencv.compare(p.template, p.image),
    }
    for name, run in contestants.items():
        for how, repeat in (("cold", 1), ("warm", _WARM)):
            table.add_row(f"{name}, {how}", *(f"{v:.2f}" for v in times(run, loaded, repeat)))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vision.deeppcb", description=__doc__)
    parser.add_argument("--times", action="store_true", help="only measure times")
    parser.add_argument("--every", type=int, default=1, help="take only every so manyth pair (all are learnt from)")
    given = parser.parse_args()
    folder = deeppcb()
    if folder is None:
        raise SystemExit("DeepPCB is not there; set ROBOCELL_DATA to the folder that holds deeppcb/")
    cv2.setNumThreads(1)
    console = Console(width=150)
    console.print(_times(list(pairs(folder, given.every))))
    if given.times:
        return
    seen = collect(folder, 5)
    groups = sorted({s.group for s in seen})
    forests = {g: learn([s for s in seen if s.group != g], Growth()) for g in groups}
    changed: dict[str, Scores] = {}
    peer: dict[str, Scores] = {}
    for name, change in CHANGES.items():
        print(f"  {name}", file=sys.stderr, flush=True)
        found = list(judged(folder, forests, given.every, change))
        changed[name], peer[name] = score(f for _, f in found), by_peer(folder, given.every, change)
        if name == "as they are":
            plain = found
    boards = {g: score(f for p, f in plain if p.group == g) for g in groups}
    console.print(_agreement("boards judged by a forest learnt without them", changed, peer))
    console.print(_agreement("board by board", boards, {}))
    console.print(_kinds(changed["as they are"]))


if __name__ == "__main__":
    main()
