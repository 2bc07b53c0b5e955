"""The copper of a bare board, drawn from signed distances: traces, pads, contacts and poured areas.

A design is four motifs, one in each quarter: a bundle of parallel traces with a bend, pads with holes joined by necks,
a row of contacts, a poured area with clearances. Its number decides which, and their widths and places. All lengths are
pixels of the artwork, `SIZE` along each side; the centre of the first pixel is (0, 0). Copper is dark.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robocell.clock import Clock
from robocell.world.defects import Chance
from robocell.world.faces import F32, U8, coverage

SIZE = 640
"""Pixels of an artwork along each side."""
COPPER, BASE = 24.0, 224.0
"""Grey of copper and of the board's base."""
DESIGNS = 4
"""How many designs the product draws."""

_REACH = 28.0  # px from copper within which distances are exact
_HALF = SIZE // 2
_MARGIN = 22.0  # px that a motif keeps from its quarter's edge

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Trace:
    """A straight piece of trace of which a defect may be part.

    Attributes:
        start, end: its ends, (x, y) px.
        width: px.
        beside: the piece of the next trace that runs parallel to it, as (shift x, shift y, width); None where there is none.

    """

    start: tuple[float, float]
    end: tuple[float, float]
    width: float
    beside: tuple[float, float, float] | None = None

    @property
    def length(self) -> float:
        """Length in px."""
        return math.dist(self.start, self.end)

    @property
    def along(self) -> tuple[float, float]:
        """Unit vector from start to end."""
        return (self.end[0] - self.start[0]) / self.length, (self.end[1] - self.start[1]) / self.length


@dataclass(frozen=True)
class Artwork:
    """A design's copper.

    Attributes:
        number: which design.
        distance: (SIZE, SIZE) signed distance to the nearest copper edge in px, negative in copper; at most ±28.
        traces: straight pieces of trace.

    """

    number: int
    distance: F32
    traces: tuple[Trace, ...]

    @property
    def pixels(self) -> U8:
        """The artwork as a picture, (SIZE, SIZE)."""
        return painted(self.distance)


def painted(distance: F32) -> U8:
    """Return the picture of copper given by its signed distance, px."""
    grey = BASE + coverage(distance, 1.0) * np.float32(COPPER - BASE)
    return np.asarray(np.rint(grey), np.uint8)


def draw_artwork(number: int) -> Artwork:
    """Draw a design; the same number gives the same pixels, which nobody may change."""
    drawing = _Drawing(Clock(number).stream("artwork"))
    motifs: list[Callable[[float, float], None]] = [drawing.bundle, drawing.pads, drawing.contacts, drawing.pour]
    for place in range(4):
        motif = motifs[(place + number) % 4]
        motif(float(_HALF * (place % 2)), float(_HALF * (place // 2)))
    distance, traces = drawing.distance, tuple(drawing.traces)
    if number // 2 % 2:  # lie on the side: not all bundles run down
        distance, traces = np.ascontiguousarray(distance.T), tuple(_turned(trace) for trace in traces)
    distance.flags.writeable = False
    return Artwork(number, distance, traces)


def _turned(trace: Trace) -> Trace:
    (x0, y0), (x1, y1) = trace.start, trace.end
    beside = None if trace.beside is None else (trace.beside[1], trace.beside[0], trace.beside[2])
    return Trace((y0, x0), (y1, x1), trace.width, beside)


class _Drawing:
    """Draws motifs; each keeps to its quarter, whose corner (x, y) it is given."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.distance = np.full((SIZE, SIZE), _REACH, np.float32)
        self.traces: list[Trace] = []

    def bundle(self, x: float, y: float) -> None:
        """Draw parallel traces that bend by 45° and end in pads."""
        width = float(round(self.chance.uniform(8, 13)))
        pitch = width + float(round(self.chance.uniform(11, 16)))
        count = int((_HALF - 2 * _MARGIN - 90) // pitch)
        bend = self.chance.uniform(70, 90)
        top, low = y + _MARGIN + 16, y + _HALF - _MARGIN - 16
        for k in range(count):
            x0 = x + _MARGIN + 12 + k * pitch
            turn = y + 86 + (math.sqrt(2) - 1) * (count - 1 - k) * pitch  # keeps the pitch across the slanted pieces
            points = [(x0, top), (x0, turn), (x0 + bend, turn + bend), (x0 + bend, low)]
            for a, b in zip(points, points[1:], strict=False):
                beside = (pitch, 0.0, width) if k + 1 < count and a[0] == b[0] else None
                self._trace(a, b, width, beside)
            self._disc(x0, top, width * 0.5 + 2.5)
            self._disc(x0 + bend, low, width * 0.5 + 2.5)

    def pads(self, x: float, y: float) -> None:
        """Draw a field of round pads with holes, joined in pairs."""
        radius = float(round(self.chance.uniform(17, 22)))
        hole = radius * self.chance.uniform(0.38, 0.5)
        neck = float(round(self.chance.uniform(9, 13)))
        pitch = (_HALF - 2 * _MARGIN - 2 * radius) / 3
        for row in range(4):
            for column in range(4):
                cx, cy = x + _MARGIN + radius + column * pitch, y + _MARGIN + radius + row * pitch
                if column % 2 == 0:
                    self._trace((cx + radius, cy), (cx + pitch - radius, cy), neck, None, overlap=radius * 0.5)
                self._disc(cx, cy, radius)
        for row in range(4):
            for column in range(4):
                self._hole(x + _MARGIN + radius + column * pitch, y + _MARGIN + radius + row * pitch, hole)

    def contacts(self, x: float, y: float) -> None:
        """Draw a row of contacts with leads of different lengths, each to a small pad."""
        width = float(round(self.chance.uniform(14, 18)))
        lead = float(round(self.chance.uniform(6, 8)))
        pitch = width + float(round(self.chance.uniform(14, 20)))
        count = int((_HALF - 2 * _MARGIN - width) // pitch) + 1
        low = y + _HALF - _MARGIN
        for k in range(count):
            cx = x + _MARGIN + width / 2 + k * pitch
            self._stroke((cx, low - 70), (cx, low - width / 2), width)
            end = y + _MARGIN + 14 + (k % 3) * 44
            beside = (pitch, 0.0, lead) if k + 1 < count and k % 3 == 0 else None
            self._trace((cx, end), (cx, low - 70), lead, beside)
            self._disc(cx, end, lead + 3)

    def pour(self, x: float, y: float) -> None:
        """Draw a poured area with rounded corners, a slot, drilled holes and a trace out of it."""
        left, right = x + _MARGIN + 8, x + _HALF - _MARGIN - 8
        top, low = y + _MARGIN + 8, y + _HALF - _MARGIN - 64
        self._box(left, top, right, low, 14.0)
        slot = x + _HALF * self.chance.uniform(0.4, 0.6)
        self._slot((slot, top + 30), (slot, low - 50), 17.0)
        for cx, cy in ((left + 40, top + 40), (right - 40, top + 40), (left + 40, low - 40), (right - 40, low - 40)):
            self._hole(cx, cy, 8.0)
        width = float(round(self.chance.uniform(11, 15)))
        for place in (0.25, 0.5, 0.75):
            cx = left + place * (right - left)
            self._trace((cx, low), (cx, y + _HALF - _MARGIN - 12), width, None, overlap=6.0)
            self._disc(cx, y + _HALF - _MARGIN - 12, width * 0.5 + 4)

    # --- shapes ---------------------------------------------------------------------------------------------

    def _trace(
        self,
        a: tuple[float, float],
        b: tuple[float, float],
        width: float,
        beside: tuple[float, float, float] | None,
        overlap: float = 0.0,
    ) -> None:
        trace = Trace(a, b, width, beside)
        self.traces.append(trace)
        ux, uy = trace.along
        self._stroke((a[0] - overlap * ux, a[1] - overlap * uy), (b[0] + overlap * ux, b[1] + overlap * uy), width)

    def _stroke(self, a: tuple[float, float], b: tuple[float, float], width: float) -> None:
        where, x, y = self._window(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]), width / 2)
        self._unite(where, to_segment(x, y, a, b) - np.float32(width / 2))

    def _disc(self, cx: float, cy: float, radius: float) -> None:
        where, x, y = self._window(cx, cy, cx, cy, radius)
        self._unite(where, np.asarray(np.hypot(x - cx, y - cy) - radius, np.float32))

    def _box(self, left: float, top: float, right: float, low: float, corner: float) -> None:
        where, x, y = self._window(left, top, right, low, 0.0)
        dx = np.abs(x - (left + right) / 2) - ((right - left) / 2 - corner)
        dy = np.abs(y - (top + low) / 2) - ((low - top) / 2 - corner)
        outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)
        self._unite(where, np.asarray(outside - corner, np.float32))

    def _hole(self, cx: float, cy: float, radius: float) -> None:
        where, x, y = self._window(cx, cy, cx, cy, radius)
        self._cut(where, np.asarray(np.hypot(x - cx, y - cy) - radius, np.float32))

    def _slot(self, a: tuple[float, float], b: tuple[float, float], width: float) -> None:
        where, x, y = self._window(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]), width / 2)
        self._cut(where, to_segment(x, y, a, b) - np.float32(width / 2))

    def _window(self, left: float, top: float, right: float, low: float, reach: float) -> tuple[Window, F32, F32]:
        return window(left, top, right, low, reach + _REACH)

    def _unite(self, where: Window, distance: F32) -> None:
        self.distance[where] = np.maximum(np.minimum(self.distance[where], distance), -_REACH)

    def _cut(self, where: Window, distance: F32) -> None:
        self.distance[where] = np.minimum(np.maximum(self.distance[where], -distance), _REACH)


def window(left: float, top: float, right: float, low: float, reach: float) -> tuple[Window, F32, F32]:
    """Return the (rows, columns) of a rectangle grown by `reach`, and its pixels' x (1, w) and y (h, 1)."""
    x0, x1 = max(math.floor(left - reach), 0), min(math.ceil(right + reach) + 1, SIZE)
    y0, y1 = max(math.floor(top - reach), 0), min(math.ceil(low + reach) + 1, SIZE)
    x = np.arange(x0, max(x1, x0), dtype=np.float32)[None, :]
    y = np.arange(y0, max(y1, y0), dtype=np.float32)[:, None]
    return (slice(y0, max(y1, y0)), slice(x0, max(x1, x0))), x, y


def to_segment(x: F32, y: F32, a: tuple[float, float], b: tuple[float, float]) -> F32:
    """Return the distance of points to a segment, px."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
    return np.hypot(x - a[0] - along * dx, y - a[1] - along * dy).astype(np.float32)


def write_templates(folder: Path) -> list[Path]:
    """Write the designs' defect-free pictures, `B0_temp.png` and so on, as a recipe wants them."""
    import cv2

    paths = [folder / f"B{number}_temp.png" for number in range(DESIGNS)]
    for number, path in enumerate(paths):
        cv2.imwrite(str(path), draw_artwork(number).pixels, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return paths


if __name__ == "__main__":
    write_templates(Path(sys.argv[1]))
