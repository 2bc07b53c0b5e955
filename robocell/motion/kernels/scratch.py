"""Scratch memory of kernels."""

from __future__ import annotations

import numpy as np

from robocell.compiler import inlined
from robocell.motion.kernels.types import Floats


@inlined
def aligned(size: int) -> Floats:
    """Return so many numbers that begin on a cache line.

    The widest vectors are as long as a cache line; numba aligns arrays to half of one, and then each load and store
    may touch two lines, which takes twice as long.
    """
    room = np.empty(size + 8)
    skip = 8 - (room.ctypes.data >> 3 & 7)
    return room[skip : skip + size]
