"""A camera on a world: judges the rendered picture, or tells the truth that a perfect judge would find."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from robocell.clock import Clock
from robocell.devices.looking import FrameCamera, Judge
from robocell.devices.others import Sighting
from robocell.signals import Signal
from robocell.simulated.base import Simulated
from robocell.simulated.frames import SimFrames, TrueFrame
from robocell.vision.frame import Calibration, Frame
from robocell.world.imaging import Camera as Optics
from robocell.world.protocol import CameraHandle, Seen

Matrix = NDArray[np.float64]


class TruthTelling:
    """Implements `Judge` with what is true.

    A verdict is that of the part nearest to the picture's middle whose whole face is in view: failed with its
    defects' kinds, else passed; inconclusive where none is in view or an arm covers it.
    """

    def judge(self, recipe: str, frame: Frame, only_locate: bool) -> Sighting:
        """Tell what is true of the part at the frame's exposure."""
        assert isinstance(frame, TrueFrame)
        if not frame.seen:
            return Sighting("inconclusive", ("no part in view",))
        first: Seen = frame.seen[0]
        if first.occluded:
            return Sighting("inconclusive", ("the view is covered",))
        pose = first.pose
        yaw = math.atan2(float(pose[1, 0]), float(pose[0, 0]))
        reasons = tuple(sorted({defect.kind for defect in first.part.defects}))
        return Sighting(
            "failed" if reasons else "passed",
            reasons,
            tuple((f"{defect.kind}.area", defect.area) for defect in first.part.defects),
            (float(pose[0, 3]), float(pose[1, 3]), yaw),
        )


class SimCamera(Simulated, FrameCamera):
    """Implements `Camera` on a world. In mode "image" pictures are rendered and judged; both modes take the same time.

    Args:
        name: the device's name.
        clock: the run's clock.
        pose: the optical frame in the cell frame, (4, 4).
        exposure: s.
        readout: from the end of the exposure until the frame is there, s.
        nominal: exposure at which faces look as drawn, s.
        handle: the camera in the world.
        answers: whether the device answers.
        optics: the lens and sensor.
        judge: judges pictures; None: mode "truth".
        max_age: seconds beyond which a frame is stale when it comes.

    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        pose: Matrix,
        exposure: float,
        readout: float,
        nominal: float,
        handle: CameraHandle,
        answers: Signal[bool],
        optics: Optics,
        judge: Judge | None = None,
        max_age: float = 0.5,
    ) -> None:
        self.mode: Literal["truth", "image"] = "truth" if judge is None else "image"
        lens = Calibration(optics.resolution, optics.focal_pixels, optics.centre, 1.0, *optics.terms)
        source = SimFrames(name, clock, handle, lens, exposure, readout, nominal, self.mode == "image")
        super().__init__(name, clock, source, judge or TruthTelling(), pose, max_age)
        self.attach(answers)
