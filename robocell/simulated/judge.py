"""Judges a simulated camera's pictures by recipes, as any camera's: `vision` does not know where they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from robocell.devices.others import Sighting
from robocell.errors import VisionError
from robocell.vision.frame import Calibration, Frame
from robocell.vision.marking import mark, png
from robocell.vision.runner import PreparedRecipe, inspect, locate
from robocell.vision.verdict import Verdict
from robocell.world.imaging import Camera


class Judging:
    """Implements `camera.Judge` with recipes.

    Args:
        optics: the camera.
        recipes: prepared recipes by name.

    """

    def __init__(self, optics: Camera, recipes: Mapping[str, PreparedRecipe]) -> None:
        self._optics = optics
        self._recipes = recipes
        self._number = 0

    def inspect(self, recipe: str, picture: NDArray[np.uint8], distance: float, at: float) -> Sighting:
        """Judge a picture; a part that did not pass comes with its marked picture."""
        return self._judge(inspect, recipe, picture, distance, at)

    def locate(self, recipe: str, picture: NDArray[np.uint8], distance: float, at: float) -> Sighting:
        """Only locate the part."""
        return self._judge(locate, recipe, picture, distance, at)

    def _judge(
        self,
        judge: Callable[[PreparedRecipe, Frame], Verdict],
        recipe: str,
        picture: NDArray[np.uint8],
        distance: float,
        at: float,
    ) -> Sighting:
        if recipe not in self._recipes:
            raise VisionError(f"no recipe named '{recipe}': {', '.join(sorted(self._recipes)) or 'none'}")
        optics = self._optics
        self._number += 1
        calibration = Calibration(optics.resolution, optics.focal_pixels, optics.centre, distance, optics.distortion)
        frame = Frame(picture, calibration, self._number, at)
        verdict = judge(self._recipes[recipe], frame)
        return Sighting(
            verdict.status,
            verdict.reasons,
            tuple(sorted(verdict.measurements.items())),
            (verdict.pose.x, verdict.pose.y, verdict.pose.yaw or 0.0) if verdict.pose is not None else None,
            b"" if verdict.passed else png(mark(frame, verdict)),
            sum(verdict.ms.values()),
        )
