"""Teach a recipe from pictures of good parts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from robocell.errors import VisionError
from robocell.model.recipe import Recipe
from robocell.vision.frame import Frame
from robocell.vision.runner import compared_radius, face_placement, pixel_length, rectified
from robocell.vision.tools.disc import find_disc
from robocell.vision.tools.golden import VariationModel
from robocell.vision.tools.turn import TurnPattern

FEWEST = 20
"""Pictures below which a band is a guess."""


def teach(recipe: Recipe, frames: Sequence[Frame], first_yaw: float = 0.0) -> VariationModel:
    """Learn what good parts look like.

    Args:
        recipe: what the model is for.
        frames: pictures of good parts, at least `FEWEST`, at places and turns as they come in production.
        first_yaw: how the part of the first picture is turned, from the picture's columns towards its rows,
            rad; yaws are told relative to it.

    Raises:
        VisionError: too few pictures, or one in which no part can be located or which shows another part.

    """
    if len(frames) < FEWEST:
        raise VisionError(f"{len(frames)} good pictures are too few: give at least {FEWEST}, better 60")
    grid, length = recipe.grid(), pixel_length(recipe)
    middle = (grid - 1) / 2
    rows, columns = np.mgrid[:grid, :grid]
    mask = np.hypot(columns - middle, rows - middle) * length <= compared_radius(recipe)
    blank = VariationModel(np.zeros((grid, grid), np.float32), np.zeros((grid, grid), np.float32), mask)
    images, placements = [], []
    turn: TurnPattern | None = None
    for number, frame in enumerate(frames, start=1):
        image, camera = rectified(frame.image, frame.camera)
        tool = recipe.locate
        disc = find_disc(image, recipe.radius / camera.scale, tool.search / 2 / camera.scale, tool.hidden)
        if isinstance(disc, str):
            raise VisionError(f"picture {number} teaches nothing: {disc}")
        yaw = first_yaw if number == 1 else 0.0
        if turn is not None:
            yaw, agreement = turn.find(image, disc.x, disc.y, compared_radius(recipe) / camera.scale)
            if agreement < 0.7:
                raise VisionError(f"picture {number} shows another face: it agrees by {agreement:.0%} with the first")
        placements.append(face_placement(blank, disc, yaw, length, camera))
        images.append(image)
        if number == 1 and recipe.locate.yaw:
            first = VariationModel.learn([image, image], mask, placements=placements * 2, shape=(grid, grid))
            turn = TurnPattern(first.mean, compared_radius(recipe) / length)
    golden = recipe.golden
    contrast, spread, area = (golden.contrast, golden.spread, golden.area) if golden else (5.0, 6.0, 0.0)
    least = max(math.ceil(area / length**2), 1)
    return VariationModel.learn(
        images,
        mask,
        placements=placements,
        shape=(grid, grid),
        contrast=contrast,
        spread=spread,
        least_area=least,
    )
