"""What the parts of a product look like: a drawn face with defects on it, or a board's."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from robocell.world.boards.flaws import BoardDefect
from robocell.world.boards.look import FACE, BoardLook
from robocell.world.boards.pictures import PictureFolder
from robocell.world.defects import Chance, Defect, apply, draw_defect
from robocell.world.faces import Face, draw_face
from robocell.world.protocol import Part
from robocell.world.spec import DefectSpec, ProductSpec

Blemish = Defect | BoardDefect

_drawn = lru_cache(maxsize=8)(draw_face)  # the runs of a process show the same few faces, which nobody changes


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

    def supply(self, chance: Chance, spec: DefectSpec | None) -> tuple[str, tuple[Blemish, ...]]:
        """Plant one defect on the scene's share of parts."""
        if spec is None or chance.random() >= spec.share:
            return "", ()
        return "", (draw_defect(self._face, chance, spec.kinds, spec.area, spec.contrast),)

    def face(self, part: Part) -> Face:
        """Return the face with the part's defects."""
        flaws = [defect for defect in part.defects if isinstance(defect, Defect)]
        return replace(self._face, pixels=apply(self._face, flaws)) if flaws else self._face


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
