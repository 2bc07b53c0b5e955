"""A camera on a world: pictures that are judged, or frames without pictures that tell the truth."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from robocell.clock import Clock
from robocell.devices.looking import FrameCamera, Judge
from robocell.signals import Signal
from robocell.simulated.base import Simulated
from robocell.simulated.frames import SimFrames
from robocell.vision.frame import Calibration
from robocell.world.imaging import Camera as Optics
from robocell.world.protocol import CameraHandle

Matrix = NDArray[np.float64]


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
        judge: judges pictures, or tells the truth.
        pictures: whether frames are rendered.
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
        judge: Judge,
        pictures: bool,
        max_age: float = 0.5,
    ) -> None:
        self.mode: Literal["truth", "image"] = "image" if pictures else "truth"
        lens = Calibration(optics.resolution, optics.focal_pixels, optics.centre, 1.0, *optics.terms)
        source = SimFrames(name, clock, handle, lens, exposure, readout, nominal, pictures)
        super().__init__(name, clock, source, judge, pose, max_age)
        self.attach(answers)
