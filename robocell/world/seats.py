"""Where a part comes to rest when it is let go: seats, bins, belts, fixtures, the floor."""

from __future__ import annotations

from dataclasses import dataclass

from robocell.world.shapes import Matrix, inverse
from robocell.world.spec import WorldSpec

NEAR = 0.015
"""Greatest distance in m of a part from a seat's centre, across it, at which it lies in the seat."""
DROP = 0.010
"""Greatest height in m above a seat from which a released part still comes to rest there."""
SUNK = 0.005
"""Depth in m below a surface at which a released part still counts as lying on it."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Where a part would lie: the place's name as in `Part.place`, and the height of its base, m."""

    place: str
    z: float


class Seats:
    """All surfaces of a cell on which a part can lie.

    Args:
        spec: the cell.

    """

    def __init__(self, spec: WorldSpec) -> None:
        self._spec = spec
        self._seats: list[tuple[float, float, float, str]] = []
        self._bins: list[tuple[str, Matrix, tuple[float, float], float]] = []
        for name, station in sorted(spec.stations.items()):
            if station.kind == "bin":
                self._bins.append((name, inverse(station.seats[0]), station.size, float(station.seats[0][2, 3])))
            for seat in station.seats if station.kind == "seat" else ():
                self._seats.append((float(seat[0, 3]), float(seat[1, 3]), float(seat[2, 3]), name))
        self._belts = [(name, inverse(belt.pose), belt) for name, belt in sorted(spec.belts.items())]
        self._boxes = [(inverse(box.pose), box.extents) for _, box in sorted(spec.fixtures.items())]

    def under(self, x: float, y: float, z: float) -> Rest:
        """Return where a part lies whose base's centre is let go at a point of the cell frame, m."""
        for seat_x, seat_y, seat_z, name in self._seats:
            if -SUNK <= z - seat_z <= DROP and (x - seat_x) ** 2 + (y - seat_y) ** 2 <= NEAR * NEAR:
                return Rest(f"station {name}", seat_z)
        best = Rest("floor", self._spec.floor)
        for name, to_bin, size, bottom in self._bins:
            u, v, w = _local(to_bin, x, y, z)
            if w >= -SUNK and abs(u) <= 0.5 * size[0] and abs(v) <= 0.5 * size[1] and bottom > best.z:
                best = Rest(f"station {name}", bottom)
        for name, to_belt, belt in self._belts:
            u, v, w = _local(to_belt, x, y, z)
            top = float(belt.pose[2, 3])
            if w >= -SUNK and 0.0 <= u <= belt.length and abs(v) <= 0.5 * belt.width and top > best.z:
                best = Rest(f"belt {name}", top)
        for to_box, extents in self._boxes:
            u, v, w = _local(to_box, x, y, z)
            top = z - w + 0.5 * extents[2]
            inside = abs(u) <= 0.5 * extents[0] and abs(v) <= 0.5 * extents[1]
            if inside and w >= 0.5 * extents[2] - SUNK and top > best.z:
                best = Rest("floor", top)
        return best


def _local(to_frame: Matrix, x: float, y: float, z: float) -> tuple[float, float, float]:
    p = to_frame @ (x, y, z, 1.0)
    return float(p[0]), float(p[1]), float(p[2])
