"""Which kind of defect a blob is: a small forest of decision trees, learnt by `benchmarks/vision/learn_kinds.py`.

Random forest: Breiman, "Random forests", Machine Learning 2001.
"""

from __future__ import annotations

import functools
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import Array
from robocell.vision.kernels import pair_forest, pair_rings

KINDS: Final = ("open", "short", "mousebite", "spur", "copper", "pinhole")
CLASSES: Final = ("none", *KINDS)
"""What the forest tells apart; "none" is a place that differs without being a defect."""
LEARNT: Final = Path(__file__).with_name("kinds.npz")


@dataclass(frozen=True)
class Forest:
    """Decision trees whose nodes lie one after the other.

    Attributes:
        roots: (trees,) the nodes at which they begin.
        feature: (nodes,) the number that is asked for, -1 at a leaf.
        threshold: (nodes,) at most that goes to `child`, more to the node after it.
        child: (nodes,) see there; at a leaf, its row of `share`.
        share: (leaves, classes) of what was learnt from there, each row 1 in sum.
        learnt: on what it was learnt, in words.

    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    child: NDArray[np.int32]
    share: NDArray[np.float32]
    learnt: str = ""

    def vote(self, features: Array) -> Array:
        """Return (K, classes) the probability of each class for (K, F) descriptions."""
        out = np.empty((len(features), self.share.shape[1]))
        pair_forest.vote(features, self.roots, self.feature, self.threshold, self.child, self.share, out)
        return out

    def save(self, path: Path) -> None:
        """Write the forest to a file; its shares keep three digits."""
        np.savez_compressed(
            path,
            roots=self.roots,
            feature=self.feature,
            threshold=self.threshold,
            child=self.child,
            share=self.share.astype(np.float16),
            learnt=np.array(self.learnt),
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a forest.

        Raises:
            VisionError: the file is not one, or belongs to other descriptions.

        """
        try:
            with np.load(path, allow_pickle=False) as file:
                share = file["share"].astype(np.float32)
                forest = cls(
                    file["roots"].astype(np.int32),
                    file["feature"].astype(np.int16),
                    file["threshold"].astype(np.float32),
                    file["child"].astype(np.int32),
                    share / np.maximum(share.sum(axis=1, keepdims=True), 1e-6),
                    str(file["learnt"]),
                )
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise VisionError(f"{path.name} holds no forest: {error}") from error
        if share.shape[1] != len(CLASSES) or int(forest.feature.max()) >= pair_rings.FEATURES:
            raise VisionError(f"{path.name} was learnt from other descriptions than these")
        return forest


@functools.cache
def learnt_kinds() -> Forest:
    """Return the forest that comes with the product."""
    return Forest.load(LEARNT)
