"""Where on a move fingers, or the part between them, may come down upon a part: only there it is worth looking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from robocell.world.shapes import Matrix
from robocell.world.spec import BeltSpec

if TYPE_CHECKING:
    from robocell.world.bullet.world import BulletWorld

Flags = NDArray[np.bool_]
RISING = 0.5
"""Least cosine between a way and the approach's reverse on which fingers rise and press upon nothing."""


def may_land(world: BulletWorld, looks: Matrix, reach: float, depth: float) -> Flags:
    """Return at which TCP poses something at the TCP may come down upon a part, (M,) bool.

    Args:
        world: the world.
        looks: (M, 4, 4) poses of the TCP along a move, cell frame.
        reach: how far from the TCP in the plane a part's middle may be, m.
        depth: how far below the TCP the thing extends, m.

    """
    products = world.spec.products
    free = [world.parts[number - 1] for number in world.live if number not in world.gripped]
    points = np.array([world.bodies.where(part) for part in free]).reshape(-1, 3)
    tops = points[:, 2] + np.array([products[part.product].shape.height for part in free])
    apart = looks[:, None, :2, 3] - points[None, :, :2]
    near = (apart * apart).sum(axis=2) < reach * reach
    low: Flags = (near & (looks[:, 2, 3, None] - depth < tops[None])).any(axis=1)
    for belt in world.spec.belts.values():  # parts may come along it meanwhile
        low |= _over(belt, looks[:, :3, 3], reach, depth + world.tallest)
    return low & ~_rises(looks)


def _over(belt: BeltSpec, points: Matrix, reach: float, height: float) -> Flags:
    """Return which points (M, 3) lie within `reach` of a belt in the plane and `height` above it."""
    local = (points - belt.pose[:3, 3]) @ belt.pose[:3, :3]
    along = np.abs(local[:, 0] - 0.5 * belt.length) < 0.5 * belt.length + reach
    result: Flags = along & (np.abs(local[:, 1]) < 0.5 * belt.width + reach) & (local[:, 2] < height)
    return result


def _rises(looks: Matrix) -> Flags:
    """Return at which of the poses the fingers move backwards, out of what they reach down to."""
    ways = np.diff(looks[:, :3, 3], axis=0, prepend=looks[:1, :3, 3])
    along = (ways * looks[:, :3, 2]).sum(axis=1)
    result: Flags = along < -RISING * np.sqrt((ways * ways).sum(axis=1))
    return result
