"""Locating a learnt pattern of 128² in 5 MP, ±10°: against a pyramid of matchTemplate refined by findTransformECC."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Aim, Contest, Row, agree, called
from benchmarks.timing import race_over
from benchmarks.vision.pictures import COLD, SIZE, U8, rng
from robocell.vision.tools.pattern import Pattern

Array = NDArray[np.float64]

SIDE = 128
TURN = math.radians(10)
VIEWS = 12
STEP = 8  # the chain's coarse pixels
CLOSE = 0.25  # px: both find the same place


@dataclass(frozen=True)
class View:
    """A picture and where the pattern's centre is in it."""

    image: U8
    x: float
    y: float
    angle: float


def plate() -> Array:
    """Return soft discs about an origin: column, row, radius, contrast."""
    chance = rng(1)
    count = 18000
    return np.column_stack(
        [chance.uniform(-2600, 2600, (count, 2)), chance.uniform(3, 12, count), chance.uniform(-70, 70, count)]
    )


def take(discs: Array, size: tuple[int, int], x: float, y: float, angle: float) -> Array:
    """Draw the plate, exact at every pixel's centre, with its origin at (x, y) and turned."""
    picture = np.full(size, 120.0)
    c, s = math.cos(angle), math.sin(angle)
    for u, v, r, level in discs:
        px, py, reach = x + c * u - s * v, y + s * u + c * v, int(r + 6)
        left, top = max(int(px) - reach, 0), max(int(py) - reach, 0)
        part = picture[top : max(int(py) + reach, 0), left : max(int(px) + reach, 0)]
        if part.size:
            rows, columns = np.indices(part.shape)
            part += level / (1 + np.exp((np.hypot(columns + left - px, rows + top - py) - r) / 0.5))
    return picture


def views(discs: Array, gain: float, blur: float, noise: float) -> list[View]:
    """Return pictures at poses drawn from the whole picture and range."""
    chance = rng(2)
    taken = []
    for _ in range(VIEWS):
        x, y = chance.uniform(120, SIZE[1] - 120), chance.uniform(120, SIZE[0] - 120)
        angle = chance.uniform(-TURN, TURN)
        picture = take(discs, SIZE, x, y, angle)
        if blur:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur))
        noisy = (picture - 120) * gain + 120 + chance.normal(0, noise, SIZE)
        taken.append(View(np.clip(np.rint(noisy), 0, 255).astype(np.uint8), x, y, angle))
    return taken


class Chain:
    """OpenCV: coarse pictures by area, matchTemplate at five turns, then ECC on the picture itself."""

    def __init__(self, patch: U8) -> None:
        self.patch = patch
        self.turns = [math.radians(d) for d in (-8, -4, 0, 4, 8)]
        middle = ((SIDE - 1) / 2, (SIDE - 1) / 2)
        self.coarse = []
        for turn in self.turns:
            move = cv2.getRotationMatrix2D(middle, -math.degrees(turn), 1.0)
            turned = cv2.warpAffine(patch, move, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
            self.coarse.append(cv2.resize(turned, (SIDE // STEP, SIDE // STEP), interpolation=cv2.INTER_AREA))

    def find(self, image: U8) -> tuple[float, float, float]:
        """Return column, row and turn."""
        small = cv2.resize(image, (SIZE[1] // STEP, SIZE[0] // STEP), interpolation=cv2.INTER_AREA)
        tops = [cv2.minMaxLoc(cv2.matchTemplate(small, c, cv2.TM_CCOEFF_NORMED)) for c in self.coarse]
        best = max(range(len(tops)), key=lambda k: tops[k][1])
        half = (SIDE - 1) / 2
        x, y = (STEP * v + half for v in tops[best][3])
        left, top = max(int(x) - SIDE, 0), max(int(y) - SIDE, 0)
        window = image[top : top + 2 * SIDE, left : left + 2 * SIDE]
        c, s = math.cos(self.turns[best]), math.sin(self.turns[best])
        warp = np.array([[c, -s, x - left - c * half + s * half], [s, c, y - top - s * half - c * half]], np.float32)
        whole = np.full(window.shape, 255, np.uint8)
        stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-5)
        _, found = cv2.findTransformECC(self.patch, window, warp, cv2.MOTION_EUCLIDEAN, stop, whole, 5)
        there = found @ [half, half, 1.0]
        return left + float(there[0]), top + float(there[1]), math.atan2(float(found[1, 0]), float(found[0, 0]))


def contest(name: str, gain: float, blur: float, noise: float, aim: Aim | None) -> list[Row]:
    """Where it is, how it is turned, and how long that takes."""
    discs = plate()
    patch = take(discs, (SIDE, SIDE), (SIDE - 1) / 2, (SIDE - 1) / 2, 0.0)
    pattern = Pattern(np.clip(np.rint(patch), 0, 255).astype(np.uint8))
    chain = Chain(pattern.patch)
    seen = views(discs, gain, blur, noise)
    far, turned, theirs = [], [], []
    for view in seen:
        match = pattern.find(view.image, TURN)
        x, y, _ = chain.find(view.image)
        if match is None:
            return [Row(name, note="NOT FOUND")]
        far.append(math.hypot(match.x - view.x, match.y - view.y))
        turned.append(math.degrees(abs(match.angle - view.angle)))
        theirs.append(math.hypot(x - view.x, y - view.y))
        agree(math.hypot(match.x - x, match.y - y), CLOSE, "places")
    pictures = [view.image for view in seen]
    cold = [pictures[k % VIEWS].copy() for k in range(COLD // pictures[0].nbytes)]
    peer = called("opencv-python-headless", "pyramid of matchTemplate at five turns + findTransformECC")
    rows = [
        Row(
            f"{name}: greatest error", max(far), peer, max(theirs), aim, "px",
            note=f"rms {math.sqrt(np.mean(np.square(far))):.3f} px; turn within {max(turned):.3f}°",
        )
    ]  # fmt: skip
    for how, items in (("cold", cold), ("warm", pictures)):
        ours, other = race_over([lambda i: pattern.find(i, TURN), chain.find], items, rounds=2)
        rows.append(
            Row(
                f"{name}, {how}",
                ours.median,
                peer,
                other.median,
                Aim("most", 3e-3),
                tail=ours.tail,
                their_tail=other.tail,
            )
        )
    return rows


CLEAR = "locate 128² in 5 MP, ±10°"
HARD = "locate, contrast halved, blur 0.8 px, noise 4"
CONTESTS = [
    Contest(CLEAR, "opencv-python-headless", lambda: contest(CLEAR, 1.0, 0.0, 1.0, Aim("most", 0.05))),
    Contest(HARD, "opencv-python-headless", lambda: contest(HARD, 0.5, 0.8, 4.0, None)),
]
