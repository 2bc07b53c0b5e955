"""A camera on a world: judges the rendered picture, or tells the truth that a perfect judge would find."""

from __future__ import annotations

import math
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from robocell.clock import Clock
from robocell.devices.base import Lifecycle
from robocell.devices.others import Camera, Sighting
from robocell.errors import DeviceFault
from robocell.signals import Signal
from robocell.simulated.base import Simulated
from robocell.world.protocol import CameraHandle, Seen

Matrix = NDArray[np.float64]


class Judge(Protocol):
    """What looks at pictures: `simulated.judge.Judging`, or nothing in mode "truth"."""

    def inspect(self, recipe: str, picture: NDArray[np.uint8], distance: float, at: float) -> Sighting:
        """Judge a picture; the sighting's pose is (x, y, yaw) in the optical frame at `distance` (m)."""

    def locate(self, recipe: str, picture: NDArray[np.uint8], distance: float, at: float) -> Sighting:
        """Only locate the part."""


class SimCamera(Simulated, Camera):
    """Implements `Camera`.

    In mode "truth" a verdict is what is true of the part nearest to the picture's middle whose whole
    face is in
    view: failed with its defects' kinds, else passed; inconclusive where none is in view or an arm
        covers it. In mode "image" the picture is rendered and judged. Both take the same virtual time.

    Args:
        name: the device's name.
        clock: the run's clock.
        pose: the optical frame in the cell frame, (4, 4).
        exposure: s.
        readout: from the end of the exposure to the verdict, s.
        nominal: exposure at which faces look as drawn, s.
        handle: the camera in the world.
        answers: whether the device answers.
        judge: judges pictures; None: mode "truth".

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
        judge: Judge | None = None,
    ) -> None:
        super().__init__(name, clock)
        self.attach(answers)
        self.mode: Literal["truth", "image"] = "truth" if judge is None else "image"
        self._pose = pose
        self._exposure = exposure
        self._readout = readout
        self._gain = exposure / nominal
        self._handle = handle
        self._judge = judge

    async def inspect(self, recipe: str, face_height: float) -> Sighting:
        """Take one picture and judge it."""
        return await self._look(recipe, face_height, False)

    async def locate(self, recipe: str, face_height: float) -> Sighting:
        """Take one picture and only locate the part."""
        return await self._look(recipe, face_height, True)

    async def _look(self, recipe: str, face_height: float, only_locate: bool) -> Sighting:
        self.ready()
        self._handle.sleep(False)
        self._handle.work(True)
        try:
            await self.clock.sleep(self._exposure)
            taken_at = self.clock.now()
            sighting = (
                self._truth()
                if self._judge is None
                else self._image(self._judge, recipe, face_height, only_locate, taken_at)
            )
            await self.clock.sleep(self._readout)
        finally:
            self._handle.work(False)
        if self.lifecycle is Lifecycle.FAULTED:
            raise DeviceFault(self.name, self.fault.value, self.fault_detail)
        if only_locate and sighting.status != "inconclusive":
            return Sighting("passed", (), sighting.measurements, sighting.pose, b"", sighting.milliseconds)
        return sighting

    # --- truth ---------------------------------------------------------------------------------------------

    def _truth(self) -> Sighting:
        seen = self._handle.view()
        if not seen:
            return Sighting("inconclusive", ("no part in view",))
        first: Seen = seen[0]
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

    # --- picture -------------------------------------------------------------------------------------------

    def _image(self, judge: Judge, recipe: str, face_height: float, only_locate: bool, taken_at: float) -> Sighting:
        picture = self._handle.picture(self._gain)
        distance = float((face_height - self._pose[2, 3]) / self._pose[2, 2])
        act = judge.locate if only_locate else judge.inspect
        found = act(recipe, picture, distance, taken_at)
        if found.pose is None:
            return found
        return Sighting(
            found.status,
            found.reasons,
            found.measurements,
            to_cell(self._pose, found.pose, distance),
            found.picture,
            found.milliseconds,
        )

    def sleep(self) -> None:
        """Switch the camera off until the next command."""
        self._handle.sleep(True)


def to_cell(camera: Matrix, found: tuple[float, float, float], distance: float) -> tuple[float, float, float]:
    """Return (x, y, yaw) in the cell frame of a pose on the face's plane in the optical frame.

    Args:
        camera: (4, 4) the optical frame in the cell frame.
        found: x, y (m) on the plane across the optical axis at `distance`, and yaw (rad) from X towards Y.
        distance: m.

    """
    point = camera @ (found[0], found[1], distance, 1.0)
    turn = camera[:3, :3] @ (math.cos(found[2]), math.sin(found[2]), 0.0)
    return float(point[0]), float(point[1]), math.atan2(float(turn[1]), float(turn[0]))
