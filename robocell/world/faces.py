"""Faces of simulated parts, drawn by the product, and defects on them whose truth is known.

A face is what a camera sees of a part from above. Its frame has the origin in the middle of the face, X along
the picture's columns to the right, Y up (against the rows), Z towards the viewer, so that a face without
rotation looks the same in a picture whose columns run along the part's X. The centre of pixel (row, column)
is at ``x = (column - (W - 1) / 2) * scale``, ``y = ((H - 1) / 2 - row) * scale``.

Everything is drawn from signed distances with the exact share of each pixel that a shape covers, so that an
area of so many square millimetres is one. Names of faces: `machined-cap` (round), `blank` and `plain`
(round or rectangular), `circuit-board` (rectangular: the bare base, on which `boards` puts the rest).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from robocell.errors import CatalogError

FACES = ("machined-cap", "blank", "plain", "circuit-board")
SCALE = 50e-6
"""Metres a pixel of a drawn face: about half a pixel of the generic area camera at its working distance."""

AROUND = 2e-3
"""Distance in m from a hole or mark up to which a face's `clearance` tells of it."""

_MARGIN = 16  # pixels around the part, so that interpolation at the rim stays inside the picture
_MOST_PIXELS = 2400  # a face's longest side; beyond it the scale is made coarser
_FACE = 150.0  # grey of a turned face at nominal exposure
_TEXTURE_SEED = 20

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Hole:
    """A drilled hole with its countersink.

    Attributes:
        xy: centre in the face's frame, m.
        radius: of the countersink's outer edge, m: what is missing when the hole is not drilled.
        contrast: mean grey levels between the undrilled face and the hole.

    """

    xy: tuple[float, float]
    radius: float
    contrast: float

    @property
    def area(self) -> float:
        """Area in m²."""
        return math.pi * self.radius**2


@dataclass(frozen=True)
class Face:
    """A drawn face.

    Attributes:
        name: which face it is.
        size: extent along X and Y in m; equal for a round face.
        round: whether the part is a cylinder seen from above, else a box.
        pixels: (H, W) grey at nominal exposure; beyond the rim it goes on in the rim's grey.
        mask: (H, W) share of each pixel that the part covers, 0 to 255.
        scale: m a pixel.
        undrilled: (H, W) the same face without its holes.
        clearance: (H, W) m from each pixel to the nearest hole, mark or chamfer; negative on them and
            outside. Holes and marks more than `AROUND` away do not count.
        holes: what could be missing.

    """

    name: str
    size: tuple[float, float]
    round: bool
    pixels: U8
    mask: U8
    scale: float
    undrilled: U8
    clearance: F32
    holes: tuple[Hole, ...]


def draw_face(name: str, size: float | tuple[float, float], scale: float = SCALE) -> Face:
    """Draw a face; the same arguments give the same pixels, which nobody may change.

    Args:
        name: one of `FACES`.
        size: a round part's diameter, or a box's extent along X and Y, in m.
        scale: m a pixel; made coarser for parts longer than 120 mm.

    Raises:
        CatalogError: there is no such face, or it does not exist in that shape.

    """
    is_round = not isinstance(size, tuple)
    extent = (size, size) if not isinstance(size, tuple) else size
    if name not in FACES:
        raise CatalogError(f"no face named '{name}'; there are {', '.join(FACES)}")
    if name == "machined-cap" and not is_round:
        raise CatalogError("the face 'machined-cap' is round: give the product a cylinder, or the face 'blank'")
    if name == "circuit-board" and is_round:
        raise CatalogError("the face 'circuit-board' is rectangular: give the product a box")
    if not (min(extent) > 0 and math.isfinite(max(extent))):
        raise CatalogError(f"a face of {extent[0]:g} m × {extent[1]:g} m cannot be drawn")
    scale = max(scale, max(extent) / _MOST_PIXELS)
    return _Drawing(name, extent, is_round, scale).finish()


def grown(face: Face, by: float) -> Face:
    """Return a round face whose rim lies elsewhere and all else where it was, as turned by a worn tool.

    Args:
        face: a round face, of whatever size.
        by: how much the diameter is more, m; the chamfer takes it up.

    Raises:
        ValueError: nothing would be left of the face, or it is not round.

    """
    diameter = face.size[0] + by
    if not face.round or diameter <= 0:
        raise ValueError(f"a face of {face.size[0]:g} m × {face.size[1]:g} m cannot grow by {by:g} m")
    more = max(math.ceil((diameter / face.scale + _MARGIN - len(face.pixels)) / 2), 0)
    half = (len(face.pixels) - 1) / 2 + more
    axis = ((np.arange(2 * half + 1) - half) * face.scale).astype(np.float32)
    rim = np.hypot(axis[None, :], axis[:, None]) - np.float32(diameter / 2)
    mask = _to_u8(255 * coverage(rim, face.scale))
    mask.flags.writeable = False
    return replace(
        face,
        size=(diameter, diameter),
        pixels=np.pad(face.pixels, more, mode="edge"),
        mask=mask,
        undrilled=np.pad(face.undrilled, more, mode="edge"),
        clearance=np.pad(face.clearance, more, mode="edge"),
    )


class _Drawing:
    """Draws one face: surface, chamfer, mark, holes, in that order."""

    def __init__(self, name: str, extent: tuple[float, float], is_round: bool, scale: float) -> None:
        self.name, self.extent, self.round, self.scale = name, extent, is_round, scale
        width = math.ceil(extent[0] / scale) + 2 * _MARGIN
        height = math.ceil(extent[1] / scale) + 2 * _MARGIN
        self.x = ((np.arange(width) - (width - 1) / 2) * scale).astype(np.float32)[None, :]
        self.y = (((height - 1) / 2 - np.arange(height)) * scale).astype(np.float32)[:, None]
        self.radius = np.hypot(self.x, self.y) if is_round else None
        self.rim = self._rim_distance()
        self.grey = self._surface()
        self.chamfer = 0.0 if name == "circuit-board" else min(0.8e-3, min(extent) / 20)
        self.clearance = np.asarray(-self.rim - self.chamfer, np.float32)
        self.holes: list[Hole] = []

    def _rim_distance(self) -> F32:
        if self.radius is not None:
            return np.asarray(self.radius - self.extent[0] / 2, np.float32)
        beyond = np.maximum(np.abs(self.x) - self.extent[0] / 2, np.abs(self.y) - self.extent[1] / 2)
        return np.asarray(beyond, np.float32)

    def _surface(self) -> F32:
        rng = np.random.Generator(np.random.PCG64(_TEXTURE_SEED))
        shape = self.rim.shape
        grain = rng.standard_normal(shape, dtype=np.float32)
        grain = 0.25 * (grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1) + np.roll(grain, (1, 1), (0, 1)))
        if self.name == "circuit-board":
            return (np.float32(224) + 2 * grain).astype(np.float32)
        if self.name == "plain":
            return (np.float32(135) + 2 * grain).astype(np.float32)
        along = np.broadcast_to(self.y, shape) if self.radius is None else self.radius
        knots = rng.standard_normal(512).astype(np.float32)  # tool marks: a feed of 0.4 mm, unevenly deep
        depth = np.interp(np.abs(along) / 0.9e-3, np.arange(512), knots, period=512).astype(np.float32)
        marks = (2.5 + depth) * np.sin(np.float32(2 * math.pi / 0.4e-3) * along)
        return np.asarray(np.float32(_FACE) + marks + 1.5 * depth + 1.5 * grain, np.float32)

    def window(self, x: float, y: float, half: tuple[float, float]) -> tuple[slice, slice]:
        """Return the (rows, columns) of a rectangle about a point, `half` wide and high on either side, m."""
        columns = np.searchsorted(self.x[0], (x - half[0], x + half[0]))
        rows = np.searchsorted(-self.y[:, 0], (-y - half[1], -y + half[1]))
        return slice(*rows), slice(*columns)

    def cover(self, where: tuple[slice, slice], distance: F32, grey: float) -> None:
        """Paint a window of the picture where `distance` (m, negative inside) says."""
        share = coverage(distance, self.scale)
        base = self.grey[where]
        self.grey[where] = base + share * (np.float32(grey) - base)

    def finish(self) -> Face:
        if self.chamfer > 0:
            self.cover((slice(None), slice(None)), -self.rim - self.chamfer, 108.0)
        if self.name == "machined-cap":
            self._mark()
        undrilled = self.grey.copy()
        if self.name == "machined-cap":
            self._drill(undrilled)
        pixels, bare = _to_u8(self.grey), _to_u8(undrilled)
        mask = _to_u8(255 * coverage(self.rim, self.scale))
        for drawn in (pixels, bare, mask, self.clearance):
            drawn.flags.writeable = False
        return Face(
            self.name, self.extent, self.round, pixels, mask, self.scale, bare,
            self.clearance, tuple(self.holes),
        )  # fmt: skip

    def _mark(self) -> None:
        """Engrave an R and an arrow, which also make the part's front visible to people."""
        unit = self.extent[0] / 60e-3
        strokes = [
            ((-2.0, -14.5), (-2.0, -8.5)), ((-2.0, -8.5), (0.8, -8.5)), ((0.8, -8.5), (1.8, -9.6)),
            ((1.8, -9.6), (1.8, -10.6)), ((1.8, -10.6), (0.8, -11.6)), ((0.8, -11.6), (-2.0, -11.6)),
            ((-0.2, -11.6), (2.0, -14.5)), ((5.0, -13.0), (9.0, -9.0)), ((9.0, -9.0), (6.4, -9.4)),
            ((9.0, -9.0), (8.6, -11.6)),
        ]  # fmt: skip
        where = self.window(3.5e-3 * unit, -11.5e-3 * unit, (6e-3 * unit + AROUND, 3.5e-3 * unit + AROUND))
        x, y = self.x[:, where[1]], self.y[where[0]]
        distance = np.full(self.rim[where].shape, np.inf, np.float32)
        for (x0, y0), (x1, y1) in strokes:
            ends = (x0 * 1e-3 * unit, y0 * 1e-3 * unit, x1 * 1e-3 * unit, y1 * 1e-3 * unit)
            distance = np.minimum(distance, segment_distance(x, y, *ends) - 0.35e-3 * unit)
        self.cover(where, distance, 95.0)
        self.clearance[where] = np.minimum(self.clearance[where], distance)

    def _drill(self, undrilled: F32) -> None:
        """Drill a bore, six screw holes and one pin hole, whose odd place makes the yaw unique."""
        unit = self.extent[0] / 60e-3
        circle = 21e-3 * unit
        places = [(0.0, 0.0, 4.0e-3)]
        places += [(circle, math.radians(a), 2.6e-3) for a in (0, 60, 120, 180, 240, 300)]
        places += [(circle, math.radians(22), 1.6e-3)]
        for r, angle, radius in places:
            xy = (r * math.cos(angle), r * math.sin(angle))
            where = self.window(*xy, (radius * unit + AROUND, radius * unit + AROUND))
            x, y = self.x[:, where[1]], self.y[where[0]]
            distance = (np.hypot(x - xy[0], y - xy[1]) - radius * unit).astype(np.float32)
            self.cover(where, distance, 118.0)
            self.cover(where, distance + 0.35e-3 * unit, 36.0)
            self.clearance[where] = np.minimum(self.clearance[where], distance)
            inside = distance < 0
            contrast = float(np.mean(undrilled[where][inside] - self.grey[where][inside]))
            if r > 0:
                self.holes.append(Hole(xy, radius * unit, contrast))


def coverage(distance: F32, scale: float) -> F32:
    """Return the share of each pixel inside a shape, from its signed distance (m, negative inside)."""
    return np.asarray(np.clip(np.float32(0.5) - distance / np.float32(scale), 0, 1), np.float32)


def segment_distance(x: F32, y: F32, x0: float, y0: float, x1: float, y1: float) -> F32:
    """Return the distance of points to a segment, m."""
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
    return np.hypot(x - x0 - along * dx, y - y0 - along * dy).astype(np.float32)


def _to_u8(grey: NDArray[np.floating]) -> U8:
    return np.asarray(np.clip(np.rint(grey), 0, 255), np.uint8)


def face_for(name: str | None, size: float | tuple[float, float], scale: float = SCALE) -> Face:
    """Draw a product's face; a product that names none gets the plain one of its shape (see `draw_face`)."""
    return draw_face(name or "plain", size, scale)


def names_for(size: float | tuple[float, float]) -> Sequence[str]:
    """Return the faces that exist for a round part (`size` a number) or a box (`size` a pair)."""
    return FACES[:3] if not isinstance(size, tuple) else FACES[1:]
