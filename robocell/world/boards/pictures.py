"""Pictures of real boards from a folder: `<id>_test.jpg`, beside it what is wrong with it and its defect-free twin.

A truth file `<id>.txt` has one defect a line, `x1 y1 x2 y2 type`, in pixels of the picture; types count from 1 in the
order open, short, mousebite, spur, copper, pinhole.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from robocell.errors import SetupError
from robocell.world.boards.artwork import SIZE
from robocell.world.boards.flaws import KINDS, BoardDefect
from robocell.world.defects import Chance
from robocell.world.faces import U8
from robocell.world.spec import DefectSpec

ENDINGS = (".jpg", ".png", ".bmp", ".tif")
TEST, TEMPLATE = "_test", "_temp"
TWIN = "~"


class PictureFolder:
    """A folder of pictures; each board is the next one of a shuffled order, without repetition until all were shown.

    Args:
        folder: where they are.
        good: share of boards that show their defect-free twin instead.

    Raises:
        SetupError: there are none, a picture has no template beside it, or OpenCV is missing.

    """

    def __init__(self, folder: Path, good: float = 0.0) -> None:
        self.folder = folder
        self._good = good
        found = sorted(path for path in folder.glob(f"*{TEST}.*") if path.suffix in ENDINGS)
        self._pictures = {path.stem.removesuffix(TEST): path for path in found}
        if not self._pictures:
            raise SetupError(f"no pictures *{TEST}.jpg of boards in {folder}", "name another folder")
        alone = [name for name in self._pictures if template_in(folder, name) is None]
        if alone:
            raise SetupError(
                f"{folder / (alone[0] + TEST + '.jpg')} has no defect-free twin {alone[0]}{TEMPLATE}.jpg beside it",
                "add it, or move the picture away",
            )
        self._order: list[str] = []

    def choose(self, chance: Chance) -> str:
        """Return a picture's id; with `TWIN` behind it where the board shows its defect-free twin."""
        if not self._order:
            rest = list(self._pictures)
            while rest:
                self._order.append(rest.pop(int(chance.random() * len(rest))))
        twin = bool(self._good) and chance.random() < self._good
        return self._order.pop() + (TWIN if twin else "")

    def defects(self, design: str, chance: Chance, spec: DefectSpec | None, pixel: float) -> tuple[BoardDefect, ...]:
        """Return what the truth file says; of a box drawn around a defect nobody knows the area, so it is the box's."""
        del chance, spec
        if design.endswith(TWIN):
            return ()
        path = self.folder / f"{design}.txt"
        if not path.exists():
            return ()
        found = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                x1, y1, x2, y2, kind = (int(word) for word in line.replace(",", " ").split())
                name = KINDS[kind - 1] if kind >= 1 else ""
            except (ValueError, IndexError):
                name = ""
            if not name:
                raise SetupError(f"{path}:{number}: not 'x1 y1 x2 y2 type' with a type from 1 to 6", "mend the line")
            middle = ((x1 + x2) / 2, (y1 + y2) / 2)
            xy = ((middle[0] - (SIZE - 1) / 2) * pixel, ((SIZE - 1) / 2 - middle[1]) * pixel)
            found.append(BoardDefect(name, (x1, y1, x2, y2), (x2 - x1) * (y2 - y1) * pixel**2, xy))
        return tuple(found)

    def scan(self, design: str, defects: Sequence[BoardDefect]) -> U8:
        """Return the picture, (SIZE, SIZE)."""
        del defects  # they are in the picture
        import cv2

        name = design.removesuffix(TWIN)
        twin = template_in(self.folder, name) if design.endswith(TWIN) else None
        path = twin or self._pictures[name]
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise SetupError(f"{path} is no picture", "replace or remove it")
        if picture.shape != (SIZE, SIZE):
            picture = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        return np.asarray(picture, np.uint8)


def template_in(folder: Path, name: str) -> Path | None:
    """Return the defect-free twin of a board in a folder."""
    candidates = (folder / f"{name}{TEMPLATE}{ending}" for ending in ENDINGS)
    return next((path for path in candidates if path.exists()), None)
