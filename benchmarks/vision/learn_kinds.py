"""Learn the kinds of defects from DeepPCB's development pictures: `python -m benchmarks.vision.learn_kinds [--write]`.

Every pair is described as it is, stressed, and in other sizes, and what overlaps a drawn box by more than 0.33 has its
kind; what overlaps none is no defect. First each board is judged by a forest that was learnt without it: those
are the figures to believe. The forest that is written has seen all boards.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import NotYet
from benchmarks.vision.boards import Pair, overlap, pairs, resized, stressed
from benchmarks.vision.detection import LEAST_OVERLAP, Found, Scores, score
from benchmarks.vision.forest import Growth, grow_forest
from benchmarks.vision.pictures import public
from robocell.errors import VisionError
from robocell.vision.pair.candidates import Blobs
from robocell.vision.pair.kinds import CLASSES, LEARNT, Forest
from robocell.vision.tools.pair import LEAST_SCORE, MARGIN, describe_pair, distinct

_DOUBTFUL = 0.15  # a box that overlaps by more than this, and not by more than 0.33, teaches nothing
_PLAIN_WEIGHT = 2.0
_SEED = 11


@dataclass(frozen=True)
class Seen:
    """One picture's blobs, and what was drawn there.

    Attributes:
        group: the board.
        how: "plain", "stressed" or "resized".
        blobs: with their descriptions.
        boxes: (K, 4) the blobs' boxes with a margin.
        drawn: (L, 4) boxes.
        kind: (L,) index of KINDS.

    """

    group: str
    how: str
    blobs: Blobs
    boxes: NDArray[np.int64]
    drawn: NDArray[np.int64]
    kind: NDArray[np.int64]

    def classes(self) -> NDArray[np.int64]:
        """Return (K,) the class of each blob, -1 where that is doubtful."""
        if not len(self.drawn) or not len(self.boxes):
            return np.zeros(len(self.boxes), np.int64)
        shares = overlap(self.boxes, self.drawn)
        most = shares.max(axis=1)
        out = np.where(most > LEAST_OVERLAP, 1 + self.kind[shares.argmax(axis=1)], 0)
        return np.where((most > _DOUBTFUL) & (most <= LEAST_OVERLAP), -1, out)

    def found(self, forest: Forest, least: float) -> Found:
        """Judge the blobs as `compare_pair` does."""
        votes = forest.vote(self.blobs.features)
        keep = np.flatnonzero(1 - votes[:, 0] >= least)
        keep = keep[distinct(self.boxes[keep], 1 - votes[keep, 0])]
        kinds = votes[keep, 1:]
        return Found(self.boxes[keep], kinds.argmax(axis=1), kinds.max(axis=1, initial=0.0), self.drawn, self.kind)


def variants(pair: Pair, number: int, copies: int) -> Iterator[tuple[str, Pair]]:
    """Return a pair as it is, so many times stressed, and in two other sizes."""
    yield "plain", pair
    for copy in range(copies):
        yield "stressed", stressed(pair, np.random.default_rng([_SEED, number, copy]))
    rng = np.random.default_rng([_SEED, number, 1000])
    for low, high in ((0.6, 0.9), (1.1, 1.6)):
        yield "resized", stressed(resized(pair, float(rng.uniform(low, high))), rng, 0.6)


def look(pair: Pair, how: str) -> Seen | None:
    """Describe a pair's blobs; None where it cannot be judged."""
    try:
        blobs = describe_pair(pair.template, pair.image)
    except VisionError as error:
        print(f"{pair.name} {how}: {error}", file=sys.stderr)
        return None
    boxes = blobs.boxes + np.array([-MARGIN, -MARGIN, MARGIN, MARGIN])
    return Seen(pair.group, how, blobs, boxes, pair.boxes, pair.kind)


def collect(folder: Path, copies: int) -> list[Seen]:
    """Describe all pairs with their variants."""
    all_seen = (
        look(variant, how) for n, pair in enumerate(pairs(folder)) for how, variant in variants(pair, n, copies)
    )
    return [seen for seen in all_seen if seen is not None]


def learn(seen: list[Seen], growth: Growth) -> Forest:
    """Grow a forest from described pictures."""
    classes = np.concatenate([s.classes() for s in seen])
    rows = np.concatenate([s.blobs.features for s in seen])
    weight = np.concatenate([np.full(len(s.boxes), _PLAIN_WEIGHT if s.how == "plain" else 1.0) for s in seen])
    sure = classes >= 0
    return grow_forest(rows[sure], classes[sure], weight[sure], len(CLASSES), growth)


def validate(seen: list[Seen], growth: Growth, least: float) -> dict[str, Scores]:
    """Judge each board by a forest learnt without it; scores by how pictures were changed, and by board as they are."""
    found: dict[str, list[Found]] = {}
    for group in sorted({s.group for s in seen}):
        forest = learn([s for s in seen if s.group != group], growth)
        for s in seen:
            if s.group == group:
                judged = s.found(forest, least)
                found.setdefault(s.how, []).append(judged)
                if s.how == "plain":
                    found.setdefault(group, []).append(judged)
    return {name: score(pictures) for name, pictures in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vision.learn_kinds", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="do not judge boards by forests learnt without them")
    parser.add_argument("--write", action="store_true", help=f"write {LEARNT.name}")
    parser.add_argument("--copies", type=int, default=5, help="stressed ones of each pair (%(default)s)")
    given = parser.parse_args()
    try:
        folder = public("deeppcb")
    except NotYet as error:
        raise SystemExit(str(error)) from None
    seen, growth = collect(folder, given.copies), Growth()
    for name, scores in ({} if given.quick else validate(seen, growth, LEAST_SCORE)).items():
        print(
            f"{name:12} F {scores.kind.f:.4f}, precision {scores.kind.precision:.4f}, recall {scores.kind.recall:.4f}, "
            f"mAP {scores.precision.mean():.4f}; without kind F {scores.place.f:.4f}, recall {scores.place.recall:.4f}"
        )
    if given.write:
        forest = learn(seen, growth)
        boards = sorted({s.group for s in seen})
        learnt = f"DeepPCB, {len(seen)} pictures of boards {', '.join(boards)}: plain, stressed, resized"
        Forest(forest.roots, forest.feature, forest.threshold, forest.child, forest.share, learnt).save(LEARNT)
        print(f"{LEARNT.name}: {len(forest.feature)} nodes, {LEARNT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
