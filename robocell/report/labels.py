"""Labels on a plan: each near its anchor, none upon another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Rect = tuple[float, float, float, float]
Side = Literal["above", "below", "right"]

_LINE = 15.0
_ADVANCE = 6.7  # of a character at 12 px, a little generous
_RINGS = (0.0, 16.0, 28.0, 42.0, 60.0, 84.0, 112.0)
_TURNS = {
    "above": (-90, 90, 0, 180, -45, -135, 45, 135),
    "below": (90, -90, 0, 180, 45, 135, -45, -135),
    "right": (0, 180, -45, 45, -90, 90, -135, 135),
}
_LEADER = 30.0


@dataclass(frozen=True, slots=True)
class Label:
    """A label that has its place: (x, y) is the middle of its text, `leader` whether a line to its anchor helps."""

    text: str
    style: str
    x: float
    y: float
    anchor: tuple[float, float]
    leader: bool


class Labels:
    """Places labels one after the other, in pixels, Y down.

    Args:
        width, height: of the image; labels stay inside.

    """

    def __init__(self, width: float, height: float) -> None:
        self._size = width, height
        self._taken: list[Rect] = []
        self.placed: list[Label] = []

    def block(self, rect: Rect) -> None:
        """Keep a rectangle (x1, y1, x2, y2) free of labels."""
        self._taken.append(rect)

    def place(
        self, text: str, anchor: tuple[float, float], style: str = "", clear: float = 0.0, side: Side = "above"
    ) -> None:
        """Place a label as near to its anchor as it can be.

        Args:
            text: one line.
            anchor: what it names.
            style: CSS class.
            clear: radius of what it names, which it keeps off.
            side: where it is tried first.

        """
        half = len(text) * _ADVANCE / 2 + 3
        best: tuple[float, float, float, Rect] | None = None
        for ring in _RINGS:
            for turn in _TURNS[side]:
                angle = math.radians(turn)
                across, down = math.cos(angle), math.sin(angle)
                x = anchor[0] + across * (clear + ring + (half if abs(across) > 0.1 and ring + clear else 0.0))
                y = anchor[1] + down * (clear + ring + (_LINE / 2 if ring + clear else 0.0))
                x = min(max(x, half), self._size[0] - half)
                y = min(max(y, _LINE / 2), self._size[1] - _LINE / 2)
                rect = (x - half, y - _LINE / 2, x + half, y + _LINE / 2)
                cost = sum(_overlap(rect, other) for other in self._taken)
                if best is None or cost < best[0]:
                    best = (cost, x, y, rect)
                if cost == 0.0:
                    break
            if best is not None and best[0] == 0.0:
                break
        assert best is not None
        _, x, y, rect = best
        self._taken.append(rect)
        gap = max(abs(x - anchor[0]) - half, abs(y - anchor[1]) - _LINE / 2) - clear
        self.placed.append(Label(text, style, x, y, anchor, gap > _LEADER))


def _overlap(a: Rect, b: Rect) -> float:
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
