"""Locate a learnt pattern: where it is to hundredths of a pixel, and how it is turned.

From coarse to fine, after the usual pyramid: the pattern, turned by steps, is correlated with a coarse picture of
means; the best places are refined there, then the best of those on finer pictures of their surroundings only, down to
the picture itself. So the whole picture is read once.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np

from robocell.errors import VisionError
from robocell.vision.frame import U8
from robocell.vision.kernels import pattern_coarse as coarse
from robocell.vision.kernels import pattern_fine as fine
from robocell.vision.tools.checks import Box, grey_picture, inside
from robocell.vision.tools.pattern_levels import F32, Array, Level, check, flattened, levels_of, tells_turn

_FLOOR = 0.3  # correlation of a candidate in the coarse picture
_CANDIDATES = 48
_FAR = 0.55  # of the greatest correlation: what correlates less is not looked at
_KEPT = 16  # of them after a first step
_FINALISTS = (2, 3, 5, 6, 6)  # that are refined at each level, the picture itself first
_WORSE = 0.7  # of the best's agreement: what agrees less in the coarse picture is no rival
_ITERATIONS = 12
_CLOSE, _NEAR = 0.003, 0.03  # px: a shorter step ends a refinement, on the picture itself and on coarser ones
_DAMPING = 1e-3
_STEP = 1.0  # coarse pixels between the same corner of neighbouring turned patterns
_MARGIN = 5  # pixels about a pattern's corners that a refinement may need
_BEYOND = math.radians(0.5)  # a found turn may exceed the range asked for by its own error
_ALIKE = 0.05  # agreement: a rival that near is as good


@dataclass(frozen=True)
class Match:
    """Where a pattern was found.

    Attributes:
        x: column of the pattern's centre, px; in the learnt picture that is x + (w - 1) / 2 of the learnt box.
        y: its row.
        angle: how it is turned against the learnt picture, from columns towards rows, rad.
        score: agreement, 0 to 1: the mean correlation of the pattern's blocks, weighted by their contrast.
        rival: agreement of the next best match elsewhere, 0 where there is none.

    """

    x: float
    y: float
    angle: float
    score: float
    rival: float = 0.0

    @property
    def ambiguous(self) -> bool:
        """Whether another place agrees as well."""
        return self.rival > self.score - _ALIKE


class Pattern:
    """A learnt pattern.

    Args:
        patch: (h, w) uint8, what it looks like.

    Attributes:
        patch: the same.
        turns: whether it tells how it is turned. A disc does not; it is found with angle 0.

    Raises:
        VisionError: the patch has too little structure to tell where it is; the message says what is wrong.

    """

    def __init__(self, patch: U8) -> None:
        self.patch = grey_picture(patch)
        check(self.patch)
        self.turns = tells_turn(self.patch)
        self._levels = levels_of(self.patch, self.turns)
        self._step = self._levels[-1].step
        self._turned: tuple[float, F32, Array] | None = None

    @classmethod
    def learn(cls, image: U8, box: Box) -> Pattern:
        """Learn the pattern that a picture shows in a box.

        Args:
            image: (H, W) uint8.
            box: (x, y, w, h) px.

        Raises:
            VisionError: the picture is none, the box lies outside, or what it shows has too little structure.

        """
        picture = grey_picture(image)
        x, y, w, h = inside(box, picture, "pattern's box")
        return cls(picture[y : y + h, x : x + w].copy())

    def to_bytes(self) -> bytes:
        """Return what `from_bytes` needs to make the same pattern."""
        stream = io.BytesIO()
        np.save(stream, self.patch, allow_pickle=False)
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Pattern:
        """Make a pattern again.

        Raises:
            VisionError: these bytes are no pattern.

        """
        try:
            patch = np.load(io.BytesIO(data), allow_pickle=False)
        except (ValueError, EOFError, OSError) as error:
            raise VisionError(f"a stored pattern cannot be read: {error}") from error
        return cls(patch)

    def find(
        self, image: U8, angle: float = math.radians(10), region: Box | None = None, least: float = 0.6
    ) -> Match | None:
        """Return where the pattern is, None where nothing agrees well enough.

        Args:
            image: (H, W) uint8.
            angle: how far it may be turned either way, rad, at most π.
            region: (x, y, w, h) px within which the whole pattern lies; the whole picture by default.
            least: agreement that a match needs.

        Raises:
            VisionError: the picture is none, or the region lies outside or is smaller than the pattern.
            ValueError: the angle is none.

        """
        if not 0 <= angle <= math.pi:
            raise ValueError(f"a pattern is turned by 0 to π rad either way, not {angle}")
        picture = grey_picture(image)
        box = inside(region or (0, 0, picture.shape[1], picture.shape[0]), picture)
        h, w = self.patch.shape
        if box[2] < w or box[3] < h:
            raise VisionError(f"the region {box[2]} × {box[3]} is smaller than the pattern {w} × {h}")
        found = self._descend(picture, self._candidates(picture, box, angle))
        found = [pose for pose in found if abs(pose[2]) <= angle + _BEYOND and pose[3] >= least and _within(pose, box)]
        if not found:
            return None
        x, y, turn, score = (float(v) for v in found[0])
        rival = float(found[1][3]) if len(found) > 1 else 0.0
        return Match(x, y, turn, min(score, 1.0), min(rival, 1.0))

    def _candidates(self, image: U8, box: Box, angle: float) -> Array:
        """Return (K, 4) poses from the coarse picture, best first: column, row, turn, agreement."""
        left, top, width, height = box
        small = _means(image, left, top, self._step, -(-width // self._step), -(-height // self._step))
        picture = flattened(small, self._levels[-1].soft)
        turned, angles = self._turned_by(angle)
        _, h, w = turned.shape
        best = np.empty((picture.shape[0] - h + 1, picture.shape[1] - w + 1), np.float32)
        which = np.empty(best.shape, np.uint8)
        work = np.empty(2 * picture.shape[1] + (coarse.TURNS + 1) * best.shape[1], np.float32)
        coarse.correlate(picture, turned, best, which, work)
        places, values = np.empty((_CANDIDATES, 2), np.int64), np.empty(_CANDIDATES)
        count = coarse.peaks(best, _FLOOR, places, values)
        places = places[:count][values[:count] > _FAR * values[0]]
        poses = np.empty((len(places), 4))
        poses[:, :2] = places + np.array([w - 1, h - 1]) / 2
        poses[:, 2] = angles[which[places[:, 1], places[:, 0]]]
        self._refine(picture, poses, self._levels[-1], 1, _NEAR)
        poses = _best_first(poses)[:_KEPT]
        poses = poses[poses[:, 3] > _FAR * poses[0, 3]] if len(poses) else poses
        self._refine(picture, poses, self._levels[-1], 3, _NEAR)
        poses[:, :2] = np.array([left, top]) + self._step * poses[:, :2] + (self._step - 1) / 2
        return _best_first(poses)

    def _descend(self, image: U8, poses: Array) -> list[Array]:
        """Return the best of the poses on the picture itself, apart from each other, best first."""
        finalists = self._apart(poses, _FINALISTS[max(len(self._levels) - 2, 0)])
        for n, level in reversed(list(enumerate(self._levels[:-1]))):
            for pose in finalists:
                self._refine_near(image, pose, level)
            finalists = self._apart(_best_first(np.array(finalists).reshape(-1, 4)), _FINALISTS[max(n - 1, 0)])
        return finalists

    def _refine_near(self, image: U8, pose: Array, level: Level) -> None:
        """Refine a pose in place on its surroundings at one level."""
        step, half = level.step, int(level.radius) + _MARGIN
        left, top = (step * (round(pose[k] / step) - half) for k in (0, 1))
        picture = _means(image, left, top, step, 2 * half + 1, 2 * half + 1)
        fine.smooth(picture, np.empty((2, picture.shape[1]), np.float32))
        origin = np.array([left, top]) + (step - 1) / 2
        local = pose[None].copy()
        local[0, :2] = (pose[:2] - origin) / step
        self._refine(picture, local, level, _ITERATIONS, _CLOSE if step == 1 else _NEAR)
        pose[:2] = origin + step * local[0, :2]
        pose[2:] = local[0, 2:]

    def _refine(self, picture: F32, poses: Array, level: Level, iterations: int, close: float) -> None:
        fine.refine(picture, level.features, level.blocks, poses, level.radius, iterations, close, _DAMPING)

    def _apart(self, poses: Array | list[Array], most: int) -> list[Array]:
        """Return the first poses that are a quarter of the pattern apart from all before."""
        nearest = min(self.patch.shape) / 4
        chosen: list[Array] = []
        for pose in poses:
            if pose[3] > 0 and all(math.hypot(*(pose[:2] - other[:2])) > nearest for other in chosen):
                chosen.append(pose)
                if len(chosen) == most:
                    break
        return [pose for pose in chosen if pose[3] > _WORSE * chosen[0][3]]

    def _turned_by(self, angle: float) -> tuple[F32, Array]:
        """Return (A, h, w) turned patterns of the coarse picture, and their angles; those of the last call are kept."""
        if self._turned is None or self._turned[0] != angle:
            h, w = (int(side / self._step + 0.5) for side in self.patch.shape)
            w = max(w // coarse.TAPS, 1) * coarse.TAPS
            sweep = angle if self.turns else 0.0
            count = coarse.TURNS * max(1, math.ceil(sweep * max(w, h) / _STEP / coarse.TURNS))
            angles = sweep * ((2 * np.arange(count) + 1) / count - 1)
            turned = np.stack([self._levels[-1].turned(self.patch, (w, h), float(a)) for a in angles])
            self._turned = (angle, turned, angles)
        return self._turned[1:]


def _means(image: U8, left: int, top: int, step: int, columns: int, rows: int) -> F32:
    picture = np.empty((rows, columns), np.float32)
    sums = np.empty(-(-columns * step // 4) * 4, np.uint16)  # whole words of four
    coarse.block_means(image, left, top, step, sums, picture)
    return picture


def _best_first(poses: Array) -> Array:
    return poses[np.argsort(-poses[:, 3], kind="stable")]


def _within(pose: Array, box: Box) -> bool:
    x, y, w, h = box
    return bool(x <= pose[0] < x + w and y <= pose[1] < y + h)
