"""Marked pictures: what an inspection saw, for people."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import Calibration, Frame
from robocell.vision.verdict import Flaw, Verdict

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
    import cv2

    image = frame.image
    columns, rows = frame.camera.resolution
    usable = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 2 and image.size > 0
    grey = image if usable else np.full((rows, columns), 60, np.uint8)
    picture = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    colour = _COLOURS[verdict.status]
    size = max(picture.shape[1] / 1280, 0.4)
    thick = max(round(2 * size), 1)
    if verdict.pose is not None:
        _draw_rim(picture, frame.camera, verdict, colour, thick)
    for flaw in sorted(verdict.defects, key=lambda flaw: -flaw.score)[:_MOST_BOXES]:
        _draw_flaw(picture, flaw, size, thick)
    _write(picture, verdict, colour, size)
    return picture


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


def _draw_rim(
    picture: NDArray[np.uint8],
    camera: Calibration,
    verdict: Verdict,
    colour: tuple[int, int, int],
    thick: int,
) -> None:
    import cv2

    assert verdict.pose is not None
    pose = verdict.pose
    angle = np.linspace(0, 2 * math.pi, 181)
    rim = np.stack([np.cos(angle), np.sin(angle)], axis=1) * pose.diameter / 2 + [pose.x, pose.y]
    seen = np.rint(camera.to_pixels(rim) * 16).astype(np.int32)
    cv2.polylines(picture, [seen], True, colour, thick, cv2.LINE_AA, 4)
    reach = pose.diameter / 2
    turn = pose.yaw or 0.0
    ends = [[pose.x, pose.y], [pose.x + reach * math.cos(turn), pose.y + reach * math.sin(turn)]]
    start, end = np.rint(camera.to_pixels(np.array(ends))).astype(int)
    at, to = (int(start[0]), int(start[1])), (int(end[0]), int(end[1]))
    cv2.drawMarker(picture, at, colour, cv2.MARKER_CROSS, 24 * thick // 2, thick)
    if pose.yaw is not None:
        cv2.arrowedLine(picture, at, to, colour, max(thick // 2, 1), cv2.LINE_AA, tipLength=0.04)


def _draw_flaw(picture: NDArray[np.uint8], flaw: Flaw, size: float, thick: int) -> None:
    import cv2

    x1, y1, x2, y2 = flaw.box
    pad = round(6 * size)
    cv2.rectangle(picture, (x1 - pad, y1 - pad), (x2 + pad, y2 + pad), _COLOURS["failed"], thick)
    label = f"{flaw.area * 1e6:.2f} mm2 {flaw.contrast:+.0f}"
    width = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, 0.55 * size, 1)[0][0]
    left = min(max(x1 - pad, 2), max(picture.shape[1] - width - 2, 2))
    below = y2 + pad + round(18 * size)
    base = y1 - pad - round(6 * size) if y1 > 80 * size else below
    _text(picture, label, (left, base), 0.55 * size, _COLOURS["failed"])


def _write(picture: NDArray[np.uint8], verdict: Verdict, colour: tuple[int, int, int], size: float) -> None:
    _text(picture, verdict.status.upper(), (round(14 * size), round(36 * size)), 1.0 * size, colour)
    lines = [*verdict.reasons]
    if "diameter" in verdict.measurements:
        lines.append(f"diameter {verdict.measurements['diameter'] * 1e3:.3f} mm")
    for number, line in enumerate(lines[:8]):
        plain = line.replace("²", "2").replace("±", "+-").replace("°", " deg").replace("×", "x")
        text = plain if len(plain) <= _LINE else plain[: _LINE - 3] + "..."
        _text(picture, text, (round(14 * size), round((66 + 26 * number) * size)), 0.65 * size, _WHITE)


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
