"""The DeepPCB pairs, and what may happen to pictures: moved, turned, stretched, blurred, dimmed, noisy, resized."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import U8, Array
from robocell.vision.tools.pair import MARGIN


@dataclass(frozen=True)
class Pair:
    """A board's picture with its template and what is wrong with it.

    Attributes:
        name: of the picture.
        group: the board it is a part of.
        template: (H, W) uint8.
        image: (H, W) uint8.
        boxes: (K, 4) drawn x1 y1 x2 y2.
        kind: (K,) index of `KINDS`.

    """

    name: str
    group: str
    template: U8
    image: U8
    boxes: NDArray[np.int64]
    kind: NDArray[np.int64]


def pairs(folder: Path, every: int = 1) -> Iterator[Pair]:
    """Read each (or every so manyth) pair of a folder."""
    for line in (folder / "index.txt").read_text().splitlines()[::every]:
        group, name = line.split()
        rows = [[int(n) for n in row.split()] for row in (folder / f"{name}.txt").read_text().splitlines()]
        drawn = np.array(rows, np.int64).reshape(-1, 5)
        template, image = (_read(folder / f"{name}_{which}.jpg") for which in ("temp", "test"))
        yield Pair(name, group, template, image, drawn[:, :4], drawn[:, 4] - 1)


def _read(path: Path) -> U8:
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise OSError(f"{path} is no picture")
    return np.asarray(image, np.uint8)


def moved(
    pair: Pair,
    *,
    angle: float = 0.0,
    scale: tuple[float, float] = (1.0, 1.0),
    shear: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    wave: float = 0.0,
    template: bool = False,
    border: int = cv2.BORDER_REPLICATE,
    fill: int = 0,
    interpolation: int = cv2.INTER_LINEAR,
) -> Pair:
    """Return the pair with its picture (or its template) moved about its middle.

    Args:
        pair: what is moved.
        angle: rad.
        scale: right and down.
        shear: pixels to the right for each down.
        shift: pixels.
        wave: pixels that rows of a line-scan picture sway.
        template: whether the template is moved rather than the picture.
        border: what is beyond the picture, as OpenCV names it; `fill` where that is a constant.
        fill: grey.
        interpolation: as OpenCV names it.

    """
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s], [s, c]]) @ np.array([[scale[0], shear], [0.0, scale[1]]])
    high, wide = pair.image.shape
    middle = np.array([(wide - 1) / 2, (high - 1) / 2])
    back = np.linalg.inv(turn)
    y, x = np.mgrid[:high, :wide].astype(np.float64)
    sway = wave * np.sin(2 * np.pi * y / 300.0)
    u, v = x + sway - middle[0] - shift[0], y + sway - middle[1] - shift[1]
    at_x = (back[0, 0] * u + back[0, 1] * v + middle[0]).astype(np.float32)
    at_y = (back[1, 0] * u + back[1, 1] * v + middle[1]).astype(np.float32)
    source = pair.template if template else pair.image
    out = np.asarray(
        cv2.remap(source, at_x, at_y, interpolation, borderMode=border, borderValue=(float(fill),)), np.uint8
    )
    if template:
        return dataclasses.replace(pair, template=out)
    corner, far = pair.boxes[:, :2], pair.boxes[:, 2:]
    centre, half = (corner + far) / 2, (far - corner) / 2
    centre = (centre - middle) @ turn.T + middle + shift
    boxes = np.rint(np.concatenate([centre - half, centre + half], axis=1)).astype(np.int64)
    return dataclasses.replace(pair, image=out, boxes=boxes)


def regreyed(
    image: U8,
    rng: np.random.Generator,
    *,
    gain: float = 1.0,
    offset: float = 0.0,
    blur: float = 0.0,
    noise: float = 0.0,
) -> U8:
    """Return a picture blurred (sigma in pixels), scaled, offset and noisy (grey levels)."""
    out = image.astype(np.float32)
    if blur > 0:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), blur), np.float32)
    out = out * gain + offset
    if noise > 0:
        out = out + rng.normal(0.0, noise, out.shape).astype(np.float32)
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def resized(pair: Pair, factor: float) -> Pair:
    """Return the pair in another size; boxes keep their margin about the blobs."""
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    template, image = (
        np.asarray(cv2.resize(p, None, fx=factor, fy=factor, interpolation=how), np.uint8)
        for p in (pair.template, pair.image)
    )
    margin = np.array([-MARGIN, -MARGIN, MARGIN, MARGIN])
    boxes = np.rint((pair.boxes - margin) * factor).astype(np.int64) + margin
    return dataclasses.replace(pair, template=template, image=image, boxes=boxes)


def stressed(pair: Pair, rng: np.random.Generator, amount: float = 1.0) -> Pair:
    """Return the pair as a line might see it: all of that at once, in amounts that chance decides."""

    def about(most: float) -> float:
        return float(rng.uniform(-most, most)) * amount

    border, fill = (
        (cv2.BORDER_REPLICATE, 0),
        (cv2.BORDER_REFLECT_101, 0),
        (cv2.BORDER_CONSTANT, 0),
        (cv2.BORDER_CONSTANT, 255),
    )[rng.integers(4)]
    out = moved(
        pair,
        angle=np.deg2rad(about(1.1)),
        scale=(1 + about(0.016), 1 + about(0.016)),
        shear=about(0.012),
        shift=(about(10), about(10)),
        wave=about(1.5) * (rng.random() < 0.4),
        template=bool(rng.random() < 0.2),
        border=border,
        fill=fill,
        interpolation=(cv2.INTER_LINEAR, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)[rng.integers(4)],
    )
    blur, noise = abs(about(1.0)) * (rng.random() < 0.5), abs(about(5.0)) * (rng.random() < 0.5)
    if rng.random() < 0.2:  # edges as ragged as some scanners make them
        out = dataclasses.replace(out, image=regreyed(out.image, rng, blur=rng.uniform(0.8, 2.5), noise=abs(about(45))))
        out = dataclasses.replace(out, image=np.where(out.image < 128, 0, 255).astype(np.uint8))
    image = regreyed(out.image, rng, gain=1 + about(0.15), offset=about(38), blur=blur, noise=noise)
    return dataclasses.replace(out, image=image)


def overlap(a: NDArray[np.int64], b: NDArray[np.int64]) -> Array:
    """Return (K, L): intersection over union of K and L boxes."""
    side = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    both = np.clip(side, 0, None).prod(axis=2).astype(np.float64)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(axis=1), (b[:, 2:] - b[:, :2]).prod(axis=1)
    return np.asarray(both / np.maximum(area_a[:, None] + area_b[None, :] - both, 1e-9), np.float64)
