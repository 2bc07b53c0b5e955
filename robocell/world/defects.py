"""Defects of drawn faces: chosen by chance, drawn exactly, their truth kept as data.

A defect lies wholly on the inspected face: never on the chamfer, in a hole or on the engraved mark, and at
least `CLEARANCE` from their edges, where "area" and "contrast" would have no plain meaning. A `scratch` is
a straight stroke, at least 0.3 mm wide, darker or brighter than the face; a `stain` a darker blob with a
soft edge; a `missing-hole` a hole that was not drilled, whose area and contrast are the hole's, whatever
range was asked for.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np

from robocell.world.faces import F32, U8, Face, coverage, segment_distance

KINDS = ("scratch", "missing-hole", "stain")
CLEARANCE = 0.3e-3
"""Least distance in m between a drawn defect and the edge of a hole, a mark or the chamfer."""
NARROWEST = 0.3e-3
"""Width in m of the finest scratch."""
MOST_CONTRAST = 120.0
"""Grey levels; beyond it a dark defect would be blacker than black."""

T = TypeVar("T")

_SOFT = 0.1e-3  # half the width of a stain's edge
_TRIES = 60


class Chance(Protocol):
    """What is used of a stream of chance, such as `Clock.stream` gives."""

    def random(self) -> float:
        """Return a number in [0, 1)."""

    def uniform(self, a: float, b: float) -> float:
        """Return a number between a and b."""

    def choice(self, seq: Sequence[T]) -> T:
        """Return one of a sequence."""


@dataclass(frozen=True)
class Defect:
    """One defect of one part: the truth that verdicts are held against.

    Attributes:
        kind: one of `KINDS`.
        xy: centre in the face's frame, m.
        area: m².
        contrast: grey levels against the face around it at nominal exposure, positive.
        bright: brighter than the face instead of darker.
        angle: direction of a scratch or turn of a stain in the face's frame, rad.
        width: of a scratch, m.
        lobes: (amplitude, phase) of a stain's outline, harmonics 2, 3, 4.

    """

    kind: str
    xy: tuple[float, float]
    area: float
    contrast: float
    bright: bool = False
    angle: float = 0.0
    width: float = 0.0
    lobes: tuple[tuple[float, float], ...] = field(default=())


def draw_defect(
    face: Face,
    rng: Chance,
    kinds: Sequence[str] = KINDS,
    area: tuple[float, float] = (0.5e-6, 20e-6),
    contrast: tuple[float, float] = (12.0, 80.0),
) -> Defect:
    """Choose a defect that fits on the face.

    Args:
        face: where it shall lie.
        rng: stream of chance; the same stream gives the same defect.
        kinds: of which one is drawn; those that the face cannot have (no holes) are left out.
        area: least and most, m²; drawn evenly in its logarithm. Where the drawn one finds no room, a
            smaller one.
        contrast: least and most, grey levels; drawn evenly.

    Raises:
        ValueError: unknown kinds, ranges that cannot be drawn, or no room for even the least area.

    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    possible = [kind for kind in kinds if kind != "missing-hole" or face.holes]
    if unknown or not possible:
        raise ValueError(f"face '{face.name}' cannot have {', '.join(unknown or kinds) or 'no kind at all'}")
    if not (0 < area[0] <= area[1] and 0 < contrast[0] <= contrast[1] <= MOST_CONTRAST):
        raise ValueError(f"areas {area} (m²) and contrasts {contrast} (at most {MOST_CONTRAST:g}) cannot be drawn")
    kind = rng.choice(possible)
    if kind == "missing-hole":
        hole = rng.choice(face.holes)
        return Defect(kind, hole.xy, hole.area, hole.contrast)
    grey = rng.uniform(*contrast)
    most = area[1]
    for _ in range(20):
        size = min(max(math.exp(rng.uniform(math.log(area[0]), math.log(most))), area[0]), area[1])
        for _ in range(_TRIES):
            defect = _place(face, rng, kind, size, grey)
            if _fits(face, defect):
                return defect
        most = size
    raise ValueError(f"no room for a {kind} of {area[0] * 1e6:g} mm² on a face of {face.size[0] * 1e3:g} mm")


def _place(face: Face, rng: Chance, kind: str, area: float, contrast: float) -> Defect:
    xy = (rng.uniform(-0.5, 0.5) * face.size[0], rng.uniform(-0.5, 0.5) * face.size[1])
    angle = rng.uniform(0, math.pi)
    if kind == "scratch":
        width = max(NARROWEST, math.sqrt(area / rng.uniform(4.0, 16.0)))
        bright = rng.random() < 0.5
        return Defect(kind, xy, area, contrast, bright, angle, min(width, math.sqrt(area)))
    lobes = tuple((rng.uniform(0, 0.25) / k, rng.uniform(0, 2 * math.pi)) for k in (1, 2, 3))
    return Defect(kind, xy, area, contrast, angle=angle, lobes=lobes)


def _fits(face: Face, defect: Defect) -> bool:
    rows, columns, x, y = _patch(face, defect)
    if x.size == 0 or y.size == 0:
        return False
    clear = face.clearance[rows, columns]
    if float(clear.min()) >= CLEARANCE:
        return True  # wherever in its window the defect lies
    middle = np.argmin(np.abs(y)), np.argmin(np.abs(x))
    if float(clear[middle]) < CLEARANCE:
        return False  # any defect covers the pixel in its middle
    return bool(np.all(clear[_share(defect, x, y, face.scale) > 0] >= CLEARANCE))


def _reach(defect: Defect) -> float:
    if defect.kind == "scratch":
        return defect.area / defect.width / 2 + defect.width
    return 2.0 * math.sqrt(defect.area / math.pi) + 4 * _SOFT


def _patch(face: Face, defect: Defect) -> tuple[slice, slice, F32, F32]:
    """Return the window of the face around the defect, and its pixels' centres relative to the defect, m."""
    height, width = face.pixels.shape
    column = defect.xy[0] / face.scale + (width - 1) / 2
    row = (height - 1) / 2 - defect.xy[1] / face.scale
    reach = math.ceil(_reach(defect) / face.scale) + 2
    rows = slice(max(int(row) - reach, 0), min(int(row) + reach + 1, height))
    columns = slice(max(int(column) - reach, 0), min(int(column) + reach + 1, width))
    x = ((np.arange(columns.start, max(columns.stop, columns.start)) - column) * face.scale).astype(np.float32)
    y = ((row - np.arange(rows.start, max(rows.stop, rows.start))) * face.scale).astype(np.float32)
    return rows, columns, x[None, :], y[:, None]


def _share(defect: Defect, x: F32, y: F32, scale: float) -> F32:
    """Return the share of the contrast that each pixel gets; its sum times scale² is the defect's area."""
    if defect.kind == "scratch":
        # A stadium: area = width · straight + π width² / 4.
        half = max((defect.area - math.pi * defect.width**2 / 4) / defect.width / 2, 1e-9)
        dx, dy = half * math.cos(defect.angle), half * math.sin(defect.angle)
        return coverage(segment_distance(x, y, -dx, -dy, dx, dy) - np.float32(defect.width / 2), scale)
    radius = np.hypot(x, y)
    theta = np.arctan2(y, x) - defect.angle
    outline = 1 + sum(a * np.cos(k * theta + p) for k, (a, p) in enumerate(defect.lobes, start=2))
    size = math.sqrt(defect.area / math.pi)
    for _ in range(4):  # the lobes and the soft edge add area: shrink until it is the stated one
        share = np.clip(0.5 - (radius - size * outline) / (2 * _SOFT), 0, 1).astype(np.float32)
        size *= math.sqrt(defect.area / max(float(share.sum(dtype=np.float64)) * scale**2, 1e-12))
    return share


def apply(face: Face, defects: Sequence[Defect]) -> U8:
    """Return the face's pixels with the defects on it, (H, W) uint8; the face itself stays as it is."""
    pixels = face.pixels.copy()
    for defect in defects:
        if defect.kind == "missing-hole":
            _fill_hole(face, pixels, defect)
            continue
        rows, columns, x, y = _patch(face, defect)
        sign = 1.0 if defect.bright else -1.0
        change = np.float32(sign * defect.contrast) * _share(defect, x, y, face.scale)
        pixels[rows, columns] = np.clip(np.rint(pixels[rows, columns] + change), 0, 255).astype(np.uint8)
    return pixels


def _fill_hole(face: Face, pixels: U8, defect: Defect) -> None:
    whole = dataclasses.replace(defect, area=defect.area * 1.2)  # a margin for the half-covered pixels of the edge
    rows, columns, x, y = _patch(face, whole)
    inside = np.hypot(x, y) <= math.sqrt(defect.area / math.pi) + 2 * face.scale
    pixels[rows, columns][inside] = face.undrilled[rows, columns][inside]
