"""Parts that lie still, found by where they lie."""

from __future__ import annotations

from robocell.world.shapes import Matrix

CELL = 0.2
"""Edge of the squares in m by which parts are found."""


class Lying:
    """Poses of the parts that lie still, in a grid of squares."""

    __slots__ = ("_poses", "_squares")

    def __init__(self) -> None:
        self._poses: dict[int, tuple[Matrix, tuple[float, float, float]]] = {}
        self._squares: dict[tuple[int, int], dict[int, None]] = {}

    def __contains__(self, number: int) -> bool:
        return number in self._poses

    def add(self, number: int, pose: Matrix) -> None:
        """Let a part lie at a pose."""
        point = (float(pose[0, 3]), float(pose[1, 3]), float(pose[2, 3]))
        self._poses[number] = (pose, point)
        self._squares.setdefault(_square(point[0], point[1]), {})[number] = None

    def remove(self, number: int) -> None:
        """Take a part away; one that does not lie here is left alone."""
        entry = self._poses.pop(number, None)
        if entry is not None:
            square = _square(entry[1][0], entry[1][1])
            del self._squares[square][number]
            if not self._squares[square]:
                del self._squares[square]

    def pose(self, number: int) -> Matrix:
        """Return where a part lies, (4, 4)."""
        return self._poses[number][0]

    def where(self, number: int) -> tuple[float, float, float]:
        """Return the point where a part lies, m."""
        return self._poses[number][1]

    def around(self, x: float, y: float, reach: float) -> list[int]:
        """Return the parts within `reach` of a point in the plane, m."""
        found: list[int] = []
        squares = self._squares
        rows = range(int((y - reach) // CELL), int((y + reach) // CELL) + 1)
        for i in range(int((x - reach) // CELL), int((x + reach) // CELL) + 1):
            for j in rows:
                for number in squares.get((i, j), ()):
                    point = self._poses[number][1]
                    if (point[0] - x) ** 2 + (point[1] - y) ** 2 <= reach * reach:
                        found.append(number)
        return found


def _square(x: float, y: float) -> tuple[int, int]:
    return int(x // CELL), int(y // CELL)
