"""Pictures of a printed board through the simulated camera, for tests of calibration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from robocell.vision.calibration.board import Board
from robocell.vision.calibration.rotations import exp
from robocell.world.imaging import Camera, Imager, VisiblePart

Array = NDArray[np.float64]

SQUARE = 44  # pixels of the drawing


def photographs(board: Board, camera: Camera, poses: Array) -> list[NDArray[np.uint8]]:
    """A picture for each pose (N, 4, 4) of the board's frame in the camera's optical frame."""
    drawing = board.draw(SQUARE)
    scale = board.square / SQUARE
    imager = Imager(camera, np.full(camera.resolution[::-1], 90, np.uint8))
    # A part's frame is in the middle of its face, Y up and Z out of it; the board's in its upper left corner, Y down.
    middle = np.array([board.columns / 2 * board.square, board.rows / 2 * board.square, 0.0])
    turned = np.diag([1.0, -1.0, -1.0, 1.0])
    turned[:3, 3] = middle
    bright = (40 + drawing * 0.62).astype(np.uint8)
    mask = np.full(drawing.shape, 255, np.uint8)
    return [
        imager.compose(np.eye(4), [VisiblePart(bright, mask, scale, pose @ turned)], seed=k)
        for k, pose in enumerate(poses)
    ]


def views(board: Board, camera: Camera, count: int, seed: int = 1, tilt: float = 0.6, far: float = 1.0) -> Array:
    """Poses (N, 4, 4) of a board that is tilted up to `tilt` rad about both axes and shown all over the picture."""
    rng = np.random.Generator(np.random.PCG64(seed))
    width = board.columns * board.square
    distance = 1.55 * far * width * camera.focal_pixels / camera.resolution[0]
    found = []
    for k in range(count):
        angle = 2 * np.pi * k / count
        lean = tilt * rng.uniform(0.6, 1.0) * np.array([np.sin(angle), np.cos(angle), 0.0]) if tilt else np.zeros(3)
        turn = exp(lean) @ exp(np.array([0.0, 0.0, rng.uniform(-0.5, 0.5)]))
        depth = distance * rng.uniform(1.0, 1.25)
        reach = 0.14 * np.array(camera.resolution) / camera.focal_pixels * depth
        place = np.array([*(rng.choice([-1, 1], 2) * rng.uniform(0.4, 1.0, 2) * reach), depth])
        middle = np.array([board.columns / 2 * board.square, board.rows / 2 * board.square, 0.0])
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = turn, place - turn @ middle
        found.append(pose)
    return np.array(found)
