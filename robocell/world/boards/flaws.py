"""Defects of bare boards: the six kinds that an inspection of copper tells apart, drawn with a known truth.

`open` cuts a trace, `short` joins two, `mousebite` takes a bite out of a trace's edge, `spur` adds a bump to it, `copper`
is a drop of copper that touches nothing, `pinhole` a hole in copper. Each changes a small patch of the signed distance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from robocell.world.boards.artwork import BASE, COPPER, SIZE, Artwork, Trace, painted, to_segment, window
from robocell.world.defects import Chance
from robocell.world.faces import F32, U8

KINDS = ("open", "short", "mousebite", "spur", "copper", "pinhole")
APART = 16.0
"""Least distance in px between two defects: nearer ones would be one."""

_TRIES = 400
_FREE = 6.0  # px between what shall not touch
_CHANGED = 64.0  # grey: a pixel that differs by more counts as changed

Point = tuple[float, float]


@dataclass(frozen=True)
class Stroke:
    """A capsule of copper that is added, or taken away."""

    start: Point
    end: Point
    width: float
    adds: bool


@dataclass(frozen=True)
class BoardDefect:
    """One defect: the truth that verdicts are held against.

    Attributes:
        kind: one of `KINDS`.
        box: (x1, y1, x2, y2) of the changed pixels of the artwork, the far corner exclusive.
        area: m² that it changes.
        xy: its middle in the face's frame, m.
        stroke: how it is drawn; None where a picture shows it.

    """

    kind: str
    box: tuple[int, int, int, int]
    area: float
    xy: tuple[float, float]
    stroke: Stroke | None = None


def plant(
    artwork: Artwork,
    rng: Chance,
    kinds: Sequence[str],
    area: tuple[float, float],
    pixel: float,
    taken: Sequence[BoardDefect] = (),
) -> BoardDefect:
    """Choose a defect that fits.

    Args:
        artwork: where it shall lie.
        rng: stream of chance; the same stream gives the same defect.
        kinds: of which one is drawn; those that no board has are left out.
        area: least and most of what it changes, m²; drawn evenly in its logarithm, and met within a fifth or so.
        pixel: m a pixel of the artwork.
        taken: other defects of the board, of which it keeps clear.

    Raises:
        ValueError: no kind that a board can have, a range that cannot be drawn, or no room.

    """
    possible = [kind for kind in kinds if kind in KINDS]
    if not possible or not 0 < area[0] <= area[1]:
        raise ValueError(f"a board cannot have {', '.join(kinds) or 'no kind at all'} of {area} m²")
    makers: dict[str, Callable[[Artwork, Chance, float], Stroke | None]] = {
        "open": _open, "short": _short, "mousebite": _bite, "spur": _spur, "copper": _drop, "pinhole": _pinhole,
    }  # fmt: skip
    kind = rng.choice(possible)
    most = area[1]
    for attempt in range(_TRIES):
        size = math.exp(rng.uniform(math.log(area[0]), math.log(most)))
        stroke = makers[kind](artwork, rng, size / pixel**2)
        if stroke is not None:
            found = _measured(artwork, kind, stroke, pixel)
            if found is not None and 0.5 * area[0] <= found.area <= 1.5 * area[1] and _clear(found, taken):
                return found
        if attempt % 20 == 19:
            most = max(area[0] * 1.01, 0.8 * most)
            kind = rng.choice(possible)
    raise ValueError(f"no room for a {kind} of {area[0] * 1e6:g} mm² on the board")


def draw(artwork: Artwork, defects: Sequence[BoardDefect]) -> U8:
    """Return the artwork's picture with the defects on it."""
    distance = artwork.distance.copy()
    for defect in defects:
        if defect.stroke is not None:
            _draw(distance, defect.stroke)
    return painted(distance)


def _draw(distance: F32, stroke: Stroke) -> tuple[slice, slice]:
    (x0, y0), (x1, y1) = stroke.start, stroke.end
    where, x, y = window(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), stroke.width / 2 + 3)
    shape = to_segment(x, y, stroke.start, stroke.end) - np.float32(stroke.width / 2)
    here = distance[where]
    distance[where] = np.minimum(here, shape) if stroke.adds else np.maximum(here, -shape)
    return where


def _measured(artwork: Artwork, kind: str, stroke: Stroke, pixel: float) -> BoardDefect | None:
    """Return the defect that a stroke makes; None where it is not of that kind after all."""
    distance = artwork.distance.copy()
    where = _draw(distance, stroke)
    before, after = painted(artwork.distance[where]).astype(np.float32), painted(distance[where]).astype(np.float32)
    change = np.abs(after - before)
    rows, columns = np.nonzero(change > _CHANGED)
    if not rows.size:
        return None
    top, left = where[0].start, where[1].start
    box = (left + int(columns.min()), top + int(rows.min()), left + int(columns.max()) + 1, top + int(rows.max()) + 1)
    if min(box[:2]) < 2 or max(box[2:]) > SIZE - 2:
        return None
    area = float(change.sum(dtype=np.float64)) / (BASE - COPPER) * pixel**2
    middle = ((box[0] + box[2] - 1) / 2, (box[1] + box[3] - 1) / 2)
    xy = ((middle[0] - (SIZE - 1) / 2) * pixel, ((SIZE - 1) / 2 - middle[1]) * pixel)
    return BoardDefect(kind, box, area, xy, stroke)


def _clear(found: BoardDefect, taken: Sequence[BoardDefect]) -> bool:
    x1, y1, x2, y2 = found.box
    return all(
        x1 - APART > other.box[2] or other.box[0] - APART > x2 or y1 - APART > other.box[3] or other.box[1] - APART > y2
        for other in taken
    )


def _place(artwork: Artwork, rng: Chance, spare: float) -> tuple[Trace, Point] | None:
    """Return a trace and a point on its middle line, `spare` px from its ends."""
    trace = rng.choice(artwork.traces)
    if trace.length <= 2 * spare + 4:
        return None
    at = rng.uniform(spare, trace.length - spare)
    ux, uy = trace.along
    return trace, (trace.start[0] + at * ux, trace.start[1] + at * uy)


def _offset(trace: Trace, point: Point, across: float) -> Point:
    ux, uy = trace.along
    return point[0] - uy * across, point[1] + ux * across


def _open(artwork: Artwork, rng: Chance, area: float) -> Stroke | None:
    gap = max(area / 9.0, 3.0)
    place = _place(artwork, rng, gap / 2 + 12)
    if place is None:
        return None
    trace, point = place
    gap = max(area / trace.width, 3.0)
    reach = trace.width / 2 + 2.0
    lean = rng.uniform(-0.3, 0.3) * gap
    ux, uy = trace.along
    a, b = _offset(trace, point, -reach), _offset(trace, point, reach)
    return Stroke((a[0] + lean * ux, a[1] + lean * uy), (b[0] - lean * ux, b[1] - lean * uy), gap, adds=False)


def _short(artwork: Artwork, rng: Chance, area: float) -> Stroke | None:
    place = _place(artwork, rng, 14)
    if place is None or place[0].beside is None:
        return None
    trace, point = place
    beside = trace.beside
    assert beside is not None
    end = (point[0] + beside[0], point[1] + beside[1])
    if _at(artwork, end) > -1.5:
        return None  # the neighbour is shorter
    gap = math.hypot(beside[0], beside[1]) - (trace.width + beside[2]) / 2
    width = max(area / gap, 2.5)
    return Stroke(point, end, width, adds=True) if width < 40 else None


def _bite(artwork: Artwork, rng: Chance, area: float) -> Stroke | None:
    radius = math.sqrt(area / (0.5 * math.pi))
    place = _place(artwork, rng, radius + 8)
    if place is None or not 2.0 <= radius <= place[0].width - 3.0:
        return None
    trace, point = place
    side = 1.0 if rng.random() < 0.5 else -1.0
    centre = _offset(trace, point, side * trace.width / 2)
    return Stroke(centre, centre, 2 * radius, adds=False)


def _spur(artwork: Artwork, rng: Chance, area: float) -> Stroke | None:
    width = max(rng.uniform(0.5, 0.9) * math.sqrt(area), 3.0)
    length = area / width
    place = _place(artwork, rng, width / 2 + 8)
    if place is None:
        return None
    trace, point = place
    side = 1.0 if rng.random() < 0.5 else -1.0
    root = _offset(trace, point, side * (trace.width / 2 - 1))
    tip = _offset(trace, point, side * (trace.width / 2 + max(length - width / 2, 1.0)))
    beyond = _offset(trace, point, side * (trace.width / 2 + length + _FREE))
    if _at(artwork, beyond) < 1.0 or _at(artwork, tip) < width / 2 + 1 - _FREE or _at(artwork, beyond) < width / 2:
        return None
    return Stroke(root, tip, width, adds=True)


def _drop(artwork: Artwork, rng: Chance, area: float) -> Stroke | None:
    return _blob(artwork, rng, area, adds=True)


def _pinhole(artwork: Artwork, rng: Chance, area: float) -> Stroke | None:
    return _blob(artwork, rng, area, adds=False)


def _blob(artwork: Artwork, rng: Chance, area: float, adds: bool) -> Stroke | None:
    """Return a short capsule wholly in the base (or in copper), clear of every edge."""
    width = math.sqrt(area / rng.uniform(0.8, 1.6))
    length = max(area - math.pi * width**2 / 4, 0.0) / width
    x, y, turn = rng.uniform(20, SIZE - 20), rng.uniform(20, SIZE - 20), rng.uniform(0, math.pi)
    clear = _at(artwork, (x, y)) * (1.0 if adds else -1.0)
    if clear < width / 2 + length / 2 + (_FREE if adds else 4.0):
        return None
    dx, dy = length / 2 * math.cos(turn), length / 2 * math.sin(turn)
    return Stroke((x - dx, y - dy), (x + dx, y + dy), width, adds)


def _at(artwork: Artwork, point: Point) -> float:
    """Return the signed distance at a point; that of copper beyond the edge, lest anything is placed there."""
    column, row = round(point[0]), round(point[1])
    if not (0 <= column < SIZE and 0 <= row < SIZE):
        return 0.0
    return float(artwork.distance[row, column])
