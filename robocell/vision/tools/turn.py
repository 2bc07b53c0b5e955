"""How a located face is turned: its pattern on rings, correlated with the learnt one over all angles."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import U8

_ANGLES = 720
_RINGS = np.linspace(0.22, 0.9, 28)


class TurnPattern:
    """The rings of a learnt face.

    Args:
        rings: (rings, angles) grey, as `unwrap` gives them of the upright face.

    """

    def __init__(self, rings: NDArray[np.floating]) -> None:
        even = rings - rings.mean(axis=1, keepdims=True)
        self._norm = float(np.sqrt(np.sum(even * even)))
        self._spectrum = np.conj(np.fft.rfft(even, axis=1))
        # A face that looks nearly the same at every angle cannot tell how it is turned.
        self.observable = self._norm / math.sqrt(rings.size) > 2.0

    def find(self, image: U8, x: float, y: float, radius: float) -> tuple[float, float]:
        """Return the turn of the face and how well it agrees.

        Args:
            image: (H, W) picture.
            x: the disc's centre, pixels.
            y: the disc's centre, pixels.
            radius: of the face's compared part, pixels of the picture.

        Returns:
            The angle from the picture's columns towards its rows, rad in [-π, π), and the correlation, at
            most 1.

        """
        rings = unwrap(image, x, y, radius)
        norm = float(np.sqrt(np.sum(rings * rings)))
        if norm == 0 or self._norm == 0:
            return 0.0, 0.0
        match = np.fft.irfft((np.fft.rfft(rings, axis=1) * self._spectrum).sum(axis=0), n=_ANGLES)
        best = int(np.argmax(match))
        before, at, after = (float(match[(best + k) % _ANGLES]) for k in (-1, 0, 1))
        bend = before - 2 * at + after
        shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
        angle = (best + shift) * 2 * math.pi / _ANGLES
        return (angle + math.pi) % (2 * math.pi) - math.pi, at / (norm * self._norm)


def unwrap(
    image: NDArray[np.uint8] | NDArray[np.float32], x: float, y: float, radius: float, turn: float = 0.0
) -> NDArray[np.float64]:
    """Return (rings, angles) grey along rings from the angle `turn` on, each without its mean: turning marks say nothing."""
    import cv2

    angle = turn + np.arange(_ANGLES) * (2 * math.pi / _ANGLES)
    at_x = (x + radius * _RINGS[:, None] * np.cos(angle)).astype(np.float32)
    at_y = (y + radius * _RINGS[:, None] * np.sin(angle)).astype(np.float32)
    rings = np.asarray(cv2.remap(image, at_x, at_y, cv2.INTER_LINEAR), np.float64)
    rings -= rings.mean(axis=1, keepdims=True)
    return rings
