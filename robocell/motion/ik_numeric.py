"""Starts for the iteration of chains without a closed form: a table of positions and the poses they reach.

The positions are a Weyl sequence inside the limits, so that the same pose always gives the same answer.
"""

from __future__ import annotations

import numpy as np

from robocell.motion.chain import Chain
from robocell.motion.kernels.inverse_numeric import HEAD
from robocell.motion.limits import Limits
from robocell.motion.rigid import Floats

SEEDS = 512
UNBOUNDED = np.pi, 1.0  # rad and metres: how far a joint without limits is sought on either side of zero


def seeded(chain: Chain, limits: Limits) -> Floats:
    """Return the constants of the iteration in the order that `kernels.inverse_numeric` names."""
    n = len(chain.axis)
    low, high = limits.position.T
    reach = np.where(chain.revolute, *UNBOUNDED)
    least, most = np.where(np.isfinite(low), low, -reach), np.where(np.isfinite(high), high, reach)
    # Weyl sequence with the root of x^(n+1) = x + 1 (Roberts' R_n): evenly spread
    root = 2.0
    for _ in range(64):
        root = (1.0 + root) ** (1.0 / (n + 1))
    weyl = np.mod(0.5 + np.outer(np.arange(SEEDS), root ** -np.arange(1.0, n + 1.0)), 1.0)
    seeds = least + weyl * (most - least)
    tips = chain.frames(seeds)[-1] @ chain.end
    # turning by a radian counts as much as moving by a third of the distance that the seeds are spread over
    spread = np.sqrt(tips[:, :3, 3].var(axis=0).sum())
    weight = max(float(spread), 1e-6) / 3.0
    rows = np.concatenate([weight * tips[:, :3, :3].reshape(-1, 9), tips[:, :3, 3]], axis=1)
    head = np.zeros(HEAD)
    head[:3] = n, SEEDS, weight
    parts = (head, low, high, chain.revolute, 0.5 * (rows**2).sum(axis=1), rows.T.ravel(), seeds.ravel())
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])
