"""Elementary functions without branches or calls, which LLVM turns into SIMD code together with their callers.

Coefficients are those of fdlibm (Sun Microsystems, 1993) and Cephes (Moshier); all are good to about one unit in
the last place over the ranges stated.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined

PI = math.pi
# π/2 in three parts, for the argument reduction of Cody and Waite
HALF_PI_1 = 1.57079632673412561417e00
HALF_PI_2 = 6.07710050630396597660e-11
HALF_PI_3 = 2.02226624879595063154e-21
ROUND = 1.5 * 2.0**52  # added to a number below 2⁵¹ it leaves no room for a fraction, so that the sum is rounded


@inlined
def sincos(x: float) -> tuple[float, float]:
    """Return sine and cosine of x, |x| < 1e5 rad."""
    shifted = x * 0.6366197723675814 + ROUND
    quarter = np.float64(shifted).view(np.int64)  # its last bits are those of k
    k = shifted - ROUND
    r = ((x - k * HALF_PI_1) - k * HALF_PI_2) - k * HALF_PI_3
    z = r * r
    s = 1.58969099521155010221e-10
    s = s * z - 2.50507602534068634195e-08
    s = s * z + 2.75573137070700676789e-06
    s = s * z - 1.98412698298579493134e-04
    s = s * z + 8.33333333332248946124e-03
    s = s * z - 1.66666666666666324348e-01
    s = r + r * z * s
    c = -1.13596475577881948265e-11
    c = c * z + 2.08757232129817482790e-09
    c = c * z - 2.75573143513906633035e-07
    c = c * z + 2.48015872894767294178e-05
    c = c * z - 1.38888888888741095749e-03
    c = c * z + 4.16666666666666019037e-02
    c = 1.0 - 0.5 * z + z * z * c
    odd = quarter & 1 == 1
    return negated(c if odd else s, quarter), negated(s if odd else c, quarter + 1)


@inlined
def negated(x: float, quarter: np.int64) -> float:
    """Return −x in the third and fourth quarter of a turn, else x: bit 1 of `quarter` becomes the sign's."""
    signed: float = np.int64(np.float64(x).view(np.int64) ^ (quarter >> 1 << 63)).view(np.float64)
    return signed


@inlined
def arctan2(y: float, x: float) -> float:
    """Return the angle of (x, y), −π to π; 0 where both are 0."""
    ax, ay = abs(x), abs(y)
    steep = ay > ax
    longer = ay if steep else ax
    shorter = ax if steep else ay
    big = shorter > 0.41421356237309503 * longer
    t = (shorter - longer if big else shorter) / ((shorter + longer if big else longer) + 1e-300)
    z = t * t
    p = 1.62858201153657823623e-02
    p = p * z - 3.65315727442169155270e-02
    p = p * z + 4.97687799461593236017e-02
    p = p * z - 5.83357013379057348645e-02
    p = p * z + 6.66107313738753120669e-02
    p = p * z - 7.69187620504482999495e-02
    p = p * z + 9.09088713343650656196e-02
    p = p * z - 1.11111104054623557880e-01
    p = p * z + 1.42857142725034663711e-01
    p = p * z - 1.99999999998764832476e-01
    p = p * z + 3.33333333333329318027e-01
    a = t - t * z * p
    a = a + 0.78539816339744830962 if big else a
    a = 1.57079632679489661923 - a if steep else a
    a = PI - a if x < 0.0 else a
    return -a if y < 0.0 else a


@inlined
def cube_root(x: float) -> float:
    """Return the cube root of x ≥ 0: three steps of Halley's method from a start good to a few per cent."""
    x = x + 1e-30
    a = math.sqrt(math.sqrt(x))
    b = math.sqrt(math.sqrt(a))
    y = a * b * math.sqrt(math.sqrt(b))
    for _ in range(3):
        cube = y * y * y
        y = y * (cube + 2.0 * x) / (2.0 * cube + x)
    return y
