"""What two parallel fingers do to a part: one rule for both worlds.

The TCP frame lies between the finger tips' pads: Z is the approach direction, the fingers close along X and
the pads are wide along Y. Fingers that close push the part along X until it is centred between them; a part
too far off along Y squeezes out; a part that is held slips out again if friction cannot carry it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from robocell.world.shapes import Matrix, Shape, outlines_meet

GRAVITY = 9.81
ALIGNING = math.radians(30)
"""Fingers turn a box whose faces are off by less than this; at more they slide along its edges."""


@dataclass(frozen=True, slots=True)
class Fingers:
    """A gripper's fingers, m.

    `pad_width` is along Y, `pad_depth` along Z (half on either side of the TCP), `thickness` along X behind
    the pads.
    """

    pad_width: float
    pad_depth: float
    thickness: float


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing fingers meet.

    Attributes:
        width: opening at which they stop on the part, m; None if there is nothing that they can grip.
        reason: why not: "", "nothing between", "off-centre", "outside", "too small", "turned".
        shift: the part's way along X until it is centred, m.
        turn: the part's turn about the approach until its faces lie on the pads, rad.

    """

    width: float | None
    reason: str = ""
    shift: float = 0.0
    turn: float = 0.0


def local(tcp_inverse: Matrix, part: Matrix) -> tuple[float, float, float, float]:
    """Return (x, y, z of the part's base, yaw about Z) in the TCP's frame."""
    r = tcp_inverse @ part
    return float(r[0, 3]), float(r[1, 3]), float(r[2, 3]), math.atan2(float(r[1, 0]), float(r[0, 0]))


def close(
    fingers: Fingers, shape: Shape, place: tuple[float, float, float, float], opening: float, target: float
) -> Closing:
    """Return what fingers find that close from `opening` to `target` metres around a part.

    Args:
        fingers: the pads.
        shape: the part's shape.
        place: the part in the TCP's frame, as `local` gives it, its axis along the approach.
        opening: distance of the pads before, m.
        target: distance that they are sent to, m.

    """
    x, y, z, yaw = place
    # The approach points down into the part, so its body lies between z − height (top) and z (base).
    overlap = min(z, 0.5 * fingers.pad_depth) - max(z - shape.height, -0.5 * fingers.pad_depth)
    if overlap < min(2e-3, 0.5 * shape.height):
        return Closing(None, "nothing between")
    turn = 0.0
    if shape.is_round:
        width = shape.length
    else:
        quarter = round(yaw / (0.5 * math.pi))
        turn = quarter * 0.5 * math.pi - yaw
        if abs(turn) > ALIGNING:
            return Closing(None, "turned")
        width = shape.width if quarter % 2 else shape.length
    half_along_pads = shape.half_along(yaw + 0.5 * math.pi)
    if abs(y) > half_along_pads + 0.5 * fingers.pad_width:
        return Closing(None, "nothing between")
    if abs(x) + shape.half_along(yaw) > 0.5 * opening + 1e-6:
        return Closing(None, "outside")
    if abs(y) > 0.5 * fingers.pad_width:
        return Closing(None, "off-centre")
    if width < target:
        return Closing(None, "too small")
    return Closing(width, "", -x, turn)


def lands(fingers: Fingers, shape: Shape, place: tuple[float, float, float, float], opening: float) -> bool:
    """Whether a finger that comes down to this TCP meets the part instead of passing beside it."""
    x, y, z, yaw = place
    if z - shape.height > 0.5 * fingers.pad_depth - 1e-3 or z < -0.5 * fingers.pad_depth:
        return False  # the tips stay above its top, or the part hangs above them
    half = (0.5 * fingers.thickness, 0.5 * fingers.pad_width)
    middle = 0.5 * (opening + fingers.thickness)
    return any(outlines_meet(shape, x + side * middle, y, yaw, half, 5e-4) for side in (1.0, -1.0))


def holds(friction: float, force: float, mass: float, acceleration: float) -> bool:
    """Whether two pads carry a part: 2 μ F ≥ m (g + a), Coulomb friction with the acceleration along gravity.

    Args:
        friction: of the part on the pads.
        force: of each finger, N.
        mass: kg.
        acceleration: greatest of the TCP, m/s².

    """
    return 2.0 * friction * force >= mass * (GRAVITY + acceleration)
