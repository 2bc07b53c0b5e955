"""What the kernels of planning do, without regard to speed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from robocell.motion.arm import Arm, Capsule
from robocell.motion.kernels import TILE
from robocell.motion.obstacles import Volume
from robocell.motion.rigid import Bools, Floats
from tests.motion.plain.clearance import environment_distance, self_distance


def touches(
    arm: Arm,
    q: Floats,
    volumes: Sequence[Volume],
    pairs: Sequence[tuple[int, int]],
    margin: float = 0.0,
    held: Sequence[Capsule] = (),
) -> Bools:
    """Return which configurations (N, n) are at most `margin` from a volume, or touch themselves."""
    near = environment_distance(arm, q, volumes, held).min(axis=1, initial=np.inf) <= margin
    return np.asarray(near | (self_distance(arm, q, pairs, held) <= 0.0))


def tile_samples(a: Floats, b: Floats, step: float) -> Floats:
    """Return the samples of a move (K, n), the first left out: whole tiles of them, at most `step` apart."""
    count = max(math.ceil(float(np.linalg.norm(b - a)) / (step * TILE)), 1) * TILE
    return np.asarray(a + np.arange(1, count + 1)[:, None] / count * (b - a))


def nearest(nodes: Floats, q: Floats, weight: Floats) -> tuple[int, float]:
    """Return which of nodes (N, n) is nearest to q, and how far it is."""
    best, least = 0, math.inf
    for i, node in enumerate(nodes):
        far = math.sqrt(sum(((x - y) * w) ** 2 for x, y, w in zip(node, q, weight, strict=True)))
        if far < least:
            best, least = i, far
    return best, least


def length(path: Floats, weight: Floats) -> float:
    """Return the length of a path (M, n)."""
    return float(sum(np.linalg.norm((b - a) * weight) for a, b in zip(path, path[1:], strict=False)))


def dense(path: Floats, step: float) -> Floats:
    """Return configurations along a path (M, n), at most `step` apart, all way-points among them."""
    legs = [path[:1]]
    for a, b in zip(path, path[1:], strict=False):
        count = max(math.ceil(float(np.linalg.norm(b - a)) / step), 1)
        legs.append(a + np.arange(1, count + 1)[:, None] / count * (b - a))
    return np.concatenate(legs)
