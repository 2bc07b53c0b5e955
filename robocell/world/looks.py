"""What the parts of a product look like: a drawn face with defects on it, or a board's."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from robocell.world.boards.flaws import BoardDefect
from robocell.world.boards.look import FACE, BoardLook
from robocell.world.boards.pictures import PictureFolder
from robocell.world.defects import Chance, Defect, apply, draw_defect
from robocell.world.faces import Face, draw_face, grown
from robocell.world.protocol import Part
from robocell.world.spec import DefectSpec, ProductSpec

Blemish = Defect | BoardDefect

_drawn = lru_cache(maxsize=8)(draw_face)  # the runs of a process show the same few faces, which nobody changes

_MOST_SIZES = 8
"""Faces of parts of other sizes that are kept: as many as are in cameras' views, and some."""


class Look(Protocol):
    """What the parts of one product look like."""

    def supply(self, chance: Chance, spec: DefectSpec | None) -> tuple[str, tuple[Blemish, ...]]:
        """Choose the next part's design ("" where all have the same) and what is wrong with it."""

    def face(self, part: Part) -> Face:
        """Return a part's face as a camera sees it, its defects on it."""


class FaceLook:
    """One drawn face for all parts.

    Args:
        face: it.

    """

    def __init__(self, face: Face) -> None:
        self._face = face
        self._grown: dict[float, Face] = {}

    def supply(self, chance: Chance, spec: DefectSpec | None) -> tuple[str, tuple[Blemish, ...]]:
        """Plant one defect on the scene's share of parts."""
        if spec is None or chance.random() >= spec.share:
            return "", ()
        return "", (draw_defect(self._face, chance, spec.kinds, spec.area, spec.contrast),)

    def face(self, part: Part) -> Face:
        """Return the face with the part's defects."""
        flaws = [defect for defect in part.defects if isinstance(defect, Defect)]
        face = self._size(part.growth)
        return replace(face, pixels=apply(face, flaws)) if flaws else face

    def _size(self, growth: float) -> Face:
        if growth == 0.0:
            return self._face
        found = self._grown.get(growth)
        if found is None:
            if len(self._grown) >= _MOST_SIZES:
                self._grown.clear()
            found = self._grown[growth] = grown(self._face, growth)
        return found


def look_of(product: ProductSpec) -> Look | None:
    """Return what parts of a product look like; None where they have no face.

    Raises:
        CatalogError, SetupError: there is no such face, or no pictures for it.

    """
    if product.face is None:
        return None
    shape = product.shape
    if product.face == FACE and not shape.is_round:
        folder = PictureFolder(product.pictures, product.good) if product.pictures is not None else None
        return BoardLook((shape.length, shape.width), folder)
    return FaceLook(_drawn(product.face, shape.length if shape.is_round else (shape.length, shape.width)))
