"""Streams of poses with time stamps, and the offset between two clocks that stamped the same motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.calibration.rotations import exp, log, pose

Array = NDArray[np.float64]

_MOST_SAMPLES = 2**17
_AROUND = 15  # poses that say what a usual step is
_LEAST_AGREEMENT = 0.5  # correlation of the two angular speeds


@dataclass(frozen=True)
class PoseStream:
    """Poses of one body over time.

    Attributes:
        stamps: (N,) s, increasing.
        poses: (N, 4, 4).

    """

    stamps: Array
    poses: Array

    def __post_init__(self) -> None:
        if self.poses.shape != (len(self.stamps), 4, 4):
            raise ValueError(f"{len(self.stamps)} stamps and poses of shape {self.poses.shape} are no stream")
        if len(self.stamps) < 4:
            raise VisionError(f"{len(self.stamps)} poses are too few for a stream")
        if not (np.all(np.isfinite(self.stamps)) and np.all(np.isfinite(self.poses))):
            raise VisionError("a stream needs finite numbers")
        if np.any(np.diff(self.stamps) <= 0):
            raise VisionError("the stamps of a stream must increase")

    def __len__(self) -> int:
        return len(self.stamps)

    @property
    def period(self) -> float:
        """Median time between poses, s."""
        return float(np.median(np.diff(self.stamps)))

    def within(self, begin: float, end: float, margin: float) -> PoseStream:
        """Return the part that lies `margin` inside of [begin, end].

        Raises:
            VisionError: fewer than four poses do.

        """
        inside = (self.stamps >= begin + margin) & (self.stamps <= end - margin)
        return PoseStream(self.stamps[inside], self.poses[inside])

    def without_jumps(self) -> PoseStream:
        """Return the stream without poses turned away from most of their neighbours: wrongly recognised boards."""
        turns = self.poses[:, :3, :3]
        away = np.full((4, len(self)), np.nan)
        for row, lag in enumerate((1, 2)):
            angle = np.linalg.norm(log(np.swapaxes(turns[:-lag], 1, 2) @ turns[lag:]), axis=1)
            away[2 * row, lag:], away[2 * row + 1, :-lag] = angle, angle
        typical = np.nanmedian(away, axis=0)
        reach = min(_AROUND, len(self) - 1 + len(self) % 2)
        around = np.median(np.lib.stride_tricks.sliding_window_view(np.pad(typical, reach // 2, "edge"), reach), axis=1)
        good = typical <= 4 * around + 1e-3
        return PoseStream(self.stamps[good], self.poses[good]) if np.count_nonzero(good) >= 4 else self

    def thinned(self, stride: int) -> PoseStream:
        """Return every `stride`-th pose."""
        return PoseStream(self.stamps[::stride], self.poses[::stride])


def interpolate(stream: PoseStream, at: Array) -> Array:
    """Return poses (M, 4, 4) at stamps (M,): positions straight, rotations about one axis; the ends are held."""
    index = np.clip(np.searchsorted(stream.stamps, at, side="right") - 1, 0, len(stream) - 2)
    before, after = stream.poses[index], stream.poses[index + 1]
    share = np.clip((at - stream.stamps[index]) / (stream.stamps[index + 1] - stream.stamps[index]), 0.0, 1.0)[:, None]
    turn = log(np.swapaxes(before[:, :3, :3], 1, 2) @ after[:, :3, :3])
    return pose(before[:, :3, :3] @ exp(share * turn), before[:, :3, 3] + share * (after[:, :3, 3] - before[:, :3, 3]))


def time_offset(hand: PoseStream, seen: PoseStream) -> float:
    """Return the seconds to be added to `seen`'s stamps to have `hand`'s.

    The angle a second is the same for both bodies whatever the transforms between them are, so the offset is where the two
    angular speeds correlate best. A parabola through the best three gives a fraction of a sample.

    Raises:
        VisionError: they correlate nowhere: no motion, or not the same one.

    """
    hand, seen = hand.without_jumps(), seen.without_jumps()
    period = max(min(hand.period, seen.period), max(_length(hand), _length(seen)) / _MOST_SAMPLES)
    first, second = _speed(hand, period), _speed(seen, period)
    size = 1 << (len(first) + len(second)).bit_length()
    ones = [np.fft.rfft(np.ones(len(s)), size) for s in (first, second)]
    value = [np.fft.rfft(s, size) for s in (first, second)]
    square = [np.fft.rfft(s * s, size) for s in (first, second)]

    def across(left: NDArray[np.complex128], right: NDArray[np.complex128]) -> Array:
        return np.asarray(np.fft.irfft(left * np.conj(right), size))

    # The normalised correlation over the overlap at each lag: means and variances are those of the overlap.
    count = np.maximum(across(ones[0], ones[1]), 1.0)
    mean = across(value[0], ones[1]) / count, across(ones[0], value[1]) / count
    spread = [
        np.maximum(s / count - m * m, 0.0)
        for s, m in ((across(square[0], ones[1]), mean[0]), (across(ones[0], square[1]), mean[1]))
    ]
    together = across(value[0], value[1]) / count - mean[0] * mean[1]
    scale = np.sqrt(spread[0] * spread[1])
    score = np.where(scale > 1e-9, together / np.maximum(scale, 1e-12), -1.0)
    score[count < 0.3 * min(len(first), len(second))] = -1.0
    best = int(np.argmax(score))
    if score[best] < _LEAST_AGREEMENT:
        raise VisionError(
            f"the two streams show no common motion (their angular speeds agree by {max(score[best], 0.0):.0%}): "
            "turn the hand briskly, with pauses, while both are recorded"
        )
    left, right = score[best - 1], score[(best + 1) % size]
    curve = left - 2 * score[best] + right
    fraction = 0.5 * (left - right) / curve if curve < 0 else 0.0
    lag = best if best < size // 2 else best - size
    return float((lag + fraction) * period + hand.stamps[0] - seen.stamps[0])


def _length(stream: PoseStream) -> float:
    return float(stream.stamps[-1] - stream.stamps[0])


def _speed(stream: PoseStream, period: float) -> Array:
    """Return angular speeds, rad/s, at equal steps from the first stamp on, smoothed over what the other may not see."""
    steps = max(int(_length(stream) / period), 4)
    at = stream.stamps[0] + period * np.arange(steps)
    wide = 2 * max(period, stream.period)
    before, after = interpolate(stream, at - wide), interpolate(stream, at + wide)
    turn = np.linalg.norm(log(np.swapaxes(before[:, :3, :3], 1, 2) @ after[:, :3, :3]), axis=1)
    return np.asarray(turn / (2 * wide))
