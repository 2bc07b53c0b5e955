"""What a simulated area camera sees: drawn faces under their true poses, through a lens, on a noisy sensor.

The camera is a pinhole with a lens's distortion: a point at ``(X, Y, Z)`` of the optical frame (X right, Y
down, Z away) is seen at pixel ``centre + (f / pitch) bend(X/Z, Y/Z)`` with `vision.lens.bend`; the centre of
the first pixel is (0, 0). A face is warped by the homography of its plane at twice
the picture's resolution and then averaged, so that what is seen is what each pixel integrates. Only the
part's rectangle is worked on.

A pixel ``u`` of the picture spans ``s`` pixels of the s-fold picture, whose centres lie at ``s u + (s - 1)
/ 2``: leaving that shift out would move every part by a quarter of a pixel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from robocell.vision.lens import Terms, bend, straighten
from robocell.world.faces import U8

Matrix = NDArray[np.float64]
F32 = NDArray[np.float32]

_SUPERSAMPLING = 2
_NOISE_MARGIN = 192  # the noise field is larger than the picture by this, to be used at shifted places
_MOST_MASKS = 16
_STEP = 8  # pixels between the points at which a lens's distortion is undone
_WALL = 58.0  # grey of a part's side


@dataclass(frozen=True)
class Camera:
    """An area camera with its lens.

    Attributes:
        resolution: (columns, rows).
        pitch: distance of pixel centres on the sensor, m.
        focal_length: m.
        distortion: k1 of the lens's distortion, without dimension; 0 is a perfect lens.
        blur: sigma of the lens's point spread, pixels.
        noise: sigma of a pixel's noise, grey levels.
        vignetting: share of light lost in the picture's corners.
        shading: share by which light differs between opposite edges (a lamp that stands aside).
        drift: sigma of the brightness from picture to picture, as a share.
        k2, p1, p2: further terms of the lens's distortion.
        axis: pixel on the optical axis; None: the middle of the picture.

    """

    resolution: tuple[int, int] = (1280, 960)
    pitch: float = 3.75e-6
    focal_length: float = 25e-3
    distortion: float = 0.0
    blur: float = 0.7
    noise: float = 1.5
    vignetting: float = 0.08
    shading: float = 0.06
    drift: float = 0.02
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    axis: tuple[float, float] | None = None

    @property
    def terms(self) -> Terms:
        """The lens's distortion (k1, k2, p1, p2)."""
        return (self.distortion, self.k2, self.p1, self.p2)

    @property
    def focal_pixels(self) -> float:
        """Focal length in pixels."""
        return self.focal_length / self.pitch

    @property
    def centre(self) -> tuple[float, float]:
        """Pixel on the optical axis."""
        return self.axis or ((self.resolution[0] - 1) / 2, (self.resolution[1] - 1) / 2)

    def project(self, points: Matrix, pose: Matrix) -> Matrix:
        """Project points.

        Args:
            points: (N, 3) in the cell's frame, m.
            pose: (4, 4) optical frame in the cell's frame.

        Returns:
            (N, 2) pixels; NaN for points that are not before the lens.

        """
        local = (np.asarray(points, float) - pose[:3, 3]) @ pose[:3, :3]
        depth = np.where(local[:, 2:] > 1e-6, local[:, 2:], np.nan)
        flat = local[:, :2] / depth
        with np.errstate(invalid="ignore"):
            beyond = np.maximum(np.linalg.norm(flat, axis=1, keepdims=True) / self._field, 1.0)
        bent = bend(flat / beyond, self.terms) * beyond
        return np.asarray(np.asarray(self.centre) + self.focal_pixels * bent, np.float64)

    @cached_property
    def _field(self) -> float:
        """Radius on the plane Z = 1 beyond the picture's corners, up to which the lens's polynomial is meant.

        Farther out it would fold back, and an arm's elbow beside the view would be seen in its middle.
        """
        columns, rows = self.resolution
        corners = np.array([[0.0, 0.0], [columns, 0.0], [0.0, rows], [columns, rows]]) - self.centre
        straight = straighten(corners / self.focal_pixels, self.terms)
        reach = np.linalg.norm(straight, axis=1)
        found = reach[np.isfinite(reach)]
        return (
            1.1 * float(found.max()) if len(found) else float(np.linalg.norm(corners, axis=1).max()) / self.focal_pixels
        )


@dataclass(frozen=True)
class VisiblePart:
    """A part to be drawn.

    Attributes:
        pixels: (H, W) its face, as `faces.draw_face` draws or `defects.apply` changes it.
        mask: (H, W) the face's mask, 0 to 255.
        scale: of the face, m a pixel.
        pose: (4, 4) of the face's centre in the cell's frame, Z out of the face.
        height: of the side wall below the face, m; 0 draws none.

    """

    pixels: U8
    mask: U8
    scale: float
    pose: Matrix
    height: float = 0.0


def draw_background(resolution: tuple[int, int], grey: float = 46.0, seed: int = 7) -> U8:
    """Draw a belt's dark rubber, (rows, columns) uint8."""
    import cv2

    rng = np.random.Generator(np.random.PCG64(seed))
    fine = rng.standard_normal((resolution[1], resolution[0]), dtype=np.float32)
    fabric = cv2.GaussianBlur(fine, (0, 0), 1.5) * 9 + cv2.GaussianBlur(fine, (0, 0), 12) * 40
    return np.asarray(np.clip(np.rint(grey + fabric), 0, 255), np.uint8)


class Imager:
    """Makes one camera's pictures; holds its noise field, shading and background, drawn once.

    Args:
        camera: the camera.
        background: (rows, columns) uint8 behind all parts; None draws a belt's rubber.
        seed: of the noise field.

    """

    def __init__(self, camera: Camera, background: U8 | None = None, seed: int = 1) -> None:
        self.camera = camera
        columns, rows = camera.resolution
        self.background = draw_background(camera.resolution) if background is None else background
        if self.background.shape != (rows, columns) or self.background.dtype != np.uint8:
            raise ValueError(f"the background must be uint8 ({rows}, {columns}), not {self.background.shape}")
        rng = np.random.Generator(np.random.PCG64(seed))
        shape = (rows + _NOISE_MARGIN, columns + _NOISE_MARGIN)
        self._noise: F32 = rng.standard_normal(shape, dtype=np.float32) * np.float32(camera.noise)
        self._across = np.linspace(-1, 1, columns, dtype=np.float32)[None, :]
        self._down = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
        self._vignette = (1 - camera.vignetting / 2 * (self._across**2 + self._down**2)).astype(np.float32)

        self._gain = np.empty((rows, columns), np.float32)
        self._rays: F32 | None = None
        self._masks: dict[tuple[int, int], tuple[U8, U8]] = {}  # with the mask itself, so that its id stays its own

    def compose(
        self,
        pose: Matrix,
        parts: Sequence[VisiblePart],
        *,
        seed: int,
        exposure: float = 1.0,
        occluders: Sequence[Matrix] = (),
    ) -> U8:
        """Take one picture.

        Args:
            pose: (4, 4) the camera's optical frame in the cell's frame.
            parts: what is in view, in any order; those nearer to the camera cover the others.
            seed: of this picture's noise and brightness; the same seed gives the same picture.
            exposure: light gathered, relative to the nominal exposure.
            occluders: (N, 3) corners in the cell's frame of dark convex bodies between parts and camera.

        Returns:
            (rows, columns) uint8.

        """
        import cv2

        rng = np.random.Generator(np.random.PCG64(seed))
        picture = self.background.copy()
        for part in sorted(parts, key=lambda part: -float(np.linalg.norm(part.pose[:3, 3] - pose[:3, 3]))):
            self._draw_part(picture, part, pose)
        for corners in occluders:
            outline = self.camera.project(corners, pose)
            if np.all(np.isfinite(outline)):
                _fill(picture, outline, 22.0)
        blurred = cv2.GaussianBlur(picture, (0, 0), self.camera.blur) if self.camera.blur > 0 else picture
        lit = cv2.multiply(blurred, self._light(rng, exposure), dtype=cv2.CV_32F)
        top, left = (int(n) for n in rng.integers(0, _NOISE_MARGIN, 2))
        rows, columns = picture.shape
        noise = self._noise[top : top + rows, left : left + columns]
        return np.asarray(cv2.add(lit, noise, dtype=cv2.CV_8U), dtype=np.uint8)

    def _light(self, rng: np.random.Generator, exposure: float) -> F32:
        """Return the gain of each pixel: vignetting, a lamp that stands aside, and their drift."""
        camera = self.camera
        level = exposure * (1 + camera.drift * float(np.clip(rng.standard_normal(), -3, 3)))
        tilt = camera.shading / 2 * np.array([1.0, 0.5]) + camera.drift / 4 * np.clip(rng.standard_normal(2), -3, 3)
        across = np.float32(level) * (np.float32(tilt[0]) * self._across + np.float32(1))
        down = np.float32(level * tilt[1]) * self._down
        np.add(across, down, out=self._gain)
        return np.multiply(self._gain, self._vignette, out=self._gain)

    def _draw_part(self, picture: U8, part: VisiblePart, pose: Matrix) -> None:
        import cv2

        plane = part.pose @ _face_to_part(part)
        rim = _rim(part)
        outline = self.camera.project(rim @ part.pose[:3, :3].T + part.pose[:3, 3], pose)
        if not np.all(np.isfinite(outline)) or _sees_back(part.pose, pose):
            return
        window = _window(outline, picture.shape)
        if window is None:
            return
        if part.height > 0:
            self._draw_wall(picture, part, rim, pose)
        face = self._warp(part.pixels, plane, pose, window, _SUPERSAMPLING)
        across = _depth(part.pose[:3, 3], pose) / (self.camera.focal_pixels * part.scale)
        share = self._warp(self._soft_mask(part.mask, across), plane, pose, window, 1)
        target = picture[window[1] : window[3], window[0] : window[2]]
        front = cv2.multiply(face, share, scale=1 / 255)
        back = cv2.multiply(target, cv2.bitwise_not(share), scale=1 / 255)
        cv2.add(front, back, dst=target)

    def _soft_mask(self, mask: U8, across: float) -> U8:
        """Return the mask averaged over a picture's pixel (`across` of the face's): cheaper here."""
        import cv2

        key = (id(mask), round(across * 20))
        if key not in self._masks:
            if len(self._masks) >= _MOST_MASKS:
                self._masks.clear()
            reach = math.ceil(max(across - 1, 0) / 2)
            taps = np.clip(across / 2 - np.abs(np.arange(-reach, reach + 1)) + 0.5, 0, 1)
            taps /= taps.sum()
            self._masks[key] = (mask, np.asarray(cv2.sepFilter2D(mask, -1, taps, taps), np.uint8))
        return self._masks[key][1]

    def _warp(self, source: U8, plane: Matrix, pose: Matrix, window: tuple[int, int, int, int], fold: int) -> U8:
        """Return `source` seen in the window (left, top, right, bottom), sampled `fold` times as finely."""
        import cv2

        width, height = window[2] - window[0], window[3] - window[1]
        size = (fold * width, fold * height)
        to_flat = np.linalg.inv(pose)[:3] @ plane
        shift = (fold - 1) / 2
        focal, centre = self.camera.focal_pixels, self.camera.centre
        lens = np.array([
            [fold * focal, 0, fold * (centre[0] - window[0]) + shift],
            [0, fold * focal, fold * (centre[1] - window[1]) + shift],
            [0, 0, 1],
        ])  # fmt: skip
        if not any(self.camera.terms):
            seen = cv2.warpPerspective(source, lens @ to_flat, size, flags=cv2.INTER_LINEAR)
        else:
            u, v = self._straight_rays(fold, window)
            back = np.linalg.inv(to_flat).astype(np.float32)
            w = back[2, 0] * u + back[2, 1] * v + back[2, 2]
            x = (back[0, 0] * u + back[0, 1] * v + back[0, 2]) / w
            y = (back[1, 0] * u + back[1, 1] * v + back[1, 2]) / w
            seen = cv2.remap(source, x, y, cv2.INTER_LINEAR)
        if fold > 1:
            seen = cv2.resize(seen, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(seen, dtype=np.uint8)

    def _straight_rays(self, fold: int, window: tuple[int, int, int, int]) -> tuple[F32, F32]:
        """Return (u, v) on the plane Z = 1 of each pixel of a window, the lens's distortion undone.

        It is undone once at every eighth pixel and interpolated, which is right to a thousandth of a pixel.
        """
        import cv2

        if self._rays is None:
            axes = [
                (np.arange(-_STEP, n + 2 * _STEP, _STEP) - middle) / self.camera.focal_pixels
                for n, middle in zip(self.camera.resolution, self.camera.centre, strict=True)
            ]
            flat = straighten(np.stack(np.meshgrid(*axes), axis=-1), self.camera.terms)
            # What the lens cannot show is far outside of any face.
            self._rays = np.nan_to_num(flat, nan=1e3).astype(np.float32)
        columns, rows = (
            (((np.arange(fold * (high - low)) - (fold - 1) / 2) / fold + low + _STEP) / _STEP).astype(np.float32)
            for low, high in ((window[0], window[2]), (window[1], window[3]))
        )
        x, y = np.meshgrid(columns, rows)
        u, v = (cv2.remap(np.ascontiguousarray(self._rays[..., k]), x, y, cv2.INTER_LINEAR) for k in (0, 1))
        return np.asarray(u, np.float32), np.asarray(v, np.float32)

    def _draw_wall(self, picture: U8, part: VisiblePart, rim: Matrix, pose: Matrix) -> None:
        """Draw the side that shows where a part stands off the optical axis: the hull of its two rims."""
        rims = np.vstack([rim, rim - [0, 0, part.height]]) @ part.pose[:3, :3].T + part.pose[:3, 3]
        seen = self.camera.project(rims, pose)
        if np.all(np.isfinite(seen)):
            middle = seen.mean(axis=0)
            away = seen - middle  # OpenCV fills half a pixel beyond an outline, which would blur the face's rim
            away *= 1 - 0.75 / np.linalg.norm(away, axis=1, keepdims=True)
            _fill(picture, middle + away, _WALL)


def _face_to_part(part: VisiblePart) -> Matrix:
    """Return (4, 3): pixel (column, row, 1) of the face to homogeneous point of the part's frame."""
    rows, columns = part.pixels.shape
    s = part.scale
    return np.array([[s, 0, -s * (columns - 1) / 2], [0, -s, s * (rows - 1) / 2], [0, 0, 0], [0, 0, 1]])


def _rim(part: VisiblePart) -> Matrix:
    """Return (N, 3) points of the mask's outline, a circle's or a rectangle's, in the part's frame."""
    rows, columns = part.mask.shape
    half_x = float(part.mask[rows // 2].sum()) / 255 * part.scale / 2
    half_y = float(part.mask[:, columns // 2].sum()) / 255 * part.scale / 2
    if part.mask[int(rows / 2 - 0.9 * half_y / part.scale), int(columns / 2 - 0.9 * half_x / part.scale)]:
        return np.array([[i * half_x, j * half_y, 0.0] for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    angle = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    return np.stack([half_x * np.cos(angle), half_y * np.sin(angle), np.zeros_like(angle)], axis=1)


def _depth(point: Matrix, pose: Matrix) -> float:
    return float(pose[:3, 2] @ (point - pose[:3, 3]))


def _sees_back(face: Matrix, camera: Matrix) -> bool:
    return float(face[:3, 2] @ (face[:3, 3] - camera[:3, 3])) >= 0


def _window(outline: Matrix, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    low, high = np.floor(outline.min(axis=0)), np.ceil(outline.max(axis=0))
    left, top = max(int(low[0]) - 1, 0), max(int(low[1]) - 1, 0)
    right, bottom = min(int(high[0]) + 2, shape[1]), min(int(high[1]) + 2, shape[0])
    return (left, top, right, bottom) if right > left and bottom > top else None


def _fill(picture: U8, outline: Matrix, grey: float) -> None:
    import cv2

    bits = 4
    limit = 4 * max(picture.shape)  # far corners of a long arm must not overflow OpenCV's fixed point
    points = np.clip(outline, -limit, limit)
    hull = cv2.convexHull(np.rint(points * 2**bits).astype(np.int32))
    cv2.fillConvexPoly(picture, hull, (grey,), lineType=cv2.LINE_AA, shift=bits)
