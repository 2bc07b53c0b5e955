"""Where in a picture a learnt pattern may lie: normalised correlation with turned patterns, on a coarse picture.

The coarse picture has the means of blocks of `step` by `step` pixels, so that one reading of the picture is all that
its size costs. Correlation is a sum of products over many places at once, not a Fourier transform: a pattern has some
hundred coarse pixels, and three turned patterns share each loading of the picture.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined, kernel, widest

TURNS = 3  # turned patterns that share a loading
TAPS = 4  # pixels of a pattern's row that share a storing
LEAST_POWER = 1.0  # mean square below which a place counts as even


@inlined
def fold(sums: np.ndarray, step: int, mean: np.ndarray) -> None:
    """Write the means of blocks from the (columns · step,) uint16 sums over their rows."""
    words = sums.view(np.uint64)
    scale = np.float32(1.0 / (step * step))
    ones = np.uint64(0x0001000100010001)
    if step == 8:
        # four sums of a word are added at once; their total stays below 2¹⁶
        for x in range(mean.size):
            mean[x] = np.float32(((words[2 * x] + words[2 * x + 1]) * ones) >> np.uint64(48)) * scale
    elif step == 4:
        for x in range(mean.size):
            mean[x] = np.float32((words[x] * ones) >> np.uint64(48)) * scale
    else:
        for x in range(mean.size):
            total = 0
            for k in range(step):
                total += sums[x * step + k]
            mean[x] = np.float32(total) * scale


@kernel
def block_means(image: np.ndarray, left: int, top: int, step: int, sums: np.ndarray, out: np.ndarray) -> None:
    """Write means of `step` × `step` pixels, the first block's first pixel at (left, top).

    Pixels beyond the picture count as the nearest within it.

    Args:
        image: (H, W) uint8, C order.
        left: column of the first block's first pixel, also outside of the picture.
        top: its row.
        step: 1, 2, 4, 8 or 16.
        sums: workspace, (columns of out · step,) uint16.
        out: (h, w) float32.

    """
    widest()
    height, width = image.shape
    rows, columns = out.shape
    span = columns * step
    first = min(max(0, -left), span - 1)
    last = max(min(span, width - left), first + 1)
    begin = min(max(left + first, 0), width - 1)
    for r in range(rows):
        for j in range(step):
            line = image[min(max(top + r * step + j, 0), height - 1), begin : begin + last - first]
            inner = sums[first:last]
            if j == 0:
                for x in range(line.size):
                    inner[x] = line[x]
            else:
                for x in range(line.size):
                    inner[x] += line[x]
        for x in range(first):
            sums[x] = sums[first]
        for x in range(last, span):
            sums[x] = sums[last - 1]
        fold(sums, step, out[r])


@inlined
def roll(picture: np.ndarray, y: int, h: int, plain: np.ndarray, square: np.ndarray) -> None:
    """Bring the columns' sums over h rows, and those of the squares, from row y - 1 to row y."""
    first = y == 0
    for j in range(0 if first else h - 1, h):
        come, gone = picture[y + j], picture[max(y - 1, 0)]
        if first and j == 0:
            for x in range(plain.size):
                plain[x] = come[x]
                square[x] = come[x] * come[x]
        elif first:
            for x in range(plain.size):
                plain[x] += come[x]
                square[x] += come[x] * come[x]
        else:
            for x in range(plain.size):
                plain[x] += come[x] - gone[x]
                square[x] += come[x] * come[x] - gone[x] * gone[x]


@inlined
def norms(h: int, w: int, plain: np.ndarray, square: np.ndarray, total: np.ndarray, inverse: np.ndarray) -> None:
    """Write the inverse norm, about its own mean, of each window of w columns and h rows."""
    share = np.float32(1.0 / (h * w))
    one, least = np.float32(1.0), np.float32(LEAST_POWER * h * w)
    for x in range(inverse.size):
        inverse[x] = np.float32(0.0)
        total[x] = np.float32(0.0)
    for k in range(w):
        plain_k, square_k = plain[k : k + inverse.size], square[k : k + inverse.size]
        for x in range(inverse.size):
            total[x] += plain_k[x]
            inverse[x] += square_k[x]
    for x in range(inverse.size):
        power = inverse[x] - total[x] * total[x] * share
        inverse[x] = one / np.float32(math.sqrt(max(power, least)))


@kernel
def correlate(picture: np.ndarray, turned: np.ndarray, best: np.ndarray, which: np.ndarray, work: np.ndarray) -> None:
    """Write the greatest normalised correlation over all turned patterns, and which one it is.

    Args:
        picture: (H, W) float32.
        turned: (A, h, w) float32, A a multiple of `TURNS`, w of `TAPS`; each sums to 0 and has norm 1.
        best: (H - h + 1, W - w + 1) float32, at the place of the pattern's first pixel.
        which: the same shape, uint8: index into `turned`.
        work: (2 · W + (A + 3) · (W - w + 1),) float32.

    """
    widest()
    count, h, w = turned.shape
    width = picture.shape[1]
    rows, columns = best.shape
    plain, square = work[:width], work[width : 2 * width]
    inverse = work[2 * width : 2 * width + columns]
    acc = work[2 * width + columns :]
    for y in range(rows):
        roll(picture, y, h, plain, square)
        norms(h, w, plain, square, acc[:columns], inverse)
        for x in range(columns):
            best[y, x] = np.float32(-2.0)
        best_row, which_row = best[y], which[y]
        for t in range(0, count, TURNS):
            a, b, c = acc[:columns], acc[columns : 2 * columns], acc[2 * columns : 3 * columns]
            for x in range(columns):
                a[x] = np.float32(0.0)
                b[x] = np.float32(0.0)
                c[x] = np.float32(0.0)
            for j in range(h):
                for k in range(0, w, TAPS):
                    line = picture[y + j, k : k + columns + TAPS - 1]
                    a0, a1, a2, a3 = turned[t, j, k], turned[t, j, k + 1], turned[t, j, k + 2], turned[t, j, k + 3]
                    b0, b1, b2, b3 = (
                        turned[t + 1, j, k], turned[t + 1, j, k + 1], turned[t + 1, j, k + 2], turned[t + 1, j, k + 3]
                    )  # fmt: skip
                    c0, c1, c2, c3 = (
                        turned[t + 2, j, k], turned[t + 2, j, k + 1], turned[t + 2, j, k + 2], turned[t + 2, j, k + 3]
                    )  # fmt: skip
                    for x in range(columns):
                        p0, p1, p2, p3 = line[x], line[x + 1], line[x + 2], line[x + 3]
                        a[x] += a0 * p0 + a1 * p1 + a2 * p2 + a3 * p3
                        b[x] += b0 * p0 + b1 * p1 + b2 * p2 + b3 * p3
                        c[x] += c0 * p0 + c1 * p1 + c2 * p2 + c3 * p3
            for x in range(columns):
                s = a[x] * inverse[x]
                n = np.uint8(t)
                if b[x] * inverse[x] > s:
                    s = b[x] * inverse[x]
                    n = np.uint8(t + 1)
                if c[x] * inverse[x] > s:
                    s = c[x] * inverse[x]
                    n = np.uint8(t + 2)
                if s > best_row[x]:
                    best_row[x] = s
                    which_row[x] = n


@kernel
def peaks(best: np.ndarray, least: float, places: np.ndarray, values: np.ndarray) -> int:
    """Write the highest of all places that are no lower than their eight neighbours, highest first; return how many.

    Args:
        best: (H, W) float32.
        least: what a peak must reach.
        places: (K, 2) int64, column and row; K bounds how many are kept.
        values: (K,) float64.

    """
    rows, columns = best.shape
    most = values.shape[0]
    count = 0
    floor = np.float32(least)
    for y in range(rows):
        y0, y1 = max(y - 1, 0), min(y + 1, rows - 1)
        for x in range(columns):
            value = best[y, x]
            if value < floor:
                continue
            x0, x1 = max(x - 1, 0), min(x + 1, columns - 1)
            top = max(best[y0, x0], best[y0, x], best[y0, x1], best[y, x0])
            low = max(best[y, x1], best[y1, x0], best[y1, x], best[y1, x1])
            if top > value or low > value:
                continue
            at = count if count < most else most - 1
            while at > 0 and values[at - 1] < value:
                values[at] = values[at - 1]
                places[at, 0], places[at, 1] = places[at - 1, 0], places[at - 1, 1]
                at -= 1
            values[at] = value
            places[at, 0], places[at, 1] = x, y
            count = min(count + 1, most)
            if count == most:
                floor = np.float32(max(least, values[most - 1]))
    return count


@kernel
def flatten(picture: np.ndarray, reach: int, soft: float, out: np.ndarray, work: np.ndarray) -> None:
    """Write how each pixel differs from the mean about it, bent so that great differences count little more than small.

    d / (|d| + soft) of the difference d to the mean over 2 · reach + 1 pixels each way, so that neither shading nor
    something glaring in a corner decides on a correlation. Beyond the border the nearest pixel counts.

    Args:
        picture: (H, W) float32.
        reach: pixels, ≥ 1.
        soft: grey levels, > 0.
        out: (H, W) float32.
        work: (2 · W + 2 · reach,) float32.

    """
    widest()
    height, width = picture.shape
    padded, total = work[: width + 2 * reach], work[width + 2 * reach :]
    middle = padded[reach : reach + width]
    share = np.float32(1.0 / (2 * reach + 1) ** 2)
    bend = np.float32(soft)
    for x in range(width):
        middle[x] = np.float32(0.0)
    for j in range(-reach - 1, reach):
        row = picture[min(max(j, 0), height - 1)]
        for x in range(width):
            middle[x] += row[x]
    for y in range(height):
        gone, come = picture[max(y - reach - 1, 0)], picture[min(y + reach, height - 1)]
        for x in range(width):
            middle[x] += come[x] - gone[x]
            total[x] = np.float32(0.0)
        for k in range(reach):
            padded[k], padded[reach + width + k] = middle[0], middle[width - 1]
        for k in range(2 * reach + 1):
            shifted = padded[k : k + width]
            for x in range(width):
                total[x] += shifted[x]
        row, bent = picture[y], out[y]
        for x in range(width):
            d = row[x] - share * total[x]
            bent[x] = np.float32(100.0) * d / (abs(d) + bend)
