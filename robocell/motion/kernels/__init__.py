"""Compiled inner loops of the motion core: flat arrays in, flat arrays out, nothing checked.

Callers in `robocell.motion` check their arguments and allocate; a kernel trusts both. Each has a plain
counterpart in `tests/motion/plain/` that says the same without regard to speed.

What makes the loops fast, on any processor that LLVM vectorises for:

- a batch is cut into tiles of `TILE` items; a tile's arrays are flat and hold row after row of `TILE` neighbours, so
  that `rows[3 * TILE + k]` with k innermost becomes SIMD code (an offset that the compiler cannot see to be ≥ 0 may
  wrap around, which stops it);
- few slices inside loops, since each counts references with an atomic operation; `array[np.uint64(start + k)]` does
  as well, since an unsigned offset does not wrap around;
- functions that a tile calls are `inlined`: a kernel that calls another counts references of every array, atomically;
- no calls in inner loops: `elementary` has sine, cosine and arc tangent as polynomials that are inlined;
- no divisions and roots where a multiplication does: `elementary` has 1/√x and angles of unit vectors without either;
- one loop over all alternatives of a tile, such as branches, rather than a loop (or a call) each: a loop begins by
  spreading its constants over vectors, which takes as long as some rounds of it;
- several short loops over one tile rather than a long one, which compiles slowly and is not vectorised.
"""

from typing import Final

TILE: Final = 16
LONG: Final = 32  # the tile of kernels with short loops: 16 rounds of those are unrolled before they could become SIMD

# An arm's constants, one flat array (see `robocell.motion.denavit`): the number of joints n; base and end, the upper
# three rows of each; then a record of LINK numbers a joint: 1 if it turns, else 0; its sign; θ; d; the kind of the
# step that follows; the step (3 rows); and the frame of the link that it moves, seen from after the step (3 rows).
HEAD: Final = 25
LINK: Final = 29
ALONG: Final = 0.0  # the next axis is parallel: the step is a shift along X
CROSSED: Final = 1.0  # it is at right angles: a shift along X and a quarter turn about X
OBLIQUE: Final = 2.0  # any other step

FARTHEST: Final = 1e5  # rad or m: joint positions beyond are refused; `elementary.sincos` is good to here
