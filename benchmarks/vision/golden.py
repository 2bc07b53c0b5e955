"""A placed picture against limits, or a learnt model: against warpAffine, inRange, findContours and boundingRect."""

from __future__ import annotations

import math

import cv2
import numpy as np

from benchmarks.table import Aim, Contest, Row, agree, called
from benchmarks.timing import race_over
from benchmarks.vision.blobs import CHAIN, boxes_of, scene
from benchmarks.vision.pictures import SIZE, U8, copies, rng
from robocell.vision.frame import Array
from robocell.vision.tools.band import Band
from robocell.vision.tools.golden import VariationModel

FLAGS = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
TURNS = ((0.0, 1.0, "shifted by part of a pixel"), (1.0, 1.01, "turned 1°, 1 % larger"), (10.0, 1.0, "turned 10°"))


def placement(degrees: float, scale: float, shape: tuple[int, ...]) -> Array:
    """Return (2, 3): a part of that shape, turned in the middle of a 5 MP picture."""
    c, s = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    turn = np.array([[c, -s], [s, c]])
    part, picture = np.array([shape[1], shape[0]]) / 2, np.array([SIZE[1], SIZE[0]]) / 2
    return np.column_stack([turn, picture + (0.3, 0.4) - turn @ part])


def placed(degrees: float, scale: float, name: str) -> list[Row]:
    """Band and blobs of a part that lies askew in the picture."""
    picture, low, high = scene()
    margin = 16 if degrees < 5 else 300
    low, high = (np.ascontiguousarray(limit[margin:-margin, margin:-margin]) for limit in (low, high))
    place = placement(degrees, scale, low.shape)
    band = Band(low, high)

    def peer(image: U8) -> list[tuple[int, ...]]:
        seen = cv2.warpAffine(image, place, low.shape[::-1], flags=FLAGS, borderMode=cv2.BORDER_REPLICATE)
        return boxes_of(np.asarray(cv2.bitwise_not(cv2.inRange(seen, low, high)), np.uint8))

    found, theirs = band.find(picture, place), np.array(sorted(peer(picture)), float)
    ours = np.array(
        sorted(zip(*found.boxes[:, :2].T, *(found.boxes[:, 2:] - found.boxes[:, :2]).T, strict=True)), float
    )
    agree(abs(len(ours) - len(theirs)), 0, "numbers of blobs")
    # Theirs interpolates in steps of a 32nd of a pixel: a border pixel more or less.
    agree(float(np.abs(ours - theirs).max()), 1, "boxes")
    interface = called("opencv-python-headless", f"warpAffine (linear) + {CHAIN.replace('inRange', 'inRange + not')}")
    rows = []
    for how, items in (("cold", copies(picture)), ("warm", [picture] * 25)):
        o, t = race_over([lambda image: band.find(image, place), peer], items, rounds=2)
        rows.append(
            Row(
                f"{low.size / 1e6:.1f} MP warp + band + blobs, {name}, {how}",
                o.median,
                interface,
                t.median,
                Aim("ratio", 5.0) if how == "cold" and degrees < 5 else None,
                tail=o.tail,
                their_tail=t.tail,
            )
        )
    return rows


def board(size: tuple[int, int], chance: np.random.Generator) -> U8:
    """Return a drawn pattern of strokes and pads."""
    picture = np.full(size, 200, np.uint8)
    for _ in range(size[0] * size[1] // 4000):
        x, y = int(chance.integers(size[1])), int(chance.integers(size[0]))
        if chance.random() < 0.5:
            end = (x + 80 * int(chance.integers(-1, 2)), y + 80 * int(chance.integers(-1, 2)))
            cv2.line(picture, (x, y), end, 40, int(chance.integers(4, 9)))
        else:
            cv2.circle(picture, (x, y), int(chance.integers(4, 14)), 40, -1)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8)


def taken(part: U8, chance: np.random.Generator) -> U8:
    """Return a picture of the part: ±8 px, ±1°, ±1 %, ±15 % of gain, a line-scan's wave of 1 px, blurred, with noise."""
    turn, scale = np.radians(chance.uniform(-1, 1)), 1 + chance.uniform(-0.01, 0.01)
    c, s, (dx, dy) = scale * np.cos(turn), scale * np.sin(turn), chance.uniform(-8, 8, 2)
    y, x = np.indices(part.shape, np.float32) - np.array(part.shape, np.float32)[:, None, None] / 2
    u, v = c * x - s * y + part.shape[1] / 2 + dx, s * x + c * y + part.shape[0] / 2 + dy
    v = v + np.sin(2 * np.pi * y / 400 + chance.uniform(0, 6))
    seen = cv2.remap(part, u.astype(np.float32), v.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    soft = cv2.GaussianBlur(seen, (0, 0), chance.uniform(0.2, 0.8)).astype(np.float32)
    noisy = soft * chance.uniform(0.85, 1.15) + chance.normal(0, chance.uniform(0, 4), part.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def learnt(size: tuple[int, int], name: str, good: int) -> list[Row]:
    """A learnt model on pictures that nothing has placed: registration, brightness, band and blobs."""
    chance = rng(3)
    part = board(size, chance)
    model = VariationModel.learn([taken(part, chance) for _ in range(10)])
    pictures, missed, wrong = [taken(part, chance) for _ in range(good)], 0, 0
    for _ in range(good):
        x, y = int(chance.integers(60, size[1] - 60)), int(chance.integers(60, size[0] - 60))
        flawed = part.copy()
        cv2.circle(flawed, (x, y), 6, 40 if part[y, x] > 120 else 200, -1, cv2.LINE_AA)
        missed += len(model.compare(taken(flawed, chance))) == 0
    wrong = sum(len(model.compare(picture)) > 0 for picture in pictures)
    (timing,) = race_over([model.compare], pictures, rounds=3)
    note = f"{good} good pictures: {wrong} flagged; {good} with a spot of 12 px: {missed} missed"
    return [
        Row(f"variation model, {name}, registered rigidly and by tiles", timing.median, tail=timing.tail, note=note)
    ]


def _contest(degrees: float, scale: float, name: str) -> Contest:
    return Contest(f"warp + band + blobs, {name}", "opencv-python-headless", lambda: placed(degrees, scale, name))


CONTESTS = [
    *(_contest(*turn) for turn in TURNS),
    Contest("variation model, 640 by 640", "", lambda: learnt((640, 640), "640 by 640", 20)),
    Contest("variation model, 5 MP", "", lambda: learnt(SIZE, "5 MP", 6)),
]
