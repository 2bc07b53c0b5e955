"""Pictures of a drawn plate that has something for every tool of a recipe: the sample of `cells/recipes/plate.yaml`.

A light plate of 64 mm × 48 mm with a fiducial, a slot, a bore, four holes, a clip, a red dot, printed tracks, a legend and
a Data Matrix code lies on a dark ground, shifted and turned by chance, under a camera with 0.1 mm a pixel. Each fault of
`FAULTS` is one that a step of that recipe is there for. Run as a module it writes pictures to try the recipe on::

    python -m robocell.world.plate plates/ --good 30
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robocell.clock import Clock
from robocell.world.defects import Chance
from robocell.world.faces import U8

SCALE = 100e-6
"""Metres a pixel of the pictures."""
SIZE = (64.0, 48.0)  # mm
PICTURE = (860, 700)  # columns, rows
FAULTS: dict[str, str] = {
    "wide-slot": "slot_width",
    "short-plate": "length",
    "skew-corner": "corner",
    "large-bore": "bore",
    "hole-missing": "holes",
    "clip-missing": "clip",
    "wrong-colour": "dot",
    "wrong-lot": "lot",
    "scratch": "legend",
    "open-track": "tracks",
}
"""Each fault and the step of the sample recipe that fails it."""

TEMPLATE = "plate-tracks.png"
"""The file of the template of the step `tracks`."""
TRACKS = (9.0, 14.0, 24.0, 10.0)  # mm: middle x, y, width, height of the printed tracks
_MARGIN = 4.0  # mm around the plate
_FINE = 40  # pixels a millimetre that the plate is drawn with
_GROUND, _PLATE, _DARK = (38, 38, 38), (178, 176, 172), (30, 30, 30)
_RED, _ORANGE, _SILVER = (48, 40, 190), (40, 120, 235), (236, 236, 236)


@dataclass(frozen=True)
class PlatePicture:
    """A picture and its truth.

    Attributes:
        image: (rows, columns, 3) uint8 blue, green, red.
        fault: what is wrong with the plate, "" for a good one.
        text: what its code says.

    """

    image: U8
    fault: str
    text: str


def plates(count: int, seed: int, faults: Sequence[str] = ("",)) -> list[PlatePicture]:
    """Return pictures of plates laid by chance, the first one straight; their faults are `faults`, in turn."""
    chance = Clock(seed).stream("plates")
    return [take(faults[number % len(faults)], chance, straight=number == 0) for number in range(count)]


def take(fault: str, chance: Chance, straight: bool = False) -> PlatePicture:
    """Lay a plate with a fault ("" for none) under the camera and take its picture.

    Args:
        fault: one of `FAULTS`, or "".
        chance: where it lies, how bright it is, what its code says.
        straight: whether it lies unturned in the middle, as a first picture for teaching should.

    """
    import cv2

    lot = int(chance.uniform(0, 999_999))
    text = f"{'BOX' if fault == 'wrong-lot' else 'LOT'}-{lot:06d}"
    plate, outline = _draw(fault, text, chance)
    angle, gain = math.radians(chance.uniform(-8, 8)), 1 + chance.uniform(-0.04, 0.04)
    shift = chance.uniform(-40, 40), chance.uniform(-40, 40)
    if straight:
        angle, shift = 0.0, (0.0, 0.0)
    fold = _FINE * SCALE * 1e3
    c, s = math.cos(angle) * fold, math.sin(angle) * fold
    middle = np.array([(PICTURE[0] - 1) / 2 + shift[0], (PICTURE[1] - 1) / 2 + shift[1]])
    linear = np.array([[c, s], [-s, c]])
    half = np.array([(plate.shape[1] - 1) / 2, (plate.shape[0] - 1) / 2])
    place = np.column_stack([linear, half - linear @ middle])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    soft = [cv2.GaussianBlur(layer, (0, 0), 0.7 * fold) for layer in (plate, outline)]
    face, cover = (cv2.warpAffine(layer, place, PICTURE, flags=flags) for layer in soft)
    share = (np.asarray(cover, np.float32) / 255)[:, :, None]
    seen = share * np.asarray(face, np.float32) + (1 - share) * np.array(_GROUND, np.float32)
    noise = np.random.Generator(np.random.PCG64(int(chance.random() * 2**32))).normal(0, 1.5, seen.shape)
    return PlatePicture(np.clip(np.rint(seen * gain + noise), 0, 255).astype(np.uint8), fault, text)


def draw_tracks(broken: bool = False) -> U8:
    """Draw the printed tracks, (rows, columns) uint8 at the pictures' scale: the template of the step `tracks`."""
    import cv2

    fine = _tracks(broken)
    size = (round(TRACKS[2] * 1e-3 / SCALE), round(TRACKS[3] * 1e-3 / SCALE))
    return np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint8)


def _draw(fault: str, text: str, chance: Chance) -> tuple[U8, U8]:
    """Return the plate, finely, and where it is: exact to a pixel of 25 µm, which the camera's blur spreads."""
    columns, rows = (round((side + 2 * _MARGIN) * _FINE) for side in SIZE)
    x, y = (np.arange(columns) - (columns - 1) / 2) / _FINE, (np.arange(rows)[:, None] - (rows - 1) / 2) / _FINE
    plate = np.empty((rows, columns, 3), np.uint8)
    plate[:] = _PLATE

    def disc(at_x: float, at_y: float, diameter: float, colour: tuple[int, int, int]) -> None:
        plate[np.hypot(x - at_x, y - at_y) < diameter / 2] = colour

    def box(at_x: float, at_y: float, width: float, height: float, colour: tuple[int, int, int]) -> None:
        plate[(np.abs(x - at_x) < width / 2) & (np.abs(y - at_y) < height / 2)] = colour

    disc(-24, -17, 7, _DARK)  # the fiducial: a ring with a cross that tells how it is turned
    disc(-24, -17, 5, _PLATE)
    box(-24, -17, 5.2, 0.9, _DARK)
    box(-23, -18.3, 0.9, 2.4, _DARK)
    box(-10, -12, 3.3 if fault == "wide-slot" else 3.0, 12, _DARK)
    disc(6, -12, 10.3 if fault == "large-bore" else 10.0, _DARK)
    for number, at_x in enumerate((-14.0, -9.0, -4.0, 1.0)):
        if not (fault == "hole-missing" and number == 2):
            disc(at_x, 3, 2.2, _DARK)
    if fault != "clip-missing":
        box(20, 0, 9, 5, _SILVER)
        box(20, 0, 5, 1.2, _DARK)
    disc(24, -16, 8, _ORANGE if fault == "wrong-colour" else _RED)
    _print_legend(plate, fault == "scratch", chance)
    _paste(plate, _tracks(fault == "open-track"), (TRACKS[0], TRACKS[1]))
    _paste(plate, _code(text), (-23.5, 12.5))
    right = SIZE[0] / 2 - (0.4 if fault == "short-plate" else 0.0)
    lean = 0.9 / SIZE[1] if fault == "skew-corner" else 0.0  # of the left side, inwards to the bottom
    inside = (x > -SIZE[0] / 2 + lean * (y + SIZE[1] / 2)) & (x < right) & (np.abs(y) < SIZE[1] / 2)
    return plate, np.where(inside, 255, 0).astype(np.uint8)


def _pixel(plate: U8, x: float, y: float) -> tuple[int, int]:
    """Return the pixel (column, row) of the fine plate at x, y mm from its middle."""
    return round(plate.shape[1] / 2 + x * _FINE), round(plate.shape[0] / 2 + y * _FINE)


def _print_legend(plate: U8, scratched: bool, chance: Chance) -> None:
    import cv2

    cv2.putText(plate, "R-7", _pixel(plate, -14.5, 12.0), cv2.FONT_HERSHEY_SIMPLEX, 4.6, _DARK, 26, cv2.LINE_AA)
    if scratched:
        start = chance.uniform(-14, -6), chance.uniform(6.5, 8)
        ends = _pixel(plate, *start), _pixel(plate, start[0] + 3.5, start[1] + 3.0)
        cv2.line(plate, *ends, (120, 118, 116), round(0.35 * _FINE), cv2.LINE_AA)


def _tracks(broken: bool) -> U8:
    """Draw dark tracks with pads on the plate's grey, finely."""
    import cv2

    columns, rows = round(TRACKS[2] * _FINE), round(TRACKS[3] * _FINE)
    tracks = np.full((rows, columns), _PLATE[1], np.uint8)
    wide = round(0.8 * _FINE)
    for number, y in enumerate((1.6, 3.6, 5.8, 8.2)):
        bend = 6.0 + 3.0 * number
        points = np.array([(1.5, y), (bend, y), (bend + 1.2, y + 0.6), (22.5, y + 0.6)]) * _FINE
        cv2.polylines(tracks, [np.rint(points).astype(np.int32)], False, _DARK[1], wide, cv2.LINE_AA)
        for end in (points[0], points[-1]):
            cv2.circle(tracks, (round(end[0]), round(end[1])), round(0.75 * _FINE), _DARK[1], cv2.FILLED, cv2.LINE_AA)
    if broken:
        gap = np.array([[17.0, 3.4], [17.9, 5.0]]) * _FINE
        low, high = (np.rint(corner).astype(int) for corner in gap)
        tracks[low[1] : high[1], low[0] : high[0]] = _PLATE[1]
    return tracks


def _code(text: str) -> U8:
    """Draw a Data Matrix code with modules of 0.55 mm and its quiet zone, finely."""
    import zxingcpp

    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    modules = np.pad(np.array(code.to_image(scale=1, add_quiet_zones=False)), 1, constant_values=255)
    grey = np.where(modules < 128, _DARK[1], _PLATE[1]).astype(np.uint8)
    side = round(0.55 * _FINE)
    return np.repeat(np.repeat(grey, side, axis=0), side, axis=1)


def _paste(plate: U8, layer: U8, middle: tuple[float, float]) -> None:
    (column, row), (rows, columns) = _pixel(plate, *middle), layer.shape
    left, top = column - columns // 2, row - rows // 2
    plate[top : top + rows, left : left + columns] = layer[:, :, None]


def main(arguments: Sequence[str]) -> int:
    """Write pictures of good plates, one bad plate for each fault, and a file that says which is which."""
    import cv2

    parser = argparse.ArgumentParser(prog="python -m robocell.world.plate", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--good", type=int, default=30, help="how many good plates")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    good, bad = given.folder / "good", given.folder / "bad"
    for folder in (good, bad):
        folder.mkdir(parents=True, exist_ok=True)
    truth = []
    for number, plate in enumerate(plates(given.good, given.seed)):
        cv2.imwrite(str(good / f"good-{number:03d}.png"), plate.image)
        truth.append(f"good-{number:03d}.png good")
    for plate in plates(len(FAULTS), given.seed + 1, list(FAULTS)):
        cv2.imwrite(str(bad / f"{plate.fault}.png"), plate.image)
        truth.append(f"{plate.fault}.png bad")
    cv2.imwrite(str(given.folder / TEMPLATE), draw_tracks())
    (given.folder / "truth.csv").write_text("\n".join(truth) + "\n", encoding="utf-8")
    sys.stdout.write(f"{given.folder}: {given.good} good plates, {len(FAULTS)} bad ones, truth.csv; --scale '100 um'\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
