"""What was measured of a cell's cameras: the schema of `calibration/NAME.yaml` beside a cell file.

`robocell calibrate` writes it; a cell file names it (`calibration: calibration/NAME.yaml`), and then what was measured
stands in place of what the cell and the profile say.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from robocell.model.base import ByName, Model
from robocell.model.cell import BareUnits
from robocell.model.pose import Pose
from robocell.model.quantity import Angle, Distance, Label

Pixels = Annotated[int, Field(ge=16, le=20000, strict=True)]
Coefficient = Annotated[float, Field(ge=-1e4, le=1e4)]
Error = Annotated[float, Field(ge=0, le=1e6)]
Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]


class Measured(Model):
    """Where a measurement comes from."""

    source: Label = Field(description="What was measured, such as the board that was shown")
    made: datetime.date


class LensCalibration(Measured):
    """A camera's lens; lengths in pixels, since a lens and its sensor are one thing here."""

    resolution: tuple[Pixels, Pixels] = Field(description="Columns and rows of the pictures")
    focal: float = Field(gt=1, le=1e7, description="Focal length, pixels; pixels are square")
    centre: tuple[Coefficient, Coefficient] = Field(
        description="Pixel on the optical axis; the first one's centre is 0, 0"
    )
    distortion: tuple[Coefficient, Coefficient, Coefficient, Coefficient] = Field(
        description="k1, k2, p1, p2, as OpenCV has them"
    )
    focal_sigma: Error = Field(description="Standard error of the focal length, pixels")
    centre_sigma: tuple[Error, Error] = Field(description="Standard errors of the centre, pixels; 0 where it was held")
    rms: Error = Field(description="Residual of the board's corners, pixels")
    views: Count = Field(description="Pictures that were used")
    rejected: Count = Field(description="Pictures that were not")


class Placement(Measured):
    """Where a camera is.

    `mount: cell`: it stands, and `pose` is its optical frame in the frame that `in` names. `mount: hand`: it is on the hand
    of the arm that `in` names, and `pose` is in the hand's frame.
    """

    mount: Literal["cell", "hand"]
    pose: Pose
    translation_sigma: Distance = Field(description="Standard error, in the worst direction")
    rotation_sigma: Angle = Field(description="Standard error, in the worst direction")
    translation_rms: Distance = Field(description="Residual of the pairs of poses")
    rotation_rms: Angle = Field(description="Residual of the pairs of poses")
    pairs: Count = Field(description="Pairs of poses that were used")
    rejected: Count = Field(description="Pairs that were not")


class CameraCalibration(Model):
    """What was measured of one camera."""

    lens: LensCalibration | None = None
    placement: Placement | None = None

    @model_validator(mode="after")
    def _something(self) -> CameraCalibration:
        if self.lens is None and self.placement is None:
            raise PydanticCustomError("calibration_empty", "a calibration says something about lens or placement")
        return self


class Calibrations(Model):
    """A calibration file."""

    calibration: Literal[1] = Field(description="Version of this format")
    units: BareUnits = Field(default=BareUnits(), description="Units of bare lengths and angles")
    cameras: ByName[CameraCalibration] = Field(default={}, description="By the camera's name in the cell")
