"""Which links of an arm must not touch each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from robocell.motion.arm import Arm
from robocell.motion.kernels import collision
from robocell.motion.packing import pack, pieces_of
from robocell.motion.rigid import Floats

SAMPLES = 1000


def self_pairs(arm: Arm) -> tuple[tuple[int, int], ...]:
    """Return the pairs of links that must not touch each other, lower link first; the base is link 0.

    Neighbours never count. Nor do pairs that touch at the zero position (put inside the limits) or at all of a
    thousand configurations spread evenly over the limits: their capsules overlap by design. This is the usual rule
    of planners' set-up assistants. Found once an arm, and kept by it.
    """
    kept: tuple[tuple[int, int], ...] | None = arm.__dict__.get("_self_pairs")
    if kept is None:
        kept = _find(arm)
        arm.__dict__["_self_pairs"] = kept
    return kept


def _find(arm: Arm) -> tuple[tuple[int, int], ...]:
    pieces = pieces_of(arm)
    low, high = arm.limits.position.T
    zero = np.clip(np.zeros(arm.n), low, high)
    q = np.concatenate(
        [zero[None], _spread(np.maximum(low, -np.pi * _turning(arm)), np.minimum(high, np.pi * _turning(arm)))]
    )
    hit = np.zeros(len(q), dtype=np.uint8)
    found = []
    for pair in combinations(sorted({piece.link for piece in pieces}), 2):
        if pair[1] - pair[0] > 1:
            at = pack(arm.joints, (), pieces, [pair])
            collision.collide(q.reshape(-1), 0.0, at.data, at.layout, at.work, hit)
            if not hit[0] and not hit.all():
                found.append(pair)
    return tuple(found)


def _turning(arm: Arm) -> Floats:
    return np.where([joint.kind == "revolute" for joint in arm.joints], 1.0, np.inf)


def _spread(low: Floats, high: Floats) -> Floats:
    """Return points (SAMPLES, n) spread evenly: multiples of the powers of a root of x^(n+1) = x + 1, modulo 1."""
    n = len(low)
    root = 1.5
    for _ in range(60):
        root = (1.0 + root) ** (1.0 / (n + 1))
    part = (np.arange(1, SAMPLES + 1)[:, None] * root ** -np.arange(1, n + 1)) % 1.0
    return np.asarray(low + part * (high - low))
