"""What the kernels of pair comparison do, on arrays of bool, without regard to speed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

AROUND, MARGIN = 40, 20  # pixels of nothing about a plain window; and of the window about a candidate


def moved(a: Bits, dx: int, dy: int) -> Bits:
    """Return what lies (dx, dy) further on; nothing lies beyond the picture."""
    out = np.zeros_like(a)
    h, w = a.shape
    if abs(dx) < w and abs(dy) < h:
        out[max(-dy, 0) : h - max(dy, 0), max(-dx, 0) : w - max(dx, 0)] = a[
            max(dy, 0) : h - max(-dy, 0), max(dx, 0) : w - max(-dx, 0)
        ]
    return out


def neighbours(a: Bits) -> Iterator[Bits]:
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if dx or dy:
                yield moved(a, dx, dy)


def dilate(a: Bits, times: int = 1) -> Bits:
    for _ in range(times):
        a = np.logical_or.reduce([a, *neighbours(a)])
    return a


def erode(a: Bits, times: int = 1) -> Bits:
    for _ in range(times):
        a = np.logical_and.reduce([a, *neighbours(a)])
    return a


def accompanied(a: Bits) -> Bits:
    return np.asarray(a & np.logical_or.reduce(list(neighbours(a))), np.bool_)


def components(a: Bits) -> list[list[tuple[int, int]]]:
    """Return each 8-connected component's pixels (y, x), by flooding; the components in the order of first pixels."""
    left = a.copy()
    out = []
    for y, x in zip(*np.nonzero(a), strict=True):
        if left[y, x]:
            left[y, x] = False
            pixels = [(int(y), int(x))]
            for v, u in pixels:
                for b in range(max(v - 1, 0), min(v + 2, a.shape[0])):
                    for c in range(max(u - 1, 0), min(u + 2, a.shape[1])):
                        if left[b, c]:
                            left[b, c] = False
                            pixels.append((b, c))
            out.append(pixels)
    return out


def box_of(pixels: list[tuple[int, int]]) -> list[int]:
    y, x = np.array(pixels).T
    return [int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1]


def pieces(a: Bits, zone: Bits, least: int) -> int:
    return sum(len(p) >= least and any(zone[y, x] for y, x in p) for p in components(a))


def tile_cost(seen: Bits, model: Bits, tile: tuple[int, int], base: tuple[int, int], far: int, shift: Ints) -> int:
    """Count how a tile differs under a shift, of the pixels that lie in the model wherever it is shifted by ±far."""
    h, w = seen.shape
    total = 0
    for y in range(64 * tile[0], min(64 * tile[0] + 64, h)):
        for x in range(64 * tile[1], min(64 * tile[1] + 64, w)):
            u, v = x + base[0], y + base[1]
            if far <= u < w - far and far <= v < h - far:
                total += int(seen[y, x] != model[y + int(shift[1]), x + int(shift[0])])
    return total


def seeds(seen: Bits, model: Bits, valid: Bits) -> tuple[Bits, Bits]:
    """Return where only the picture has copper, and where only the model has."""
    edge = dilate(model & valid, 2) & dilate(~model & valid, 2)
    extra, missing = seen & ~model & valid, model & ~seen & valid
    return (
        dilate(erode(extra)) | (accompanied(extra) & ~edge),
        dilate(erode(missing)) | (accompanied(missing) & ~edge),
    )


def window(picture: Bits, x: int, y: int, words: int, rows: int) -> Bits:
    """Return a window of a picture, nothing beyond it, with AROUND pixels of nothing on all sides."""
    out = np.zeros((rows + 2 * AROUND, 64 * words + 2 * AROUND), np.bool_)
    h, w = picture.shape
    for k in range(rows):
        for i in range(64 * words):
            if 0 <= y + k < h and 0 <= x + i < w:
                out[AROUND + k, AROUND + i] = picture[y + k, x + i]
    return out


def settle(
    seen: Bits, model: Bits, part: tuple[int, int, int, int], start: tuple[int, int], reach: int
) -> tuple[int, int, int, int]:
    """Return dx, dy, how many pixels of a part (x1 y1 x2 y2 of the picture) differ there, and at the start."""
    h, w = seen.shape
    x1, x2 = max(part[0], 0, reach - start[0]), min(part[2], w, w - reach - start[0])
    y1, y2 = max(part[1], 0, reach - start[1]), min(part[3], h, h - reach - start[1])
    costs = {}
    for v in range(-reach, reach + 1):
        for u in range(-reach, reach + 1):
            dx, dy = start[0] + u, start[1] + v
            here, there = seen[y1:y2, x1:x2], model[y1 + dy : y2 + dy, x1 + dx : x2 + dx]
            costs[u, v] = int((here != there).sum()) if x1 < x2 and y1 < y2 else 0
    u, v = min(costs, key=lambda s: (8 * costs[s] + abs(s[0]) + abs(s[1]), s[1], s[0]))
    return start[0] + u, start[1] + v, costs[u, v], costs[0, 0]


def examine(
    seen: Bits, model: Bits, start: tuple[int, int], missing: bool, candidate: tuple[int, int, int, int]
) -> tuple[list[int], list[float]] | None:
    """Return a candidate's box and description, None where it vanishes; `start` is where the model lies there."""
    h, w = seen.shape
    x, y = candidate[0] - MARGIN, candidate[1] - MARGIN
    words, rows = (candidate[2] - x + MARGIN + 63) // 64, candidate[3] - y + MARGIN
    dx, dy, _, _ = settle(seen, model, (x, y, x + 64 * words, y + rows), start, 6)
    inside = np.ones((h, w), np.bool_)
    valid = window(inside, x, y, words, rows) & window(inside, x + dx, y + dy, words, rows)
    s, t = window(seen, x, y, words, rows) & valid, window(model, x + dx, y + dy, words, rows) & valid
    if missing:
        s, t = valid & ~s, valid & ~t
    blob = s & ~t
    thick = dilate(erode(blob))
    seed = thick | (accompanied(blob) & ~dilate(t, 2))
    grown = thick | (blob & ~dilate(t))
    own = np.zeros_like(s)
    own[AROUND + 18 : AROUND + rows - 18, AROUND + 18 : AROUND + candidate[2] - x + 2] = True
    stroke = np.zeros_like(s)
    for pixels in components(erode(dilate(grown, 3), 3) & valid):
        if any(seed[p] and own[p] for p in pixels):
            stroke[tuple(np.array(pixels).T)] = True
    if not stroke.any():
        return None
    blob, seed, thick = stroke & grown, seed & stroke, thick & stroke
    x1, y1, x2, y2 = np.array(box_of([(int(a), int(b)) for a, b in zip(*np.nonzero(blob), strict=True)])) - AROUND
    box = [x + int(x1), y + int(y1), x + int(x2), y + int(y2)]
    area = int(blob.sum())
    f = [float(missing), area, x2 - x1, y2 - y1, seed.sum() - thick.sum(), thick.sum()]
    f.append(next((k for k in range(16) if not erode(blob, k).any()), 16))
    f.append(next((k for k in range(1, 16) if not (blob & ~dilate(t, k)).any()), 16))
    for k in range(5):
        ring = dilate(blob, k + 1) & ~dilate(blob, k) & valid
        for picture in (t, s):
            f += [pieces(ring & picture, ring, 2), (ring & picture).sum() / max(int(ring.sum()), 1)]
    near, zone = dilate(blob, 11) & valid, dilate(blob, 3)
    f += [pieces(near & a, zone, 4) for a in (t, s & ~blob, s, valid & ~t, valid & ~s)]
    f.append(next((k for k in range(16) if not erode(near & t, k).any()), 16))
    f += [erode(near & t & ~s).sum(), max(abs(dx - start[0]), abs(dy - start[1]))]
    f.append(
        min(*box[:2], box[0] + dx, box[1] + dy, *(n - b - d for n, b in ((w, box[2]), (h, box[3])) for d in (0, 0)))
    )
    f[-1] = min(f[-1], w - box[2] - dx, h - box[3] - dy)
    f.append(area / ((x2 - x1) * (y2 - y1)))
    part = (max(box[0] - 5, x), max(box[1] - 5, y), min(box[2] + 5, x + 64 * words), min(box[3] + 5, y + rows))
    _, _, least, first = settle(seen, model, part, (dx, dy), 3)
    f += [least / max(first, 1), least / area, first / area]
    found = components(blob)
    outside = near & ~blob
    f += [len(found), max(map(len, found)), ((s != t) & outside).sum() / max(int(outside.sum()), 1)]
    return box, [float(n) for n in f]


def vote(rows: Floats, roots: Ints, feature: Ints, threshold: Floats, child: Ints, share: Floats) -> Floats:
    """Return (K, classes) the mean share at the leaves that each row comes to."""
    out = np.zeros((len(rows), share.shape[1]))
    for i, row in enumerate(rows):
        for root in roots:
            node = int(root)
            while feature[node] >= 0:
                node = int(child[node]) + int(row[feature[node]] > threshold[node])
            out[i] += share[child[node]] / len(roots)
    return out
