"""Bare boards against their templates (DeepPCB): boxes with kinds, as drawn, changed, and how long that takes.

Agreement is of boards judged by a forest that was learnt without them (`learn_kinds`); times are of the product as it
is, decoding excluded. The OpenCV chain is raced though its answers are worse: nothing in OpenCV gives the same ones.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from benchmarks.table import Aim, Contest, Row, called
from benchmarks.timing import race_over
from benchmarks.vision.boards import Pair, moved, pairs, regreyed, stressed
from benchmarks.vision.detection import Agreement, Found, score
from benchmarks.vision.forest import Growth
from benchmarks.vision.learn_kinds import collect, learn, look
from benchmarks.vision.peers import pair_opencv
from benchmarks.vision.pictures import public
from robocell.vision.pair.kinds import KINDS, Forest
from robocell.vision.tools.pair import LEAST_SCORE, compare_pair

DATA = "deeppcb"
COPIES = 4  # stressed ones of each pair that kinds are learnt from
SOME = 4  # every so manyth pair is judged under each change
WARM = 5  # times each pair is taken in a row

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


@functools.cache
def forests(folder: Path) -> dict[str, Forest]:
    """Return a forest for each board, learnt from all others."""
    seen = collect(folder, COPIES)
    return {g: learn([s for s in seen if s.group != g], Growth()) for g in sorted({s.group for s in seen})}


def judge(pair: Pair, forest: Forest) -> Found:
    """Judge a pair; one that cannot be judged is all missed."""
    seen = look(pair, "changed")
    if seen is None:
        none = np.zeros(0)
        return Found(np.zeros((0, 4), np.int64), none.astype(np.int64), none, pair.boxes, pair.kind)
    return seen.found(forest, LEAST_SCORE)


def judge_with_opencv(pair: Pair) -> Found:
    boxes, kinds = pair_opencv.compare(pair.template, pair.image)
    return Found(boxes, kinds, np.ones(len(boxes)), pair.boxes, pair.kind)


def _in_words(a: Agreement) -> str:
    return f"precision {100 * a.precision:.2f} %, recall {100 * a.recall:.2f} %"


def agreement() -> list[Row]:
    """All pairs as they are: together, by kind and by board."""
    folder = public(DATA)
    loaded, peer = list(pairs(folder)), called("opencv-python-headless", pair_opencv.CHAIN)
    found = [judge(pair, forests(folder)[pair.group]) for pair in loaded]
    ours, theirs = score(found), score(judge_with_opencv(pair) for pair in loaded)
    rows = [
        _share("F with kind", ours.kind.f, peer, theirs.kind.f, 0.985, note=_in_words(ours.kind)),
        _share("recall without kind", ours.place.recall, peer, theirs.place.recall, 0.99, note=_in_words(ours.place)),
        _share("mean average precision", float(ours.precision.mean())),
    ]
    for k, name in enumerate(KINDS):
        a, b = ours.by_kind[k], theirs.by_kind[k]
        rows.append(_share(f"F of {name}", a.f, peer, b.f, note=f"{_in_words(a)}, AP {100 * ours.precision[k]:.2f} %"))
    for group in forests(folder):
        part = score(f for pair, f in zip(loaded, found, strict=True) if pair.group == group)
        rows.append(_share(f"F of board {group}", part.kind.f, note=_in_words(part.kind)))
    return rows


def robustness() -> list[Row]:
    """Changed pictures: what each change costs."""
    folder, peer = public(DATA), called("opencv-python-headless", pair_opencv.CHAIN)
    loaded, rows, plain = list(pairs(folder, SOME)), [], 0.0
    for name, change in CHANGES.items():
        changed = [change(pair, np.random.default_rng([5, n])) for n, pair in enumerate(loaded)]
        ours = score(judge(pair, forests(folder)[pair.group]) for pair in changed)
        theirs = score(judge_with_opencv(pair) for pair in changed)
        plain = plain or ours.kind.f
        rows.append(_share(f"F, {name}", ours.kind.f, peer, theirs.kind.f, plain - 0.02, note=_in_words(ours.kind)))
    return rows


def speed() -> list[Row]:
    """Return the time of a pair of 640 × 640, in pictures that no cache holds, and in the same again."""
    loaded, peer = list(pairs(public(DATA))), called("opencv-python-headless", pair_opencv.CHAIN)
    rows = []
    for how, items in (("cold", loaded), ("warm", [pair for pair in loaded[::WARM] for _ in range(WARM)])):
        o, t = race_over(
            [
                lambda pair: compare_pair(pair.template, pair.image),
                lambda pair: pair_opencv.compare(pair.template, pair.image),
            ],
            items,
            rounds=2,
        )
        aim = Aim("most", 3e-3, tail=10e-3)
        rows.append(Row(f"DeepPCB pair, {how}", o.median, peer, t.median, aim, tail=o.tail, their_tail=t.tail))
    return rows


def _share(
    what: str, ours: float, peer: str = "", theirs: float | None = None, least: float | None = None, note: str = ""
) -> Row:
    aim = None if least is None else Aim("least", least)
    return Row(f"DeepPCB: {what}", ours, peer, theirs, aim, unit="share", note=note)


CONTESTS = [
    Contest("DeepPCB pair", "opencv-python-headless", speed),
    Contest("DeepPCB: agreement", "opencv-python-headless", agreement),
    Contest("DeepPCB: robustness", "opencv-python-headless", robustness),
]
