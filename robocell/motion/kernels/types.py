"""Types of what kernels take: flat, C-contiguous arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.uint8]
Counts = NDArray[np.int64]
