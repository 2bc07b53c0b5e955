"""How boards look: the drawn designs with planted defects, or pictures of real boards from a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from robocell.errors import SetupError
from robocell.world.boards.artwork import DESIGNS, SIZE, Artwork, draw_artwork
from robocell.world.boards.flaws import BoardDefect, draw, plant
from robocell.world.boards.label import draw_label, text_of
from robocell.world.boards.pictures import TWIN, PictureFolder
from robocell.world.defects import Chance
from robocell.world.faces import U8, Face, draw_face
from robocell.world.protocol import Part
from robocell.world.spec import DefectSpec

FACE = "circuit-board"
"""The face that a product names to be a board."""
RIM = 6e-3
"""Width in m of the bare rim around the artwork."""
FINE = 2
"""Pixels of the drawn face a pixel of the artwork."""

_MODULE = 0.3e-3  # m along a module of the label's code

_artwork = lru_cache(maxsize=DESIGNS)(draw_artwork)  # the runs of a process show the same designs, which nobody changes


@dataclass(frozen=True)
class Drawn:
    """The product's own designs, `B0` to `B3`."""

    def choose(self, chance: Chance) -> str:
        """Return a design's name."""
        return f"B{int(chance.random() * DESIGNS)}"

    def defects(self, design: str, chance: Chance, spec: DefectSpec | None, pixel: float) -> tuple[BoardDefect, ...]:
        """Plant a board's defects: none on the share of good ones."""
        if spec is None or chance.random() >= spec.share:
            return ()
        planted: list[BoardDefect] = []
        for _ in range(spec.count[0] + int(chance.random() * (spec.count[1] - spec.count[0] + 1))):
            planted.append(plant(artwork_of(design), chance, spec.kinds, spec.area, pixel, planted))
        return tuple(planted)

    def scan(self, design: str, defects: Sequence[BoardDefect]) -> U8:
        """Return what the artwork's place shows, (SIZE, SIZE)."""
        return draw(artwork_of(design), defects)


def artwork_of(design: str) -> Artwork:
    """Return a drawn design by its name."""
    return _artwork(int(design.removeprefix("B")))


class BoardLook:
    """What the boards of one product look like.

    Args:
        size: extent along X and Y, m.
        folder: pictures of real boards; None: drawn ones.

    Attributes:
        pixel: m a pixel of the artwork, which is square and stands in the middle of the board.

    """

    def __init__(self, size: tuple[float, float], folder: PictureFolder | None = None) -> None:
        across = min(size) - 2 * RIM
        if across < 20e-3:
            raise SetupError(
                f"a board of {size[0] * 1e3:g} mm × {size[1] * 1e3:g} mm has no room for its artwork",
                f"make it at least {(20e-3 + 2 * RIM) * 1e3:g} mm wide",
            )
        self.pixel = across / SIZE
        self._source = Drawn() if folder is None else folder
        self._blank: Face = draw_face(FACE, size, self.pixel / FINE)
        self._shown: tuple[int, Face] | None = None

    def supply(self, chance: Chance, spec: DefectSpec | None) -> tuple[str, tuple[BoardDefect, ...]]:
        """Choose the next board: its design, and what is wrong with it."""
        design = self._source.choose(chance)
        return design, self._source.defects(design, chance, spec, self.pixel)

    def face(self, part: Part) -> Face:
        """Return a board's face; the last one asked for is kept."""
        if self._shown is None or self._shown[0] != part.number:
            flaws = [defect for defect in part.defects if isinstance(defect, BoardDefect)]
            self._shown = (part.number, self._drawn(part.number, part.design, flaws))
        return self._shown[1]

    def _drawn(self, number: int, design: str, defects: Sequence[BoardDefect]) -> Face:
        pixels = self._blank.pixels.copy()
        scan = self._source.scan(design, defects)
        fine = np.repeat(np.repeat(scan, FINE, axis=0), FINE, axis=1)
        top, left = ((whole - part) // 2 for whole, part in zip(pixels.shape, fine.shape, strict=True))
        pixels[top : top + fine.shape[0], left : left + fine.shape[1]] = fine
        module = max(round(_MODULE / self._blank.scale), 1)
        label = draw_label(text_of(design.removesuffix(TWIN), number), module)
        rim = round(RIM / self._blank.scale)
        row = top - rim + max((rim - label.shape[0]) // 2, 0)
        pixels[row : row + label.shape[0], left : left + label.shape[1]] = label
        return replace(self._blank, pixels=pixels)
