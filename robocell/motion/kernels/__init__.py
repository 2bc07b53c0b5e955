"""Compiled inner loops of the motion core: flat arrays in, flat arrays out, nothing checked.

Callers in `robocell.motion` check their arguments and allocate; a kernel trusts both. Each has a plain
counterpart in `tests/motion/plain/` that says the same without regard to speed.

What makes the loops fast, on any processor that LLVM vectorises for:

- a batch is cut into tiles of `TILE` items; a tile's arrays are flat and hold row after row of `TILE` neighbours, so
  that `rows[3 * TILE + k]` with k innermost becomes SIMD code (an offset that the compiler cannot see to be ≥ 0 may
  wrap around, which stops it);
- few slices inside loops, since each counts references with an atomic operation;
- no calls in inner loops: `elementary` has sine, cosine and arc tangent as polynomials that are inlined;
- several short loops over one tile rather than a long one, which compiles slowly and is not vectorised.
"""

from typing import Final

TILE: Final = 16
