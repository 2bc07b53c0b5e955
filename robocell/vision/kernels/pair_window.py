"""One candidate in a window of its own: where it is looked for, registered again, and grown to its whole stroke.

A window's planes are rows of one work array (PLANES, size); a window of `words` by `rows` uses the first
`(words + 2 ASIDE) (rows + 2 NEAR)` words of each. What is missing is treated like what is extra, with copper and
background exchanged in both pictures: a blob is always copper that the model lacks.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.vision.kernels.pair_align import mismatch
from robocell.vision.kernels.pair_bits import ABOVE, ASIDE, NONE, accompanied, at, count, dilate, erode, inside, shifted
from robocell.vision.kernels.pair_blobs import LEFT, RIGHT, ROOT, SIZE, Y, components, lowest, span

MARGIN: Final = 20
"""Pixels of the window around a candidate."""
NEAR: Final = 16
"""Rows above and below a window that belong to nobody."""
SPREAD: Final = 4
"""Pixels by which seeds are spread, so that what is near is one candidate."""
PLAY: Final = 2
"""Pixels from the model's copper within which a difference must be thick to count."""
CLOSING: Final = 3
"""Pixels of half a gap that a stroke may have."""

SEEN, MODEL, VALID, BLOB, SEEDS, THICK = 0, 1, 2, 3, 4, 5
A, B, C, D, SPARE, RING = 6, 7, 8, 9, 10, 11
PLANES: Final = 12


@kernel
def seeds(
    seen: np.ndarray, model: np.ndarray, valid: np.ndarray, column: int, work: np.ndarray, planes: np.ndarray
) -> int:
    """Set where two planes differ by more than an edge's play: 3×3 thick, or more than PLAY pixels from any edge.

    A pixel that differs alone is noise.

    Args:
        seen: plane of the picture seen.
        model: plane laid upon it.
        valid: where both are known.
        column: rows of the planes, guards included.
        work: (4, size) words.
        planes: (2, size) receives where only the one seen has copper, and where only the model has.

    Returns:
        How many pixels differ at all, noise and edges included.

    """
    total = 0
    a, b, c, d = work[0], work[1], work[2], work[3]
    for i in range(seen.size):
        a[i] = model[i] & valid[i]
        b[i] = ~model[i] & valid[i]
    for _ in range(PLAY):
        dilate(a, column, c, a)
        dilate(b, column, c, b)
    for turn in range(2):
        out = planes[turn]
        for i in range(seen.size):
            d[i] = (seen[i] ^ model[i]) & valid[i] & (model[i] if turn else seen[i])
        total += count(d)
        erode(d, column, c, out)
        dilate(out, column, c, out)
        accompanied(d, column, c)
        for i in range(seen.size):
            out[i] |= c[i] & ~(a[i] & b[i])
    return total


@kernel
def spread(plane: np.ndarray, column: int, rows: int, columns: int, work: np.ndarray) -> None:
    """Spread seeds by SPREAD pixels, within the picture."""
    for _ in range(SPREAD):
        dilate(plane, column, work, plane)
    words = (columns + 63) >> 6
    for w in range(plane.size // column):
        mask = inside(64 * (w - ASIDE), columns)
        for k in range(column):
            if mask == NONE or k < ABOVE or k >= ABOVE + rows or w >= ASIDE + words:
                plane[w * column + k] = NONE
            else:
                plane[w * column + k] &= mask


@inlined
def window_words(left: int, right: int) -> int:
    """Return how many words a candidate's window has, for its box from left to right."""
    return (right - left + 2 * MARGIN + 63) >> 6


@kernel
def cut(plane: np.ndarray, column: int, x: int, y: int, words: int, rows: int, out: np.ndarray) -> None:
    """Copy a window whose first pixel is (x, y) of a plane; beyond the plane `out` keeps what it has."""
    shift = np.uint64(x & 63)
    for w in range(words):
        low = (w + ASIDE + (x >> 6)) * column + ABOVE + y
        to = (w + ASIDE) * (rows + 2 * NEAR) + NEAR
        if low >= 0 and low + column + rows <= plane.size:
            for k in range(rows):
                out[at(to + k)] = shifted(plane[at(low + k)], plane[at(low + column + k)], shift)


@kernel
def settle(
    seen: np.ndarray,
    model: np.ndarray,
    column: int,
    size: np.ndarray,
    corner: np.ndarray,
    words: int,
    rows: int,
    reach: int,
    box: np.ndarray,
    best: np.ndarray,
) -> None:
    """Find the shift under which the model differs least from a part of a window.

    Args:
        seen: the window's plane.
        model: plane of the whole model.
        column: rows of the model's plane, guards included.
        size: (2,) columns and rows of the picture.
        corner: (2,) x and y of the window's first pixel in the picture.
        words: of the window.
        rows: of the window.
        reach: how far is looked.
        box: (4,) x1 y1 x2 y2 in the window, what of it counts.
        best: (4,) holds dx and dy about which is looked; receives dx, dy, how many pixels differ there, and at the
            start.

    """
    own = rows + 2 * NEAR
    x, y = corner[0] + best[0], corner[1] + best[1]
    first, end = max(box[1], reach - y, -corner[1]), min(box[3], size[1] - reach - y, size[1] - corner[1])
    left, right = max(box[0], reach - x, -corner[0]), min(box[2], size[0] - reach - x, size[0] - corner[0])
    n = max(end - first, 0)
    least, at_u, at_v = 1 << 60, 0, 0
    for v in range(-reach, reach + 1):
        for u in range(-reach, reach + 1):
            total = 0
            for w in range(words):
                mask = span(w, left, right)
                if mask != NONE:
                    here = (w + ASIDE) * own + NEAR + first
                    other = (w + ASIDE + ((x + u) >> 6)) * column + ABOVE + y + v + first
                    total += mismatch(seen, here, model, other, column, x + u, n, mask)
            if u == 0 and v == 0:
                best[3] = total
            total = 8 * total + abs(u) + abs(v)
            if total < least:
                least, at_u, at_v = total, u, v
    best[0] += at_u
    best[1] += at_v
    best[2] = least >> 3


@kernel
def lay(
    size: np.ndarray, corner: np.ndarray, words: int, rows: int, best: np.ndarray, missing: bool, work: np.ndarray
) -> None:
    """Say which of a window's pixels are known in both pictures, clear the others, and make copper of what is sought."""
    own = rows + 2 * NEAR
    x, y, dx, dy = corner[0], corner[1], best[0], best[1]
    for w in range(words):
        mask = inside(x + 64 * w, size[0]) & inside(x + dx + 64 * w, size[0])
        for k in range(rows):
            i = (w + ASIDE) * own + NEAR + k
            known = mask if 0 <= y + k < size[1] and 0 <= y + dy + k < size[1] else NONE
            work[VALID, i] = known
            flip = known if missing else NONE
            work[SEEN, i] = (work[SEEN, i] & known) ^ flip
            work[MODEL, i] = (work[MODEL, i] & known) ^ flip


@kernel
def grow(box: np.ndarray, words: int, rows: int, work: np.ndarray, runs: np.ndarray) -> bool:
    """Grow a candidate to its stroke: what lies off the model's copper or is thick, closed over gaps, about a seed.

    Args:
        box: (4,) x1 y1 x2 y2 in the window, where a seed must lie.
        words: of the window.
        rows: of the window.
        work: planes SEEN, MODEL and VALID are read; BLOB, SEEDS and THICK are written. A is left as the model's
            copper spread by a pixel.
        runs: (cap, 6) int.

    Returns:
        Whether there is a seed.

    """
    own = rows + 2 * NEAR
    n = (words + 2 * ASIDE) * own
    s, t, valid, blob, seed, thick = (
        work[SEEN, :n],
        work[MODEL, :n],
        work[VALID, :n],
        work[BLOB, :n],
        work[SEEDS, :n],
        work[THICK, :n],
    )
    a, b, c, d, spare, grown = work[A, :n], work[B, :n], work[C, :n], work[D, :n], work[SPARE, :n], work[RING, :n]
    dilate(t, own, spare, a)
    dilate(a, own, spare, b)
    for i in range(n):
        blob[i] = s[i] & ~t[i]
    erode(blob, own, spare, thick)
    dilate(thick, own, spare, thick)
    accompanied(blob, own, d)
    for i in range(n):
        seed[i] = thick[i] | (d[i] & ~b[i])
        grown[i] = thick[i] | (blob[i] & ~a[i])
        c[i] = grown[i]
    for _ in range(CLOSING):
        dilate(c, own, spare, c)
    for _ in range(CLOSING):
        erode(c, own, spare, c)
    for i in range(n):
        c[i] &= valid[i]
    if not keep(c, seed, words, rows, box, runs, d):
        return False
    for i in range(n):
        seed[i] &= d[i]
        thick[i] &= d[i]
        blob[i] = d[i] & grown[i]
    return True


@kernel
def keep(
    plane: np.ndarray, seed: np.ndarray, words: int, rows: int, box: np.ndarray, runs: np.ndarray, out: np.ndarray
) -> bool:
    """Keep the components of a plane that hold a seed within the box (x1 y1 x2 y2); return whether there is one."""
    own = rows + 2 * NEAR
    for i in range(out.size):
        out[i] = NONE
    n = components(plane, own, NEAR, words, rows, runs)
    for i in range(n):
        runs[i, SIZE] = 0
    found = False
    for i in range(n):
        if box[1] <= runs[i, Y] < box[3]:
            left, right = max(runs[i, LEFT], box[0]), min(runs[i, RIGHT], box[2])
            for w in range(left >> 6, ((right - 1) >> 6) + 1 if right > left else 0):
                if seed[(w + ASIDE) * own + NEAR + runs[i, Y]] & span(w, left, right) != NONE:
                    runs[runs[i, ROOT], SIZE] = 1
                    found = True
    for i in range(n):
        if runs[runs[i, ROOT], SIZE] == 1:
            for w in range(runs[i, LEFT] >> 6, ((runs[i, RIGHT] - 1) >> 6) + 1):
                out[(w + ASIDE) * own + NEAR + runs[i, Y]] |= span(w, runs[i, LEFT], runs[i, RIGHT])
    return found


@kernel
def bound(plane: np.ndarray, words: int, rows: int, box: np.ndarray) -> None:
    """Box the set pixels of a window, of which there is one: x1 y1 x2 y2, the far corner exclusive."""
    own = rows + 2 * NEAR
    box[0], box[1], box[2], box[3] = 64 * words, rows, 0, 0
    for w in range(words):
        every = NONE
        for y in range(rows):
            word = plane[(w + ASIDE) * own + NEAR + y]
            every |= word
            if word != NONE:
                box[1], box[3] = min(box[1], y), max(box[3], y + 1)
        if every != NONE:
            high = 63
            while (every >> np.uint64(high)) == NONE:
                high -= 1
            box[0], box[2] = min(box[0], 64 * w + lowest(every)), 64 * w + high + 1
