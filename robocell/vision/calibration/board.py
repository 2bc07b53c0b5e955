"""Printed boards: a chessboard, or a ChArUco board, whose squares hold markers so that a part of it is enough."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.units import parse_quantity
from robocell.vision.frame import U8

Array = NDArray[np.float64]
Kind = Literal["chessboard", "charuco"]

FEWEST = 8
"""Corners of a ChArUco board below which a view says too little."""

_DICTIONARY = "DICT_5X5_250"
_MARKER = 0.72  # of a square
_MOST_SQUARES = 40
_SPEC = re.compile(r"(chessboard|charuco):(\d{1,3})x(\d{1,3}):([^:]+)")


@dataclass(frozen=True)
class Corners:
    """A board's inner corners that a picture shows.

    Attributes:
        ids: (N,) which ones: row by row, from 0.
        pixels: (N, 2) where, to a fraction of a pixel.

    """

    ids: NDArray[np.int64]
    pixels: Array


@dataclass(frozen=True)
class Board:
    """A board of squares.

    Attributes:
        kind: "chessboard" or "charuco".
        columns, rows: of squares, black and white; inner corners are one fewer each way.
        square: length of a square's side, m: as measured on the print.

    """

    kind: Kind
    columns: int
    rows: int
    square: float

    def __post_init__(self) -> None:
        if not (4 <= self.columns <= _MOST_SQUARES and 4 <= self.rows <= _MOST_SQUARES):
            raise VisionError(f"a board has 4 to {_MOST_SQUARES} squares each way, not {self.columns} x {self.rows}")
        if not (math.isfinite(self.square) and 1e-4 <= self.square <= 1.0):
            raise VisionError(f"a square's side is between 0.1 mm and 1 m, not {self.square} m")
        if self.kind == "charuco" and self.columns * self.rows // 2 > 250:
            raise VisionError("a ChArUco board has at most 500 squares: its markers are those of a dictionary of 250")

    @staticmethod
    def parse(text: str) -> Board:
        """Return the board of a text such as `chessboard:10x7:12mm`, which says squares (not corners) and a square's side.

        Raises:
            VisionError: the text is none.

        """
        match = _SPEC.fullmatch(text.strip())
        if match is None:
            raise VisionError(
                f"'{text}' is no board: write chessboard:10x7:12mm or charuco:10x7:12mm, counting squares"
            )
        kind: Kind = "charuco" if match[1] == "charuco" else "chessboard"
        return Board(kind, int(match[2]), int(match[3]), parse_quantity(match[4], "length"))

    def __str__(self) -> str:
        return f"{self.kind}:{self.columns}x{self.rows}:{1e3 * self.square:g}mm"

    @property
    def corners(self) -> int:
        """How many inner corners it has."""
        return (self.columns - 1) * (self.rows - 1)

    def points(self) -> Array:
        """Return (N, 3) the inner corners in the board's frame, m: X along a row, Y along a column, by id."""
        x, y = np.meshgrid(np.arange(1, self.columns), np.arange(1, self.rows))
        return np.asarray(np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1) * self.square, np.float64)

    def draw(self, side: int) -> U8:
        """Draw it with squares of `side` pixels and a margin of one square, grey (rows, columns)."""
        if not 8 <= side <= 2000:
            raise VisionError(f"a drawn square has 8 to 2000 pixels, not {side}")
        if (self.columns + 2) * (self.rows + 2) * side**2 > 4e8:
            raise VisionError("the drawing would have more than 400 megapixels")
        row, column = np.mgrid[: self.rows, : self.columns]
        squares = np.where((row + column) % 2 == 0, 0, 255).astype(np.uint8)
        picture = np.kron(squares, np.ones((side, side), np.uint8))
        if self.kind == "charuco":
            for index, (row_at, column_at) in enumerate(self._marked()):
                mark = self._marker(index, round(_MARKER * side))
                low = [at * side + (side - len(mark)) // 2 for at in (row_at, column_at)]
                picture[low[0] : low[0] + len(mark), low[1] : low[1] + len(mark)] = mark
        return np.asarray(np.pad(picture, side, constant_values=255), np.uint8)

    def svg(self) -> str:
        """Return it as a drawing in true size, with a margin of one square."""
        size = 1e3 * self.square
        width, height = (self.columns + 2) * size, (self.rows + 2) * size
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
            f'viewBox="0 0 {width:g} {height:g}" shape-rendering="crispEdges">',
            f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>',
        ]
        boxes = [
            (column + 1.0, row + 1.0, 1.0)
            for row in range(self.rows)
            for column in range(self.columns)
            if (row + column) % 2 == 0
        ]
        lines += [_rect(x * size, y * size, side * size) for x, y, side in boxes]
        if self.kind == "charuco":
            for index, (row, column) in enumerate(self._marked()):
                cells = self._marker(index, 7) == 0
                step = _MARKER / 7
                low = 1 + (1 - _MARKER) / 2
                lines += [
                    _rect((column + low + j * step) * size, (row + low + i * step) * size, step * size)
                    for i, j in zip(*np.nonzero(cells), strict=True)
                ]
        label = f"{self}: a square is {size:g} mm wide: measure it on the print"
        text = f'<text x="{size:g}" y="{height - 0.3 * size:g}" font-family="sans-serif" font-size="{0.3 * size:g}">'
        return "\n".join([*lines, f"{text}{label}</text>", "</svg>", ""])

    def find(self, image: U8) -> Corners | str:
        """Find its corners.

        Args:
            image: (rows, columns) uint8.

        Returns:
            The corners; or in words why there are none.

        """
        if image.ndim != 2 or image.dtype != np.uint8 or image.size == 0:
            return f"it is no grey picture of 8 bits: {image.shape}, {image.dtype}"
        return self._find_charuco(image) if self.kind == "charuco" else self._find_chessboard(image)

    # --- chessboard ----------------------------------------------------------------------------------------

    def _find_chessboard(self, image: U8) -> Corners | str:
        import cv2

        size = (self.columns - 1, self.rows - 1)
        flags = cv2.CALIB_CB_NORMALIZE_IMAGE | cv2.CALIB_CB_ACCURACY
        found, corners = cv2.findChessboardCornersSB(image, size, flags=flags)
        if not found:
            return f"no chessboard of {self.columns} x {self.rows} squares is wholly in view"
        pixels = np.asarray(corners, np.float64).reshape(-1, 2)
        return Corners(np.arange(self.corners), pixels)

    # --- ChArUco -------------------------------------------------------------------------------------------

    def _marked(self) -> list[tuple[int, int]]:
        """Return (row, column) of the white squares, in the order of their markers."""
        return [(row, column) for row in range(self.rows) for column in range(self.columns) if (row + column) % 2]

    def _marker(self, index: int, side: int) -> U8:
        import cv2

        dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, _DICTIONARY))
        return np.asarray(cv2.aruco.generateImageMarker(dictionary, index, side), np.uint8)

    def _find_charuco(self, image: U8) -> Corners | str:
        import cv2

        dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, _DICTIONARY))
        board = cv2.aruco.CharucoBoard((self.columns, self.rows), 1.0, _MARKER, dictionary)
        corners, ids, _, _ = cv2.aruco.CharucoDetector(board).detectBoard(image)
        count = 0 if ids is None else len(ids)
        if count < FEWEST:
            return f"{count} corners of the ChArUco board were recognised, {FEWEST} are needed"
        row, column = np.divmod(np.asarray(ids, np.int64).ravel(), self.columns - 1)
        if np.ptp(row) < 1 or np.ptp(column) < 1:
            return "only one line of the ChArUco board's corners was recognised"
        pixels = np.asarray(corners, np.float32).reshape(-1, 1, 2)
        names = np.asarray(ids, np.int64).ravel()
        # A window that does not reach the markers, whose edges would draw the corner to them.
        reach = max(2, min(int(_spacing(pixels, names, self.columns - 1) * (1 - _MARKER) / 2 - 1), 11))
        end = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-3)
        refined = cv2.cornerSubPix(image, pixels.copy(), (reach, reach), (-1, -1), end)
        order = np.argsort(np.asarray(ids).ravel())
        return Corners(np.asarray(ids, np.int64).ravel()[order], np.asarray(refined, np.float64).reshape(-1, 2)[order])


def _spacing(pixels: NDArray[np.float32], ids: NDArray[np.int64], across: int) -> float:
    """Return the least distance of neighbouring corners, pixels; 20 where none are neighbours."""
    at = {int(i): p for i, p in zip(ids, pixels.reshape(-1, 2), strict=True)}
    gaps = [
        float(np.linalg.norm(p - at[i + step]))
        for i, p in at.items()
        for step in (1, across)
        if i + step in at and (step != 1 or (i + 1) % across)
    ]
    return min(gaps, default=20.0)


def _rect(x: float, y: float, side: float) -> str:
    return f'<rect x="{x:.4f}" y="{y:.4f}" width="{side:.4f}" height="{side:.4f}"/>'
