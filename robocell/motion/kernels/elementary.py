"""Elementary functions without branches or calls, which LLVM turns into SIMD code together with their callers.

Coefficients are those of fdlibm (Sun Microsystems, 1993) and Cephes (Moshier); all are good to about one unit in
the last place over the ranges stated.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined

PI = math.pi
# π/2 in two parts, for the argument reduction of Cody and Waite: the first has 33 bits, so that k times it is exact, and
# both together have 86, which leaves an error of 1e-21 for |x| < 1e5
HALF_PI_1 = 1.57079632673412561417e00
HALF_PI_2 = 6.07710050650619224932e-11
ROUND = 1.5 * 2.0**52  # added to a number below 2⁵¹ it leaves no room for a fraction, so that the sum is rounded


@inlined
def sincos(x: float) -> tuple[float, float]:
    """Return sine and cosine of x, |x| < 1e5 rad."""
    shifted = x * 0.6366197723675814 + ROUND
    quarter = np.float64(shifted).view(np.int64)  # its last bits are those of k
    k = shifted - ROUND
    r = (x - k * HALF_PI_1) - k * HALF_PI_2
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
def unit_angle(sine: float, cosine: float) -> float:
    """Return the angle of a unit vector, −π to π: an arc sine over an eighth of a turn, which takes no division.

    Good to 1e-16 rad; where the vector's length is off by some ε, to ε.
    """
    s, c = abs(sine), abs(cosine)
    steep = s > c
    longer = s if steep else c
    shorter = c if steep else s
    big = shorter > 0.38268343236508978
    x = (shorter - longer) * 0.70710678118654752440 if big else shorter
    z = x * x
    p = 1.8951430128520245e-02
    p = p * z + 8.3415621391338000e-03
    p = p * z + 1.4547942831368591e-02
    p = p * z + 1.7290441347744163e-02
    p = p * z + 2.2376214918722800e-02
    p = p * z + 3.0381786075667796e-02
    p = p * z + 4.4642860627438200e-02
    p = p * z + 7.4999999962497140e-02
    p = p * z + 1.6666666666680550e-01
    a = x + x * z * p
    a = a + 0.78539816339744830962 if big else a
    a = 1.57079632679489661923 - a if steep else a
    a = PI - a if cosine < 0.0 else a
    return -a if sine < 0.0 else a


@inlined
def inverse_root(x: float) -> float:
    """Return 1/√x of x ≥ 0, good to 4e-16 relative; a large number for 0, so that 0 times it is 0.

    Processors divide and take roots some ten times slower than they multiply. Halving the exponent, which is what
    shifting the bits comes to, gives a start good to 4 %; a step of third order and one of second follow.
    """
    y = np.int64(0x5FE6EB50C7B537A9 - (np.float64(x).view(np.int64) >> 1)).view(np.float64)
    e = 1.0 - x * y * y
    y = y * (((0.31280144905263920 * e + 0.37628189542454477) * e + 0.50000132049960720) * e + 0.99999925058437360)
    e = 1.0 - x * y * y
    return y + y * e * (0.5 + 0.375 * e)


@inlined
def nearly_one(x: float) -> float:
    """Return 1/√x of an x that is 1 but for an error ε, good to ε²: what brings a rounded unit vector to length 1."""
    return 1.5 - 0.5 * x


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
