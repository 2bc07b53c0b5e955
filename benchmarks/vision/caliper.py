"""A caliper on an edge that is known exactly: its error, whether its standard error is honest, and its time."""

from __future__ import annotations

import math

import cv2
import numpy as np

from benchmarks.table import Aim, Contest, Row, agree, called
from benchmarks.timing import race
from benchmarks.vision.pictures import U8, rng
from robocell.vision.tools.caliper import Caliper

MIDDLE, LENGTH, ROWS = 39.5, 30, 20
BLUR, NOISE = 0.7, 1.0
EDGES = 400


def edge(angle: float, at: float, chance: np.random.Generator) -> U8:
    """Return a picture with an edge of 120 grey levels at a distance from its middle along a direction."""
    rows, columns = np.indices((80, 80)) - MIDDLE
    grid = np.linspace(-8, 8, 8001)
    table = 0.5 + 0.5 * np.array([math.erf(z / math.sqrt(2)) for z in grid])
    along = columns * math.cos(angle) + rows * math.sin(angle) - at
    grey = 60 + 120 * np.interp(along / BLUR, grid, table) + chance.normal(0, NOISE, (80, 80))
    return np.asarray(np.clip(np.rint(grey), 0, 255), np.uint8)


def chain(image: U8, angle: float) -> float:
    """OpenCV: the caliper's rectangle by warpAffine, averaged by reduce, its slope by Sobel, and that one's centroid."""
    c, s = math.cos(angle), math.sin(angle)
    half, across = LENGTH / 2, (ROWS - 1) / 2
    place = np.array([[c, -s, MIDDLE - c * half + s * across], [s, c, MIDDLE - s * half - c * across]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = cv2.warpAffine(image, place, (LENGTH + 1, ROWS), flags=flags)
    profile = cv2.reduce(strip, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    slope = cv2.Sobel(profile, cv2.CV_32F, 1, 0, ksize=1)[0]
    top = int(np.argmax(slope))
    window = slice(max(top - 4, 0), top + 5)
    weight = slope[window]
    return float(weight @ np.arange(LENGTH + 1)[window] / weight.sum()) - half


def contest(degrees: float) -> list[Row]:
    """One direction."""
    angle, chance = math.radians(degrees), rng(int(degrees) + 1)
    caliper = Caliper((MIDDLE, MIDDLE), angle, LENGTH, ROWS, "rising")
    error, sigma, theirs = [], [], []
    for _ in range(EDGES):
        at = chance.uniform(-3, 3)
        image = edge(angle, at, chance)
        found = caliper.measure(image)
        error.append(found.position[0] - at)
        sigma.append(found.sigma[0])
        theirs.append(chain(image, angle) - at)
        agree(abs(error[-1] - theirs[-1]), 0.05, "places")
    rms, other = (math.sqrt(np.mean(np.square(e))) for e in (error, theirs))
    peer = called("opencv-python-headless", "warpAffine + reduce + Sobel + centroid")
    name = f"caliper at {degrees:g}°, {ROWS} rows, blur {BLUR} px, noise {NOISE:g}"
    ours_time, their_time = race([lambda: caliper.measure(image), lambda: chain(image, angle)])
    honest = rms / float(np.mean(sigma))
    return [
        Row(f"{name}: rms error", rms, peer, other, Aim("most", 0.005), "px"),
        Row(
            f"{name}: its standard error is off by", abs(honest - 1), aim=Aim("most", 0.2), unit="share",
            note=f"mean {np.mean(sigma):.4f} px; {EDGES} edges",
        ),
        Row(name, ours_time, peer, their_time, Aim("most", 20e-6)),
    ]  # fmt: skip


CONTESTS = [
    Contest(f"caliper at {degrees:g}°", "opencv-python-headless", lambda degrees=degrees: contest(degrees))  # type: ignore[misc]
    for degrees in (0.0, 30.0)
]
