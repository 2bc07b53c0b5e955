"""How well boxes with kinds agree with drawn ones: precision, recall, F and mean average precision.

A box is right where it overlaps a drawn one of its kind, not yet taken by a surer box, by more than 0.33
(intersection over union), as the DeepPCB data set's own measure has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.vision.boards import overlap
from robocell.vision.frame import Array
from robocell.vision.pair.kinds import KINDS

LEAST_OVERLAP = 0.33


@dataclass(frozen=True)
class Found:
    """What was found in one picture, and what was drawn there; kinds are indices of `KINDS`."""

    boxes: NDArray[np.int64]
    kind: NDArray[np.int64]
    score: Array
    drawn: NDArray[np.int64]
    drawn_kind: NDArray[np.int64]


@dataclass(frozen=True)
class Agreement:
    """Counts of right, false and missed boxes."""

    right: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of the boxes that are right."""
        return self.right / max(self.right + self.false, 1)

    @property
    def recall(self) -> float:
        """Share of the drawn ones that are found."""
        return self.right / max(self.right + self.missed, 1)

    @property
    def f(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.right / max(2 * self.right + self.false + self.missed, 1)


@dataclass(frozen=True)
class Scores:
    """How pictures were judged.

    Attributes:
        kind: a box counts only with its kind.
        place: kinds do not matter.
        by_kind: for each of `KINDS`, in their order.
        precision: (6,) average precision of each kind; its mean is the mAP.

    """

    kind: Agreement
    place: Agreement
    by_kind: tuple[Agreement, ...]
    precision: Array


def score(found: Iterable[Found]) -> Scores:
    """Score what was found in pictures."""
    pictures = list(found)
    places = [_match(p.boxes, p.score, p.drawn) for p in pictures]
    place = Agreement(
        sum(int(m.sum()) for m in places),
        sum(int((~m).sum()) for m in places),
        sum(len(p.drawn) - int(m.sum()) for p, m in zip(pictures, places, strict=True)),
    )
    by_kind, precision = [], []
    for k in range(len(KINDS)):
        right, sure, drawn = [], [], 0
        for p in pictures:
            mine, theirs = p.kind == k, p.drawn_kind == k
            right.append(_match(p.boxes[mine], p.score[mine], p.drawn[theirs]))
            sure.append(p.score[mine])
            drawn += int(theirs.sum())
        hits, scores = np.concatenate(right), np.concatenate(sure)
        by_kind.append(Agreement(int(hits.sum()), int((~hits).sum()), drawn - int(hits.sum())))
        precision.append(_average_precision(hits[np.argsort(-scores, kind="stable")], drawn))
    total = Agreement(*(sum(getattr(a, n) for a in by_kind) for n in ("right", "false", "missed")))
    return Scores(total, place, tuple(by_kind), np.array(precision))


def _match(boxes: NDArray[np.int64], scores: Array, drawn: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return (K,) which boxes are right, the surest choosing first."""
    right = np.zeros(len(boxes), np.bool_)
    if not len(drawn):
        return right
    shares = overlap(boxes, drawn)
    for i in np.argsort(-scores, kind="stable"):
        j = int(shares[i].argmax())
        if shares[i, j] > LEAST_OVERLAP:
            right[i] = True
            shares[:, j] = 0.0
    return right


def _average_precision(hits: NDArray[np.bool_], drawn: int) -> float:
    """Return the area under precision over recall, the precision made monotonic."""
    right = np.cumsum(hits)
    precision = right / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(envelope[hits]) / max(drawn, 1))
