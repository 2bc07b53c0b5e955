"""Where something is: a frame, a position, and fixed-axis angles."""

from __future__ import annotations

from pydantic import Field

from robocell.model.base import Model
from robocell.model.quantity import Name, Rpy, Xyz

CELL_FRAME = "cell"


class Pose(Model):
    """A pose in a frame. `rpy` turns about the fixed axes X, Y, Z in this order, as in URDF: R = Rz·Ry·Rx."""

    frame: Name = Field(
        default=CELL_FRAME,
        alias="in",
        description="A device, station or frame; the cell where it is left out",
    )
    xyz: Xyz = Field(default=(0.0, 0.0, 0.0), description="Position in the frame")
    rpy: Rpy = Field(default=(0.0, 0.0, 0.0), description="Angles about the fixed axes X, Y, Z, in this order")
