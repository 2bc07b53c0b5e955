"""Judges a camera's frames by recipes; it does not know where the pictures come from."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from robocell.devices.others import Finding, Sighting
from robocell.errors import VisionError
from robocell.vision.frame import Frame
from robocell.vision.marking import mark, png
from robocell.vision.runner import PreparedRecipe, inspect, locate

Matrix = NDArray[np.float64]


class Judging:
    """Implements `looking.Judge` with recipes.

    Args:
        recipes: prepared recipes by name.
        pose: the camera's optical frame in the cell frame, (4, 4).

    """

    def __init__(self, recipes: Mapping[str, PreparedRecipe], pose: Matrix) -> None:
        self._recipes = recipes
        self._pose = pose

    def judge(self, recipe: str, frame: Frame, only_locate: bool) -> Sighting:
        """Judge a frame; a part that did not pass comes with its marked picture.

        Raises:
            VisionError: there is no such recipe.

        """
        if recipe not in self._recipes:
            raise VisionError(f"no recipe named '{recipe}': {', '.join(sorted(self._recipes)) or 'none'}")
        verdict = (locate if only_locate else inspect)(self._recipes[recipe], frame)
        found, camera = verdict.pose, frame.camera
        pose = None
        if found is not None and camera is not None:
            pose = to_cell(self._pose, (found.x, found.y, found.yaw or 0.0), camera.distance)
        return Sighting(
            verdict.status,
            verdict.reasons,
            tuple(sorted(verdict.measurements.items())),
            pose,
            b"" if verdict.passed else png(mark(frame, verdict)),
            sum(verdict.ms.values()),
            findings=tuple(Finding(flaw.kind, flaw.place) for flaw in verdict.defects if flaw.kind),
        )


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
