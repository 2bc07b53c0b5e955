"""Chance for kernels: a small generator whose state is one int64 in an array."""

from __future__ import annotations

from typing import Final

import numpy as np

from robocell.compiler import kernel

MULTIPLIER: Final = 6364136223846793005
INCREMENT: Final = 1442695040888963407
MIX: Final = -49064778989728563
LOW_31: Final = 0x7FFFFFFF
LOW_53: Final = 0x1FFFFFFFFFFFFF


@kernel
def uniform(state: np.ndarray) -> float:
    """Return the next number in [0, 1): Knuth's linear congruence modulo 2⁶⁴, its high bits mixed in (murmur)."""
    state[0] = state[0] * MULTIPLIER + INCREMENT
    x = state[0]
    x = (x ^ ((x >> 33) & LOW_31)) * MIX
    return float((x >> 11) & LOW_53) / 9007199254740992.0
