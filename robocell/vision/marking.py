"""Marked pictures: what an inspection saw, for people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import Array, Calibration, Frame
from robocell.vision.steps.base import shown
from robocell.vision.verdict import Flaw, Mark, Verdict

_COLOURS = {
    "passed": (80, 200, 60),
    "failed": (60, 60, 235),
    "inconclusive": (40, 180, 240),
}  # blue, green, red
_GROUND = (24, 24, 24)
_WHITE = (255, 255, 255)
_MOST_BOXES = 20
_LINE = 92  # characters of a reason that fit


def mark(frame: Frame, verdict: Verdict) -> NDArray[np.uint8]:
    """Draw a verdict on its picture.

    Returns:
        (H, W, 3) uint8, channels blue, green, red as OpenCV has them. A frame that holds no picture gives a
        grey one of the camera's size with the reasons on it.

    """
    picture = _ground(frame)
    colour = _COLOURS[verdict.status]
    size = max(picture.shape[1] / 1280, 0.4)
    thick = max(round(2 * size), 1)
    calm = _COLOURS["inconclusive" if verdict.status == "inconclusive" else "passed"]
    for line in verdict.marks:
        _draw_mark(picture, frame.camera, line, _COLOURS["failed"] if line.bad else calm, size, thick)
    for flaw in sorted(verdict.defects, key=lambda flaw: -flaw.score)[:_MOST_BOXES]:
        _draw_flaw(picture, frame.camera, flaw, size, thick)
    _write(picture, verdict, colour, size)
    return picture


def _ground(frame: Frame) -> NDArray[np.uint8]:
    """Return the picture in colour; a frame that holds none gives a grey one."""
    import cv2

    image = frame.image
    columns, rows = (640, 480) if frame.camera is None else frame.camera.resolution
    usable = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.size > 0
    if usable and frame.camera is not None:
        usable = image.shape[:2] == (rows, columns)
    if usable and image.ndim == 3 and image.shape[2] == 3:
        return np.array(image)
    grey = image if usable and image.ndim == 2 else np.full((rows, columns), 60, np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def png(picture: NDArray[np.uint8], width: int = 960) -> bytes:
    """Encode a picture, (H, W) or (H, W, 3) blue, green, red, as PNG; the same picture the same bytes.

    Args:
        picture: what to encode.
        width: greatest width in pixels; a wider picture is reduced, since a noisy one is dear to compress.

    Raises:
        VisionError: it cannot be encoded.

    """
    import cv2

    return _encoded(".png", _reduced(picture, width), [cv2.IMWRITE_PNG_COMPRESSION, 2])


def jpeg(picture: NDArray[np.uint8], width: int = 960, quality: int = 85) -> bytes:
    """Encode a picture as JPEG, a seventh of the PNG's bytes: for galleries; see `png`.

    Raises:
        VisionError: it cannot be encoded.

    """
    import cv2

    return _encoded(".jpg", _reduced(picture, width), [cv2.IMWRITE_JPEG_QUALITY, quality])


def _reduced(picture: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    import cv2

    if picture.ndim < 2 or picture.size == 0 or picture.shape[1] <= width:
        return picture
    size = (width, max(round(picture.shape[0] * width / picture.shape[1]), 1))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _encoded(kind: str, picture: NDArray[np.uint8], how: list[int]) -> bytes:
    import cv2

    try:
        done, data = cv2.imencode(kind, picture, how)
    except cv2.error as error:
        raise VisionError(f"a picture of shape {picture.shape} cannot be encoded") from error
    if not done:
        raise VisionError(f"a picture of shape {picture.shape} cannot be encoded")
    return data.tobytes()


def _seen(points: Array, camera: Calibration | None) -> Array:
    """Return where points of the straightened picture are in the picture as it was taken."""
    if camera is None:
        return points
    flat = (points - camera.centre) / camera.focal * camera.distance
    return camera.to_pixels(flat)


def _draw_mark(
    picture: NDArray[np.uint8],
    camera: Calibration | None,
    line: Mark,
    colour: tuple[int, int, int],
    size: float,
    thick: int,
) -> None:
    import cv2

    points = np.clip(_seen(np.array(line.points, float), camera), -1e4, 1e5)
    if len(points) == 1:
        at = (round(float(points[0, 0])), round(float(points[0, 1])))
        cv2.drawMarker(picture, at, colour, cv2.MARKER_CROSS, 12 * thick, thick)
    else:
        cv2.polylines(picture, [np.rint(points * 16).astype(np.int32)], line.closed, colour, thick, cv2.LINE_AA, 4)
    if line.label:
        low = points.min(axis=0)
        _text(picture, _plain(line.label), (max(int(low[0]), 2), max(int(low[1] - 6 * size), 12)), 0.45 * size, colour)


def _draw_flaw(picture: NDArray[np.uint8], camera: Calibration | None, flaw: Flaw, size: float, thick: int) -> None:
    import cv2

    corners = np.rint(_seen(np.array(flaw.box, float).reshape(2, 2), camera)).astype(int)
    (x1, y1), (x2, y2) = ((int(x), int(y)) for x, y in corners)
    pad = round(6 * size)
    cv2.rectangle(picture, (x1 - pad, y1 - pad), (x2 + pad, y2 + pad), _COLOURS["failed"], thick)
    label = f"{flaw.kind} {flaw.score:.2f}"
    if not flaw.kind:
        area = f"{flaw.area * 1e6:.2f} mm2" if flaw.unit == "m2" else f"{flaw.area:.0f} px"
        label = f"{area} {flaw.contrast:+.0f}"
    width = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, 0.55 * size, 1)[0][0]
    left = min(max(x1 - pad, 2), max(picture.shape[1] - width - 2, 2))
    below = y2 + pad + round(18 * size)
    base = y1 - pad - round(6 * size) if y1 > 80 * size else below
    _text(picture, label, (left, base), 0.55 * size, _COLOURS["failed"])


def _write(picture: NDArray[np.uint8], verdict: Verdict, colour: tuple[int, int, int], size: float) -> None:
    _text(picture, verdict.status.upper(), (round(14 * size), round(36 * size)), 1.0 * size, colour)
    lines = [*verdict.reasons, *(f"{name} {text}" for name, text in verdict.texts.items())]
    lines += [f"{name} {shown(verdict.measurements[name], verdict.units[name])}" for name in _told(verdict)]
    for number, line in enumerate(lines[:8]):
        plain = _plain(line)
        text = plain if len(plain) <= _LINE else plain[: _LINE - 3] + "..."
        _text(picture, text, (round(14 * size), round((66 + 26 * number) * size)), 0.65 * size, _WHITE)


def _told(verdict: Verdict) -> list[str]:
    """Return the measurements with a length or an angle: what people look for first."""
    return [name for name, unit in verdict.units.items() if unit in ("m", "rad")][:4]


def _plain(text: str) -> str:
    """Return a text in the letters that the drawing library has."""
    for letter, plain in (("²", "2"), ("±", "+-"), ("°", " deg"), ("×", "x"), ("Δ", "d"), ("µ", "u"), ("…", "...")):
        text = text.replace(letter, plain)
    return "".join(c if " " <= c <= "~" else "?" for c in text)


def _text(
    picture: NDArray[np.uint8], text: str, at: tuple[int, int], size: float, colour: tuple[int, int, int]
) -> None:
    """Write on a dark ground, so that it is legible on bright metal and on a dark belt."""
    import cv2

    thick = max(round(2 * size), 1)
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
    corners = (at[0] - 4, at[1] - height - 3), (at[0] + width + 4, at[1] + below)
    cv2.rectangle(picture, *corners, _GROUND, cv2.FILLED)
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thick, cv2.LINE_AA)
